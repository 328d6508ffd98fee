"""Records to rows and back."""

import pytest
from build import case, failure, run
from hypothesis import given
from hypothesis import strategies as st

from gardener.model.focus import Severity
from gardener.model.plan import severity_of
from gardener.model.run import Outcome, Run
from gardener.model.text import storable
from gardener.store.rows import Marks, bits, names_of, pack, pack_marks, unpack, unpack_marks

pytestmark = pytest.mark.unit


def test_a_record_survives_packing() -> None:
    made = run(case(outcome=Outcome.FAILED, failures=(failure(message="naïve\x1b[0m"),)), case("b"))
    assert unpack(pack(made), Run) == made


@pytest.mark.parametrize("blob", [b"", b"x", pack("a text")])
def test_what_is_no_record_is_a_value_error(blob: bytes) -> None:
    with pytest.raises(ValueError, match=r"incomplete|incorrect|Expected"):
        unpack(blob, Run)


@given(st.text())
def test_any_text_fits_a_database(text: str) -> None:
    fitted = storable(text)
    fitted.encode("utf-8")
    assert "\0" not in fitted
    assert storable(fitted) == fitted


def test_only_what_passed_in_every_attempt_counts_as_passed() -> None:
    marked = names_of(
        run(
            case("steady"),
            case("flaky", Outcome.FAILED),
            case("flaky", attempt=2),
            case("broken", Outcome.ERROR),
            case("lost", Outcome.LOST),
            case("skipped", Outcome.SKIPPED),
            case("blocked", Outcome.BLOCKED),
        ),
        (),
    )
    assert {what: names for what, names in marked.items() if names} == {
        "passed": ["steady"],
        "failed": ["flaky"],
        "error": ["broken"],
        "lost": ["lost"],
        "recovered": ["flaky"],
    }


NUMBERS = st.integers(0, 1 << 200)


@given(st.builds(Marks, passed=NUMBERS, failed=NUMBERS, error=NUMBERS, lost=NUMBERS, recovered=NUMBERS, keys=NUMBERS))
def test_marks_survive_packing(marks: Marks) -> None:
    assert unpack_marks(pack_marks(marks)) == marks


@given(st.sets(st.integers(0, 3000)))
def test_each_number_is_one_bit(places: set[int]) -> None:
    assert bits(places) == sum(1 << place for place in places)


def test_ten_thousand_tests_that_pass_take_a_few_bytes() -> None:
    assert len(pack_marks(Marks(passed=bits(range(10_000))))) < 200


@pytest.mark.parametrize(
    ("labels", "severity"),
    [
        (("bug", "P2"), Severity.P2),
        (("p1",), Severity.P1),
        (("P3", "P1"), Severity.P1),
        (("P4", "P", "1"), None),
        ((), None),
    ],
)
def test_the_priority_is_a_label(labels: tuple[str, ...], severity: Severity | None) -> None:
    assert severity_of(labels) is severity
