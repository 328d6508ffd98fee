"""The tables of the settings file: what may stand where, and in which shape."""

import re
from pathlib import Path
from typing import Annotated, Literal, NoReturn
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, model_validator

from gardener.model.cause import Cause
from gardener.model.focus import Severity
from gardener.model.text import keeps_secret

_BYTES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}


def _refuse(wanted: str) -> NoReturn:
    raise ValueError(f"should be {wanted}")


def _severity(value: object) -> Severity:
    return Severity[value] if isinstance(value, str) and value in Severity.__members__ else _refuse("P0, P1, P2 or P3")


def _size(value: object) -> int:
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([A-Za-z]*)", str(value).strip())
    if isinstance(value, bool) or found is None or found[2].lower() not in _BYTES:
        _refuse('a number of bytes or a text such as "5 GiB"')
    return int(float(found[1]) * _BYTES[found[2].lower()])


def _one_or_many(value: object) -> object:
    return (value,) if isinstance(value, str) else value


def _inside(value: str) -> str:
    if Path(value).is_absolute() or re.match(r"[/\\]|[A-Za-z]:", value):
        _refuse("a path relative to the repository's root")
    return value.replace("\\", "/").removeprefix("./").rstrip("/") or "."


def _safe_address(value: str) -> str:
    if not keeps_secret(value):
        _refuse("an https:// address: the token is sent there")
    return value.rstrip("/")


def _address(value: str) -> str:
    try:
        _ = urlsplit(value if "://" in value else f"//{value}").port
    except ValueError as error:
        _refuse(f"an address: {error}")
    return value


def _pattern(value: str) -> str:
    try:
        re.compile(value)
    except re.error as error:
        _refuse(f"a regular expression: {error}")
    return value


def _tracker_name(value: str) -> str:
    if value != "embedded" and not re.fullmatch(r"github:[\w.-]+/[\w.-]+", value):
        _refuse('"embedded" or "github:owner/repository"')
    return value


Grade = Annotated[Severity, BeforeValidator(_severity), PlainSerializer(lambda severity: severity.name)]
Size = Annotated[int, BeforeValidator(_size)]
Inside = Annotated[str, AfterValidator(_inside)]
Words = Annotated[tuple[str, ...], BeforeValidator(_one_or_many)]
Paths = Annotated[tuple[Inside, ...], BeforeValidator(_one_or_many)]
Count = Annotated[int, Field(strict=True, ge=0)]
Whole = Annotated[int, Field(strict=True, ge=1)]
Share = Annotated[float, Field(strict=True, ge=0, le=1)]
Seconds = Annotated[float, Field(strict=True, gt=0)]
Address = Annotated[str, AfterValidator(_safe_address)]
TrackerName = Annotated[str, AfterValidator(_tracker_name)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]*$")]


class Table(BaseModel):
    """A table of the file: frozen, and nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    def exactly_one(self, *names: str) -> None:
        """ValueError unless just one of these fields is set."""
        if sum(getattr(self, name) is not None for name in names) != 1:
            _refuse(f"given exactly one of {', '.join(names)}")


class DockerTable(Table):
    """`docker = {…}` of a focus."""

    compose: Paths = ()
    marker: str | None = None
    paths: Paths = ()
    fixtures: Words = ()
    services: Words = ()


class ServiceTable(Table):
    """`[[tool.gardener.focus.NAME.services]]`."""

    name: str
    tcp: Annotated[str, Field(pattern=r"^(\[[0-9a-fA-F:]+\]|[^:\s]+):\d{1,5}$"), AfterValidator(_address)] | None = None
    http: Annotated[str, AfterValidator(_address)] | None = None
    postgres: str | None = None

    @model_validator(mode="after")
    def _one_address(self) -> "ServiceTable":
        self.exactly_one("tcp", "http", "postgres")
        return self


class FocusTable(Table):
    """`[tool.gardener.focus.NAME]`."""

    paths: Paths = ()
    markers: str | None = None
    needs: Words = ()
    timeout: Seconds | None = None
    test_timeout: Seconds | None = None
    docker: DockerTable | None = None
    services: tuple[ServiceTable, ...] = ()
    severity: Grade = Severity.P2


class ScopeTable(Table):
    """`[tool.gardener.scope.NAME]`."""

    paths: Paths = ()
    match: Words = ()
    markers: str | None = None


class ImpactTable(Table):
    """`[[tool.gardener.impact]]`."""

    match: str
    text: str = ""
    critical: Annotated[bool, Field(strict=True)] = False


class StandingTable(Table):
    """`[[tool.gardener.standing]]`."""

    cause: Cause
    issue: Whole | None = None
    title: str | None = None

    @model_validator(mode="after")
    def _one_target(self) -> "StandingTable":
        self.exactly_one("issue", "title")
        return self


class RuleTable(Table):
    """`[[tool.gardener.rules]]`."""

    regex: Annotated[str, AfterValidator(_pattern)] | None = None
    contains: str | None = None
    on: Literal["message", "path", "exception", "log"] = "message"
    cause: Cause | None = None
    severity: Grade | None = None
    area: str = ""
    group: str = ""
    ignore: Annotated[bool, Field(strict=True)] = False

    @model_validator(mode="after")
    def _one_text(self) -> "RuleTable":
        self.exactly_one("regex", "contains")
        known = re.compile(self.regex).groupindex if self.regex else {}
        for name in re.findall(r"\{(\w*)\}", self.group):
            if name not in known:
                raise ValueError(f"has {{{name}}} in group, which the regex does not name: (?P<{name or 'what'}>…)")
        return self


class PreflightTable(Table):
    """`[tool.gardener.preflight]`: free bytes below which the disk check warns or blocks; whether it mends."""

    warn_free: Size = 5 * 2**30
    block_free: Size = 2 * 2**30
    fix: bool = False
