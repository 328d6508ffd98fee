"""Bytes of any test report, turned into records.

In reading order:

    at first       reader: tells the kinds apart
    the kinds      journal, pytest_json, reportlog, junit, console
    in common      lines, phases, traceback, logged
"""
