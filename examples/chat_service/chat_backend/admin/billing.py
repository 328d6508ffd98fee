"""What a month costs."""

from chat_backend.analytics.report import usage

CENTS_PER_MESSAGE = 2


def invoice(sessions):
    """The sum in cents, with the usage that it comes from."""
    return CENTS_PER_MESSAGE * sum(count for _, count, _ in sessions), usage(sessions)
