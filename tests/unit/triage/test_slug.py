"""Slugs can be read in a list of issues, and titles are one sentence."""

import re
from typing import Any

import build
import pytest

from gardener.model.finding import Evidence, Finding
from gardener.model.policy import Policy
from gardener.model.run import Failure, Origin
from gardener.rulebook import load_rulebook
from gardener.triage.group import group
from gardener.triage.slug import LONGEST, kebab

pytestmark = pytest.mark.unit

PRODUCT = (build.frame("shop/cart.py", 7, "total"),)


def one(subject: str, exception: str, message: str, **rest: Any) -> Finding:
    failure = build.failure(subject, exception, message, **rest)
    (found,) = group([failure], Evidence(), Policy(rulebook=load_rulebook()))
    return found


@pytest.mark.parametrize(
    ("failure", "slug", "title"),
    [
        (
            (
                "t/test_a.py::t",
                "TypeError",
                "ConnectionInfo.__init__() missing 2 required positional arguments: 'a' and 'b'",
            ),
            "connection-info-constructor",
            "Calls do not fit the constructor of ConnectionInfo",
        ),
        (
            ("t/test_a.py::t", "TypeError", "Tuple.convert() missing 1 required positional argument: 'a'"),
            "tuple-convert-arguments",
            "Calls do not fit Tuple.convert()",
        ),
        (
            ("t/test_a.py::t", "AttributeError", "Mock object has no attribute 'is_healthy'"),
            "mock-interface-mismatch",
            "Mocks do not match the real interface: is_healthy is missing",
        ),
        (
            ("t/test_bridge_integration.py::t", "AssertionError", "Expected 5 bridge events, got 0\nassert 0 == 5"),
            "bridge-integration-no-events",
            "Wrong result in the tests of bridge integration: Expected 5 bridge events, got 0",
        ),
        (
            ("t/test_event_format.py::t", "AssertionError", "assert 'Event...STARTED' == 'started'"),
            "event-format",
            "Wrong result in the tests of event format: assert 'Event...STARTED' == 'started'",
        ),
        (
            ("t/test_event_format.py::t", "AssertionError", "assert <Event.STARTED: 'started'> == 'started'"),
            "event-format",
            "Wrong result in the tests of event format: assert <Event.STARTED: 'started'> == 'started'",
        ),
        (
            ("t/test_a.py::t", "AssertionError", "assert <Cart object at 0x7fbc9f669de0> is None"),
            "a",
            "Wrong result in the tests of a: assert <Cart object> is None",
        ),
        (
            ("t/test_super.py::t", "TypeError", "super(type, obj): obj must be an instance"),
            "super",
            "TypeError in the tests of super: super(type, obj): obj must be an instance",
        ),
        (
            ("t/test_a.py::t", "KeyError", "'price'"),
            "total-key-error",
            "KeyError in shop/cart.py::total: 'price'",
        ),
    ],
)
def test_slug_and_title_come_from_the_evidence(failure: tuple[str, str, str], slug: str, title: str) -> None:
    found = one(*failure, frames=PRODUCT if failure[1] == "KeyError" else ())
    assert (found.slug, found.title) == (slug, title)


def test_a_deprecated_api_is_named() -> None:
    text = "datetime.datetime.utcnow() is deprecated and scheduled for removal"
    found = one("shop/a.py", "DeprecationWarning", text, origin=Origin.WARNING, frames=())
    assert found.slug == "deprecated-datetime-datetime-utcnow"


@pytest.mark.parametrize(
    "failure",
    [
        build.failure(f"tests/test_{'very_' * 40}long.py::t", message="assert 1 == 2"),
        build.failure("tests/test_größe_日本.py::t", message="assert 'ü' == '\U0001f600'"),
        build.failure("日本.py::t", message="日本 " * 400),
        build.failure("t.py", "", "", origin=Origin.COLLECTION, frames=()),
        build.failure("t.py::a", "", "", frames=()),
        build.failure(message="one\ntwo\r\nthree\x00"),
    ],
    ids=["long", "unicode", "nothing left", "empty collection", "empty", "lines"],
)
def test_a_slug_is_short_kebab_case_and_a_title_one_line_whatever_the_text(failure: Failure) -> None:
    (found,) = group([failure], Evidence(), Policy(rulebook=load_rulebook()))
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", found.slug)
    assert len(found.slug) <= LONGEST
    assert "\n" not in found.title
    assert 0 < len(found.title) <= 200


def test_kebab_cuts_between_words() -> None:
    assert kebab("WebSocketEventType HTTPServer_2") == "web-socket-event-type-http-server-2"
    assert kebab("word " * 30) == "-".join(["word"] * 12)
