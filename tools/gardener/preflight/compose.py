"""Compose files → the stack that a focus needs: by compose's own program, else by what the YAML says."""

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import yaml

from gardener import proc
from gardener.preflight.interpolate import MissingVariable, fill, read_env
from gardener.preflight.question import Question
from gardener.preflight.stack import Fault, Service, Stack, read_services

USUAL = ("compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml")
# what an older program says that does not know the call
_NOT_COMPOSE_2 = re.compile("unknown (?:shorthand )?flag|unknown command|is not a docker command|Usage:|No such option")
_KEPT_TAGS = ("tag:yaml.org,2002:merge", "tag:yaml.org,2002:null")


class _Loader(yaml.SafeLoader):
    """Scalars stay text: YAML 1.1 would read the port `22:22` as a number. Compose's own tags are let pass."""


_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] in _KEPT_TAGS]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_multi_constructor("!", lambda *_: None)


def load_stack(question: Question) -> Stack:
    """The stack of a focus. Never raises: what is wrong is a fault in it."""
    variables = _variables(question)
    files = find_files(question, variables)
    missing = [question.label(path) for path in files if not _is_there(path)]
    if missing or not files:
        gone = (Fault(found=f"the compose file {name} does not exist") for name in missing)
        return Stack(files=files, faults=tuple(gone))
    trees: list[Any] = []
    lines: list[tuple[tuple[str, ...], str]] = []
    for path in files:
        name = question.label(path)
        try:
            tree, found = _read(path)
        except yaml.MarkedYAMLError as error:
            line = error.problem_mark.line + 1 if error.problem_mark else 1
            return Stack(
                files=files, faults=(Fault(found=f"not valid YAML: {error.problem}", location=f"{name}:{line}"),)
            )
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            return Stack(files=files, faults=(Fault(found=f"cannot be read: {error}", location=f"{name}:1"),))
        trees.append(tree)
        lines += [(keys, f"{name}:{line}") for keys, line in found]
    project = variables.get("COMPOSE_PROJECT_NAME") or files[0].resolve().parent.name
    project = re.sub(r"[^a-z0-9_-]", "", project.lower()).lstrip("_-")
    stack = Stack(files=files, lines=tuple(lines), project=project)
    try:
        stack = _resolve(question, stack, trees, variables)
    except (AttributeError, KeyError, TypeError, ValueError) as error:  # a shape that only compose can refuse in words
        words = f"not understood without compose's own program: {error}"
        stack = replace(stack, faults=(Fault(found=words, location=stack.place("services"), uncertain=True),))
    return stack.needing(question.docker.services, set(variables.get("COMPOSE_PROFILES", "").split(",")))


def _variables(question: Question) -> dict[str, str]:
    """What compose fills in: the environment over the .env file beside the first compose file."""
    first = question.docker.compose[0] if question.docker.compose else USUAL[0]
    try:
        told = read_env((question.root / first).with_name(".env").read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError):
        told = {}
    return told | dict(question.environ)


def find_files(question: Question, variables: Mapping[str, str]) -> tuple[Path, ...]:
    """The compose files of the focus: declared ones, those of COMPOSE_FILE, or the usual name with its override."""
    told = question.docker.compose
    if not told and variables.get("COMPOSE_FILE"):
        told = tuple(variables["COMPOSE_FILE"].split(variables.get("COMPOSE_PATH_SEPARATOR") or os.pathsep))
    if told:
        return tuple(question.root / name for name in told)
    first = next((question.root / name for name in USUAL if _is_there(question.root / name)), None)
    overrides = [first.with_name(f"{first.stem}.override{ending}") for ending in (".yaml", ".yml")] if first else []
    return (first, *filter(_is_there, overrides)) if first else ()


