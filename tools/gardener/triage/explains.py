"""Which cause may bring about which other: a full disk a failed build, a missing engine everything of Docker's."""

from collections.abc import Mapping

from gardener.model.cause import Cause

_DOCKER = frozenset(cause for cause in Cause if cause.startswith("docker-"))
# what each cause brings about elsewhere
_EXPLAINS: Mapping[Cause, frozenset[Cause]] = {
    Cause.DOCKER_DAEMON: _DOCKER | {Cause.SERVICE_UNAVAILABLE},
    Cause.DOCKER_DISK: frozenset({Cause.DOCKER_BUILD, Cause.DOCKER_IMAGE, Cause.DOCKER_CONTAINER}),
    Cause.DOCKER_BUILD: frozenset({Cause.DOCKER_CONTAINER, Cause.SERVICE_UNAVAILABLE}),
    Cause.DOCKER_IMAGE: frozenset({Cause.DOCKER_CONTAINER, Cause.SERVICE_UNAVAILABLE}),
    Cause.DOCKER_PORT: frozenset({Cause.DOCKER_CONTAINER, Cause.SERVICE_UNAVAILABLE}),
    Cause.DOCKER_CONTAINER: frozenset({Cause.SERVICE_UNAVAILABLE}),
}


def may_explain(root: Cause, other: Cause) -> bool:
    """Whether a failure of the other cause may be the doing of the root."""
    return other in _EXPLAINS.get(root, ())
