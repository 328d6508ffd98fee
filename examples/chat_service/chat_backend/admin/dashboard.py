"""The operators' first page."""

from chat_backend.analytics.report import usage


def page(sessions):
    """The page as plain text."""
    return f"Usage\n{usage(sessions)}"
