"""Breaks whole suites in the many ways in which unattended suites decay, and scores how gardener groups it."""
