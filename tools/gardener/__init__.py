"""gardener: the failing-test gardener for Python repositories."""

__version__ = "0.1.0"
