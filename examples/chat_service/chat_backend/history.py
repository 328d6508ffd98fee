"""What was said, in order."""

from chat_backend.compat import datetime


class History:
    """The lines of one chat."""

    def __init__(self):
        self.lines = []

    def add(self, user_id, text):
        """Keep a line with the time at which it came."""
        self.lines.append((datetime.utcnow(), user_id, text))

    def texts(self):
        """The lines without who and when."""
        return [text for _, _, text in self.lines]
