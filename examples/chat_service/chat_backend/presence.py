"""Who is here."""


class Presence:
    """Users by the number of their open tabs."""

    def __init__(self):
        self._tabs = {}

    def opened(self, user_id):
        """The user opened a tab."""
        self._tabs[user_id] = self._tabs.get(user_id, 0) + 1

    def closed(self, user_id):
        """The user closed a tab."""
        self._tabs[user_id] -= 1

    def present(self):
        """Users with at least one tab, sorted."""
        return sorted(user for user, tabs in self._tabs.items() if tabs)
