"""Run the tests in their own environment and keep what they leave behind."""
