"""Whether the images that are not built here are at hand or can be pulled."""

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from gardener.model.cause import Cause
from gardener.model.run import Check, Status
from gardener.preflight.compose import Service, Stack
from gardener.preflight.engine import EngineTrouble, connect
from gardener.preflight.question import Question

if TYPE_CHECKING:
    from docker import APIClient

NEEDED = "images that are present, are built here, or can be pulled"


def check_images(question: Question, stack: Stack) -> tuple[Check, ...]:
    """Can every image be had? All that cannot are one answer: whoever mends the access mends them all."""
    wanted = {service.image: service for service in stack.services if service.image and not service.build}
    if not wanted:
        return (question.check("images", Status.OK, "every image is built here", needed=NEEDED),)
    try:
        with connect(question) as client, ThreadPoolExecutor(max_workers=8) as pool:
            answers = dict(
                zip(wanted, pool.map(lambda image: _fault(client, wanted[image], image), wanted), strict=True)
            )
    except EngineTrouble as trouble:
        return (question.check("images", Status.UNKNOWN, f"cannot ask: {trouble.found}", needed=NEEDED),)
    bad = {image: fault for image, fault in answers.items() if fault}
    if not bad:
        return (question.check("images", Status.OK, f"{len(wanted)} present or pullable", needed=NEEDED),)
    return (_told(question, stack, bad, [wanted[image] for image in bad]),)


def _fault(client: "APIClient", service: Service, image: str) -> str:
    """Why an image cannot be had, without pulling it; "" where it can."""
    from docker.errors import APIError, ImageNotFound

    try:
        client.inspect_image(image)  # type: ignore[no-untyped-call]
    except ImageNotFound:
        pass
    else:
        return ""
    if service.pull_policy in ("never", "build"):
        return f"not present, and pull_policy is {service.pull_policy}"
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


def _told(question: Question, stack: Stack, bad: dict[str, str], services: list[Service]) -> Check:
    listed = "; ".join(f"{image} ({service.name}): {bad[image]}" for image, service in zip(bad, services, strict=True))
    word = "image" if len(bad) == 1 else "images"
    denied = any("denied" in fault for fault in bad.values())
    first = next(iter(bad))
    registry = first.split("/")[0] if "." in first.split("/")[0] or ":" in first.split("/")[0] else ""
    return question.check(
        "images",
        Status.BLOCK,
        f"{len(bad)} {word} cannot be pulled: {listed}",
        needed=NEEDED,
        remedy=f"docker login {registry}".strip() if denied else f"docker pull {first}",
        location=stack.place("services", services[0].name, "image"),
        service=", ".join(service.name for service in services),
        cause=Cause.DOCKER_IMAGE,
    )