def _is_there(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:  # a folder above it that may not be entered
        return False


def _read(path: Path) -> tuple[Any, list[tuple[tuple[str, ...], int]]]:
    """The tree of a file and where each setting stands in it."""
    loader = _Loader(path.read_text(encoding="utf-8"))
    try:
        node = loader.get_single_node()
        lines = list(_lines(node))
        return loader.construct_document(node) if node else {}, lines
    finally:
        loader.dispose()


def _lines(node: yaml.Node | None, keys: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], int]]:
    for key, value in node.value if isinstance(node, yaml.MappingNode) else ():
        path = (*keys, str(key.value))
        yield path, key.start_mark.line + 1
        yield from _lines(value, path)


def _resolve(question: Question, stack: Stack, trees: list[Any], variables: Mapping[str, str]) -> Stack:
    """The services as compose itself reads them, else as the YAML says."""
    path = question.environ.get("PATH")
    programs = ((shutil.which("docker", path=path), "compose"), (shutil.which("docker-compose", path=path),))
    files = [part for file in stack.files for part in ("-f", str(file))]
    for program in programs:
        if not program[0]:
            continue
        argv = [*(part for part in program if part), *files, "--profile", "*", "config", "--format", "json"]
        limit = question.limits.timeout_s * 0.7
        done = proc.run(argv, cwd=question.root, env=question.environ, timeout_s=limit)
        if done.ok:
            tree: Any = fill(json.loads(done.out), {})  # its output has every dollar doubled
            services = read_services(tree, stack.files[0].parent)
            return replace(stack, project=tree.get("name", stack.project), services=services)
        if done.code is not None and not _NOT_COMPOSE_2.search(done.err + done.out):
            return replace(stack, faults=(_complaint(stack, done.err),))
    return _from_yaml(stack, trees, variables)


def _complaint(stack: Stack, words: str) -> Fault:
    """Compose's own complaint, with the line that it is about."""
    last = (words.strip().splitlines() or ["compose refuses the file without a word"])[-1]
    setting = re.search(r"\bservices(?:\.[\w-]+)+", last)
    service = re.search(r'service "([^"]+)"', last)
    keys = setting[0].split(".") if setting else ["services", *(service.groups() if service else ())]
    return Fault(found=last, location=stack.place(*keys))


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
    services = read_services(whole, stack.files[0].parent)
    faults = tuple(_incomplete(stack, whole, {service.name: service for service in services}))
    return replace(stack, project=str(whole.get("name") or stack.project), services=services, faults=faults)


def _misshapen(stack: Stack, tree: Any) -> Iterator[Fault]:  # noqa: ANN401 - any YAML
    services = (tree.get("services") or {}) if isinstance(tree, dict) else None
    if not isinstance(services, dict):
        yield Fault(found="services must be a mapping", location=stack.place("services") or f"{stack.files[0].name}:1")
        return
    for name, service in services.items():
        if not isinstance(service, dict):
            yield Fault(found=f"services.{name} must be a mapping", location=stack.place("services", name))
        elif not isinstance(service.get("ports") or [], list):
            location = stack.place("services", name, "ports")
            yield Fault(found=f"services.{name}.ports must be an array", location=location)


def _incomplete(stack: Stack, tree: Any, services: Mapping[str, Service]) -> Iterator[Fault]:  # noqa: ANN401
    if tree.get("include"):
        yield Fault(found="include needs compose's own program", location=stack.place("include"), uncertain=True)
    for name, service in services.items():
        raw, place = tree["services"][name], stack.place("services", name)
        if raw.get("extends"):
            location = stack.place("services", name, "extends")
            yield Fault(found="extends needs compose's own program", location=location, uncertain=True)
        elif not (service.image or service.build or raw.get("provider")):
            yield Fault(found=f'service "{name}" has neither an image nor a build context specified', location=place)
        for other in service.depends_on:
            if other not in services and not tree.get("include"):
                yield Fault(found=f'service "{name}" depends on undefined service "{other}"', location=place)
        told = raw.get("env_file") or []
        for item in told if isinstance(told, list) else [told]:
            path = item if isinstance(item, str) else item.get("path", "")
            needed = isinstance(item, str) or item.get("required") != "false"
            if needed and not _is_there(stack.files[0].parent / path):
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
