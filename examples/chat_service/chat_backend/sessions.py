"""Who is logged in, and until when."""

from datetime import timedelta

from chat_backend.compat import datetime


class Session:
    """One user's session."""

    def __init__(self, user_id, minutes=30):
        self.user_id = user_id
        self.ends = datetime.utcnow() + timedelta(minutes=minutes)

    def is_open(self):
        """Whether the session still counts."""
        return datetime.utcnow() < self.ends
