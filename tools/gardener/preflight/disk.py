"""Free bytes where the engine and the host keep theirs."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from gardener.model.cause import Cause
from gardener.model.run import Check, Status
from gardener.preflight.builds import context_bytes
from gardener.preflight.compose import Stack
from gardener.preflight.engine import EngineTrouble, connect, endpoint
from gardener.preflight.question import Question, size

REMEDY = "docker builder prune --force --filter until=24h"


def check_disk(question: Question, stack: Stack) -> tuple[Check, ...]:
    """Is there room for images, layers and volumes? One answer for each file system that is too full."""
    data_root, reclaimable, note = _engine_side(question)
    need = context_bytes(question, stack)
    if need:
        note += f"; the builds take about {size(need)}"
    problems, seen, told = [], set(), []
    for name, path in _places(question, data_root):
        device = path.stat().st_dev
        if device in seen:
            continue
        seen.add(device)
        free = shutil.disk_usage(path).free
        told.append(f"{size(free)} free at {name} {path}")
        status = _judge(question, free, need)
        if status is not Status.OK:
            problems.append(_low(question, status, f"{size(free)} free at {name} {path}{reclaimable}{note}"))
    if problems:
        return tuple(problems)
    return (question.check("disk", Status.OK, "; ".join(told) + reclaimable + note, needed=_needed(question)),)


def _places(question: Question, data_root: Path | None) -> Iterator[tuple[str, Path]]:
    candidates = [("the engine's data root", data_root), ("the repository", question.root)]
    candidates.append(("the temporary folder", Path(tempfile.gettempdir())))
    return ((name, path) for name, path in candidates if path is not None and path.exists())


def _judge(question: Question, free: int, need: int) -> Status:
    if free < question.limits.block_bytes:
        return Status.BLOCK
    return Status.WARN if free < max(question.limits.warn_bytes, need) else Status.OK


def _needed(question: Question) -> str:
    return f"{size(question.limits.warn_bytes)} free; below {size(question.limits.block_bytes)} nothing is started"


def _low(question: Question, status: Status, found: str) -> Check:
    return question.check(
        "disk",
        status,
        found,
        needed=_needed(question),
        why="builds, pulls and containers fail half-way, with other words, when no space is left",
        remedy=REMEDY,
        cause=Cause.DOCKER_DISK,
    )


def _engine_side(question: Question) -> tuple[Path | None, str, str]:
    """The engine's data root on this machine, what could be reclaimed, and a note where it could not be asked."""
    try:
        with connect(question) as client:
            root = Path(client.info()["DockerRootDir"])
    except EngineTrouble:
        return None, "", "; the engine could not be asked for its data root"
    local = endpoint(question.environ).local and root.exists()
    try:
        with connect(question) as client:
            return (root if local else None), _reclaimable(client.df()), "" if local else "; the data root is elsewhere"
    except EngineTrouble:  # an engine counts for one client at a time
        return (root if local else None), "", ""


def _reclaimable(usage: dict[str, Any]) -> str:
    """What `docker system df` would call reclaimable: unused images and idle build cache."""
    unused = sum(
        image["Size"] - max(image.get("SharedSize", 0), 0) for image in usage["Images"] or () if not image["Containers"]
    )
    cache = sum(entry["Size"] for entry in usage["BuildCache"] or () if not entry["InUse"])
    return f"; {size(unused + cache)} could be reclaimed" if unused + cache else ""
