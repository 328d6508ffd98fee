"""Puts changed functions back to what they were, one at a time, in the running process: the cause that is taken away.

Run by the spectrum, and like it nothing but the standard library and the syntax of Python 3.8.
"""
# mypy: ignore-errors

import ast
import collections
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
        self.revert = Earlier(order).revert
        self.open = {}  # by test whose cause is not known yet: the definitions without which it was not tried
        self.met, self.explained = {}, set()  # all that each of them ran of the changes; those of tests that passed
        self.tried, self.helped = Counter(), Counter()
        places = {name: {(path, line) for line in lines} for name, (path, lines, *_) in order["definitions"].items()}
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
    """What functions were before, as far as they are in memory and have a counterpart in their earlier source."""

    def __init__(self, order):
        self.root, self.definitions = order["root"], order["definitions"]
        self.live = {}  # by path: the functions in memory

    def functions(self, path):
        if path not in self.live:
            place = os.path.realpath(os.path.join(self.root, path))
            self.live[path] = []
            for module in list(sys.modules.values()):
                file = str(attributes(module).get("__file__"))
                if os.path.basename(file) == os.path.basename(path) and os.path.realpath(file) == place:
                    self.live[path].extend(within(vars(module), module.__name__))
        return self.live[path]

    def revert(self, definition):
        """The function is what it was; gives what `restore` needs, nothing where it cannot be."""
        path, _, first, source, earlier = self.definitions[definition]
        undo = []
        try:
            now, before = heads(ast.parse(source)), compiled(ast.parse(earlier), path)
            shift = first - min((line for (_, line) in now), default=first)
            for function in self.functions(path) if source != earlier else ():
                code = function.__code__
                if (code.co_name, code.co_firstlineno - shift) in now:
                    key, head = now[code.co_name, code.co_firstlineno - shift]
                    undo.append((function, code, function.__defaults__, function.__kwdefaults__))
                    give(function, head, *before[key])
        except Exception:  # it is new, closes over other variables, or its defaults cannot be had here
            restore(undo)
            return None
        return undo


def attributes(each):
    """Its own, without asking it."""
    try:
        look = type.__getattribute__ if issubclass(type(each), type) else object.__getattribute__
        return dict(look(each, "__dict__"))
    except (AttributeError, TypeError, ValueError):
        return {}


def within(names, module):
    """The functions that a namespace holds: in classes of its own, behind decorators, in what functions close over."""
    found, seen, waiting = [], set(), list(names.values())
    while waiting:
        each = waiting.pop()
        if id(each) in seen:
            continue
        seen.add(id(each))
        kind = type(each)  # not what a proxy says of itself: asking one may wake what it stands for
        if issubclass(kind, types.FunctionType):
            found.append(each)
            waiting += [cell.cell_contents for cell in each.__closure__ or () if cell != types.CellType()]
        elif issubclass(kind, type) and attributes(each).get("__module__") == module:
            waiting += attributes(each).values()
        elif issubclass(kind, property):
            waiting += [each.fget, each.fset, each.fdel]
        elif issubclass(kind, (staticmethod, classmethod)):
            waiting.append(each.__func__)
        elif issubclass(kind, (functools.partial, functools.cached_property)):
            waiting.append(each.func)
        waiting.append(attributes(each).get("__wrapped__"))
    return found


def heads(tree):
    """By name and first line, each function's key, the qualified name and which of that name it is, and its node."""
    found, seen, waiting = {}, Counter(), collections.deque([("", tree)])
    while waiting:
        prefix, node = waiting.popleft()
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            first = min([node.lineno] + [decorator.lineno for decorator in node.decorator_list])
            found[node.name, first] = (prefix + node.name, seen[prefix + node.name]), node
            seen[prefix + node.name] += 1
        prefix += node.name + "." if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)) else ""
        waiting += [(prefix, child) for child in ast.iter_child_nodes(node) if not isinstance(child, ast.expr)]
    return found


def compiled(tree, path):
    """By key, the code and node of each function."""
    codes = {
        (code.co_name, code.co_firstlineno): code for code in inner(compile(tree, path, "exec", dont_inherit=True))
    }
    return {key: (codes[place], node) for place, (key, node) in heads(tree).items() if place in codes}


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
