"""The checks, and how they are asked: side by side, each with its time box."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import replace

from gardener.model.errors import ConfigurationError, nearest
from gardener.model.run import Check, Preflight, Status
from gardener.preflight.builds import check_builds
from gardener.preflight.compose import find_files, load_stack
from gardener.preflight.disk import check_disk
from gardener.preflight.engine import check_engine
from gardener.preflight.images import check_images
from gardener.preflight.ports import check_ports
from gardener.preflight.question import Question
from gardener.preflight.services import check_services
from gardener.preflight.stack import Stack

CHECKS: dict[str, Callable[[Question, Stack], tuple[Check, ...]]] = {
    "engine": check_engine,
    "disk": check_disk,
    "build-context": check_builds,
    "images": check_images,
    "ports": check_ports,
    "services": check_services,
}


def run_checks(question: Question, only: frozenset[str] = frozenset(), skip: frozenset[str] = frozenset()) -> Preflight:
    """Every answer, in the order of CHECKS. A check that fails itself or takes too long is `unknown`, never in the way.

    Raises ConfigurationError for a check that does not exist.
    """
    for name in sorted((only | skip) - CHECKS.keys()):
        raise ConfigurationError(f"There is no check {name}.", nearest(name, CHECKS))
    wanted = [name for name in CHECKS if not only or name in only]
    skipped = {name: reason for name in wanted if (reason := _reason_to_skip(question, name, only, skip))}
    asked = [name for name in wanted if name not in skipped]
    needs_stack = bool(set(asked) - {"engine"}) and (question.focus.docker is not None or bool(only))
    stack = load_stack(question) if needs_stack else Stack()
    answers = _side_by_side(replace(question, named=only), {name: CHECKS[name] for name in asked}, stack)
    return Preflight(
        checks=tuple(
            check
            for name in wanted
            for check in answers.get(name) or (question.check(name, Status.SKIPPED, skipped[name]),)
        )
    )


def _reason_to_skip(question: Question, name: str, only: frozenset[str], skip: frozenset[str]) -> str:
    if name in skip:
        return "left out by request"
    if name in only:
        return ""
    if name == "services":
        return "" if question.focus.services else "the focus declares no services"
    if question.focus.docker is None and not (name == "engine" and find_files(question, {})):
        return "the focus declares no Docker"
    return ""


def _side_by_side(
    question: Question, asked: dict[str, Callable[[Question, Stack], tuple[Check, ...]]], stack: Stack
) -> dict[str, tuple[Check, ...]]:
    """Each check in a thread of its own; what has not answered in time is left behind."""
    answers: queue.SimpleQueue[tuple[str, tuple[Check, ...]]] = queue.SimpleQueue()

    def ask(name: str) -> None:
        try:
            found = asked[name](question, stack)
        except Exception as error:  # noqa: BLE001 - a check that breaks must not keep the tests from running
            found = (question.check(name, Status.UNKNOWN, f"the check failed: {type(error).__name__}: {error}"),)
        answers.put((name, found))

    for name in asked:
        threading.Thread(target=ask, args=(name,), name=f"check-{name}", daemon=True).start()
    late = f"no answer within {question.limits.timeout_s:g} s"
    found: dict[str, tuple[Check, ...]] = {name: (question.check(name, Status.UNKNOWN, late),) for name in asked}
    end = time.monotonic() + question.limits.timeout_s
    for _ in asked:
        try:
            name, answer = answers.get(timeout=max(end - time.monotonic(), 0))
        except queue.Empty:
            break
        found[name] = answer
    return found
