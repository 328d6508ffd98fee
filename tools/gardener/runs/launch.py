"""Runs pytest in the tests' own environment, with the recorder, and says what was left behind."""

import contextlib
import fnmatch
import json
import os
import shlex
import shutil
import signal
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gardener import proc
from gardener.model.errors import NoTestRunner, StoreError
from gardener.model.focus import Focus
from gardener.model.run import Ending, Launched, Preflight, moment
from gardener.model.text import Redactor, names_secret
from gardener.runs.selection import Selection, select

PREFIX = "gardener-run-"
RECORDER = "gardener_recorder"
SPECTRUM = "gardener_spectrum"
TAIL = 16 * 1024  # characters of the console's end that stand for what no report tells
_ABANDONED_S = 24 * 3600.0  # a folder that names no owner
_PROBE = """
import json, sys
from importlib.metadata import PackageNotFoundError, version
found = {"python": "%d.%d.%d" % sys.version_info[:3]}
for name in ("pytest", "pytest-json-report"):
    try:
        found[name] = version(name)
    except PackageNotFoundError:
        pass
print(json.dumps(found))
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What to run a focus with. `environ` is the environment that the tests' own is made from."""

    root: Path
    python: str
    environ: Mapping[str, str]
    arguments: tuple[str, ...] = ()  # the user's own, after `--`
    rerun: tuple[str, ...] = ()  # node ids that are run alone
    watched: Mapping[str, Sequence[int]] = field(default_factory=dict)  # lines by path: which test runs which of them
    stay: str = ""  # a private folder where the tests' process waits for an order when tests failed; "": it ends
    preflight: Preflight = field(default_factory=Preflight)  # whose blocking checks keep tests from running
    pass_env: tuple[str, ...] = ()  # globs over names: secrets that the tests may have
    timeout_s: float | None = None  # instead of the focus's own
    every_s: float = 30.0  # between two lines of progress
    redactor: Redactor = field(default_factory=Redactor)


def launch(order: Order, focus: Focus, say: Callable[[str], None]) -> Launched:
    """Run a focus to its end or its time limit. NoTestRunner when the interpreter has no pytest.

    Everything lies in a private folder that the caller removes with `remove` once it was read.
    """
    sweep()
    environ, withheld = child_environment(order.environ, order.pass_env)
    json_report = probe(order.python, order.root, environ)
    selection = select(focus, order.rerun)
    limit = focus.timeout_s if order.timeout_s is None else order.timeout_s
    folder = Path(private_folder())
    try:
        environ |= _give_recorder(folder, order, focus, selection, json_report=json_report)
        argv = _command(order, selection, folder)
        watcher = _Progress(folder / "journal.jsonl", focus.name, order.every_s, say)
        started = time.time()
        done = proc.watch(
            argv,
            cwd=order.root,
            env=environ,
            output=folder / "console.log",
            timeout_s=limit,
            tick=watcher.tick,
            last_words=getattr(signal, "SIGUSR1", None),
        )
    except BaseException:
        remove(str(folder))
        raise
    reports = [path for path in (folder / "journal.jsonl", folder / "report.json") if _is_whole(path)]
    return Launched(
        folder=str(folder),
        reports=tuple(map(str, reports)),
        console=str(folder / "console.log"),
        exit_code=done.code,
        ending=Ending.TIMED_OUT if done.code is None else Ending.FINISHED,
        limit_s=limit,
        tail=order.redactor.keep(_end_of(folder / "console.log"), TAIL),
        command=shlex.join(argv),
        selection=shlex.join([*selection.arguments, *order.arguments]),
        started=moment(started),
        duration_s=round(done.seconds, 3),
        notes=tuple(_notes(withheld, json_report=json_report)),
    )


def probe(python: str, root: Path, environ: Mapping[str, str]) -> bool:
    """Whether the interpreter has pytest-json-report. NoTestRunner, with what mends it, when it has no pytest."""
    done = proc.run([python, "-c", _PROBE], cwd=root, env=environ)
    if not done.ok:
        said = (done.err.strip().splitlines() or ["it does not answer"])[-1]
        raise NoTestRunner(
            f"{python} cannot run the tests: {said}", "name another interpreter with --python, or the setting python"
        )
    found = json.loads(done.out.splitlines()[-1])
    if "pytest" not in found:
        raise NoTestRunner(
            f"{python} (Python {found['python']}) has no pytest",
            f"{shlex.quote(python)} -m pip install pytest pytest-json-report, or name another one with --python",
        )
    return "pytest-json-report" in found


def child_environment(environ: Mapping[str, str], passed: Sequence[str] = ()) -> tuple[dict[str, str], list[str]]:
    """The environment for the tests, and the names that were withheld.

    Every variable goes on to the tests but two kinds: gardener's own and those of a pytest around it, which would
    mislead them; and those whose name says that they hold a secret, unless one of the globs in `passed` names it.
    """
    kept, withheld = {}, []
    for name, value in environ.items():
        if name.startswith(("GARDENER_", "PYTEST_XDIST")) or name in ("PYTEST_CURRENT_TEST", "PYTEST_VERSION"):
            continue
        if names_secret(name) and not any(fnmatch.fnmatch(name, glob) for glob in passed):
            withheld.append(name)
        else:
            kept[name] = value
    return kept, sorted(withheld)


def remove(folder: str) -> None:
    """Remove the private folder of a run, and nothing else."""
    if Path(folder).name.startswith(PREFIX):
        shutil.rmtree(folder, ignore_errors=True)


