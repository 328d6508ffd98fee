"""Trackers as simpler tools keep them: an issue for each name, a comment for each failure, closed when it passes."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class Simple:
    """One issue for each name: a test's id, or the title of an error."""

    opened: dict[str, bool] = field(default_factory=dict)  # name → whether it is open
    homes: dict[str, frozenset[str]] = field(default_factory=dict)  # name → the causes it was filed for
    spent: Counter[str] = field(default_factory=Counter)

    def meet(self, named: Mapping[str, frozenset[str]], living: frozenset[str]) -> None:
        """A run: the names that failed, each with the causes behind it; and the causes that live."""
        for name, causes in named.items():
            known = self.opened.get(name)
            self.spent["create" if known is None else "comment" if known else "reopen"] += 1
            self.opened[name] = True
            home = self.homes.setdefault(name, causes)
            self.spent["wrong reopen"] += known is False and not home & living
        for name, is_open in self.opened.items():
            if is_open and name not in named:
                self.opened[name] = False
                self.spent["close"] += 1
                self.spent["wrong close"] += bool(self.homes[name] & living)
