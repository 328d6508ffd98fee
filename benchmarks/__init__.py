"""Measurements that are no tests: speed, and the quality of the grouping."""
