"""Free bytes where the engine and the host keep theirs."""

import shlex
import shutil
from collections.abc import Collection
from pathlib import Path
from typing import Any

from gardener.model.cause import Cause
from gardener.model.run import Check, Status
from gardener.preflight.builds import context_bytes
from gardener.preflight.engine import EngineTrouble, connect, endpoint
from gardener.preflight.images import wanted_images
from gardener.preflight.question import Question, size
from gardener.preflight.stack import Stack

MIB = 1 << 20
# about what an image unpacks to, by the word in its name or tag; the first that is found counts
FAMILIES = (("scratch", 0), ("busybox", 5), ("distroless", 60), ("alpine", 60), ("slim", 150), ("nginx", 200))
TYPICAL = 500  # MiB, of any other: a Debian with an interpreter or a database


def check_disk(question: Question, stack: Stack) -> tuple[Check, ...]:
    """Is there room for images, layers and volumes? Only where the engine keeps them does want of it block."""
    data_root, present, note = _engine_side(question)
    builds, images = context_bytes(question, stack), image_bytes(set(wanted_images(question, stack)) - present)
    note += f"; the builds take about {size(builds)}" if builds else ""
    note += f"; images that are not here yet about {size(images)}" if images else ""
    need = builds + images
    places = {question.root.stat().st_dev: ("the repository", question.root)}
    if data_root:
        places[data_root.stat().st_dev] = ("the engine's data root", data_root)
    problems, told = [], []
    for name, path in places.values():
        free = shutil.disk_usage(path).free
        told.append(f"{size(free)} free at {name} {path}")
        if free < max(question.limits.warn_bytes, need):
            blocks = free < question.limits.block_bytes and path == (data_root or question.root)
            problems.append(_low(question, Status.BLOCK if blocks else Status.WARN, told[-1] + note, path))
    return tuple(problems) or (question.check("disk", Status.OK, "; ".join(told) + note, needed=_needed(question)),)


def image_bytes(names: Collection[str]) -> int:
    """About what images take once they are pulled, by their names: no registry is asked for a size."""
    return sum(next((mib for word, mib in FAMILIES if word in name), TYPICAL) * MIB for name in names)


def _needed(question: Question) -> str:
    return f"{size(question.limits.warn_bytes)} free; below {size(question.limits.block_bytes)} nothing is started"


def _low(question: Question, status: Status, found: str, path: Path) -> Check:
    return question.check(
        "disk",
        status,
        found,
        needed=_needed(question),
        why="builds, pulls and containers fail half-way, with other words, when no space is left",
        remedy="docker builder prune --force"
        if "reclaimed" in found
        else f"du -xh -d 2 {shlex.quote(str(path))} | sort -h",
        cause=Cause.DOCKER_DISK,
    )


def _engine_side(question: Question) -> tuple[Path | None, frozenset[str], str]:
    """The engine's data root on this machine, the images it has, and what there is to say of its side."""
    try:
        with connect(question) as client:
            root = Path(client.info()["DockerRootDir"])
    except EngineTrouble:
        return None, frozenset(), "; the engine could not be asked for its data root"
    if not (endpoint(question.environ).local and root.exists()):
        return None, frozenset(), "; the engine's data root is elsewhere"
    try:
        with connect(question) as client:
            usage = client.df()
    except EngineTrouble:  # an engine counts for one client at a time
        return root, frozenset(), ""
    tags = (tag for image in usage["Images"] or () for tag in image["RepoTags"] or ())
    present = frozenset(name for tag in tags for name in (tag, tag.removesuffix(":latest")))
    return root, present, _reclaimable(usage)


def _reclaimable(usage: dict[str, Any]) -> str:
    """What `docker system df` would call reclaimable: unused images and idle build cache."""
    unused = sum(
        image["Size"] - max(image.get("SharedSize", 0), 0) for image in usage["Images"] or () if not image["Containers"]
    )
    cache = sum(entry["Size"] for entry in usage["BuildCache"] or () if not entry["InUse"])
    return f"; {size(unused + cache)} could be reclaimed" if unused + cache else ""
