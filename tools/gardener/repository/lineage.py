"""What changed below a failing test after the test itself did, definition by definition along the first-parent line."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from gardener.model.finding import Break, Lineage
from gardener.model.run import Failure
from gardener.repository import git
from gardener.repository.definitions import BODY, mentions, outlines, parse
from gardener.repository.definitions import said as said_by
from gardener.repository.suspects import INSTALLED, Traits, fits, told

MOST_TESTS = 300  # that are traced; a finding needs one of its tests
MOST_EDITS = 200  # of product files that are compared, the newest
MOST_BREAKS = 12  # of one test that are kept
SETUPS = re.compile(r"(async)?set_?up(_?(class|method|function|module))?", re.IGNORECASE)
Outline = Mapping[str, tuple[str, str]]


class Sources(Protocol):
    """The Python files of the work tree."""

    def text(self, path: str) -> str:
        """The text of a file; "" where it is not there."""

    def reach(self, path: str) -> tuple[frozenset[str], frozenset[str]]:
        """Own files that a test file comes to by imports, and the dotted names on the way that no file has."""


def trace(root: Path, failures: Sequence[Failure], sources: Sources, own: tuple[str, ...]) -> tuple[Lineage, ...]:
    """The lineage of each failing test, as far as git knows its file."""
    steps = git.timeline(root)
    by_test: dict[str, list[Failure]] = {}
    for failure in failures:
        by_test.setdefault(failure.subject, []).append(failure)
    wanted = list(by_test)[:MOST_TESTS] if steps else []
    past = _Past(root, steps, sources)
    files = {test.partition("::")[0] for test in wanted}
    past.load(edit for file in files for _, edit in past.versions(file))
    written = {test: place for test in wanted if (place := past.written(test)) is not None}
    return tuple(
        Lineage(
            test=test,
            written=steps[min(place, len(steps) - 1)].commit,
            breaks=past.breaks(test, place, told(by_test[test], own)),
        )
        for test, place in written.items()
    )


class _Past:
    """The steps of history, and the definitions on both sides of each edit."""

    def __init__(self, root: Path, steps: Sequence[git.Step], sources: Sources) -> None:
        self._root, self._steps, self._sources = root, steps, sources
        self._texts: dict[str, str] = {}
        self._outlines: dict[str, Outline] = {}
        self._uses: dict[str, dict[str, frozenset[str]]] = {}
        self._by_path: dict[str, list[tuple[int, git.Edit]]] = {}
        self._moves: dict[tuple[int, str], bool] = {}
        self._functions: dict[str, tuple[str, str]] = {}
        self._data: dict[str, list[tuple[int, git.Edit]]] = {}  # files that are no Python, by the word before the dot
        self._installed: list[tuple[int, git.Edit]] = []
        for place, step in enumerate(steps):
            for edit in step.edits:
                path = edit.new or edit.old
                self._by_path.setdefault(edit.new, []).append((place, edit))
                if INSTALLED.search(path):
                    self._installed.append((place, edit))
                elif not path.endswith(".py"):
                    self._data.setdefault(path.rpartition("/")[2].partition(".")[0], []).append((place, edit))

    def versions(self, path: str) -> Iterator[tuple[int, git.Edit]]:
        """The edits of a file, the newest first, through its renames."""
        last, name = -1, path
        while name:
            found = next(((place, edit) for place, edit in self._by_path.get(name, ()) if place > last), None)
            if found is None:
                return
            yield found
            last, name = found[0], found[1].old

    def load(self, edits: Iterable[git.Edit]) -> None:
        """Fetch the texts of both sides at once."""
        names = {blob for edit in edits for blob in (edit.before, edit.after) if blob} - self._texts.keys()
        self._texts |= git.blobs(self._root, names) if names else {}

    def written(self, test: str) -> int | None:
        """The step that changed a test last: its function, and the module's values that it uses; None: git has none.

        Where history ends before that, it is the step after the last one.
        """
        file, _, node = test.partition("[")[0].partition("::")
        name = node.replace("::", ".")
        versions = list(self.versions(file))
        if not versions:
            return None
        values = self._used(file).get(name, frozenset())
        for place, edit in versions:
            before, after = self._sides(edit)
            if any(after[each] != before.get(each) for each in _asked(after, name, values)):
                earlier = _renamed(name, before, after)
                if not earlier:
                    return place
                name = earlier
        return len(self._steps)

    def breaks(self, test: str, written: int, said: Traits) -> tuple[Break, ...]:
        """The changes after a step of what a test exercises, the nearest first, of these the newest."""
        file, _, node = test.partition("[")[0].partition("::")
        reached, lacking = self._sources.reach(file)
        edits = sorted(self._later(reached, lacking, written), key=lambda each: each[0])[:MOST_EDITS]
        self.load(edit for _, edit in edits)
        direct = self._used(file).get(node.replace("::", "."), frozenset())
        words = self._words(file, node.replace("::", "."), reached)
        found = [each for place, edit in edits for each in self._of(place, edit, said, words, direct, lacking)]
        found += self._others(written, said, words)
        if said.missing:  # what is missing and never was there was not broken
            found = [each for each in found if each.near == 0]
        # an import that names another place comes after what was rewritten
        return tuple(sorted(found, key=lambda each: (each.near, "::import " in each.place))[:MOST_BREAKS])

    def _later(self, reached: Iterable[str], lacking: frozenset[str], written: int) -> Iterator[tuple[int, git.Edit]]:
        for path in reached:
            for place, edit in self.versions(path):
                if place >= written:
                    break
                yield place, edit
        for place, step in enumerate(self._steps[:written]):
            for edit in step.edits:
                if edit.old != edit.new and edit.old and module(edit.old) in lacking:
                    yield place, edit

    def _of(
        self, place: int, edit: git.Edit, said: Traits, words: frozenset[str], direct: frozenset[str],
        lacking: frozenset[str],
    ) -> Iterator[Break]:  # fmt: skip
        step, path = self._steps[place], edit.new or edit.old
        if edit.old != edit.new and module(edit.old) in lacking:
            yield _break(step, edit.old, f"{edit.old} went", 0)
            return
        before, after = self._sides(edit)
        if before and not after and edit.new:
            broken = parse(path, self._text(edit.after, edit.new)) is None
            yield _break(step, path, f"{path} stopped to parse" if broken else f"all that {path} defined went", 0)
            return
        for name in sorted(name for name in before.keys() | after.keys() if before.get(name) != after.get(name)):
            old, new = before.get(name), after.get(name)
            near = _near(path, name, old, new, said)
            if near is None and key(name) in words and old and (new or not self._moved(place, name, old)):
                near = 2
            if near is not None and not (near and old is None and key(name) in direct):
                yield _break(step, f"{path}::{name}", f"{name.removeprefix('import ')} in {path} changed", near)

    def _others(self, written: int, said: Traits, words: frozenset[str]) -> Iterator[Break]:
        """Files that are no Python: what is installed, where a package is missing, and data that the code speaks of."""
        packages = {name.partition(".")[0] for name in said.modules}
        for place, edit in self._installed if packages else ():
            self.load([edit])
            texts = self._text(edit.before, ""), self._text(edit.after, edit.new)
            path = edit.new or edit.old
            for name in packages:
                if place < written and _comes_or_goes(re.escape(name).replace("_", "[_-]"), *texts):
                    yield _break(self._steps[place], path, f"{name} in {path} changed", 0)
        for stem in self._data.keys() & words:
            for place, edit in self._data[stem]:
                if place < written:
                    yield _break(self._steps[place], edit.new or edit.old, f"{edit.new or edit.old} changed", 2)

    def _moved(self, place: int, name: str, outline: tuple[str, str]) -> bool:
        """Whether a step brought a definition that went from one file to another one, with the same text."""
        asked = (place, said_by(outline))
        if asked not in self._moves:
            edits = [edit for edit in self._steps[place].edits if edit.new.endswith(".py")]
            self.load(edits)
            last = name.rpartition(".")[2]
            words = (f"def {last}(", f"class {last}", f"{last} =", f"{last}:")
            told = [edit for edit in edits if any(each in self._text(edit.after, edit.new) for each in words)]
            sides = [self._sides(edit) for edit in told]
            came = (text for before, after in sides for each, text in after.items() if each not in before)
            self._moves[asked] = any(said_by(text) == asked[1] for text in came)
        return self._moves[asked]

    def _sides(self, edit: git.Edit) -> tuple[Outline, Outline]:
        return self._outline(edit.before, ""), self._outline(edit.after, edit.new)

    def _outline(self, blob: str, path: str) -> Outline:
        known = blob or f"tree:{path}"
        if known not in self._outlines:
            self._outlines[known] = outlines(self._text(blob, path), self._functions)
        return self._outlines[known]

    def _text(self, blob: str, path: str) -> str:
        return self._texts.get(blob, "") if blob else self._sources.text(path) if path else ""

    def _used(self, path: str) -> dict[str, frozenset[str]]:
        if path not in self._uses:
            tree = parse(path, self._sources.text(path))
            self._uses[path] = mentions(tree) if tree else {}
        return self._uses[path]

    def _words(self, file: str, name: str, reached: Iterable[str]) -> frozenset[str]:
        """Every word that a test comes to: its own, and those of all definitions that such a word may mean."""
        meant: dict[str, list[frozenset[str]]] = {}
        for path in reached:
            for each, used in self._used(path).items():
                meant.setdefault(key(each), []).append(used)
        own = self._used(file)
        owner = name.rpartition(".")[0]
        pending = list(own.get(name, ())) + [word for path in reached for word in _run_anyhow(self._used(path))]
        for each, used in own.items():
            if each == owner or (each.rpartition(".")[0] in ("", owner) and SETUPS.fullmatch(each.rpartition(".")[2])):
                pending += [key(each), *used]
        if not name:
            pending += [word for used in own.values() for word in used]
        words: set[str] = {BODY}  # what a module does when it is imported
        while pending:
            word = pending.pop()
            if word not in words:
                words.add(word)
                pending += [other for used in meant.get(word, ()) for other in used]
        return frozenset(words)


def key(name: str) -> str:
    """The word by which a definition is used: a special method is reached by its class."""
    owner, _, last = name.removeprefix("import ").rpartition(".")
    by_class = last.startswith("__") or last == BODY or SETUPS.fullmatch(last)
    return owner.rpartition(".")[2] if by_class and owner else last


def module(path: str) -> str:
    """The dotted name of a file, without the folder that holds the packages."""
    parts = path.removesuffix(".py").removesuffix("/__init__").split("/")
    return ".".join(parts[1:] if parts[0] in {"src", "lib", "tools"} else parts)


def _run_anyhow(uses: Mapping[str, frozenset[str]]) -> Iterator[str]:
    """Fixtures that nobody has to ask for."""
    for name, used in uses.items():
        if "autouse" in used:
            yield from (key(name), *used)


def _asked(after: Outline, name: str, values: frozenset[str]) -> list[str]:
    """The definitions of a test file that are the test itself: a whole file is what stands outside its functions."""
    plain = [each for each, text in after.items() if not text[1] and (not name or each in values)]
    return [*plain, name] if name in after else plain or list(after)


def _renamed(name: str, before: Outline, after: Outline) -> str:
    """The name under which a function stood before with the same text; "" where it did not."""
    if name in before or name not in after:
        return ""
    last = name.rpartition(".")[2]
    for other, (_, text) in before.items():
        former = other.rpartition(".")[2]
        if other not in after and text and re.sub(rf"\b{former}\b", last, text, count=1) == after[name][1]:
            return other
    return ""


def _near(path: str, name: str, old: tuple[str, str] | None, new: tuple[str, str] | None, said: Traits) -> int | None:
    """0: it changed what the error names; 1: it changed what fails; None: the error does not speak of it."""
    texts = " ".join(old or ()), " ".join(new or ())
    for word in (*said.missing, *said.modules):
        if _comes_or_goes(re.escape(word), *texts):
            return 0
    named = any(fits(name, known) for known in said.names)
    if named and (old is None or new is None or old[0] != new[0]):
        return 0
    return 1 if named or (path, name.rpartition(".")[2]) in said.frames else None


def _comes_or_goes(word: str, before: str, after: str) -> bool:
    return len({bool(re.search(rf"\b{word}\b", text, re.IGNORECASE)) for text in (before, after)}) == 2


def _break(step: git.Step, place: str, what: str, near: int) -> Break:
    return Break(
        commit=step.commit, author=step.author, subject=step.subject, path=place.partition("::")[0], place=place,
        what=what, near=near,
    )  # fmt: skip