def sweep() -> None:
    """Remove what killed runs left behind: private folders of ours whose process is gone."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):
            if folder.is_symlink() or (os.name == "posix" and folder.stat().st_uid != os.getuid()):
                continue
            if _is_abandoned(folder):
                remove(str(folder))


def _is_abandoned(folder: Path) -> bool:
    """Whether the process that made it is gone; one that is born later only got its number."""
    owner = folder / "owner"
    try:
        born = proc.born(int(owner.read_text(encoding="ascii")))
    except (OSError, ValueError):
        return time.time() - folder.stat().st_mtime > _ABANDONED_S
    return born is None or born > owner.stat().st_mtime + 60


def private_folder() -> str:
    """A new folder that only this user may enter; `remove` removes it, or `sweep` when this process is gone."""
    try:
        folder = tempfile.mkdtemp(prefix=PREFIX)  # mode 0700
        Path(folder, "owner").write_text(str(os.getpid()), encoding="ascii")
    except OSError as error:
        raise StoreError(f"no temporary folder can be made: {error}", "make room there, or set TMPDIR") from None
    return folder


def _give_recorder(
    folder: Path, order: Order, focus: Focus, selection: Selection, *, json_report: bool
) -> dict[str, str]:
    """Put recorder and spectrum into the folder with their plans; the variables by which pytest finds them."""
    plugins = folder / "plugins"
    plugins.mkdir()
    shutil.copyfile(Path(__file__).with_name("recorder.py"), plugins / f"{RECORDER}.py")
    plan = {
        "journal": str(folder / "journal.jsonl"),
        "report": str(folder / "report.json") if json_report else "",
        "match": selection.match,
        "only": order.rerun,
        "blocked": [{"check": check.id, "selectors": check.blocks} for check in order.preflight.blocking],
        "test_timeout_s": focus.test_timeout_s,
    }
    (folder / "plan.json").write_text(json.dumps(plan), encoding="utf-8")
    given = {"GARDENER_RECORDER": str(folder / "plan.json"), "PYTHONUNBUFFERED": "1"}
    if order.watched or order.stay:
        shutil.copyfile(Path(__file__).with_name("spectrum.py"), plugins / f"{SPECTRUM}.py")
        lines = {path: list(wanted) for path, wanted in order.watched.items()}
        told = {"root": str(order.root), "lines": lines, "output": str(folder / "spectrum.jsonl")}
        stay = {"stay": order.stay, "owner": os.getpid(), "at": time.time()}
        (folder / "watch.json").write_text(json.dumps(told if lines else stay), encoding="utf-8")
        given["GARDENER_SPECTRUM"] = str(folder / "watch.json")
    path = os.pathsep.join(part for part in (str(plugins), order.environ.get("PYTHONPATH", "")) if part)
    return {**given, "PYTHONPATH": path}


def _command(order: Order, selection: Selection, folder: Path) -> list[str]:
    """The call of pytest, with the options that nothing in the repository may take away.

    The cache goes into the private folder instead of `-p no:cacheprovider`, which would make `--lf` in a repository's
    addopts an unknown option; so a developer's own last-failed memory stays as it was. json-report and the limit of a
    single test are set by the recorder: here they would be unknown options where the repository blocks the plugins.
    """
    argv = [order.python, "-m", "pytest", "-p", RECORDER, "--continue-on-collection-errors"]
    argv += ["-p", SPECTRUM] if order.watched or order.stay else []
    argv += [f"--rootdir={order.root}", "-o", f"cache_dir={folder / 'cache'}"]
    return [*argv, *selection.arguments, *order.arguments]


def _is_whole(path: Path) -> bool:
    """Whether there is something to read; json-report writes all at once, and a full disk leaves it half."""
    if not path.exists() or not path.stat().st_size:
        return False
    with path.open("rb") as source:
        source.seek(max(0, path.stat().st_size - 64))
        return path.suffix != ".json" or source.read().rstrip().endswith(b"}")


def _end_of(console: Path) -> str:
    with console.open("rb") as source:
        source.seek(max(0, console.stat().st_size - 2 * TAIL))
        return source.read().decode("utf-8", "replace")


def _notes(withheld: Sequence[str], *, json_report: bool) -> Iterator[str]:
    if not json_report:
        yield "pytest-json-report is not installed in the tests' environment: the journal alone is the record"
    if withheld:
        yield f"kept from the tests, as their names say secret: {', '.join(withheld)}"


@dataclass(slots=True)
class _Progress:
    """Tells from the journal how far the tests are."""

    journal: Path
    name: str
    every_s: float
    say: Callable[[str], None]
    offset: int = 0
    selected: set[str] = field(default_factory=set)
    done: int = 0
    failed: set[str] = field(default_factory=set)
    due_s: float = 0.0

    def tick(self, gone_s: float) -> None:
        """Say it when it is time; called about once a second."""
        self._read()
        self.due_s = self.due_s or self.every_s
        if gone_s >= self.due_s:
            self.due_s = gone_s + self.every_s
            total = len(self.selected)
            self.say(f"{self.name}: {self.done} of {total} tests done, {len(self.failed)} failed, {gone_s:.0f} s")

    def _read(self) -> None:
        if not self.journal.exists():
            return
        with self.journal.open("rb") as source:
            source.seek(self.offset)
            fresh = source.read(1 << 24)
        end = fresh.rfind(b"\n") + 1
        self.offset += end
        for line in fresh[:end].splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                self._count(json.loads(line))

    def _count(self, event: dict[str, object]) -> None:
        if event["e"] == "items" and isinstance(event["nodes"], list):
            self.selected.update(event["nodes"])
        elif event["e"] == "phase":
            self.done += event["when"] == "teardown"
            if event["outcome"] == "failed":
                self.failed.add(str(event["node"]))
