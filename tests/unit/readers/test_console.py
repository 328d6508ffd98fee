"""Raw console output of pytest and of Docker builds, as a report."""

import pytest

from gardener.model.run import Origin, Outcome, Report
from gardener.model.text import Redactor
from gardener.readers import console

pytestmark = pytest.mark.unit

SHORT = """\
============================= test session starts ==============================
platform linux -- Python 3.12.4, pytest-8.3.5, pluggy-1.5.0
rootdir: /srv/shop, configfile: pyproject.toml
collected 9 items / 1 error / 2 deselected / 7 selected

tests/test_cart.py F..E.                                                 [100%]

==================================== ERRORS ====================================
____________________ ERROR collecting tests/test_menu.py _____________________
tests/test_menu.py:3: in <module>
    import menu
E   ModuleNotFoundError: No module named 'menu'
_______________________ ERROR at setup of TestCart.test_pay _______________________
tests/test_cart.py:9: in basket
    return rows[0]
E   IndexError: list index out of range
=================================== FAILURES ===================================
_________________________________ test_total[2.5] _________________________________
tests/test_cart.py:14: in test_total
    assert total(2.5) == 3
shop/cart.py:7: in total
    return price[key]
E   KeyError: 'vat'
----------------------------- Captured stdout call -----------------------------
asking for vat
------------------------------ Captured log call -------------------------------
WARNING  shop.cart:cart.py:6 no vat
=============================== warnings summary ===============================
tests/test_cart.py::test_total[2.5]
tests/test_cart.py::test_other
  /srv/shop/shop/cart.py:3: DeprecationWarning: datetime.utcnow() is deprecated
    now = datetime.utcnow()

-- Docs: https://docs.pytest.org/en/stable/how-to/capture-warnings.html
=========================== short test summary info ============================
FAILED tests/test_cart.py::test_total[2.5] - KeyError: 'vat'
ERROR tests/test_menu.py
ERROR tests/test_cart.py::TestCart::test_pay - IndexError: list index out of range
============== 1 failed, 3 passed, 2 deselected, 1 warning, 2 errors in 0.42s ==============
"""

BUILD = """\
#12 [backend 4/7] COPY --chown=app services/backend /app
#12 ERROR: failed to calculate checksum of ref moby::k2x9: "/services/backend": not found
------
 > [backend 4/7] COPY --chown=app services/backend /app:
------
backend.slim.Dockerfile:31
--------------------
  30 |     WORKDIR /app
  31 | >>> COPY --chown=app services/backend /app
--------------------
target test-backend: failed to solve: failed to compute cache key: "/services/backend": not found
"""


def reading(text: str) -> Report:
    return console.read(text.encode(), "logs/console.log", Redactor())


def test_a_failing_test_has_its_traceback_and_what_it_printed() -> None:
    report = reading(SHORT)
    case = next(case for case in report.cases if case.node == "tests/test_cart.py::test_total[2.5]")
    (failure,) = case.failures
    assert case.outcome is Outcome.FAILED
    assert (failure.exception, failure.message) == ("KeyError", "'vat'")
    assert failure.frames[-1].path == "shop/cart.py"
    assert "asking for vat" in failure.captured
    assert "asking for vat" not in failure.detail


def test_errors_of_collecting_and_of_setup_say_where_they_come_from() -> None:
    cases = {case.node: case for case in reading(SHORT).cases}
    assert cases["tests/test_menu.py"].failures[0].origin is Origin.COLLECTION
    pay = cases["tests/test_cart.py::TestCart::test_pay"]
    assert pay.outcome is Outcome.ERROR
    assert pay.failures[0].origin is Origin.SETUP


def test_the_session_is_described_as_far_as_the_console_tells() -> None:
    report = reading(SHORT)
    assert (report.kind, report.python, report.pytest, report.root) == ("console", "3.12.4", "8.3.5", "/srv/shop")
    assert (report.deselected, report.duration_s) == (2, 0.42)
    assert report.complete


