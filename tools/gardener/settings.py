"""Settings: command line over environment over file over default; each value knows where it came from."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from types import MappingProxyType
from typing import Any, Literal, get_args, get_origin

from pydantic import Field, PrivateAttr, ValidationError

from gardener.model.cause import Cause
from gardener.model.errors import ConfigurationError, nearest
from gardener.model.focus import Docker, Focus, Service
from gardener.model.policy import Impact, Policy, Rulebook, Standing, UserRule
from gardener.sources import PREFIX, leaves, read_environment, read_file
from gardener.tables import (
    Address,
    Count,
    FocusTable,
    Grade,
    ImpactTable,
    Name,
    Paths,
    PreflightTable,
    RuleTable,
    ScopeTable,
    Share,
    StandingTable,
    Table,
    TrackerName,
    Whole,
    Words,
)

COMMAND_LINE = "command line"
_NO_FOCUSES: Mapping[str, Focus] = MappingProxyType({})


class Settings(Table):
    """Every setting, validated. Only `load` makes one."""

    tracker: TrackerName = "embedded"
    store: str = "sqlite:///.gardener/gardener.db"
    apply: Literal["ci", "always", "never"] = "ci"
    python: str | None = None
    worklog_dir: str = "tests/FAILING-TEST/gardener"
    templates: str | None = None
    max_new_issues: Count = 10
    close_after_green: Whole = 3
    fail_on: Literal["any", "new", "never"] = "any"
    rerun: Count = 0
    spectrum: Literal["auto", "never"] = "auto"
    title_style: Literal["slug", "sentence", "both"] = "both"
    status: Literal["always", "on-change"] = "always"
    labels: Words = ("gardener",)
    adopt_labels: Words = ("bug", "test-failure")
    adopt_authors: Words = ()
    adopt_threshold: Share = 0.6
    own: Paths = ()
    pass_env: Words = ()
    github_url: Address = "https://api.github.com"
    token_file: str | None = None
    session: str | None = None
    preflight: PreflightTable = PreflightTable()
    severities: Mapping[Cause, Grade] = Field(default_factory=dict)
    focus: Mapping[Name, FocusTable] = Field(default_factory=dict)
    scope: Mapping[Name, ScopeTable] = Field(default_factory=dict)
    impact: tuple[ImpactTable, ...] = ()
    standing: tuple[StandingTable, ...] = ()
    rules: tuple[RuleTable, ...] = ()

    _root: Path = PrivateAttr()
    _origin: Mapping[str, str] = PrivateAttr()
    _conventions: Mapping[str, Focus] = PrivateAttr()

    def model_post_init(self, context: Any) -> None:  # noqa: ANN401 - pydantic's signature
        """Keep what `load` knows besides the values."""
        self._root, self._origin, self._conventions = context

    @property
    def root(self) -> Path:
        """The repository's root folder."""
        return self._root

    @property
    def origin(self) -> Mapping[str, str]:
        """Dotted name of every value that was given → the file, `GARDENER_…` or `command line`."""
        return self._origin

    @property
    def conventions(self) -> Mapping[str, Focus]:
        """The focuses that stand in where the file defines none."""
        return self._conventions


def load(
    root: Path,
    environ: Mapping[str, str],
    overrides: Mapping[str, object],
    conventions: Mapping[str, Focus] = _NO_FOCUSES,
) -> Settings:
    """The settings of a repository. An override that is None was not given. Raises ConfigurationError.

    `conventions` are the focuses to use where the file defines none, in stage order.
    """
    source, table = read_file(root)
    kinds = {name: field.annotation for name, field in Settings.model_fields.items()}
    kinds = {name: kind for name, kind in kinds.items() if not _tables_in(kind) and name != "severities"}
    surroundings = read_environment(environ, kinds)
    given = {name: value for name, value in overrides.items() if value is not None}
    origin = dict.fromkeys((path for path, _ in leaves(table)), source)
    origin |= {name: PREFIX + name.upper() for name in surroundings} | dict.fromkeys(given, COMMAND_LINE)
    try:
        settings = Settings.model_validate(
            {**table, **surroundings, **given}, context=(root, MappingProxyType(origin), conventions)
        )
    except ValidationError as error:
        raise _explained(error, origin, source) from None
    focuses(settings)  # an unknown need or a circle is a mistake in the file: say it now
    return settings


_WORDS = (
    ("Value error, ", ""),
    ("Input should", "should"),
    ("String should", "should"),
    ("dictionary", "table"),
    ("tuple", "list"),
    ("string", "text"),
)


def _explained(error: ValidationError, origin: Mapping[str, str], source: str) -> ConfigurationError:
    """The first mistakes as one paragraph: where it stands, what is wrong, what is near."""
    problems, hints = [], []
    for problem in error.errors(include_url=False)[:3]:
        steps = tuple(step for step in problem["loc"] if step != "[key]")
        place = _place(steps, origin, source)
        words = problem["msg"]
        if problem["type"] == "extra_forbidden":
            words = "is not a setting"
            hints.append(nearest(steps[-1], _known(steps[:-1])))
        elif problem["type"] == "enum":
            words = f"{problem['input']!r} is not a cause"
            hints.append(nearest(problem["input"], [cause.value for cause in Cause]))
        elif problem["type"] == "missing":
            words = "is missing"
        for theirs, ours in _WORDS:
            words = words.replace(theirs, ours)
        problems.append(f"{place} {words}")
    advice = dict.fromkeys([*hints, "Every setting is described in docs/configuration.md."])
    return ConfigurationError("; ".join(problems) + ".", " ".join(advice))


