"""Faults as small edits of one function: where its bytes are, and what stands there instead. Pure."""

import ast
import copy
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """A replacement of the bytes `start:end` of a file; `operator` says what it does to `function`."""

    operator: str
    path: str
    function: str  # qualified name; "" for the module
    start: int
    end: int
    text: str


Site = tuple[ast.AST, str]  # what is replaced, and by which text
Operator = Callable[["Module", ast.AST], Iterator[Site]]
VALUES = ("off-by-one", "flipped-comparison", "changed-constant", "return-none", "wrong-member", "dropped-key")
_FLIPPED = {
    ast.Lt: "<=", ast.LtE: "<", ast.Gt: ">=", ast.GtE: ">", ast.Eq: "!=", ast.NotEq: "==",
    ast.Is: "is not", ast.IsNot: "is", ast.In: "not in", ast.NotIn: "in",
}  # fmt: skip


class Module:
    """A parsed file that knows where its nodes lie in bytes."""

    def __init__(self, path: str, source: bytes) -> None:
        self.path, self.source = path, source
        self.tree = ast.parse(source)
        self._starts = [0]
        for line in source.splitlines(keepends=True):
            self._starts.append(self._starts[-1] + len(line))
        self.members = {n.id for n in ast.walk(self.tree) if isinstance(n, ast.Name) and _is_member(n.id)}

    def span(self, node: ast.AST) -> tuple[int, int]:
        at = self._starts
        return at[node.lineno - 1] + node.col_offset, at[node.end_lineno - 1] + node.end_col_offset

    def said(self, node: ast.AST) -> str:
        start, end = self.span(node)
        return self.source[start:end].decode()

    def leads_its_line(self, node: ast.AST) -> bool:
        start = self._starts[node.lineno - 1]
        return not self.source[start : start + node.col_offset].strip()


def faults(path: str, source: bytes) -> list[Edit]:
    """Every fault that can be put into a file, in its order."""
    module = Module(path, source)
    found = [edit for name, body in _functions(module.tree) for edit in _edits(module, name, body, OPERATORS)]
    for node in module.tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom) and getattr(node, "module", "") != "__future__":
            start, end = module.span(node)
            found.append(Edit(operator="missing-import", path=path, function="", start=start, end=end, text="pass"))
    return found


def harmless(path: str, source: bytes) -> list[Edit]:
    """Edits that change nothing: a returned value gets a name first."""
    module = Module(path, source)
    return [e for name, body in _functions(module.tree) for e in _edits(module, name, body, {"named": _named})]


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


def _edits(module: Module, name: str, body: ast.AST, operators: dict[str, Operator]) -> Iterator[Edit]:
    for operator, sites in operators.items():
        for node in _own_nodes(body):
            for site, text in sites(module, node):
                start, end = module.span(site)
                yield Edit(operator=operator, path=module.path, function=name, start=start, end=end, text=text)


def _functions(tree: ast.AST, outer: str = "") -> Iterator[tuple[str, ast.AST]]:
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            name = f"{outer}{node.name}"
            if isinstance(node, ast.FunctionDef):
                yield name, node
            yield from _functions(node, f"{name}.")


def _own_nodes(function: ast.AST) -> Iterator[ast.AST]:
    """The function and what stands in it, without f-strings, docstring, signature and inner functions."""
    yield function
    pending = list(function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body)
    while pending:
        node = pending.pop(0)
        if not isinstance(node, ast.JoinedStr | ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            yield node
            pending = [*ast.iter_child_nodes(node), *pending]


def _is_member(name: str) -> bool:
    return name.isupper() and len(name) > 2


def _off_by_one(module: Module, node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.Constant) and type(node.value) is int:
        yield node, str(node.value + 1)


def _flipped(module: Module, node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        yield node, f"{module.said(node.left)} {_FLIPPED[type(node.ops[0])]} {module.said(node.comparators[0])}"


def _constant(module: Module, node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node, repr(node.value.swapcase() if node.value.swapcase() != node.value else f"{node.value} ")


def _return_none(module: Module, node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.Return) and node.value is not None:
        yield node, "return None"


def _renamed(module: Module, node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load) and module.said(node.value) == "self":
        yield node, f"self.{node.attr}_value"


def _parameter(module: Module, node: ast.AST) -> Iterator[Site]:
    if not isinstance(node, ast.FunctionDef) or node.name.startswith("__") or not module.leads_its_line(node.body[0]):
        return
    head = copy.copy(node)
    head.args, head.body, head.decorator_list = copy.deepcopy(node.args), [ast.Pass()], []
    plain = not (node.args.defaults or node.args.vararg or node.args.kwonlyargs)
    (head.args.args if plain else head.args.kwonlyargs).append(ast.arg(arg="context"))
    if not plain:
        head.args.kw_defaults.append(None)
    text = ast.unparse(head).splitlines()[0]
    line = node.body[0].lineno - 1
    last = ast.Pass(lineno=node.lineno, col_offset=node.col_offset, end_lineno=line, end_col_offset=0)
    last.end_col_offset = len(module.source.splitlines()[line - 1])
    yield last, text


def _member(module: Module, node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load) and _is_member(node.id):
        others = sorted(module.members - {node.id})
        if others:
            yield node, others[len(node.id) % len(others)]


def _dropped_key(module: Module, node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.Dict) and len(node.keys) > 1:
        rest = zip(node.keys[1:], node.values[1:], strict=True)
        yield node, ast.unparse(ast.Dict(keys=[k for k, _ in rest], values=node.values[1:]))


def _unreachable(module: Module, node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.FunctionDef):
        first = node.body[ast.get_docstring(node) is not None :][:1]
        if first and module.leads_its_line(first[0]) and not isinstance(first[0], ast.FunctionDef | ast.ClassDef):
            error = ("ConnectionError('connection refused')", "TimeoutError('timed out')")[len(node.name) % 2]
            yield first[0], f"raise {error}\n{' ' * first[0].col_offset}{module.said(first[0])}"


def _named(module: Module, node: ast.AST) -> Iterator[Site]:
    if isinstance(node, ast.Return) and node.value is not None and module.leads_its_line(node):
        yield node, f"outcome = ({module.said(node.value)})\n{' ' * node.col_offset}return outcome"


OPERATORS: dict[str, Operator] = {
    "off-by-one": _off_by_one,
    "flipped-comparison": _flipped,
    "changed-constant": _constant,
    "return-none": _return_none,
    "renamed-attribute": _renamed,
    "added-parameter": _parameter,
    "wrong-member": _member,
    "dropped-key": _dropped_key,
    "unreachable": _unreachable,
}