def test_warnings_of_the_summary_keep_their_place() -> None:
    (warning,) = reading(SHORT).failures
    assert warning.exception == "DeprecationWarning"
    assert warning.places == ("/srv/shop/shop/cart.py:3",)


def test_verbose_lines_name_tests_that_passed_also_those_of_workers() -> None:
    text = (
        "=== test session starts ===\n"
        "tests/test_cart.py::test_a PASSED   [ 33%]\n"
        "tests/test_cart.py::test_b[x y] SKIPPED (no vat)   [ 66%]\n"
        "[gw1] [100%] PASSED tests/test_cart.py::test_c \n"
        "=== 2 passed, 1 skipped in 0.10s ===\n"
    )
    outcomes = {case.node: case.outcome for case in reading(text).cases}
    assert outcomes == {
        "tests/test_cart.py::test_a": Outcome.PASSED,
        "tests/test_cart.py::test_b[x y]": Outcome.SKIPPED,
        "tests/test_cart.py::test_c": Outcome.PASSED,
    }


def test_a_failure_without_its_traceback_is_known_from_the_summary() -> None:
    text = (
        "=== short test summary info ===\nFAILED tests/test_cart.py::test_a - ValueError: no vat\n1 failed in 0.10s\n"
    )
    (case,) = reading(text).cases
    assert (case.failures[0].exception, case.failures[0].message) == ("ValueError", "no vat")


def test_tests_of_the_same_name_in_two_files_are_told_apart() -> None:
    text = (
        "=== FAILURES ===\n"
        "________ test_a ________\ntests/test_pay.py:3: in test_a\n    pay()\nE   ValueError: pay\n"
        "________ test_a ________\ntests/test_cart.py:3: in test_a\n    cart()\nE   ValueError: cart\n"
        "=== short test summary info ===\n"
        "FAILED tests/test_cart.py::test_a - ValueError: cart\n"
        "FAILED tests/test_pay.py::test_a - ValueError: pay\n"
        "2 failed in 0.10s\n"
    )
    said = {case.node: case.failures[0].message for case in reading(text).cases}
    assert said == {"tests/test_cart.py::test_a": "cart", "tests/test_pay.py::test_a": "pay"}


def test_an_interrupted_session_is_not_complete() -> None:
    text = SHORT.replace("=========================== short", "!!!!!!!!! Interrupted: 1 error !!!!!!!!!\n===== short")
    assert not reading(text).complete


def test_a_conftest_that_cannot_be_loaded_is_a_failure_of_collecting() -> None:
    text = (
        "ImportError while loading conftest '/srv/shop/tests/conftest.py'.\n"
        "tests/conftest.py:1: in <module>\n    import factory\nE   ModuleNotFoundError: No module named 'factory'\n"
    )
    report = reading(text)
    (failure,) = report.failures
    assert (failure.subject, failure.origin) == ("/srv/shop/tests/conftest.py", Origin.COLLECTION)
    assert failure.exception == "ModuleNotFoundError"
    assert not report.complete


def test_a_build_log_names_service_dockerfile_and_line() -> None:
    (failure,) = reading(BUILD).failures
    assert (failure.subject, failure.origin) == ("test-backend", Origin.BUILD)
    assert failure.places == ("backend.slim.Dockerfile:31",)
    assert "failed to compute cache key" in failure.message


def test_a_build_that_failed_before_the_tests_is_told_beside_them() -> None:
    report = reading(BUILD + SHORT)
    assert report.failures[0].subject == "test-backend"
    assert report.cases == reading(SHORT).cases


def test_windows_lines_and_colours_are_read_like_any() -> None:
    coloured = SHORT.replace("E   KeyError", "\x1b[31mE   KeyError").replace("\n", "\r\n")
    report = reading(coloured)
    assert report.cases == reading(SHORT).cases


def test_a_log_of_anything_else_is_one_failure_with_all_of_it() -> None:
    text = (
        'seeding the menu\nTraceback (most recent call last):\n  File "seed.py", line 3, in seed\nValueError: no menu\n'
    )
    (failure,) = reading(text).failures
    assert (failure.exception, failure.message) == ("ValueError", "no menu")
    assert "seeding" in failure.detail