def _place(steps: Sequence[int | str], origin: Mapping[str, str], source: str) -> str:
    """Where a value stands, in the words of its source."""
    path = "".join(f"[{step + 1}]" if isinstance(step, int) else f".{step}" for step in steps).removeprefix(".")
    where = origin.get(path, source)
    if where == COMMAND_LINE:
        return f"--{path.replace('_', '-')}"
    if where.startswith(PREFIX):
        return f"{where} (environment)"
    return f"{source}: {'' if source == 'gardener.toml' else 'tool.gardener.'}{path}"


def _known(steps: Iterable[int | str]) -> Iterable[str]:
    """The settings of the table at a place; a name that a user chose and a place in a list lead no further."""
    table: type[Table] = Settings
    words = iter([step for step in steps if isinstance(step, str)])
    for word in words:
        kind = table.model_fields[word].annotation
        table = _tables_in(kind)[0]
        if get_origin(kind) is Mapping:
            next(words, None)
    return table.model_fields


def _tables_in(kind: object) -> list[type[Table]]:
    return [part for part in (kind, *get_args(kind)) if isinstance(part, type) and issubclass(part, Table)]


def focuses(settings: Settings) -> tuple[Focus, ...]:
    """Every focus in stage order: those that others need come first. ConfigurationError for a circle."""
    known = {name: _focus(name, table) for name, table in settings.focus.items()} or dict(settings.conventions)
    for focus in known.values():
        for need in focus.needs:
            if need not in known:
                raise ConfigurationError(f"focus {focus.name} needs {need}, which is no focus.", nearest(need, known))
    order = TopologicalSorter({name: focus.needs for name, focus in known.items()})
    try:
        return tuple(known[name] for name in order.static_order())
    except CycleError as circle:
        names = " → ".join(reversed(circle.args[1]))
        raise ConfigurationError(f"The focuses need each other in a circle: {names}.", "Take one need out.") from None


def _focus(name: str, table: FocusTable) -> Focus:
    return Focus(
        name=name,
        paths=table.paths,
        markers=table.markers,
        needs=table.needs,
        docker=Docker(**dict(table.docker)) if table.docker else None,
        services=tuple(Service(**dict(service)) for service in table.services),
        timeout_s=table.timeout,
        test_timeout_s=table.test_timeout,
        severity=table.severity,
    )


def focus(settings: Settings, name: str, scope: str | None = None, match: Sequence[str] = ()) -> Focus:
    """One focus, narrowed by a scope and by globs or words. ConfigurationError names the nearest of what is known."""
    known = {focus.name: focus for focus in focuses(settings)}
    if name not in known:
        raise ConfigurationError(f"There is no focus {name}.", nearest(name, known))
    found = replace(known[name], match=tuple(match))
    if scope is None:
        return found
    if scope not in settings.scope:
        raise ConfigurationError(f"There is no scope {scope}.", nearest(scope, settings.scope))
    narrow = settings.scope[scope]
    paths = tuple(dict.fromkeys(_common(found.paths, narrow.paths))) if narrow.paths and found.paths else narrow.paths
    if narrow.paths and not paths:
        raise ConfigurationError(
            f"No path of the scope {scope} lies in the focus {name}.",
            f"The focus has {', '.join(found.paths)}; the scope has {', '.join(narrow.paths)}.",
        )
    both = [f"({markers})" for markers in (found.markers, narrow.markers) if markers]
    return replace(
        found,
        scope=scope,
        paths=paths or found.paths,
        match=(*narrow.match, *match),
        markers=" and ".join(both) if len(both) > 1 else found.markers or narrow.markers,
    )


def _common(wide: Sequence[str], narrow: Sequence[str]) -> Iterator[str]:
    """The paths that lie in both selections."""
    for one in wide:
        for other in narrow:
            if one in (".", other) or other.startswith(f"{one}/"):
                yield other
            elif other == "." or one.startswith(f"{other}/"):
                yield one


def policy(settings: Settings, rulebook: Rulebook) -> Policy:
    """What triage may know of the settings, with the reviewed rules."""
    return Policy(
        rulebook=rulebook,
        user_rules=tuple(
            UserRule(name=f"rules[{number}]", **dict(rule)) for number, rule in enumerate(settings.rules, start=1)
        ),
        impacts=tuple(Impact(**dict(impact)) for impact in settings.impact),
        standing=tuple(Standing(**dict(standing)) for standing in settings.standing),
        max_new_issues=settings.max_new_issues,
        close_after_green=settings.close_after_green,
        labels=settings.labels,
        adopt_labels=settings.adopt_labels,
        adopt_threshold=settings.adopt_threshold,
        title_style=settings.title_style,
        status=settings.status,
        severities=tuple(settings.severities.items()),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One value as `gardener config show` prints it; a password inside an address is masked."""

    name: str
    value: object
    origin: str


def entries(settings: Settings) -> tuple[Entry, ...]:
    """Every value by its dotted name, with the source that gave it."""
    return tuple(
        Entry(
            name=name,
            value=re.sub(r"(://[^:/@\s]*):[^/\s]*@", r"\1:***@", value) if isinstance(value, str) else value,
            origin=settings.origin.get(name, "default"),
        )
        for name, value in leaves(settings.model_dump(mode="json", exclude_none=True))
    )
