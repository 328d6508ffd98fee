"""Bounded recovery: a few safe repairs, each recorded. Never volumes, never another project's things."""

import shutil
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gardener import proc
from gardener.model.run import Attempt, Preflight, Status
from gardener.preflight.checks import CHECKS, run_checks
from gardener.preflight.compose import load_stack
from gardener.preflight.engine import COMMANDS, PROJECT, EngineTrouble, connect, endpoint
from gardener.preflight.question import Question, size

PAUSES_S = (1.0, 3.0, 9.0)  # after each attempt, before it is looked at again
UNTRIED = "not tried"
_BAD = (Status.BLOCK, Status.WARN)


def mend(
    preflight: Preflight, question: Question, say: Callable[[str], None], sleep: Callable[[float], None] = time.sleep
) -> Preflight:
    """The answers after at most three attempts, with what was tried. Only for users who asked for it (`--fix`)."""
    attempts = list(preflight.attempts)
    for number, pause in enumerate(PAUSES_S, start=1):
        broken = [name for name in REPAIRS if any(one.id == name and one.status in _BAD for one in preflight.checks)]
        if not broken:
            break
        tried = [attempt for name in broken for attempt in REPAIRS[name](question)]
        for attempt in tried:
            say(f"recovery {number} of {len(PAUSES_S)}: {attempt.command}: {attempt.result}")
        attempts += tried
        if all(attempt.result.startswith(UNTRIED) for attempt in tried):
            break  # waiting would change nothing
        sleep(pause)
        preflight = _again(preflight, question)
    return Preflight(checks=preflight.checks, attempts=tuple(attempts))


def _again(before: Preflight, question: Question) -> Preflight:
    """The same checks once more, asked in the same way; those that were skipped stay so."""
    ids = frozenset(check.id for check in before.checks)
    skipped = tuple(check for check in before.checks if check.status is Status.SKIPPED)
    left = frozenset(check.id for check in skipped)
    after = run_checks(question, only=ids if ids != set(CHECKS) else frozenset(), skip=left)
    return Preflight(checks=(*(check for check in after.checks if check.id not in left), *skipped))


def start_engine(question: Question) -> Iterator[Attempt]:
    """Start the engine's service on this machine, without ever asking for a password."""
    try:
        where = endpoint(question.environ)
    except EngineTrouble:
        return
    socket = Path(where.host.removeprefix("unix://"))
    if where.host.startswith("unix://") and not socket.parent.is_dir():
        why = f"the folder of {socket} ({where.said_by}) is not there: no service of this machine listens in it"
        yield Attempt(command="start the engine", result=f"{UNTRIED}: {why}")
        return
    argv = _start_argv(question) if where.local else None
    if argv is None:
        yield Attempt(command="start the engine", result=f"{UNTRIED}: it is not possible from here")
        return
    done = proc.run(argv, env=question.environ, timeout_s=60)
    result = "done" if done.ok else f"failed with exit code {done.code}"
    yield Attempt(command=" ".join(argv), result=result, error=question.redactor.clean(done.err.strip()[-500:]))


def _start_argv(question: Question) -> list[str] | None:
    if sys.platform in COMMANDS:
        return COMMANDS[sys.platform][0].split()
    for program, *words in (("systemctl", "start", "docker"), ("service", "docker", "start")):
        if found := shutil.which(program, path=question.environ.get("PATH")):
            return [found, *words]
    return None


def free_disk(question: Question) -> Iterator[Attempt]:
    """Remove old build cache, old dangling images, and this compose project's stopped containers; volumes stay."""
    age = int(question.limits.prune_age_s)
    old = {"until": f"{age}s"} if age else {}
    project = load_stack(question).project
    try:
        with connect(question) as client:
            freed = client.prune_builds(filters=old)["SpaceReclaimed"]  # type: ignore[arg-type]
            yield Attempt(command=f"docker builder prune --filter until={age}s", result=f"{size(freed)} freed")
            freed = client.prune_images(filters={"dangling": True, **old})["SpaceReclaimed"]  # type: ignore[no-untyped-call]
            yield Attempt(command=f"docker image prune --filter until={age}s", result=f"{size(freed)} freed")
            ours = {"label": f"{PROJECT}={project}", "status": ["created", "exited", "dead"]}
            for container in client.containers(all=True, filters=ours) if project else ():
                client.remove_container(container["Id"])
                yield Attempt(command=f"docker rm {container['Names'][0].lstrip('/')}", result="removed")
    except EngineTrouble as trouble:
        yield Attempt(command="free the disk", result="failed", error=question.redactor.clean(trouble.found))


# every other check has no repair that is safe without asking
REPAIRS: dict[str, Callable[[Question], Iterator[Attempt]]] = {"engine": start_engine, "disk": free_disk}
