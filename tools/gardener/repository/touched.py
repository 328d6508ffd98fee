"""Which functions changed since a commit, and by which of their lines a test meets the change."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path

from gardener.model.finding import Touched
from gardener.repository import git
from gardener.repository.definitions import changed, functions, parse

FILES = 200  # changed files that are compared, at most
Function = ast.FunctionDef | ast.AsyncFunctionDef
_HUNK = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")


def touched(root: Path, since: str) -> tuple[Touched, ...]:
    """The functions of the work tree that differ from those of a commit.

    A test that does not run one of `lines` cannot tell the difference. They are the statements that changed, or the
    first line where only the head of the function did. What stands outside of functions (a constant, the fields of
    a class) is met where a function of the same file names it. A function that is gone or has another name cannot be
    met; errors name it.
    """
    found: list[Touched] = []
    for path, lines in list(_changed_lines(git.difference(root, since)).items())[:FILES]:
        file = root / path
        after = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
        before = git.text(root, since, path)
        names, _ = changed(before, after)
        tree, old = parse(path, after), parse(path, before)
        if tree is not None and names:
            was, known = functions(old) if old else {}, functions(tree)
            for each in _of_file(path, after, known, names, lines):
                earlier = alone(before, each.name, was[each.name]) if each.name in was else ""
                found.append(replace(each, before=earlier))
            found += (Touched(path=path, name=name, gone=True) for name in sorted(was.keys() & names - known.keys()))
    return tuple(found)


def _of_file(
    path: str, text: str, known: Mapping[str, Function], names: Iterable[str], lines: frozenset[int]
) -> Iterator[Touched]:
    for name in sorted(names):
        if name in known:
            met = _statements(known[name], lines) or {first_line(known[name])}
            now, first = alone(text, name, known[name]), first_line(known[name])
            yield Touched(path=path, name=name, lines=tuple(sorted(met)), first=first, now=now)
        else:
            word = name.rpartition(".")[2]
            met = {line for node in known.values() for line in _naming(node, word)}
            if met:
                yield Touched(path=path, name=name, lines=tuple(sorted(met)))


def alone(text: str, name: str, function: Function) -> str:
    """The source of a function within its classes, which are empty otherwise."""
    classes = name.split(".")[:-1]
    heads = [f"{' ' * depth}class {each}:" for depth, each in enumerate(classes)]
    above = heads or ["if True:"] * bool(function.col_offset)
    return "\n".join([*above, *text.split("\n")[first_line(function) - 1 : function.end_lineno], ""])


def first_line(function: Function) -> int:
    """Where its code object says that it begins."""
    return min([function.lineno, *(decorator.lineno for decorator in function.decorator_list)])


def _statements(function: ast.AST, lines: frozenset[int]) -> set[int]:
    """All lines of the innermost statements in a function that hold one of the lines; of a compound one its head."""
    met: set[int] = set()
    for node in ast.walk(function):
        if isinstance(node, ast.stmt) and node is not function:
            inner = [child.lineno for child in ast.walk(node) if isinstance(child, ast.stmt) and child is not node]
            last = min(inner) - 1 if inner else node.end_lineno or node.lineno
            own = range(node.lineno, max(last, node.lineno) + 1)
            if not lines.isdisjoint(own):
                met.update(own)
    return met


def _naming(function: ast.AST, word: str) -> Iterator[int]:
    for node in ast.walk(function):
        if word in (getattr(node, "id", ""), getattr(node, "attr", "")) and isinstance(node, ast.expr):
            yield node.lineno


def _changed_lines(diff: str) -> dict[str, frozenset[int]]:
    """By path, the lines of the newer side; around what was only taken away, the two lines beside it."""
    found: dict[str, frozenset[int]] = {}
    path = ""
    for line in diff.splitlines():
        hunk = _HUNK.match(line)
        if line.startswith("+++ "):
            path = line[4:].split("\t")[0].removeprefix("b/")
        elif hunk:
            start, count = int(hunk[1]), int(hunk[2] or 1)
            lines = range(start, start + (count or 2))
            found[path] = found.get(path, frozenset()).union(lines)
    return found
