"""The closed set of causes: the nearest thing that a person would go and fix."""

import enum


class CauseGroup(enum.StrEnum):
    """What kind of work a cause is."""

    INFRASTRUCTURE = "infrastructure"
    TEST_SUITE = "test suite"
    PRODUCT = "product"
    CODE_HEALTH = "code health"


class Cause(enum.StrEnum):
    """One failure has one cause."""

    DOCKER_DAEMON = "docker-daemon"
    DOCKER_DISK = "docker-disk"
    DOCKER_BUILD = "docker-build"
    DOCKER_IMAGE = "docker-image"
    DOCKER_PORT = "docker-port"
    DOCKER_CONTAINER = "docker-container"
    SERVICE_UNAVAILABLE = "service-unavailable"
    CREDENTIALS = "credentials"
    RESOURCE_EXHAUSTED = "resource-exhausted"
    TIMEOUT = "timeout"
    CRASH = "crash"
    SYNTAX = "syntax"
    IMPORT = "import"
    COLLECTION = "collection"
    EMPTY = "empty"
    FIXTURE = "fixture"
    MOCK_MISMATCH = "mock-mismatch"
    ENVIRONMENT = "environment"
    SIGNATURE = "signature"
    ATTRIBUTE = "attribute"
    CONTRACT = "contract"
    ASSERTION = "assertion"
    EXCEPTION = "exception"
    DEPRECATION = "deprecation"
    DUPLICATE_DEFINITION = "duplicate-definition"

    @property
    def group(self) -> CauseGroup:
        """The group that the cause belongs to, by its place in the list above."""
        return _GROUPS[self]


_LAST = {
    Cause.CRASH: CauseGroup.INFRASTRUCTURE,
    Cause.ENVIRONMENT: CauseGroup.TEST_SUITE,
    Cause.EXCEPTION: CauseGroup.PRODUCT,
    Cause.DUPLICATE_DEFINITION: CauseGroup.CODE_HEALTH,
}
_ORDER = tuple(Cause)
_GROUPS = {
    cause: next(group for last, group in _LAST.items() if place <= _ORDER.index(last))
    for place, cause in enumerate(_ORDER)
}
