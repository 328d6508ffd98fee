"""What the sources define, read with ast: classes, functions, imports, set-ups that nothing runs. Pure."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping

from gardener.model.finding import Definition

# classes whose setUp is called by unittest, and those that await an async one under its own name
UNITTEST = frozenset(
    {"TestCase", "IsolatedAsyncioTestCase", "TransactionTestCase", "SimpleTestCase", "LiveServerTestCase"}
)

BODY = "<body>"
_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*")  # getattr(cart, "total"), patch("shop.cart.total")


def parse(path: str, source: str) -> ast.Module | None:
    """The syntax tree; None where the file does not parse."""
    try:
        return ast.parse(source, path)
    except (SyntaxError, ValueError):
        return None


def definitions(path: str, tree: ast.Module) -> tuple[Definition, ...]:
    """Every class and function of a file, with qualified names."""
    return tuple(_walk(path, tree.body, ""))


def imported(tree: ast.Module, package: str = "") -> frozenset[str]:
    """Dotted names that a file of `package` imports anywhere, `from a import b` as both `a` and `a.b`."""
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.split(".")[: len(package.split(".")) + 1 - node.level] if node.level else []
            module = ".".join(filter(None, [*above, node.module]))
            names |= {module, *(f"{module}.{alias.name}".lstrip(".") for alias in node.names)}
    return frozenset(names - {""})


def mentions(tree: ast.Module) -> dict[str, frozenset[str]]:
    """Each definition and module-level name with the words it uses: names, attributes, parameters, dotted texts."""
    return {name: frozenset(word for node in nodes for word in _words(node)) for name, nodes in _nodes(tree.body, "")}


def changed(before: str, after: str) -> tuple[frozenset[str], frozenset[str]]:
    """Qualified names whose text differs between two versions of a file, and those of them whose signature does.

    The signature of a class is its bases and fields, that of a name at the top of a module whatever it stands for.
    Text that does not parse defines nothing.
    """
    old, new = outlines(before), outlines(after)
    differ = frozenset(name for name in old.keys() | new.keys() if old.get(name) != new.get(name))
    return differ, frozenset(name for name in differ if old.get(name, ("",))[0] != new.get(name, ("",))[0])


def functions(tree: ast.Module) -> dict[str, ast.FunctionDef | ast.AsyncFunctionDef]:
    """The functions and methods of a file by qualified name; those within functions belong to the outer one."""
    return dict(_functions(tree.body, ""))


def setups_never_run(by_file: Mapping[str, tuple[Definition, ...]]) -> tuple[str, ...]:
    """`path::Class` of test classes whose `setUp` nothing calls, or whose async `setUp` nothing awaits.

    pytest calls `setUp` only on unittest's classes, and even there an `async def setUp` yields a coroutine that is
    never awaited (unittest awaits `asyncSetUp`).
    """
    classes = {d.name: d for found in by_file.values() for d in found if d.kind == "class"}
    lame = []
    for path, found in by_file.items():
        for setup in (d for d in found if d.name.endswith(".setUp") and d.kind != "class"):
            owner = setup.name.removesuffix(".setUp")
            unittest = _is_unittest(owner, classes, depth=10)
            if setup.kind == "async function" or not unittest:
                lame.append(f"{path}::{owner}")
    return tuple(lame)


def _is_unittest(name: str, classes: Mapping[str, Definition], depth: int) -> bool:
    known = classes.get(name)
    if known is None or not depth:
        # a base from somewhere else: its name is all there is to go by
        return name in UNITTEST or name.endswith("TestCase")
    return any(_is_unittest(base, classes, depth - 1) for base in known.bases)


def _walk(path: str, body: Iterable[ast.stmt], prefix: str) -> Iterator[Definition]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            bases = tuple(ast.unparse(base).rpartition(".")[2] for base in node.bases)
            yield Definition(path=path, name=f"{prefix}{node.name}", kind="class", bases=bases)
            yield from _walk(path, node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            kind = "async function" if isinstance(node, ast.AsyncFunctionDef) else "function"
            yield Definition(path=path, name=f"{prefix}{node.name}", kind=kind)
        elif isinstance(node, ast.If | ast.Try):
            yield from _walk(path, node.body, prefix)


def _functions(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, ast.FunctionDef | ast.AsyncFunctionDef]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            yield from _functions(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", node
        elif isinstance(node, ast.If | ast.Try):
            yield from _functions(node.body, prefix)


def outlines(source: str, known: dict[str, tuple[str, str]] | None = None) -> dict[str, tuple[str, str]]:
    """Each name with its signature and its whole text, both without comments and layout.

    What a module or class does besides defining stands under `<body>`, the signature of an import or value is its text.
    `known` remembers functions by their source, for versions of one file hardly differ.
    """
    tree = parse("", source)
    outliner = _Outliner(source.split("\n"), {} if known is None else known)
    found: dict[str, tuple[str, str]] = {}
    for name, (head, text) in outliner.outlined(tree.body, "") if tree else ():
        more = name.endswith(BODY) and name in found
        found[name] = (f"{found[name][0]}\n{head}", text) if more else (head, text)
    return found


def said(outline: tuple[str, str]) -> str:
    """All that an outline says: its text, else its signature."""
    return outline[1] or outline[0]


def _nodes(body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, list[ast.AST]]]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            inner = (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
            own = [part for part in node.body if not isinstance(part, inner)]
            yield f"{prefix}{node.name}", [*node.bases, *node.decorator_list, *own]
            yield from _nodes(node.body, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", [node]
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                yield f"{prefix}{ast.unparse(target)}", [node]
        elif isinstance(node, ast.If | ast.Try):
            yield from _nodes(_inner(node), prefix)


def _words(node: ast.AST) -> Iterator[str]:
    for each in ast.walk(node):
        match each:
            case ast.Name(id=word) | ast.Attribute(attr=word) | ast.arg(arg=word) | ast.keyword(arg=str(word)):
                yield word
            case ast.Constant(value=str(text)) if _DOTTED.fullmatch(text):
                yield from text.split(".")
            case _:
                pass


class _Outliner:
    """Reads definitions off a tree; functions whose source is known are not written out again."""

    def __init__(self, lines: list[str], known: dict[str, tuple[str, str]]) -> None:
        self._lines, self._known = lines, known

    def outlined(self, body: Iterable[ast.stmt], prefix: str) -> Iterator[tuple[str, tuple[str, str]]]:
        for node in body:
            if isinstance(node, ast.ClassDef):
                fields = [ast.unparse(part) for part in node.body if isinstance(part, ast.Assign | ast.AnnAssign)]
                head = " ".join(["class", *map(ast.unparse, [*node.decorator_list, *node.bases]), *fields])
                yield f"{prefix}{node.name}", (head, head)
                yield from self.outlined(node.body, f"{prefix}{node.name}.")
            elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield f"{prefix}{node.name}", self._function(node)
            elif isinstance(node, ast.Import | ast.ImportFrom):
                for alias in node.names:
                    yield f"{prefix}import {alias.asname or alias.name}", (ast.unparse(node), "")
            elif isinstance(node, ast.Assign | ast.AnnAssign):
                for target in node.targets if isinstance(node, ast.Assign) else [node.target]:
                    yield f"{prefix}{ast.unparse(target)}", (ast.unparse(node), "")
            elif isinstance(node, ast.If | ast.Try):
                yield from self.outlined(_inner(node), prefix)
            elif not (isinstance(node, ast.Pass) or _is_text(node)):
                yield f"{prefix}{BODY}", (ast.unparse(node), "")

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[str, str]:
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        source = "\n".join(self._lines[first - 1 : node.end_lineno])
        if source not in self._known:
            self._known[source] = (f"{type(node).__name__} {ast.unparse(node.args)}", ast.unparse(node))
        return self._known[source]


def _is_text(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _inner(node: ast.If | ast.Try) -> list[ast.stmt]:
    """What stands in either branch."""
    if isinstance(node, ast.If):
        return [*node.body, *node.orelse]
    return [*node.body, *(part for handler in node.handlers for part in handler.body), *node.orelse, *node.finalbody]
