"""Whether the images that are not built here are at hand or can be pulled."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from gardener.model.cause import Cause
from gardener.model.run import Check, Status
from gardener.preflight.builds import bases
from gardener.preflight.engine import EngineTrouble, connect
from gardener.preflight.question import Question
from gardener.preflight.stack import Stack

if TYPE_CHECKING:
    from docker import APIClient

NEEDED = "images that are present, are built here, or can be pulled"


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """An image that is not built here: who wants it, and where that is written."""

    service: str
    location: str | None
    policy: str = ""


def wanted_images(question: Question, stack: Stack) -> dict[str, Wanted]:
    """Images by name: those of services without a build, and those that builds begin from and no service makes."""
    found: dict[str, Wanted] = {}
    made = {f"{stack.project}{joint}{one.name}" for one in stack.services for joint in "-_"}
    made |= {one.image.removesuffix(":latest") for one in stack.services if one.build}
    for service in stack.services:
        if service.image and not service.build:
            place = stack.place("services", service.name, "image")
            found[service.image] = Wanted(service=service.name, location=place, policy=service.pull_policy)
    for service in stack.services:
        for image, place in bases(question, service):
            if image.removesuffix(":latest") not in made:
                found.setdefault(image, Wanted(service=service.name, location=place))
    return found


def check_images(question: Question, stack: Stack) -> tuple[Check, ...]:
    """Can every image be had? All that cannot are one answer: whoever mends the access mends them all."""
    wanted = wanted_images(question, stack)
    if not wanted:
        return (question.check("images", Status.OK, "every image is built here", needed=NEEDED),)
    try:
        with connect(question) as client, ThreadPoolExecutor(max_workers=8) as pool:
            answers = pool.map(lambda image: _fault(client, image, wanted[image].policy), wanted)
            bad = {image: fault for image, fault in zip(wanted, answers, strict=True) if fault}
    except EngineTrouble as trouble:
        return (question.check("images", Status.UNKNOWN, f"cannot ask: {trouble.found}", needed=NEEDED),)
    if not bad:
        return (question.check("images", Status.OK, f"{len(wanted)} present or pullable", needed=NEEDED),)
    return (_told(question, {image: wanted[image] for image in bad}, bad),)


def _fault(client: "APIClient", image: str, policy: str) -> str:
    """Why an image cannot be had, without pulling it; "" where it can."""
    from docker.errors import APIError, ImageNotFound

    try:
        client.inspect_image(image)  # type: ignore[no-untyped-call]
    except ImageNotFound:
        pass
    else:
        return ""
    if policy in ("never", "build"):
        return f"not present, and pull_policy is {policy}"
    try:
        client.inspect_distribution(image)  # type: ignore[no-untyped-call]
    except APIError as error:
        return reason(str(error.explanation or error))
    return ""


def reason(words: str) -> str:
    """The engine's words about a registry, short."""
    low = words.lower()
    if "manifest unknown" in low or "not found" in low:
        return "manifest unknown: the registry has no such tag"
    if "denied" in low or "unauthorized" in low or "authentication required" in low or "no basic auth" in low:
        return "pull access denied: the repository does not exist or may require docker login"
    if "toomanyrequests" in low or "rate limit" in low:
        return "toomanyrequests: the registry's pull rate limit is reached"
    return words


def _told(question: Question, wanted: dict[str, Wanted], bad: dict[str, str]) -> Check:
    listed = "; ".join(f"{image} ({wanted[image].service}): {fault}" for image, fault in bad.items())
    first = next(iter(bad))
    host = first.partition("/")[0]
    registry = host if "/" in first and ("." in host or ":" in host) else ""
    denied = any("denied" in fault for fault in bad.values())
    return question.check(
        "images",
        Status.BLOCK,
        f"{len(bad)} {'image' if len(bad) == 1 else 'images'} cannot be pulled: {listed}",
        needed=NEEDED,
        remedy=f"docker login {registry}".strip() if denied else f"docker pull {first}",
        location=wanted[first].location,
        service=", ".join(dict.fromkeys(one.service for one in wanted.values())),
        cause=Cause.DOCKER_IMAGE,
    )
