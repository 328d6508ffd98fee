"""Messages that outlive the process."""

import sqlite3


class MessageStore:
    """Messages in a database file."""

    def __init__(self, path):
        self._database = sqlite3.connect(path)
        self._database.execute("CREATE TABLE IF NOT EXISTS message (room TEXT, author TEXT, text TEXT)")

    def add(self, room, author, text):
        """Keep one message."""
        with self._database:
            self._database.execute("INSERT INTO message VALUES (?, ?, ?)", (room, author, text))

    def room(self, room):
        """The messages of a room, oldest first."""
        rows = self._database.execute("SELECT author, text FROM message WHERE room = ? ORDER BY rowid", (room,))
        return rows.fetchall()

    def close(self):
        """Let go of the file."""
        self._database.close()
