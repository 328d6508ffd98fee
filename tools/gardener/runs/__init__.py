"""Run the tests in their own environment and keep what they leave behind.

In reading order:

    before     selection, launch
    within     recorder: a plugin in pytest's own process
    after      wreck, merge
    again      sample, standby, spectrum, revert: what the failing tests ran of the changes, and without which they pass
"""
