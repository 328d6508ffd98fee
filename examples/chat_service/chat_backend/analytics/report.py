"""The operators' report."""

from chat_backend.analytics.export import table


def usage(sessions):
    """How much each user wrote, the busiest first."""
    rows = sorted(sessions, key=lambda row: -row[1])
    return table(rows)
