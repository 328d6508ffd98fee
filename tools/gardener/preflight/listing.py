"""What lies in a build context's folder, as far as its ignore file lets it through."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from gardener.preflight.ignore import Ignore

_HOPS = 40  # links followed before a path is called circular
_AS_US = os.access in os.supports_effective_ids


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file, folder or link of a context."""

    kind: str = "file"  # file, folder, link
    size: int = 0
    link: str = ""  # where a link points, as written


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the builder is sent: everything in the folder that the ignore file does not leave out."""

    entries: dict[str, Entry] = field(default_factory=dict)  # by path in the context
    left_out: dict[str, str] = field(default_factory=dict)  # topmost paths that are, each with its rule's "file:line"
    unreadable: tuple[str, ...] = ()  # of the entries
    locked: tuple[str, ...] = ()  # folders that are left out and cannot be read

    @property
    def total(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries.values())

    def resolve(self, path: str) -> str | None:
        """The entry that a path leads to, links followed as if the context were the whole disk; "" is its root."""
        todo, here, hops = path.split("/"), "", 0
        while todo and hops < _HOPS:
            part = todo.pop(0)
            if part == "..":
                here = here.rpartition("/")[0]
            if part in ("", ".", ".."):
                continue
            parent, here = here, f"{here}/{part}".lstrip("/")
            entry = self.entries.get(here)
            if entry is None or (entry.kind == "file" and any(todo)):
                return None
            if entry.kind == "link":
                hops += 1
                here = "" if entry.link.startswith("/") else parent
                todo = [*entry.link.split("/"), *todo]
        return here if hops < _HOPS else None


def walk(root: Path, ignore: Ignore, *, thorough: bool) -> Listing:
    """The listing of a folder; one below it that is left out is entered where a rule may bring something back from it.

    That is a rule that begins with its name; when `thorough` (BuildKit since 2022) also any rule with a wildcard.
    """
    entries: dict[str, Entry] = {}
    left_out: dict[str, str] = {}
    unreadable: list[str] = []
    locked: list[str] = []
    todo = [("", ignore.matches(""), False)]
    while todo:
        folder, above, folder_out = todo.pop()
        try:
            with os.scandir(root / folder) as inside:
                items = list(inside)
        except OSError:
            (locked if folder_out else unreadable).append(folder)
            continue
        for item in items:
            path = f"{folder}/{item.name}" if folder else item.name
            matches = ignore.matches(path, above)
            rule = ignore.left_out_by(matches)
            try:
                entry = _entry(item)
            except FileNotFoundError:  # it went while we looked
                continue
            if rule is None:
                entries[path] = entry
                _add_parents(entries, path)
                if entry.kind == "file" and not os.access(item.path, os.R_OK, effective_ids=_AS_US):
                    unreadable.append(path)
            elif not folder_out:
                left_out[path] = f"{ignore.name}:{rule.line}"
            if entry.kind == "folder" and (rule is None or ignore.may_hold_kept(path, thorough=thorough)):
                todo.append((path, matches, rule is not None))
            elif entry.kind == "folder" and not os.access(item.path, os.R_OK, effective_ids=_AS_US):
                locked.append(path)
    return Listing(entries=entries, left_out=left_out, unreadable=tuple(unreadable), locked=tuple(locked))


def _entry(item: "os.DirEntry[str]") -> Entry:
    if item.is_symlink():
        return Entry(kind="link", link=Path(item.path).readlink().as_posix())
    return Entry(kind="folder") if item.is_dir() else Entry(size=item.stat().st_size)


def _add_parents(entries: dict[str, Entry], path: str) -> None:
    """A folder that is left out exists all the same when something in it is brought back."""
    parent = path.rpartition("/")[0]
    while parent and parent not in entries:
        entries[parent] = Entry(kind="folder")
        parent = parent.rpartition("/")[0]
