"""The services of compose files as records: what they build, pull and publish, with the lines that say so. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How a service's image is built. The context is an absolute folder, or a URL."""

    context: str
    dockerfile: str = "Dockerfile"
    inline: str | None = None
    target: str | None = None
    args: tuple[tuple[str, str | None], ...] = ()
    contexts: frozenset[str] = frozenset()  # names of additional contexts

    @property
    def file(self) -> Path:
        """Where the Dockerfile is."""
        return Path(self.context) / self.dockerfile

    @property
    def remote(self) -> bool:
        """Whether the context is fetched from elsewhere rather than read from a folder."""
        return "://" in self.context or self.context.startswith(("git@", "github.com/"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """A host port that a service publishes."""

    number: int
    host: str = ""  # "" for every address
    protocol: str = "tcp"


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A compose service, as far as preflight asks."""

    name: str
    image: str = ""
    build: Build | None = None
    ports: tuple[Port, ...] = ()
    depends_on: tuple[str, ...] = ()
    profiles: tuple[str, ...] = ()
    pull_policy: str = ""
    container: str = ""  # the name it insists on


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """What is wrong with the compose files themselves. Uncertain where only compose's own program could tell."""

    found: str
    location: str | None = None
    uncertain: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """The services that a focus needs, and where each setting stands."""

    files: tuple[Path, ...] = ()
    project: str = ""
    services: tuple[Service, ...] = ()
    faults: tuple[Fault, ...] = ()
    lines: tuple[tuple[tuple[str, ...], str], ...] = ()  # (path of keys, "file:line"), later files last

    def place(self, *keys: str) -> str | None:
        """`file:line` of a setting, or of the nearest one around it."""
        known = dict(self.lines)
        around = (known.get(keys[:length]) for length in range(len(keys), 0, -1))
        return next((place for place in around if place), None)

    def needing(self, named: Sequence[str], profiles: set[str]) -> "Stack":
        """The stack with the named services (none: all that an active profile lets through) and what they depend on."""
        by_name = {service.name: service for service in self.services}
        missing = [
            Fault(found=f'the focus needs the service "{name}", which is not there', location=self.place("services"))
            for name in named
            if name not in by_name and not self.faults
        ]
        todo = list(named) or [one.name for one in self.services if not one.profiles or profiles & {*one.profiles, "*"}]
        chosen: dict[str, Service] = {}
        while todo:
            name = todo.pop(0)
            if name in by_name and name not in chosen:
                chosen[name] = by_name[name]
                todo += by_name[name].depends_on
        written = [keys[1] for keys, _ in self.lines if len(keys) == 2 and keys[0] == "services"]
        order = sorted(chosen, key=lambda name: written.index(name) if name in written else len(written))
        return replace(self, services=tuple(chosen[name] for name in order), faults=(*self.faults, *missing))


def read_services(tree: Mapping[str, Any], folder: Path) -> tuple[Service, ...]:
    """The services of a resolved compose file whose paths begin at `folder`."""
    return tuple(
        Service(
            name=name,
            image=str(raw.get("image") or ""),
            build=_build(raw["build"], folder) if raw.get("build") else None,
            ports=tuple(port for told in raw.get("ports") or () for port in _ports(told)),
            depends_on=tuple(raw.get("depends_on") or ()),
            profiles=tuple(raw.get("profiles") or ()),
            pull_policy=str(raw.get("pull_policy") or ""),
            container=str(raw.get("container_name") or ""),
        )
        for name, raw in (tree.get("services") or {}).items()
    )


def _build(raw: str | Mapping[str, Any], folder: Path) -> Build:
    told = {"context": raw} if isinstance(raw, str) else raw
    args = told.get("args") or {}
    pairs = args.items() if isinstance(args, Mapping) else (str(arg).partition("=")[::2] for arg in args)
    build = Build(
        context=str(told.get("context") or "."),
        dockerfile=str(told.get("dockerfile") or "Dockerfile"),
        inline=told.get("dockerfile_inline"),
        target=told.get("target"),
        args=tuple((str(key), None if value is None else str(value)) for key, value in pairs),
        contexts=frozenset(str(item).partition("=")[0] for item in told.get("additional_contexts") or {}),
    )
    return build if build.remote else replace(build, context=str((folder / Path(build.context).expanduser()).resolve()))


def _ports(told: object) -> Iterator[Port]:
    """The host ports of one entry: `8000:80`, `127.0.0.1:8000-8001:80/udp` or the long form."""
    if isinstance(told, Mapping):
        host, span, protocol = (str(told.get(key) or "") for key in ("host_ip", "published", "protocol"))
    else:
        address, _, protocol = str(told).partition("/")
        host, _, span = address.rpartition(":")[0].rpartition(":")
    first, _, last = span.partition("-")
    if first.isdigit() and (last or first).isdigit():
        for number in range(max(int(first), 1), int(last or first) + 1):
            yield Port(number=number, host=host.strip("[]"), protocol=protocol or "tcp")
