"""Suites of well-known projects, and ways in which any suite decays, found by syntax tree; only `unpacked` reads."""

import ast
import random
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from benchmarks.broken_suites.decay import Break, Files
from benchmarks.live_grouping.projects import Project, fetch

PROJECTS = (
    Project(name="jinja2", version="3.1.6", source="src", package="src/jinja2", tests="tests"),
    Project(name="webob", version="1.8.11", source="src", package="src/webob", tests="tests"),
    Project(name="wtforms", version="3.3.2", source="src", package="src/wtforms", tests="tests"),
)
LEFT_OUT = ("tests/validators/test_email.py", "tests/test_locale_babel.py")  # want packages of their own
PER_KIND = 3
HERE = "file_of_this_test"  # stands for the name of the file that is broken
NO_PLUGIN = "no plugin for async tests"
NO_PACKAGE = "not-a-package"
_SET_UPS = frozenset({"setUp", "setup_method", "setUpClass", "setup_class"})
_KEPT = re.compile(r"__\w+__$")


def unpacked(project: Project, cache: Path) -> Files:
    """The texts of a project's sdist that its suite needs."""
    home = fetch(project, cache)
    found = {path.relative_to(home).as_posix(): path for path in home.rglob("*") if path.is_file()}
    wanted = {name: path for name, path in found.items() if name.startswith((project.source, project.tests))}
    wanted["pyproject.toml"] = home / "pyproject.toml"
    return {
        name: path.read_bytes().decode("utf-8", "surrogateescape")
        for name, path in sorted(wanted.items())
        if name not in LEFT_OUT
    }


def candidates(files: Mapping[str, str], project: Project, seed: int) -> list[Break]:
    """Breaks of product and suite, the kinds in turn; each is one edit, of a text that stands once in its file."""
    found: list[Break] = []
    for path, text in files.items():
        if path.endswith(".py") and path.startswith((project.package, project.tests)):
            in_tests = path.startswith(project.tests) or "/tests/" in path
            lines = text.splitlines(keepends=True)
            of = _of_tests if in_tests else _of_product
            alone = in_tests and not path.endswith("conftest.py")
            for kind, name, old, new in of(ast.parse(text), lines):
                module = f"{project.source}/{name.replace('.', '/')}.py"
                if text.count(old) == 1 and (kind != NO_PACKAGE or module in files):
                    reach = (path,) if alone else (project.tests,)
                    edit = (path, old, new.replace(HERE, Path(path).stem))
                    root = NO_PLUGIN if (kind, in_tests) == ("became-async", True) else ""
                    if kind == NO_PACKAGE:  # all files that ask for parts of one module: one package to restore
                        root = f"{name} is no package"
                    found.append(Break(name=f"{kind} {path}::{name}", edits=(edit,), tests=reach, root=root))
    chance, turn = random.Random(seed), Counter[str]()
    ordered = []
    for each in chance.sample(found, len(found)):
        kind = each.name.split()[0]
        turn[kind] += 1
        ordered.append((turn[kind], each))
    return [each for place, each in sorted(ordered, key=lambda pair: pair[0]) if place <= 3 * PER_KIND]


Site = tuple[str, str, str, str]  # kind, name, what stands there, what is put there


def _of_product(tree: ast.Module, lines: list[str]) -> Iterator[Site]:
    for node in tree.body:
        head = lines[node.lineno - 1]
        if (
            isinstance(node, ast.Import | ast.ImportFrom)
            and "__future__" not in head
            and node.end_lineno == node.lineno
        ):
            yield "missing-import", head.strip(), head, "\n"
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.decorator_list:
            yield "renamed-name", node.name, head, head.replace(node.name, f"{node.name}V2", 1)
        if isinstance(node, ast.ClassDef):
            for inner in node.body:
                if isinstance(inner, ast.FunctionDef) and not inner.decorator_list:
                    yield from _of_method(node.name, inner, lines)


def _of_method(owner: str, node: ast.FunctionDef, lines: list[str]) -> Iterator[Site]:
    head = lines[node.lineno - 1]
    around = "".join(lines[node.lineno - 2 : node.lineno])
    before = around[: -len(head)]
    name = f"{owner}.{node.name}"
    if not _KEPT.match(node.name):
        yield "renamed-method", name, around, before + head.replace(node.name, f"{node.name}_v2", 1)
        yield "became-async", name, around, before + head.replace("def ", "async def ", 1)
    if "(self, " in head:
        yield "new-parameter", name, around, before + head.replace("(self, ", "(self, context, ", 1)
    first = node.body[1] if ast.get_docstring(node) and len(node.body) > 1 else node.body[0]
    above = "".join(lines[max(first.lineno - 3, node.lineno - 1) : first.lineno - 1])
    pad = " " * first.col_offset
    if above.strip():
        yield "unreachable", name, above, f"{above}{pad}raise ConnectionRefusedError(111, 'Connection refused')\n"
        yield "returns-none", name, above, f"{above}{pad}return None\n"


def _of_tests(tree: ast.Module, lines: list[str]) -> Iterator[Site]:
    for node in ast.walk(tree):
        head = lines[node.lineno - 1] if isinstance(node, ast.stmt) else ""
        match node:
            case ast.ImportFrom(module=str(module)) if node in tree.body and "__future__" not in head:
                yield "moved-module", module, head, head.replace(module, f"{module}_{HERE}", 1)
                yield NO_PACKAGE, module, head, head.replace(module, f"{module}.{HERE}", 1)
                if node.end_lineno == node.lineno:
                    yield "missing-import", module, head, "\n"
            case ast.Import() if node in tree.body and head.startswith("import"):
                yield (
                    "missing-package",
                    head.strip(),
                    head,
                    f"import {HERE}_tools\n{head}",
                )
            case ast.FunctionDef(name=name) if name in _SET_UPS:
                yield "unawaited-set-up", name, head, head.replace("def ", "async def ", 1)
                yield "misnamed-set-up", name, head, head.replace(name, f"{name}_", 1)
            case ast.FunctionDef(name=name, decorator_list=[first, *_]) if "fixture" in ast.unparse(first):
                yield "renamed-fixture", name, head, head.replace(name, f"{name}_v2", 1)
                pad = " " * node.body[0].col_offset
                body = lines[node.body[0].lineno - 1]
                yield "failing-fixture", name, head + body, f"{head}{pad}raise RuntimeError('not prepared')\n{body}"
            case ast.FunctionDef(name=name) if name.startswith("test") and node.col_offset == 0:
                yield "unparsed", name, head, head.replace("):", ")", 1)
                yield "became-async", name, head, head.replace("def ", "async def ", 1)
            case ast.ClassDef(name=name) if "TestCase" in ast.unparse(node.bases[0] if node.bases else ast.Name("")):
                yield "plain-class", name, head, f"class {name}:\n"
            case ast.ClassDef(name=name) if name.startswith("Test") and head.endswith(":\n"):
                yield "takes-arguments", name, head, f"{head}    LIMIT = DEFAULT_LIMIT\n"
