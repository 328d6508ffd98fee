"""Bytes of any test report, turned into records."""
