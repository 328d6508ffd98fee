"""The old way to a logger, kept until every module uses `logging.getLogger`."""

import logging
import warnings


def get_logger(name):
    """A logger that is fit for the container's log collector."""
    warnings.warn(
        "chat_backend.logging_factory.get_logger() is deprecated, use logging.getLogger() instead",
        DeprecationWarning,
        stacklevel=2,
    )
    return logging.getLogger(name)
