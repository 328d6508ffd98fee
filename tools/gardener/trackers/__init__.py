"""Trackers that belong to somebody else."""
