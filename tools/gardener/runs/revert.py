"""Puts changed functions back to what they were, one at a time, in the running process: the cause that is taken away.

Run by the spectrum, and like it nothing but the standard library and the syntax of Python 3.8.
"""
# mypy: ignore-errors

import ast
import gc
import os
import types
from collections import Counter

PROBES, MORE = 4, 20  # tests that are tried without a definition at once: before it is known to help, and after
LIKELY = 0.7  # promise of one that is known to help


class Trial:
    """Which failing tests are tried without which of the changed definitions that they ran, the most promising first.

    `ran`: by test the (path, line) that it ran itself, and those that shared fixtures ran, which are not set up anew.
    """

    def __init__(self, order, ran):
        self.order = order
        self.earlier = None
        self.open = {}  # by test whose cause is not known yet: the definitions without which it was not tried
        self.tried, self.helped = Counter(), Counter()
        places = {name: {(path, line) for line in lines} for name, (path, lines) in order["definitions"].items()}
        for node, (own, shared) in ran.items():
            met = [name for name, lines in places.items() if lines & (own | shared)]
            if len(met) > 1:
                self.open[node] = [name for name in met if not places[name] & shared]
            else:
                self.helped.update(met)

    def rounds(self):
        """A definition, and tests to be tried without it; `note` what comes of each."""
        while True:
            waiting = {}
            for node, names in self.open.items():
                for name in names:
                    waiting.setdefault(name, []).append(node)
            if not waiting:
                return
            name = max(waiting, key=lambda each: (self.promise(each), len(waiting[each])))
            nodes = waiting[name][: MORE if self.promise(name) > LIKELY else PROBES]
            for node in nodes:
                self.open[node].remove(name)
            yield name, nodes

    def promise(self, name):
        """The rate at which its absence helped, by the rule of succession."""
        return (self.helped[name] + 1) / (max(self.tried[name], self.helped[name]) + 2)

    def note(self, name, node, passed):
        self.tried[name] += 1
        if passed:
            self.helped[name] += 1
            del self.open[node]

    def revert(self, name):
        """What `restore` needs to undo it; empty where the definition cannot be put back."""
        if self.earlier is None:
            self.earlier = Earlier(self.order["root"], self.order["texts"])
        return self.earlier.revert(name)


def restore(undo):
    for function, code, defaults, keywords in undo or ():
        function.__code__, function.__defaults__, function.__kwdefaults__ = code, defaults, keywords


class Earlier:
    """What functions were in earlier `texts`, by path below `root`. What has no counterpart there cannot be put back."""

    def __init__(self, root, texts):
        self.live, self.now, self.before = {}, {}, {}
        for path, text in texts.items():
            try:
                with open(os.path.join(root, path), "rb") as file:
                    self.now[path] = {each.place: each for each in functions(file.read(), path)}
                self.before[path] = {each.key: each for each in functions(text, path)}
            except (OSError, SyntaxError, ValueError):
                continue
        files = {os.path.realpath(os.path.join(root, path)): path for path in self.before}
        known = {}
        for each in gc.get_objects():
            if type(each) is types.FunctionType:
                name = each.__code__.co_filename
                if name not in known:
                    known[name] = files.get(os.path.realpath(name))
                if known[name]:
                    self.live.setdefault(known[name], []).append(each)

    def revert(self, definition):
        path, _, name = definition.partition("::")
        undo = []
        for function in self.live.get(path, ()):
            now = self.now[path].get((function.__code__.co_name, function.__code__.co_firstlineno))
            if now and f"{now.name}.".startswith(f"{name}."):
                undo.append((function, function.__code__, function.__defaults__, function.__kwdefaults__))
                try:
                    self.before[path][now.key].give(function, now)
                except Exception:  # it is new, closes over other variables, or its defaults cannot be had here
                    restore(undo)
                    return None
        return undo


class Text:
    """A function of a text: `number` tells those of one name apart."""

    def __init__(self, name, number, code, arguments):
        self.name, self.key, self.code, self.arguments = name, (name, number), code, arguments
        self.place = (code.co_name, code.co_firstlineno)

    def give(self, function, now):
        function.__code__ = self.code
        if ast.dump(self.arguments) != ast.dump(now.arguments):
            function.__defaults__ = tuple(value(each, function) for each in self.arguments.defaults) or None
            names = zip(self.arguments.kwonlyargs, self.arguments.kw_defaults)
            function.__kwdefaults__ = {name.arg: value(each, function) for name, each in names if each} or None


def value(default, function):
    return eval(compile(ast.Expression(default), "<default>", "eval"), function.__globals__)


def functions(text, path):
    """All of a file; those in functions are called `outer.inner`."""
    tree, seen = ast.parse(text, path), Counter()
    defs = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    heads = {(node.name, first_line(node)): node.args for node in defs}
    for name, code in inner(compile(tree, path, "exec", dont_inherit=True), ""):
        if (code.co_name, code.co_firstlineno) in heads:
            yield Text(name, seen[name], code, heads[code.co_name, code.co_firstlineno])
            seen[name] += 1


def first_line(node):
    return min([node.lineno] + [decorator.lineno for decorator in node.decorator_list])


def inner(code, prefix):
    for const in code.co_consts:
        if isinstance(const, types.CodeType):
            yield prefix + const.co_name, const
            yield from inner(const, prefix + const.co_name + ".")
