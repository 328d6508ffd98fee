"""Looking less closely changes no answer: what is skipped is what would have told nothing."""

from dataclasses import replace

import build
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gardener.model.policy import Policy
from gardener.model.run import Failure, Origin
from gardener.model.text import CleanText
from gardener.rulebook import load_rulebook
from gardener.triage.cause import Judge
from gardener.triage.sorting import is_traceback, sort_lines

pytestmark = pytest.mark.unit

JUDGE = Judge(Policy(rulebook=load_rulebook()))
LINES = (  # what tracebacks of pytest hold, and what may stand between them
    "",
    "    def total(self):",
    ">       return sum(self.prices)",
    "E   ConnectionRefusedError: [Errno 111] Connection refused",
    "E       AssertionError: assert 1 == 2",
    "E   fixture 'db' not found",
    "shop/cart.py:7: KeyError",
    "shop/cart.py:7: in total",
    "_ _ _ _ _ _ _ _ _ _",
    "cart = <Cart object>",
    "During handling of the above exception, another exception occurred:",
    "Traceback (most recent call last):",
    '  File "shop/cart.py", line 7, in total',
    "docker.errors.DockerException: Error while fetching server API version",
    "failed to solve: process did not complete successfully: exit code: 1",
    "web-1  | Cannot connect to the Docker daemon at unix:///var/run/docker.sock",
    "2025-09-14 12:00:01 no space left on device",
    "ERROR at setup of test_a",
    "INTERNALERROR> KeyError: 'a'",
    "\x1b[31mE   TimeoutError\x1b[0m",
)
texts = st.lists(st.sampled_from(LINES), max_size=12).map("\n".join)
failures = st.builds(
    build.failure,
    exception=st.sampled_from(["AssertionError", "KeyError", "ConnectionRefusedError", "RuntimeError", ""]),
    message=st.sampled_from(["assert 1 == 2", "'a'", "[Errno 111] Connection refused", "no such container: web", ""]),
    origin=st.sampled_from([Origin.CALL, Origin.SETUP, Origin.COLLECTION]),
    frames=st.sampled_from([(), (build.frame("shop/cart.py", 7, "total"),)]),
    detail=texts.map(CleanText),
    captured=texts.map(CleanText),
)


@given(text=texts)
def test_what_is_called_a_traceback_holds_no_line_that_is_free(text: str) -> None:
    if is_traceback(text):
        assert [line for line in sort_lines(text, "tests").plain if line] == []


@settings(max_examples=300)
@given(failure=failures)
def test_a_verdict_without_a_runner_up_is_the_same_verdict(failure: Failure) -> None:
    assert JUDGE.name(failure, fully=False) == replace(JUDGE.name(failure), runner_up="")
