"""The recorder: a pytest plugin in one file that writes a journal of one JSON line per event.

It is copied into the private folder of a run and loaded with `-p gardener_recorder` by the interpreter of the tests,
so it needs nothing but pytest and keeps to the syntax of Python 3.8. Whatever goes wrong in here is swallowed: a
recorder that breaks must not break the tests. On xdist the controller records; of the workers only the first one
adds what the controller cannot see, the collection.
"""
# mypy: ignore-errors

import faulthandler
import fnmatch
import functools
import inspect
import json
import logging
import os
import platform
import signal
import sys
import time
import traceback

import pytest

LIMIT = 64 * 1024  # characters kept of one text, half of them from its end
LOGS = 300  # different log lines kept
CHUNK = 500  # tests per line of the collection
# option, the value that hides nothing, what the repository's own options say with another one
NEUTRAL = (
    ("maxfail", 0, "--maxfail or -x: stop at the first failures"),
    ("stepwise", False, "--stepwise: stop at the first failure"),
    ("lf", False, "--last-failed: leave tests out"),
    ("collectonly", False, "--collect-only: run nothing"),
    ("tbstyle", "auto", "--tb: shorten the tracebacks"),
    ("disable_warnings", False, "--disable-warnings: hide warnings"),
    ("capture", "fd", "-s: do not keep the output of tests"),
)


