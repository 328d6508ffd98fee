"""What no report could tell: how the process died, and that nothing ran, as failures like any other."""

import re
import signal
from collections.abc import Iterator, Sequence

from gardener.model.run import BAD, Ending, Failure, Frame, Launched, Origin, Outcome, Report, Run, is_own
from gardener.model.text import CleanText

_STACK_LINE = re.compile(r'^\s*File "(?P<path>[^"]+)", line (?P<line>\d+),? in (?P<function>.+)$')
_STACK = re.compile(r"Current thread .*\(most recent call first\):$|^~+ Stack of MainThread .*~+$")
_COMPLAINT = re.compile(
    r"^(?:[^\n:]{0,80}: )?(?:ERROR|error|INTERNALERROR>)[: ] *(?!usage:)(?P<said>.+)$", re.MULTILINE
)
_WINDOWS = {
    0xC0000005: "access violation",
    0xC00000FD: "stack overflow",
    0xC000013A: "interrupted",
    0xC0000374: "heap corruption",
}


def wreck(run: Run, launched: Launched, told: Sequence[Failure], root: str) -> Iterator[Failure]:
    """The death of the process as one failure: of the test that was running, or of pytest itself."""
    lost = [case.node for case in run.cases if case.outcome is Outcome.LOST]
    subject = lost[0] if len(lost) == 1 else "pytest"
    during = f", while it ran {', '.join(lost[:8])}" if lost else ""
    detail = _last_words(launched.tail)
    frames = _frames(detail, root)
    if run.ending is Ending.TIMED_OUT:
        limit = f" of {launched.limit_s:g} s" if launched.limit_s else ""
        said = f"Timeout: the run was ended at its time limit{limit}{during}"
        yield _crash(subject, "Timeout", said, detail, frames)
    elif run.ending is Ending.CRASHED and not any(failure.origin is Origin.CRASH for failure in told):
        unloaded = any(failure.origin is Origin.COLLECTION for case in run.cases for failure in case.failures)
        if run.exit_code == 4 and unloaded:
            return  # a conftest that cannot be imported: its own failure says it all
        exception, said = _death(run.exit_code, launched.tail)
        yield _crash(subject, exception, f"{said}{during}", detail, frames)
    elif run.exit_code == 1 and run.ending is Ending.FINISHED and not any(case.outcome in BAD for case in run.cases):
        yield _crash("pytest", "ExitStatus", "pytest ended with exit code 1 although no test failed", detail, ())


def nothing_ran(run: Run, reports: Sequence[Report]) -> Iterator[Failure]:
    """A selected file without a test, and a selection of which nothing ran, are not green."""
    broken = {case.node.partition("::")[0] for case in run.cases if "::" in case.node}  # a class in it, for one
    empty = dict.fromkeys(file for report in reports for file in report.empty_files if file not in broken)
    for file in empty:
        yield _empty(file, f"{file}: collected 0 items")
    if any(failure.origin is Origin.BUILD for report in reports for failure in report.failures):
        return  # the log of a build or a start: it tells of no tests, and that is not what went wrong
    outcomes = {case.outcome for case in run.cases}
    selection = run.selection or "pytest"
    if outcomes == {Outcome.SKIPPED}:
        reasons = dict.fromkeys(case.reason for case in run.cases if case.reason)
        why = f": {'; '.join(list(reasons)[:3])}" if reasons else ""
        yield _empty(selection, f"no tests ran: all {len(run.cases)} that were selected are skipped{why}")
    elif not run.cases and not empty and run.ending is Ending.FINISHED:
        left_out = max(report.deselected for report in reports) if reports else 0
        said = f"{left_out} deselected / 0 selected" if left_out else "collected 0 items"
        yield _empty(selection, f"no tests ran: {said}")


def _crash(
    subject: str, exception: str, said: str, detail: str, frames: tuple[Frame, ...], origin: Origin = Origin.CRASH
) -> Failure:
    message, text = CleanText(said), CleanText(f"{said}\n\n{detail}".strip())
    return Failure(subject=subject, origin=origin, exception=exception, message=message, frames=frames, detail=text)


def _empty(subject: str, said: str) -> Failure:
    return _crash(subject, "EmptyCollection", said, "", (), Origin.COLLECTION)


def _death(code: int | None, tail: str) -> tuple[str, str]:
    """A name and a sentence for the end of a process."""
    complaint = [found["said"].strip() for found in _COMPLAINT.finditer(tail)]
    number = None if code is None else -code if code < 0 else code - 128 if 128 < code < 160 else None
    if number is not None:
        name, words = _signal(number)
        return name, f"{words}: the test process was killed by signal {number} ({name})"
    if code in _WINDOWS:
        return "AccessViolation", f"{_WINDOWS[code]}: the test process died with exit code {code:#x}"
    if code == 4:
        return "UsageError", f"pytest did not start: {complaint[-1] if complaint else 'wrong usage'}"
    if code == 3:
        return "InternalError", f"INTERNALERROR: {complaint[-1] if complaint else 'in pytest or a plugin'}"
    if re.search(r"^\++ Timeout \++$", tail, re.MULTILINE):
        return "Timeout", "Timeout: pytest-timeout ended the whole test process"
    shown = "without an exit code" if code is None else f"with exit code {code}"
    return "ProcessDied", f"the test process died {shown} before its session ended"


def _signal(number: int) -> tuple[str, str]:
    try:
        return signal.Signals(number).name, signal.strsignal(number) or "killed"
    except ValueError:
        return f"signal {number}", "killed"


def _last_words(tail: str) -> str:
    """From where the interpreter or pytest-timeout reports its end, else the last lines."""
    for mark in ("Fatal Python error", "Current thread 0x", "+ Timeout +", "INTERNALERROR>"):
        at = tail.find(mark)
        if at >= 0:
            return tail[at : at + 8000]
    return tail[-4000:].lstrip()


def _frames(text: str, root: str) -> tuple[Frame, ...]:
    """The frames of the thread that ran the tests, from the first one of the repository on, outermost first."""
    lines = text.splitlines()
    start = next((i for i, line in enumerate(lines) if _STACK.search(line)), None)
    if start is None:
        return ()
    frames = []
    for line in lines[start + 1 :]:
        found = _STACK_LINE.match(line)
        if found:
            frames.append(
                Frame(path=_relative(found["path"], root), line=int(found["line"]), function=found["function"])
            )
        elif not line.strip() or line.startswith(("Thread ", "~", "+")):
            break
    if "most recent call first" in lines[start]:
        frames.reverse()
    own = next((i for i, frame in enumerate(frames) if is_own(frame.path)), len(frames))
    return tuple(frames[own:])


def _relative(path: str, root: str) -> str:
    path, root = path.replace("\\", "/"), root.replace("\\", "/").rstrip("/")
    return path[len(root) + 1 :] if root and path.lower().startswith(f"{root.lower()}/") else path
