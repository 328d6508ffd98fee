"""A focus: a named selection of tests with its needs; and how bad a failure can be."""

import enum
from dataclasses import dataclass


class Severity(enum.IntEnum):
    """P0 blocks, P1 high, P2 medium, P3 low. Smaller is worse."""

    P0 = 0
    P1 = 1
    P2 = 2
    P3 = 3

    def towards(self, wanted: "Severity") -> "Severity":
        """One level from here in the direction of `wanted`; a priority moves one step per run."""
        step = (wanted > self) - (wanted < self)
        return Severity(self + step)


@dataclass(frozen=True, slots=True, kw_only=True)
class Docker:
    """What a focus needs from Docker, and which of its tests need it."""

    compose: tuple[str, ...] = ()  # compose files, relative to the root; () = the usual names
    marker: str | None = None  # tests with this pytest marker need Docker
    paths: tuple[str, ...] = ()  # tests below these paths need Docker
    fixtures: tuple[str, ...] = ()  # tests that ask for one of these fixtures need Docker
    services: tuple[str, ...] = ()  # compose services the tests need; () = all of the file


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A dependency that should answer before the tests run. Exactly one address is set."""

    name: str
    tcp: str | None = None  # "host:port"
    http: str | None = None  # URL; any answer below 500 is an answer
    postgres: str | None = None  # libpq URL


@dataclass(frozen=True, slots=True, kw_only=True)
class Focus:
    """A named selection of tests with its needs. Paths are relative to the root, with forward slashes."""

    name: str
    paths: tuple[str, ...] = ()
    markers: str | None = None  # a pytest -m expression
    match: tuple[str, ...] = ()  # globs or pytest -k words that narrow the selection
    scope: str | None = None  # the name of the scope that narrowed it
    needs: tuple[str, ...] = ()  # focuses that must be healthy first
    docker: Docker | None = None
    services: tuple[Service, ...] = ()
    timeout_s: float | None = None  # for the whole run
    test_timeout_s: float | None = None  # for one test
    severity: Severity = Severity.P2  # the usual severity of a failure here
    assumed: tuple[str, ...] = ()  # what was found by convention rather than configured

    @property
    def narrowed(self) -> bool:
        """A narrowed run says nothing about the tests it left out: it never closes an issue."""
        return bool(self.match or self.scope)