def kept(text):
    """Head and tail of a long text, cut at line ends or blanks, so that no half of a secret is left at the cut."""
    if len(text) <= LIMIT:
        return text
    head, tail = text[: LIMIT // 2], text[-LIMIT // 2 :]
    head = head[: head.rfind("\n" if "\n" in head else " ") + 1]
    start = tail.find("\n" if "\n" in tail else " ")
    tail = tail[start:] if start >= 0 else ""
    return "%s[... %d characters left out ...]%s" % (head, len(text) - len(head) - len(tail), tail)


def sections_of(report):
    return [[name, kept(text)] for name, text in report.sections]


class Journal:
    """Appends events, one write each. What it calls is bound early: tests patch `os`, `json` and `open`."""

    def __init__(self, path):
        self.path = path
        self.pid = os.getpid()
        self.open()

    def open(self, _open=os.open, _flags=os.O_WRONLY | os.O_APPEND | os.O_CREAT):
        self.fd = _open(self.path, _flags, 0o600)

    def write(self, event, _dumps=json.dumps, _write=os.write, _getpid=os.getpid, **fields):
        if _getpid() != self.pid:  # a forked child that found its way back into pytest
            return
        data = (_dumps(dict(fields, e=event), default=str) + "\n").encode("ascii")
        try:
            _write(self.fd, data)
        except OSError:  # a test that closed every descriptor
            self.open()
            _write(self.fd, data)


def hook(**options):
    """Makes a method a hook that never raises; pluggy finds its arguments through `wraps` or the signature."""

    def wrap(act):
        @functools.wraps(act)
        def quiet(*args, **kwargs):
            try:
                return act(*args, **kwargs)
            except Exception:
                return None

        quiet.__signature__ = inspect.signature(act)
        return pytest.hookimpl(**options)(quiet)

    return wrap


class Recorder:
    """The hooks. `plan` is what the launcher wrote down for this run."""

    def __init__(self, plan):
        self.plan = plan
        self.journal = Journal(plan["journal"])
        worker = os.environ.get("PYTEST_XDIST_WORKER", "")
        self.loud = not worker  # the controller, or the only process
        self.first = worker in ("", "gw0")  # sees the collection
        self.collecting = True
        self.early = ()
        self.modules = []
        self.logs = set()
        if hasattr(signal, "SIGUSR1"):  # the launcher asks where a hanging test stands, before it ends it
            faulthandler.register(signal.SIGUSR1, file=os.dup(2), all_threads=True)

    # --- beginning -------------------------------------------------------------------------------------------------

    @pytest.hookimpl(hookwrapper=True, tryfirst=True)
    def pytest_load_initial_conftests(self, early_config, parser):
        self.boot(early_config, parser)
        outcome = yield
        if outcome.excinfo is not None:
            self.conftest_failed(outcome.excinfo[1], early_config)

    @hook()
    def boot(self, config, parser):
        if self.loud:
            self.journal.write(
                "boot",
                at=time.time(),
                python=platform.python_version(),
                pytest=pytest.__version__,
                platform=platform.platform(),
                root=str(getattr(config, "rootpath", None) or config.rootdir),
            )
        self.listen()
        known = config.known_args_namespace
        if getattr(known, "capture", "fd") != "fd" and not self.asked(config, parser, "capture", "fd"):
            known.capture = "fd"

    @hook()
    def conftest_failed(self, error, config):
        """An initial conftest that cannot be imported ends pytest before there is a session."""
        cause = getattr(error, "cause", None) or error.__cause__ or error
        path = str(getattr(error, "path", None) or "conftest.py")
        lines = traceback.format_exception(type(cause), cause, cause.__traceback__)
        node = os.path.relpath(path, str(config.rootpath)).replace(os.sep, "/")
        self.journal.write("collect", node=node, outcome="failed", longrepr=kept("".join(lines)))

    def asked(self, config, parser, option, neutral):
        """Whether the command line itself, not the repository's own options, asked for something else."""
        mine = parser.parse_known_args([str(arg) for arg in config.invocation_params.args])
        return (getattr(mine, option, None) or neutral) != neutral

    @hook(tryfirst=True)
    def pytest_configure(self, config):
        """Also on workers, for each of them reads the repository's own options again."""
        if self.plan["report"] and hasattr(config.option, "json_report"):
            config.option.json_report = True
            config.option.json_report_file = self.plan["report"]
            config.option.json_report_omit = ["streams"]  # unbounded; the journal keeps head and tail of them
            config.option.json_report_summary = False
        elif self.plan["report"]:
            self.note("pytest-json-report is installed, but the repository's own options switch it off")
        for option, neutral, words in NEUTRAL:
            value = getattr(config.option, option, neutral) or neutral  # some pytests say None for 0
            before = getattr(config.known_args_namespace, option, neutral) or neutral
            if value == neutral and before == neutral or value in ("long", "short"):
                continue
            if self.asked(config, config._parser, option, neutral):
                self.note("obeyed, as the command line asks for it: " + words)
            else:
                setattr(config.option, option, neutral)
                self.note("neutralised, from the repository's own options: " + words)
        for name in ("logging", "warnings"):
            if config.pluginmanager.is_blocked(name):
                self.note("the repository's own options switch off pytest's plugin " + name)
        if self.plan["test_timeout_s"] and not hasattr(config.option, "timeout"):
            self.note("no time limit for single tests: pytest-timeout is not there")
        elif self.plan["test_timeout_s"] and not config.option.timeout:
            config.option.timeout = self.plan["test_timeout_s"]

    def note(self, text):
        if self.loud:
            self.journal.write("note", text=text)

    def listen(self):
        """Log lines of level WARNING: those printed while conftests and modules load stand in no report."""
        pass_on = logging.Logger.callHandlers

        def hear(logger, record):
            if record.levelno >= logging.WARNING:
                self.logged(record)
            return pass_on(logger, record)

        logging.Logger.callHandlers = hear

    @hook()
    def logged(self, record):
        message = kept(record.getMessage())
        known = (record.name, record.levelno, message)
        if not (self.loud or (self.first and self.collecting)) or known in self.logs or len(self.logs) >= LOGS:
            return
        self.logs.add(known)
        fields = {"logger": record.name, "level": record.levelname, "file": record.pathname, "line": record.lineno}
        self.journal.write("log", message=message, **fields)

    @hook(tryfirst=True)
    def pytest_collection(self, session):
        """What was printed while conftests load is given back: pytest shows it with the first file."""
        capture = session.config.pluginmanager.getplugin("capturemanager")
        out, err = capture.read_global_capture()
        if not (out or err):
            return
        capture.resume_global_capture()
        print(out, end="")
        print(err, end="", file=sys.stderr)
        capture.suspend_global_capture()
        files = [getattr(plugin, "__file__", None) or "" for plugin in session.config.pluginmanager.get_plugins()]
        conftests = [file for file in files if os.path.basename(file) == "conftest.py"]
        self.early = self.printed(conftests[0] if len(conftests) == 1 else "conftest.py", out + "\n" + err)

    def printed(self, file, text):
        lines = [line for line in text.splitlines() if "warn" in line.lower() and line not in self.early]
        if self.first and lines:
            self.journal.write("printed", file=file, text=kept("\n".join(lines)))
        return lines

    # --- collection ------------------------------------------------------------------------------------------------

    @hook()
    def pytest_collectreport(self, report):
        node = report.nodeid
        if report.outcome == "passed":
            self.printed(node, "\n".join(text for _, text in report.sections))
            if node.endswith(".py") and os.path.basename(node) != "__init__.py":
                self.modules.append(node)
        elif self.loud or (self.first and report.outcome == "skipped"):
            text = report.longrepr
            if report.outcome == "skipped" and isinstance(text, tuple):
                text = text[2]
            fields = {"longrepr": kept(str(text)), "sections": sections_of(report)}
            self.journal.write("collect", node=node, outcome=report.outcome, **fields)

    @hook(tryfirst=True)
    def pytest_collection_modifyitems(self, session, config, items):
        """Says which files are empty, then leaves out what is blocked, not matched, or not to be run again."""
        filled = {item.nodeid.split("::")[0] for item in items}
        given = {str(arg).split("::")[0].replace(os.sep, "/") for arg in config.args}
        for node in self.modules:
            name = os.path.basename(node)
            named = name.startswith("test_") or name.endswith("_test.py") or any(arg.endswith(node) for arg in given)
            if self.first and named and node not in filled:
                self.journal.write("empty", file=node)
        match, only = self.plan["match"], set(self.plan["only"])
        left, out = [], []
        for item in items:
            wanted = (not only or item.nodeid in only) and (not match or any(matches(item, word) for word in match))
            check = next((entry["check"] for entry in self.plan["blocked"] if blocked(item, entry["selectors"])), None)
            if wanted and check is not None and self.first:
                self.journal.write("blocked", node=item.nodeid, check=check)
            (left if wanted and check is None else out).append(item)
        if out:
            items[:] = left
            config.hook.pytest_deselected(items=out)

    @hook()
    def pytest_deselected(self, items):
        if self.first:
            self.journal.write("deselected", count=len(items))

    @hook(trylast=True)
    def pytest_collection_finish(self, session):
        self.collecting = False
        if self.first:
            self.selected([item.nodeid for item in getattr(session, "items", ())])

    @hook(optionalhook=True)
    def pytest_xdist_node_collection_finished(self, node, ids):
        self.selected(list(ids))

    def selected(self, nodes):
        for at in range(0, len(nodes), CHUNK):
            self.journal.write("items", nodes=nodes[at : at + CHUNK])

    # --- tests -----------------------------------------------------------------------------------------------------

    @hook(tryfirst=True)
    def pytest_runtest_logstart(self, nodeid, location):
        if self.loud:
            self.journal.write("begin", node=nodeid)

    @hook(tryfirst=True)
    def pytest_runtest_logreport(self, report):
        if not self.loud:
            return
        fields = {"node": report.nodeid, "when": report.when, "outcome": report.outcome}
        fields["seconds"] = round(getattr(report, "duration", 0.0), 6)
        if hasattr(report, "wasxfail"):
            fields["wasxfail"] = str(report.wasxfail)
        if report.outcome == "skipped" and isinstance(report.longrepr, tuple):
            fields["reason"] = kept(str(report.longrepr[2]))
        elif report.outcome != "passed":
            fields["longrepr"] = kept(getattr(report, "longreprtext", None) or str(report.longrepr or ""))
            fields["sections"] = sections_of(report)
        self.journal.write("phase", **fields)

    @hook(optionalhook=True)
    def pytest_warning_recorded(self, warning_message, nodeid):
        if self.loud:
            fields = {"file": warning_message.filename, "line": warning_message.lineno, "node": nodeid}
            text = kept(str(warning_message.message))
            self.journal.write("warning", category=warning_message.category.__name__, message=text, **fields)

    # --- end -------------------------------------------------------------------------------------------------------

    @hook(tryfirst=True)
    def pytest_internalerror(self, excrepr):
        if self.loud:
            self.journal.write("internal", text=kept(str(excrepr)))

    @hook(tryfirst=True)
    def pytest_keyboard_interrupt(self, excinfo):
        if self.loud:
            self.journal.write("interrupt", kind=excinfo.typename, text=kept(str(excinfo.value)))

    @hook(trylast=True)
    def pytest_sessionfinish(self, session, exitstatus):
        if self.loud:
            self.journal.write("finish", status=int(exitstatus), at=time.time())


def matches(item, word):
    """A glob over the node id, or words in it, or the name of a marker; upper and lower case are one."""
    word, node = word.lower(), item.nodeid.lower()
    marked = any(word == mark.name.lower() for mark in item.iter_markers())
    return fnmatch.fnmatchcase(node, word) or word in node or marked


def blocked(item, selectors):
    """Whether a test needs what preflight found missing: `marker:docker`, `fixture:db`, `path:tests/e2e`, a node id."""
    named = {".", item.nodeid} | {"marker:" + mark.name for mark in item.iter_markers()}
    named |= {"fixture:" + name for name in getattr(item, "fixturenames", ())}
    paths = [(name[5:] if name.startswith("path:") else name).rstrip("/") for name in selectors]
    below = tuple(path + mark for path in paths for mark in ("/", "::", "["))
    return not named.isdisjoint([*selectors, *paths]) or item.nodeid.startswith(below)


if "GARDENER_RECORDER" in os.environ:
    with open(os.environ["GARDENER_RECORDER"], encoding="utf-8") as _plan:
        recorder = Recorder(json.load(_plan))
    globals().update({name: getattr(recorder, name) for name in dir(recorder) if name.startswith("pytest_")})
