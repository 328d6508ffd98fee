"""What gardener's own words mean: causes, checks and exit codes, for `gardener explain`."""

from gardener.model.cause import Cause
from gardener.model.errors import Exit
from gardener.model.policy import Rulebook

CAUSES = {
    Cause.DOCKER_DAEMON: "the engine cannot be reached or refuses the client",
    Cause.DOCKER_DISK: "no room for images, layers, volumes or build cache",
    Cause.DOCKER_BUILD: "an image cannot be built",
    Cause.DOCKER_IMAGE: "an image cannot be found or pulled",
    Cause.DOCKER_PORT: "a host port is taken or reserved",
    Cause.DOCKER_CONTAINER: "a container does not start, exits, is unhealthy, is killed or cannot be named",
    Cause.SERVICE_UNAVAILABLE: "a dependency does not answer: refused, reset, DNS, TLS, 5xx",
    Cause.CREDENTIALS: "access refused: token, password, permission",
    Cause.RESOURCE_EXHAUSTED: "the host ran out of memory, disk, descriptors or threads",
    Cause.TIMEOUT: "a time limit passed",
    Cause.CRASH: "the interpreter, a worker or pytest itself died",
    Cause.SYNTAX: "a file cannot be parsed",
    Cause.IMPORT: "a module or a name in it cannot be imported",
    Cause.COLLECTION: "any other error while collecting tests",
    Cause.EMPTY: "selected, but nothing was collected: never read as green",
    Cause.FIXTURE: "a fixture is missing, its own code fails, or a set-up never runs",
    Cause.MOCK_MISMATCH: "a mock or patch does not match the real interface",
    Cause.ENVIRONMENT: "configuration, version, platform or tool is missing or wrong",
    Cause.SIGNATURE: "a call does not fit the callee",
    Cause.ATTRIBUTE: "a member or name does not exist",
    Cause.CONTRACT: "data has the wrong shape",
    Cause.ASSERTION: "a value is wrong",
    Cause.EXCEPTION: "any other unhandled exception",
    Cause.DEPRECATION: "a deprecated API is used",
    Cause.DUPLICATE_DEFINITION: "one thing is defined in several places",
}

CHECKS = {
    "engine": "is the Docker engine reachable, and if not, which of the ways to fail it is",
    "disk": "free bytes at the engine's data root and on the host, against the configured limits",
    "build-context": "compose file, context, Dockerfile, stage and every COPY source, as the builder sees them",
    "images": "present, buildable, or to be pulled and allowed to be",
    "ports": "are the host ports that the services publish free",
    "services": "do the declared dependencies of the focus answer",
}

EXITS = {
    Exit.HEALTHY: "nothing failing",
    Exit.FAILING: "tests failing (setting fail_on), or a stage was skipped because its need failed",
    Exit.USAGE: "usage or configuration, unreadable input, or no pytest in the target environment",
    Exit.BLOCKED: "preflight blocked the whole focus",
    Exit.REFUSED: "the tracker or the store refused; results are safe, `gardener apply` resumes",
    Exit.EMPTY: "nothing ran: nothing collected, or all skipped",
    Exit.CRASHED: "the run crashed or timed out",
    Exit.BUG: "a bug in gardener; the path of a log was printed",
    Exit.INTERRUPTED: "interrupted",
}


def word_of(word: str, rulebook: Rulebook) -> tuple[str, str] | None:
    """(what kind of word, what it means); None for a word that is not gardener's own."""
    if word in set(Cause):
        cause = Cause(word)
        return f"cause {word} ({cause.group})", CAUSES[cause]
    if word in CHECKS:
        return f"preflight check {word}", CHECKS[word]
    if word.isdigit() and int(word) in set(Exit):
        return f"exit code {word}", EXITS[Exit(int(word))]
    for rule in rulebook.causes:
        if rule.id == word:
            return f"rule {word}", rule.why or f"names the cause {rule.cause}: {CAUSES[rule.cause]}"
    return None
