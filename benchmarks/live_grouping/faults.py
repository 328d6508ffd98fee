"""Faults as small edits of one function: where its bytes are, and what stands there instead. Pure."""

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

Node = ast.expr | ast.stmt
Site = tuple[str, Node, str]  # the operator, what it replaces, and by which text
VALUES = ("off-by-one", "flipped-comparison", "changed-constant", "return-none", "wrong-member", "dropped-key")
OPERATORS = (*VALUES[:4], "renamed-attribute", "added-parameter", *VALUES[4:], "unreachable", "missing-import")
_FLIPPED = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A replacement of the bytes `start:end` of a file; `operator` says what it does to `function`."""

    operator: str
    path: str
    function: str  # qualified name; "" for the module
    start: int
    end: int
    text: str


class Module:
    """A parsed file that knows where its nodes lie in bytes."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path, self.source = path, source
        self.tree = ast.parse(source)
        self._lines = source.splitlines(keepends=True)
        names = {node.id for node in ast.walk(self.tree) if isinstance(node, ast.Name)}
        self.members = sorted(name for name in names if _is_member(name))

    def at(self, line: int | None, column: int | None) -> int:
        assert line is not None
        assert column is not None
        return sum(map(len, self._lines[: line - 1])) + column

    def edit(self, function: str, site: Site) -> Edit:
        operator, node, text = site
        start, end = self.at(node.lineno, node.col_offset), self.at(node.end_lineno, node.end_col_offset)
        return Edit(operator=operator, path=self.path, function=function, start=start, end=end, text=text)

    def said(self, node: Node) -> str:
        edit = self.edit("", ("", node, ""))
        return self.source[edit.start : edit.end].decode()

    def leads_its_line(self, node: Node) -> bool:
        return not self._lines[node.lineno - 1][: node.col_offset].strip()


def faults(path: str, source: bytes) -> list[Edit]:
    """Every fault that can be put into a file: by function, then by operator, then by place."""
    module = Module(path, source)
    found = _edits(module, _broken)
    for node in module.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", "") != "__future__":
            found.append(module.edit("", ("missing-import", node, "pass")))
    return found


def harmless(path: str, source: bytes) -> list[Edit]:
    """Edits that change nothing: a returned value gets a name first."""
    return _edits(Module(path, source), _named)


def apart(edits: Sequence[Edit]) -> bool:
    """Whether no two are in one function and none touches another's bytes."""
    places = sorted((edit.path, edit.start, edit.end) for edit in edits)
    touching = any(a[0] == b[0] and b[1] <= a[2] for a, b in pairwise(places))
    return not touching and len({(edit.path, edit.function) for edit in edits}) == len(edits)


def applied(source: bytes, edits: Sequence[Edit]) -> bytes:
    """A file with edits that are apart, all of it."""
    for edit in sorted(edits, key=lambda edit: -edit.start):
        source = source[: edit.start] + edit.text.encode() + source[edit.end :]
    return source


def _edits(module: Module, sites: Callable[[Module, ast.AST], Iterator[Site]]) -> list[Edit]:
    found: list[Edit] = []
    for name, function in _functions(module.tree):
        here = [module.edit(name, site) for node in _own_nodes(function) for site in sites(module, node)]
        found += sorted(here, key=lambda edit: OPERATORS.index(edit.operator) if edit.operator else 0)
    return found


def _functions(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.FunctionDef]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            name = f"{outer}{node.name}"
            if isinstance(node, ast.FunctionDef):
                yield name, node
            yield from _functions(node, f"{name}.")


def _statements(function: ast.FunctionDef) -> list[ast.stmt]:
    return function.body[ast.get_docstring(function, clean=False) is not None :]


def _own_nodes(function: ast.FunctionDef) -> Iterator[ast.AST]:
    """The function and what stands in it, without f-strings, docstring, signature and inner functions."""
    yield function
    pending: list[ast.AST] = [*_statements(function)]
    while pending:
        node = pending.pop(0)
        if not isinstance(node, ast.JoinedStr | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node
            pending = [*ast.iter_child_nodes(node), *pending]


def _broken(module: Module, node: ast.AST) -> Iterator[Site]:
    match node:
        case ast.Constant(value=int(number)) if number is not True and number is not False:
            yield "off-by-one", node, str(number + 1)
        case ast.Constant(value=str(text)) if text:
            yield "changed-constant", node, repr(text.swapcase() if text.swapcase() != text else f"{text} ")
        case ast.Compare(left=left, ops=[sign], comparators=[right]):
            yield "flipped-comparison", node, f"{module.said(left)} {_FLIPPED[type(sign)]} {module.said(right)}"
        case ast.Return(value=ast.expr()):
            yield "return-none", node, "return None"
        case ast.Attribute(value=ast.Name(id="self"), attr=name, ctx=ast.Load()):
            yield "renamed-attribute", node, f"self.{name}_value"
        case ast.Name(id=name, ctx=ast.Load()) if _is_member(name) and len(module.members) > 1:
            others = [member for member in module.members if member != name]
            yield "wrong-member", node, others[len(name) % len(others)]
        case ast.Dict(keys=[_, _, *_]):
            yield "dropped-key", node, ast.unparse(ast.Dict(keys=node.keys[1:], values=node.values[1:]))
        case ast.FunctionDef():
            yield from _with_parameter(module, node)
            yield from _raising(module, node)


def _with_parameter(module: Module, node: ast.FunctionDef) -> Iterator[Site]:
    """Everything before the body is written anew, with one more parameter that is required."""
    first = node.body[0]
    if node.name.startswith("__") or not module.leads_its_line(first):
        return
    head = copy.deepcopy(node)
    head.body, head.decorator_list = [ast.Pass()], []
    if node.args.defaults or node.args.vararg or node.args.kwonlyargs:
        head.args.kwonlyargs.append(ast.arg(arg="context"))
        head.args.kw_defaults.append(None)
    else:
        head.args.args.append(ast.arg(arg="context"))
    old = ast.Pass(lineno=node.lineno, col_offset=node.col_offset, end_lineno=first.lineno, end_col_offset=-1)
    yield "added-parameter", old, ast.unparse(head).splitlines()[0]


def _raising(module: Module, node: ast.FunctionDef) -> Iterator[Site]:
    """What the function asks first does not answer."""
    for first in _statements(node)[:1]:
        if module.leads_its_line(first) and not isinstance(first, ast.FunctionDef | ast.ClassDef):
            error = ("ConnectionError('connection refused')", "TimeoutError('timed out')")[len(node.name) % 2]
            yield "unreachable", first, f"raise {error}\n{' ' * first.col_offset}{module.said(first)}"


def _named(module: Module, node: ast.AST) -> Iterator[Site]:
    match node:
        case ast.Return(value=ast.expr() as value) if module.leads_its_line(node):
            yield "", node, f"outcome = ({module.said(value)})\n{' ' * node.col_offset}return outcome"


def _is_member(name: str) -> bool:
    return name.isupper() and len(name) > 2
