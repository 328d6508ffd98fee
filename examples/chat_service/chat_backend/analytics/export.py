"""Figures as lines that a spreadsheet reads."""


def line(name, count, seconds):
    """One row: who, how many messages, how long in minutes."""
    minutes = round(seconds / 60, 1)
    return ";".join(str(cell) for cell in (name, count, minutes)


def table(rows):
    """A head and one line per row."""
    return "\n".join(["name;messages;minutes", *(line(*row) for row in rows)])
