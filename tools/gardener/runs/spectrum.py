"""The spectrum: a pytest plugin in one file that notes which of the changed lines of a repository each test ran.

Like the recorder it is copied into the private folder of a run and loaded with `-p` by the interpreter of the tests:
nothing but pytest, and the syntax of Python 3.8. An order names the lines by file; for each test one JSON line is
written: {"node": …, "ran": {path: [lines]}, "failed": [[phase, exception]]}. The order is there from the start, for all
tests of the process, or it comes when the tests have run: then a fork of the process, in which everything is loaded,
runs the ones that it names again, while the process itself ends as if nothing were. On xdist every worker writes for
its own tests, and none stays.
"""
# mypy: ignore-errors

import collections
import dis
import functools
import json
import os
import runpy
import sys
import threading
import time
import unittest.case

import pytest

# what writes down a failure calls the product's own __repr__ and the like: that is not the test's doing
REPORTING = (
    *(("_pytest.assertion.rewrite", name) for name in ("_saferepr", "_call_reprcompare", "_format_assertmsg")),
    *(("unittest.case", name) for name in ("safe_repr", "_common_shorten_repr")),
)
FAILING, TRYING = 0.45, 0.9  # of the time: until then tests that failed are watched, and tried


class Watch:
    """What the test at hand ran so far, in every thread of it."""

    def __init__(self, plan):
        self.root = os.path.realpath(plan["root"]) + os.sep
        self.lines = {path: frozenset(lines) for path, lines in plan["lines"].items()}
        self.files = {}
        self.muted = False
        self.known = {}  # by id, for code objects compare by their content; each is kept, so that no id comes twice
        self.idle = set()  # the ids of those that are of no interest
        self.ran = set()

    def wanted(self, code):
        """(path, wanted lines in it) of a function; None where none of its lines is of interest."""
        if id(code) not in self.known:
            self.known[id(code)] = (self.look(code), code)
            if self.known[id(code)][0] is None:
                self.idle.add(id(code))
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
        return self.step if id(frame.f_code) not in self.idle and self.entered(frame.f_code) else None

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
        self.plan = plan
        self.watch = None
        self.failed = []
        self.ran = {}  # by test that failed: the lines it ran, and those that shared fixtures ran
        self.shared = {}
        self.without = ""  # the definition that is what it was before
        self.began = self.collected_s = self.failing_s = 0.0
        if "lines" in plan:
            self.arm(plan)

    def arm(self, order):
        for module, name in REPORTING:
            function = getattr(sys.modules.get(module), name, None)
            if function is not None:
                setattr(sys.modules[module], name, self.quietly(function))
        self.watch = watch_for(order)
        self.output = os.open(order["output"], os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    @pytest.hookimpl(hookwrapper=True)  # before the hooks of other plugins
    def pytest_load_initial_conftests(self, early_config):
        """Coverage traces too, and would write its report over that of the real run."""
        if self.watch:
            early_config.known_args_namespace.cov_source = None
        yield

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item):
        self.failed = []
        if not self.watch:
            began = time.time()
            yield
            self.failing_s += time.time() - began if self.failed else 0.0
            return
        if self.without:
            yield
            return
        self.watch.ran = set()
        yield
        self.write(item)

    @pytest.hookimpl(hookwrapper=True, trylast=True)  # within the hooks of other plugins: theirs would only cost time
    def pytest_runtest_setup(self):
        yield from self.watching()

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_call(self):
        yield from self.watching()

    @pytest.hookimpl(hookwrapper=True, trylast=True)
    def pytest_runtest_teardown(self):
        yield from self.watching()

    def watching(self):
        if self.watch and not self.without:
            self.watch.start()
        yield
        if self.watch:
            self.watch.stop()

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtest_makereport(self, item, call):
        if self.watch:
            self.watch.muted = True
        outcome = yield
        if self.watch:
            self.watch.muted = False
        if outcome.get_result().outcome != "passed":
            self.failed.append([call.when, call.excinfo.typename if call.excinfo else ""])

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
        if not self.watch or fixturedef.scope == "function":
            yield
            return
        before, self.watch.ran = self.watch.ran, set()
        self.watch.again()
        yield
        self.shared[id(fixturedef)] = (fixturedef, self.watch.ran)
        self.watch.ran = before | self.watch.ran
        self.watch.again()

    def write(self, item):
        ran, of_fixtures = set(self.watch.ran), set()
        known = getattr(getattr(item, "_fixtureinfo", None), "name2fixturedefs", {})
        for fixture in (each for found in known.values() for each in found):
            of_fixtures.update(self.shared.get(id(fixture), (None, ()))[1])
        if self.failed:
            self.ran[item.nodeid] = (ran, of_fixtures)
        by_path = {}
        for path, line in sorted(ran | of_fixtures):
            by_path.setdefault(path, []).append(line)
        self.tell(node=item.nodeid, ran=by_path, failed=self.failed)

    def tell(self, **told):
        os.write(self.output, (json.dumps(told) + "\n").encode("ascii"))

    # --- staying ---------------------------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_collection(self):
        self.began = time.time()
        yield
        self.collected_s = time.time() - self.began

    @pytest.hookimpl(tryfirst=True)
    def pytest_collection_modifyitems(self, items):
        self.items = list(items)  # also those that are not to run now

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_runtestloop(self, session):
        outcome = yield
        if "stay" in self.plan and outcome.excinfo is None and session.testsfailed > 1 and may_fork(session.config):
            pid = os.fork()
            if not pid:
                self.stay(session)
            start_s = self.began - self.plan["at"]
            told = {"pid": pid, "start_s": start_s, "collect_s": self.collected_s, "failing_s": self.failing_s}
            with open(os.path.join(self.plan["stay"], "ready.json"), "w") as file:
                json.dump(told, file)

    def stay(self, session):
        """In the fork: wait for the order, carry it out, and go without a word to anybody."""
        try:
            order = self.awaited()
            session.config.pluginmanager.register(Silently())
            session.config.option.tbstyle = "no"  # nobody reads tracebacks here, and they cost more than most tests
            self.arm(order)
            self.carry_out(order)
        finally:
            os._exit(0)

    def carry_out(self, order):
        """Watch what failed, try it without each change that it ran, watch the rest, and compare with what passed."""
        items = {item.nodeid: item for item in self.items}
        kinds = ([items[node] for node in order[kind] if node in items] for kind in ("failing", "passing"))
        failing, passing = map(collections.deque, kinds)
        start = time.monotonic()
        watched, tried, over = (start + part * order["seconds"] for part in (FAILING, TRYING, 1))
        list(self.run(failing, watched))
        revert = runpy.run_path(order["revert"])
        trial = revert["Trial"](order, self.ran)
        for self.without, nodes in trial.rounds():
            undo = trial.revert(self.without) if time.monotonic() < tried else None
            for node in self.run(collections.deque(items[node] for node in nodes), tried) if undo else ():
                trial.note(self.without, node, not self.failed)
                self.tell(node=node, without=self.without, passed=not self.failed)
            revert["restore"](undo)
        self.without = ""
        list(self.run(failing, over))
        list(self.run(passing if trial.open else collections.deque(), over))

    def run(self, items, until):
        """The tests in turn while there is time, each named when it ended; what the next one needs stays set up."""
        item = items.popleft() if items and time.monotonic() < until else None
        while item is not None:
            following = items.popleft() if items and time.monotonic() < until else None
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=following)
            yield item.nodeid
            item = following

    def awaited(self):
        """The order; none comes when the folder is gone, or who would give it."""
        file = os.path.join(self.plan["stay"], "order.json")
        while not os.path.exists(file):
            os.kill(self.plan["owner"], 0)
            os.stat(self.plan["stay"])
            time.sleep(0.01)
        with open(file, encoding="utf-8") as source:
            return json.load(source)


class Silently:
    """Runs a test in the place of pytest's own runner, without the reports that other plugins would count or print."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_protocol(self, item, nextitem):
        sys.modules["_pytest.runner"].runtestprotocol(item, log=False, nextitem=nextitem)
        return True


def may_fork(config):
    """Only where no thread of Python would be missing afterwards, and where the tests run in this process."""
    alone = len(sys._current_frames()) == 1
    return (
        sys.platform.startswith("linux")
        and alone
        and not config.pluginmanager.hasplugin("dsession")
        and "PYTEST_XDIST_WORKER" not in os.environ
    )


if "GARDENER_SPECTRUM" in os.environ:
    with open(os.environ["GARDENER_SPECTRUM"], encoding="utf-8") as _plan:
        spectrum = Spectrum(json.load(_plan))
    globals().update({name: getattr(spectrum, name) for name in dir(spectrum) if name.startswith("pytest_")})
