"""Take a repository in: find its conventions, edit its settings."""
