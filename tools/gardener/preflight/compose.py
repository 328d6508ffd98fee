"""Compose files → the services that a focus needs: what they build, pull and publish, with the lines that say so."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from gardener import proc
from gardener.preflight.interpolate import MissingVariable, fill, read_env
from gardener.preflight.question import Question

USUAL = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
_NOT_COMPOSE_2 = ("unknown shorthand flag", "unknown flag", "is not a docker command", "Usage:", "No such option")


@dataclass(frozen=True, slots=True, kw_only=True)
class Build:
    """How a service's image is built. Folders are absolute; a context may also be a URL."""

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
    image: str | None = None
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
        for length in range(len(keys), 0, -1):
            if keys[:length] in known:
                return known[keys[:length]]
        return None


def load_stack(question: Question) -> Stack:
    """The stack of a focus. Never raises: what is wrong is a fault in it."""
    folder, variables = question.root, _variables(question)
    files = find_files(question, variables)
    missing = [path for path in files if not _is_there(path)]
    if missing:
        gone = (Fault(found=f"the compose file {question.label(path)} does not exist") for path in missing)
        return Stack(files=files, faults=tuple(gone))
    if not files:
        return Stack()
    trees: list[Any] = []
    lines: list[tuple[tuple[str, ...], str]] = []
    faults: list[Fault] = []
    for path in files:
        try:
            node = yaml.compose(path.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
            trees.append(yaml.safe_load(path.read_text(encoding="utf-8")) or {})
        except yaml.YAMLError as error:
            line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
            problem = getattr(error, "problem", None) or "cannot be read"
            faults.append(Fault(found=f"not valid YAML: {problem}", location=f"{question.label(path)}:{line}"))
        except (OSError, UnicodeDecodeError) as error:
            faults.append(Fault(found=str(error), location=f"{question.label(path)}:1"))
        else:
            lines += [(keys, f"{question.label(path)}:{line}") for keys, line in _lines(node)]
    stack = Stack(files=files, lines=tuple(lines), project=_project(folder, files, variables), faults=tuple(faults))
    if faults:
        return stack
    return _needed(question, variables, _resolve(question, stack, trees, variables))


def _variables(question: Question) -> dict[str, str]:
    """What compose fills in: the environment over the .env file beside the first compose file."""
    folder = question.root
    if question.docker.compose:
        folder = (question.root / question.docker.compose[0]).parent
    try:
        told = read_env((folder / ".env").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        told = {}
    return told | dict(question.environ)


def find_files(question: Question, variables: Mapping[str, str]) -> tuple[Path, ...]:
    """The compose files of the focus: declared ones, those of COMPOSE_FILE, or the usual name with its override."""
    told = question.docker.compose
    if not told and variables.get("COMPOSE_FILE"):
        joint = variables.get("COMPOSE_PATH_SEPARATOR") or os.pathsep
        told = tuple(variables["COMPOSE_FILE"].split(joint))
    if told:
        return tuple(question.root / name for name in told)
    for name in USUAL:
        if _is_there(question.root / name):
            stem = name.rsplit(".", 1)[0]
            overrides = (question.root / f"{stem}.override{ending}" for ending in (".yaml", ".yml"))
            return (question.root / name, *(path for path in overrides if _is_there(path)))
    return ()


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder above it that may not be entered
        return False


def _project(folder: Path, files: tuple[Path, ...], variables: Mapping[str, str]) -> str:
    name = variables.get("COMPOSE_PROJECT_NAME") or files[0].resolve().parent.name or folder.name
    return re.sub(r"[^a-z0-9_-]", "", name.lower()).lstrip("_-")


def _lines(node: yaml.Node | None, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    """Where each setting stands: its path of keys and its line."""
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            path = (*keys, str(key.value))
            yield path, key.start_mark.line + 1
            yield from _lines(value, path)
    elif isinstance(node, yaml.SequenceNode):
        for place, value in enumerate(node.value):
            yield (*keys, str(place)), value.start_mark.line + 1


def _resolve(question: Question, stack: Stack, trees: list[Any], variables: Mapping[str, str]) -> Stack:
    """The services as compose itself reads them, else as the YAML says."""
    for argv in _programs(question):
        files = [part for path in stack.files for part in ("-f", str(path))]
        done = proc.run(
            [*argv, *files, "--profile", "*", "config", "--format", "json"],
            cwd=question.root,
            env=question.environ,
            timeout_s=question.limits.timeout_s * 0.7,
        )
        if done.ok:
            tree: Any = fill(json.loads(done.out), {})  # its output has every dollar doubled
            return replace(
                stack, project=tree.get("name", stack.project), services=_services(tree, stack.files[0].parent)
            )
        if done.code is not None and not any(words in done.err + done.out for words in _NOT_COMPOSE_2):
            return replace(stack, faults=(_told(stack, done.err.strip().splitlines()[-1:]),))
    return _from_yaml(stack, trees, variables)


def _programs(question: Question) -> Iterator[list[str]]:
    path = question.environ.get("PATH")
    if docker := shutil.which("docker", path=path):
        yield [docker, "compose"]
    if alone := shutil.which("docker-compose", path=path):
        yield [alone]


def _told(stack: Stack, last_line: list[str]) -> Fault:
    """Compose's own complaint, with the line that it is about."""
    words = last_line[0] if last_line else "compose refuses the file without a word"
    setting = re.search(r"\b((?:services|networks|volumes)(?:\.[\w-]+)+)", words)
    service = re.search(r'service "([^"]+)"', words)
    location = None
    if setting:
        location = stack.place(*setting[1].split("."))
    elif service:
        location = stack.place("services", service[1])
    return Fault(found=words, location=location or stack.place("services"))


def _from_yaml(stack: Stack, trees: list[Any], variables: Mapping[str, str]) -> Stack:
    """The services without compose's own program: variables and overrides yes, `extends` and `include` no."""
    merged: dict[str, Any] = {}
    for tree in trees:
        faults = tuple(_misshapen(stack, tree))
        if faults:
            return replace(stack, faults=faults)
        merged = _merge(merged, tree)
    try:
        whole: Any = fill(merged, variables)
    except MissingVariable as error:
        return replace(stack, faults=(Fault(found=str(error), location=stack.place("services")),))
    folder = stack.files[0].parent
    services = _services(whole, folder)
    faults = tuple(_incomplete(stack, whole, {service.name: service for service in services}, folder))
    return replace(stack, project=str(whole.get("name") or stack.project), services=services, faults=faults)


def _misshapen(stack: Stack, tree: Any) -> Iterator[Fault]:  # noqa: ANN401 - any YAML
    services = tree.get("services") if isinstance(tree, dict) else None
    if not isinstance(services, dict | None) or not isinstance(tree, dict):
        yield Fault(found="services must be a mapping", location=stack.place("services") or f"{stack.files[0].name}:1")
        return
    for name, service in (services or {}).items():
        if not isinstance(service, dict):
            yield Fault(found=f"services.{name} must be a mapping", location=stack.place("services", name))
        elif not isinstance(service.get("ports"), list | None):
            yield Fault(
                found=f"services.{name}.ports must be an array", location=stack.place("services", name, "ports")
            )


def _incomplete(stack: Stack, tree: Any, services: Mapping[str, Service], folder: Path) -> Iterator[Fault]:  # noqa: ANN401
    if tree.get("include"):
        yield Fault(found="include needs compose's own program", location=stack.place("include"), uncertain=True)
    for name, service in services.items():
        raw, place = tree["services"][name], stack.place("services", name)
        if raw.get("extends"):
            location = stack.place("services", name, "extends")
            yield Fault(found="extends needs compose's own program", location=location, uncertain=True)
        elif service.image is None and service.build is None and not raw.get("provider"):
            yield Fault(found=f'service "{name}" has neither an image nor a build context specified', location=place)
        for other in service.depends_on:
            if other not in services and not tree.get("include"):
                yield Fault(found=f'service "{name}" depends on undefined service "{other}"', location=place)
        told = raw.get("env_file") or []
        for item in told if isinstance(told, list) else [told]:
            path, required = (item.get("path"), item.get("required", True)) if isinstance(item, dict) else (item, True)
            if required and not (folder / str(path)).is_file():
                location = stack.place("services", name, "env_file")
                yield Fault(found=f"the env file {path} does not exist", location=location)


def _merge(base: Any, over: Any) -> Any:  # noqa: ANN401 - any YAML
    """An override file's tree on top of a base: mappings merge, lists grow, the rest is replaced."""
    if isinstance(base, dict) and isinstance(over, dict):
        both = {**base, **{key: _merge(base[key], value) if key in base else value for key, value in over.items()}}
        build = [tree.get("build") for tree in (base, over)]
        if all(build):
            both["build"] = _merge(*({"context": told} if isinstance(told, str) else told for told in build))
        return both
    if isinstance(base, list) and isinstance(over, list):
        return [*base, *(item for item in over if item not in base)]
    return base if over is None else over


def _services(tree: Mapping[str, Any], folder: Path) -> tuple[Service, ...]:
    return tuple(_service(name, raw or {}, folder) for name, raw in (tree.get("services") or {}).items())


def _service(name: str, raw: Mapping[str, Any], folder: Path) -> Service:
    return Service(
        name=name,
        image=str(raw["image"]) if raw.get("image") else None,
        build=_build(raw["build"], folder) if raw.get("build") else None,
        ports=tuple(port for told in raw.get("ports") or () for port in _ports(told)),
        depends_on=tuple(raw.get("depends_on") or ()),
        profiles=tuple(raw.get("profiles") or ()),
        pull_policy=str(raw.get("pull_policy") or ""),
        container=str(raw.get("container_name") or ""),
    )


def _build(raw: str | Mapping[str, Any], folder: Path) -> Build:
    told = {"context": raw} if isinstance(raw, str) else raw
    context = str(told.get("context") or ".")
    if not is_remote(context):
        context = str((folder / Path(context).expanduser()).resolve())
    args = told.get("args") or {}
    pairs = args.items() if isinstance(args, Mapping) else (str(arg).partition("=")[::2] for arg in args)
    extra = told.get("additional_contexts") or {}
    return Build(
        context=context,
        dockerfile=str(told.get("dockerfile") or "Dockerfile"),
        inline=told.get("dockerfile_inline"),
        target=told.get("target"),
        args=tuple((str(key), None if value is None else str(value)) for key, value in pairs),
        contexts=frozenset(str(item).partition("=")[0] for item in extra),
    )


def is_remote(context: str) -> bool:
    """Whether a build context is fetched from elsewhere rather than read from a folder."""
    return "://" in context or context.startswith(("git@", "github.com/"))


def _ports(told: object) -> Iterator[Port]:
    """The host ports of one entry: `8000:80`, `127.0.0.1:8000-8001:80/udp` or the long form."""
    if isinstance(told, Mapping):
        host, span, protocol = (
            str(told.get("host_ip") or ""),
            str(told.get("published") or ""),
            told.get("protocol", "tcp"),
        )
    else:
        address, _, protocol = str(told).partition("/")
        rest, _, _ = address.rpartition(":")
        host, _, span = rest.rpartition(":")
    first, _, last = span.partition("-")
    if first.isdigit() and (last or first).isdigit():
        for number in range(int(first), int(last or first) + 1):
            if number:
                yield Port(number=number, host=host.strip("[]"), protocol=str(protocol or "tcp"))


def _needed(question: Question, variables: Mapping[str, str], stack: Stack) -> Stack:
    """The stack with the services that the focus needs, those they depend on included."""
    by_name = {service.name: service for service in stack.services}
    active = set(variables.get("COMPOSE_PROFILES", "").split(","))
    named = question.docker.services
    wanted = list(named) or [
        service.name for service in stack.services if not service.profiles or active & {*service.profiles, "*"}
    ]
    chosen: dict[str, Service] = {}
    faults = [
        Fault(
            found=f'the focus needs the service "{name}", which the compose files do not have',
            location=stack.place("services"),
        )
        for name in named
        if name not in by_name and not stack.faults
    ]
    while wanted:
        name = wanted.pop(0)
        if name in by_name and name not in chosen:
            chosen[name] = by_name[name]
            wanted += by_name[name].depends_on
    written = [keys[1] for keys, _ in stack.lines if len(keys) == 2 and keys[0] == "services"]
    order = {name: place for place, name in reversed(list(enumerate(written)))}
    ordered = sorted(chosen.values(), key=lambda service: order.get(service.name, len(written)))
    return replace(stack, services=tuple(ordered), faults=(*stack.faults, *faults))
