"""The spectrum: a pytest plugin in one file that notes which of the changed lines of a repository each test ran.

Like the recorder it is copied into the private folder of a run and loaded with `-p` by the interpreter of the tests:
nothing but pytest, and the syntax of Python 3.8. The plan names the lines by file; for each test it writes one JSON
line {"node": …, "ran": {path: [lines]}}. On xdist every worker writes for its own tests.
"""
# mypy: ignore-errors

import dis
import functools
import json
import os
import sys
import threading
import unittest.case

import pytest

# what writes down a failure calls the product's own __repr__ and the like: that is not the test's doing
REPORTING = (
    *(("_pytest.assertion.rewrite", name) for name in ("_saferepr", "_call_reprcompare", "_format_assertmsg")),
    *(("unittest.case", name) for name in ("safe_repr", "_common_shorten_repr")),
)


class Watch:
    """What the test at hand ran so far, in every thread of it."""

    def __init__(self, plan):
        self.root = os.path.realpath(plan["root"]) + os.sep
        self.lines = {path: frozenset(lines) for path, lines in plan["lines"].items()}
        self.files = {}
        self.muted = False
        self.known = {}  # by id, for code objects compare by their content; each is kept, so that no id comes twice
        self.ran = set()

    def wanted(self, code):
        """(path, wanted lines in it) of a function; None where none of its lines is of interest."""
        if id(code) not in self.known:
            self.known[id(code)] = (self.look(code), code)
        return self.known[id(code)][0]

    def look(self, code):
        if code.co_filename not in self.files:
            name = os.path.realpath(code.co_filename)
            path = name[len(self.root) :].replace(os.sep, "/") if name.startswith(self.root) else ""
            self.files[code.co_filename] = (path, self.lines.get(path, frozenset()))
        path, lines = self.files[code.co_filename]
        if not lines:
            return None
        lines = lines.intersection({line for _, line in dis.findlinestarts(code)} | {code.co_firstlineno})
        return (path, lines) if lines else None

    def entered(self, code):
        """Whether the lines of a function are to be followed: not when there is nothing more to learn."""
        found = None if self.muted else self.wanted(code)
        if found is None:
            return False
        self.reached(code, code.co_firstlineno)
        return any((found[0], line) not in self.ran for line in found[1])

    def reached(self, code, line):
        path, lines = self.wanted(code)
        if line in lines and not self.muted:
            self.ran.add((path, line))


class Traced(Watch):
    """By `sys.settrace`: line by line only in functions that changed, and only while there is more to learn."""

    def start(self):
        threading.settrace(self.call)
        sys.settrace(self.call)

    def stop(self):
        sys.settrace(None)
        threading.settrace(None)

    def again(self):
        """Everything may be told anew: nothing is switched off here."""

    def call(self, frame, event, arg):
        return self.step if self.entered(frame.f_code) else None

    def step(self, frame, event, arg):
        if event == "line":
            self.reached(frame.f_code, frame.f_lineno)
        return self.step


class Monitored(Watch):
    """By `sys.monitoring`, Python 3.12 and later: each function and line is told once, then switched off."""

    def __init__(self, plan, monitoring, tool):
        Watch.__init__(self, plan)
        self.monitoring, self.tool, self.events = monitoring, tool, monitoring.events
        monitoring.use_tool_id(tool, "gardener")
        monitoring.register_callback(tool, self.events.PY_START, self.begun)
        monitoring.register_callback(tool, self.events.LINE, self.stepped)

    def start(self):
        self.monitoring.set_events(self.tool, self.events.PY_START)
        self.again()

    def stop(self):
        self.monitoring.set_events(self.tool, 0)

    def again(self):
        self.monitoring.restart_events()

    def begun(self, code, offset):
        if self.entered(code):
            self.monitoring.set_local_events(self.tool, code, self.events.LINE)
        return None if self.muted else self.monitoring.DISABLE

    def stepped(self, code, line):
        self.reached(code, line)
        return None if self.muted else self.monitoring.DISABLE


def watch_for(plan):
    monitoring = getattr(sys, "monitoring", None)
    free = [tool for tool in (4, 3, 5) if monitoring.get_tool(tool) is None] if monitoring else []
    return Monitored(plan, monitoring, free[0]) if free else Traced(plan)


class Spectrum:
    """The hooks. What a shared fixture ran counts for every test that uses it."""

    def __init__(self, plan):
        self.watch = watch_for(plan)
        self.output = os.open(plan["output"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        self.shared = {}

    @pytest.hookimpl(hookwrapper=True)  # before the hooks of other plugins
    def pytest_load_initial_conftests(self, early_config):
        """Coverage traces too, and would write its report over that of the real run."""
        for module, name in REPORTING:
            function = getattr(sys.modules.get(module), name, None)
            if function is not None:
                setattr(sys.modules[module], name, self.quietly(function))
        early_config.known_args_namespace.cov_source = None
        yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        self.watch.ran = set()
        self.watch.start()
        yield
        self.watch.stop()
        self.write(item)

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self):
        self.watch.muted = True
        yield
        self.watch.muted = False

    def quietly(self, function):
        @functools.wraps(function)
        def unwatched(*args, **kwargs):
            before, self.watch.muted = self.watch.muted, True
            try:
                return function(*args, **kwargs)
            finally:
                self.watch.muted = before

        return unwatched

    @pytest.hookimpl(hookwrapper=True)
    def pytest_fixture_setup(self, fixturedef):
        if fixturedef.scope == "function":
            yield
            return
        before, self.watch.ran = self.watch.ran, set()
        self.watch.again()
        yield
        self.shared[id(fixturedef)] = (fixturedef, self.watch.ran)
        self.watch.ran = before | self.watch.ran
        self.watch.again()

    def write(self, item):
        ran = set(self.watch.ran)
        known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
        for fixture in (each for found in known.values() for each in found):
            ran.update(self.shared.get(id(fixture), (None, ()))[1])
        by_path = {}
        for path, line in sorted(ran):
            by_path.setdefault(path, []).append(line)
        os.write(self.output, (json.dumps({"node": item.nodeid, "ran": by_path}) + "\n").encode("ascii"))


if "GARDENER_SPECTRUM" in os.environ:
    with open(os.environ["GARDENER_SPECTRUM"], encoding="utf-8") as _plan:
        spectrum = Spectrum(json.load(_plan))
    globals().update({name: getattr(spectrum, name) for name in dir(spectrum) if name.startswith("pytest_")})
