"""Puts changed functions back to what they were, one at a time, in the running process: the cause that is taken away.

Run by the spectrum, and like it nothing but the standard library and the syntax of Python 3.8.
"""
# mypy: ignore-errors

import ast
import collections
import contextlib
import functools
import os
import sys
import types
from collections import Counter

PROBES, MORE = 4, 20  # tests that are tried without a definition at once: before it is known to help, and after
LIKELY = 0.7  # promise of one that is known to help


class Trial:
    """Which failing tests are tried without which of the changed definitions that they ran, the most promising first.

    `ran`: by test the (path, line) that it ran itself, and those that shared fixtures ran, which are not set up anew.
    """

    def __init__(self, order, ran):
        self.revert = Earlier(order["root"], order["texts"], order["definitions"]).revert
        self.open = {}  # by test whose cause is not known yet: the definitions without which it was not tried
        self.met, self.explained = {}, set()  # all that each of them ran of the changes; those of tests that passed
        self.tried, self.helped = Counter(), Counter()
        places = {name: {(path, line) for line in lines} for name, (path, lines) in order["definitions"].items()}
        for node, (own, shared) in ran.items():
            met = [name for name, lines in places.items() if lines & (own | shared)]
            if len(met) > 1:
                self.met[node] = tuple(met)
                self.open[node] = [name for name in met if not places[name] & shared]
            else:
                self.helped.update(met)

    def rounds(self):
        """A definition, and tests to be tried without it; `note` what comes of each.

        What ran the same changes has the same cause more often than not: one of these comes before the second of any.
        """
        while True:
            waiting, turns = {}, Counter()
            for node, names in self.open.items():
                turns[self.met[node]] += 1
                turn = (self.met[node] in self.explained, turns[self.met[node]], node)
                for name in names:
                    waiting.setdefault(name, []).append(turn)
            if not waiting:
                return
            name = max(waiting, key=lambda each: (not min(waiting[each])[0], self.promise(each), len(waiting[each])))
            nodes = [node for *_, node in sorted(waiting[name])]
            taken = nodes[: MORE if self.promise(name) > LIKELY else PROBES]
            for node in taken:
                self.open[node].remove(name)
            yield name, taken

    def promise(self, name):
        """The rate at which its absence helped, by the rule of succession."""
        return (self.helped[name] + 1) / (max(self.tried[name], self.helped[name]) + 2)

    def note(self, name, node, passed):
        self.tried[name] += 1
        if passed:
            self.helped[name] += 1
            self.explained.add(self.met[node])
            del self.open[node]


def restore(undo):
    for function, code, defaults, keywords in undo or ():
        function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, keywords


class Earlier:
    """What functions were in earlier `texts`, by path below `root`, as far as the `wanted` (`path::name`) need it."""

    def __init__(self, root, texts, wanted):
        self.root, self.texts, self.wanted = root, texts, wanted
        self.now, self.before, self.live = {}, {}, {}  # by path: the functions of either text, those in memory

    def load(self, path):
        names = [name.partition("::")[2] for name in self.wanted if name.startswith(path + "::")]
        place = os.path.join(self.root, path)
        with open(place, "rb") as file:
            self.now[path] = {where: head for where, *head in heads(ast.parse(file.read()))}
        self.before[path] = compiled(ast.parse(self.texts[path]), path, names)
        for module in list(sys.modules.values()):
            file = getattr(module, "__file__", None) or ""
            if os.path.basename(file) == os.path.basename(path) and os.path.realpath(file) == os.path.realpath(place):
                self.live[path].extend(within(vars(module), module.__name__))

    def revert(self, definition):
        """The function is what it was; gives what `restore` needs, nothing where it cannot be."""
        path, _, name = definition.partition("::")
        if path not in self.live:
            self.live[path] = []
            with contextlib.suppress(OSError, SyntaxError, ValueError, KeyError):
                self.load(path)
        undo = []
        for function in self.live.get(path, ()):
            key, now = self.now[path].get((function.__code__.co_name, function.__code__.co_firstlineno), ((), None))
            if key and belongs(key[0], name):
                undo.append((function, function.__code__, function.__defaults__, function.__kwdefaults__))
                try:
                    give(function, now, *self.before[path][key])
                except Exception:  # it is new, closes over other variables, or its defaults cannot be had here
                    restore(undo)
                    return None
        return undo


def within(names, module):
    """The functions that a namespace holds: in classes of its own, behind decorators, in what functions close over."""
    found, seen, waiting = [], set(), list(names.values())
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        if isinstance(each, types.FunctionType):
            found.append(each)
            waiting += [cell.cell_contents for cell in each.__closure__ or () if cell != types.CellType()]
        elif isinstance(each, type) and each.__module__ == module:
            waiting += vars(each).values()
        elif isinstance(each, property):
            waiting += [each.fget, each.fset, each.fdel]
        elif isinstance(each, (staticmethod, classmethod)):
            waiting.append(each.__func__)
        elif isinstance(each, (functools.partial, functools.cached_property)):
            waiting.append(each.func)
        if isinstance(getattr(each, "__dict__", None), dict):
            waiting.append(vars(each).get("__wrapped__"))
    return found


def heads(tree):
    """(name, first line), (qualified name, which of those of that name), node of each function; `outer.inner` in one."""
    seen, waiting = Counter(), collections.deque([("", tree)])
    while waiting:
        prefix, node = waiting.popleft()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno] + [decorator.lineno for decorator in node.decorator_list])
            yield (node.name, first), (prefix + node.name, seen[prefix + node.name]), node
            seen[prefix + node.name] += 1
        prefix += node.name + "." if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else ""
        waiting += [(prefix, child) for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)]


def compiled(tree, path, wanted):
    """Code and node of each wanted function and of those within, by the key of `heads`; others lose their bodies."""
    known = list(heads(tree))
    for _, (name, _), node in known:
        if not any(belongs(name, each) or belongs(each, name) for each in wanted):
            node.body = [ast.copy_location(ast.Pass(), node)]
    codes = {
        (code.co_name, code.co_firstlineno): code for code in inner(compile(tree, path, "exec", dont_inherit=True))
    }
    return {key: (codes[place], node) for place, key, node in known if place in codes}


def belongs(name, outer):
    return (name + ".").startswith(outer + ".")


def inner(code):
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield const
            yield from inner(const)


def give(function, now, code, before):
    """Code and defaults of a function as they were `before`."""
    function.__code__ = code
    if ast.dump(before.args) != ast.dump(now.args):
        function.__defaults__ = tuple(value(each, function) for each in before.args.defaults) or None
        names = zip(before.args.kwonlyargs, before.args.kw_defaults)
        function.__kwdefaults__ = {name.arg: value(each, function) for name, each in names if each} or None


def value(default, function):
    return eval(compile(ast.Expression(default), "<default>", "eval"), function.__globals__)
