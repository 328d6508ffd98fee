"""What lies in a build context's folder, as far as its ignore file lets it through."""

import os
from dataclasses import dataclass, field
from pathlib import Path

from gardener.preflight.ignore import Ignore

_HOPS = 40  # links followed before a path is called circular


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One file, folder or link of a context."""

    kind: str = "file"  # file, folder, link
    size: int = 0
    link: str = ""  # where a link points, as written
    readable: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """What the builder is sent: everything in the folder that the ignore file does not leave out."""

    entries: dict[str, Entry] = field(default_factory=dict)  # by path in the context
    left_out: frozenset[str] = frozenset()  # the topmost paths that the ignore file leaves out
    ignore: Ignore = field(default_factory=Ignore)

    @property
    def total(self) -> int:
        """Bytes of all files."""
        return sum(entry.size for entry in self.entries.values())

    def resolve(self, path: str) -> str | None:
        """The entry that a path leads to, links followed as if the context were the whole disk; "" is its root."""
        todo, here = path.split("/"), ""
        hops = 0
        while todo and hops < _HOPS:
            part = todo.pop(0)
            if part in ("", "."):
                continue
            if part == "..":
                here = here.rpartition("/")[0]
                continue
            parent, here = here, f"{here}/{part}".lstrip("/")
            entry = self.entries.get(here)
            if entry is None:
                return None
            if entry.kind == "link":
                hops += 1
                here = "" if entry.link.startswith("/") else parent
                todo = [*entry.link.split("/"), *todo]
            elif entry.kind == "file" and any(part not in ("", ".") for part in todo):
                return None
        return here if hops < _HOPS else None


def walk(root: Path, ignore: Ignore) -> Listing:
    """The listing of a folder. Folders that are left out are not entered, unless a rule brings something back."""
    entries: dict[str, Entry] = {}
    left_out: set[str] = set()
    todo = [("", False)]
    while todo:
        folder, folder_out = todo.pop()
        try:
            inside = list(os.scandir(root / folder))
        except OSError:
            entries[folder] = Entry(kind="folder", readable=False)
            continue
        for item in inside:
            path = f"{folder}/{item.name}" if folder else item.name
            out = ignore.rule_for(path) is not None
            is_folder = item.is_dir(follow_symlinks=False)
            if out:
                left_out |= set() if folder_out else {path}
            else:
                entries[path] = _entry(item, is_folder=is_folder)
                _add_parents(entries, path)
            if is_folder and (not out or ignore.may_hold_kept(path)):
                todo.append((path, out))
    return Listing(entries=entries, left_out=frozenset(left_out), ignore=ignore)


def _entry(item: "os.DirEntry[str]", *, is_folder: bool) -> Entry:
    if item.is_symlink():
        return Entry(kind="link", link=Path(item.path).readlink().as_posix())
    if is_folder:
        return Entry(kind="folder")
    return Entry(size=item.stat(follow_symlinks=False).st_size, readable=os.access(item.path, os.R_OK))


def _add_parents(entries: dict[str, Entry], path: str) -> None:
    """A folder that is left out exists all the same when something in it is brought back."""
    parent = path.rpartition("/")[0]
    while parent and parent not in entries:
        entries[parent] = Entry(kind="folder")
        parent = parent.rpartition("/")[0]
