"""A key is what makes one failure recognisable: it survives what changes, and tells two faults apart."""

from dataclasses import replace
from typing import Any

import build
import pytest

from gardener.model.run import Failure, Frame, Link, Origin
from gardener.model.text import CleanText
from gardener.rulebook import load_rulebook
from gardener.triage.keys import SCHEMES, key, key_of

pytestmark = pytest.mark.unit

MASKS = load_rulebook().masks
TEST = build.frame("tests/test_cart.py", 5, "test_total")
PRODUCT = build.frame("shop/cart.py", 7, "total")


def pattern(failure: Failure) -> str:
    return key_of(failure, MASKS).pattern


def raised(exception: str, message: str, *frames: Frame, **rest: Any) -> Failure:
    return build.failure(exception=exception, message=message, frames=frames or (TEST, PRODUCT), **rest)


def test_what_calls_itself_without_end_is_one_wherever_the_stack_was_full() -> None:
    circle = [build.frame("shop/cart.py", line, name) for line, name in ((7, "total"), (9, "sum_up"), (4, "price"))]
    below = build.frame("shop/money.py", 2, "cents")
    ends = [
        [TEST, *circle, *circle],
        [TEST, *circle[1:], *circle, below],
        [TEST, below, *circle[2:], *circle, *circle[:2]],
    ]
    said = "maximum recursion depth exceeded"
    assert {pattern(raised("RecursionError", said, *frames)) for frames in ends} == {
        "raised RecursionError @ shop/cart.py::price"
    }
    assert pattern(raised("RecursionError", said, TEST, below)) == "raised RecursionError @ shop/money.py::cents"


BROKEN = Link(
    exception="TypeError",
    message=CleanText("Cart.total() missing 1 required positional argument: 'tax'"),
    frames=(build.frame("/usr/lib/python3.12/socketserver.py", 755, "handle"), PRODUCT),
)


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("ConnectionResetError", "[Errno 104] Connection reset by peer"),
        ("http.client.RemoteDisconnected", "Remote end closed connection without response"),
        ("http.client.IncompleteRead", "IncompleteRead(0 bytes read)"),
        ("urllib.error.HTTPError", "HTTP Error 500: Internal Server Error"),
        ("requests.exceptions.HTTPError", "502 Server Error: Bad Gateway for url: http://localhost/"),
        ("AssertionError", "assert 500 == 200\n +  where 500 = <Response [500]>.status_code"),
        ("AssertionError", "200 != 500"),
        ("AssertionError", "assert 200 == <TestResponse 265 bytes [500 INTERNAL SERVER ERROR]>.status_code"),
        ("AssertionError", "500 != 200 : Couldn't retrieve content: Response code was 500 (expected 200)"),
        ("TimeoutError", ""),
        ("_queue.Empty", ""),
        ("AssertionError", "the worker timed out"),
        ("AssertionError", "assert '500 INTERNAL SERVER ERROR' == '200 OK'"),
        ("AssertionError", "assert None == 3"),
        ("AssertionError", "None != 3"),
        ("AssertionError", "assert [] == ['receipt']"),
        ("OSError", "b'Traceback (most recent call last):\\n  File ...'"),
    ],
)
def test_a_test_that_saw_no_more_than_the_end_of_it_has_the_root_that_was_printed(exception: str, message: str) -> None:
    assert pattern(raised(exception, message, TEST, printed=(BROKEN,))) == "signature Cart.total"
    assert pattern(raised(exception, message, TEST)) != "signature Cart.total"


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("AssertionError", "assert 3 == 4"),
        ("AssertionError", "assert 1500 == 2500"),
        ("AssertionError", "assert 'EOFError' in 'Timeout'"),
        ("KeyError", "'price'"),
    ],
)
def test_what_a_test_saw_for_itself_is_not_put_down_to_what_it_printed(exception: str, message: str) -> None:
    assert pattern(raised(exception, message, printed=(BROKEN,))) == pattern(raised(exception, message))


def test_a_printed_traceback_that_leads_through_no_own_code_is_no_root() -> None:
    foreign = replace(BROKEN, frames=BROKEN.frames[:1])
    elsewhere = replace(BROKEN, frames=(build.frame("/srv/build/shop/cart.py", 7, "total"),))
    assert pattern(raised("TimeoutError", "", TEST, printed=(elsewhere,))) == "signature Cart.total"
    assert pattern(raised("TimeoutError", "", TEST, printed=(foreign,))) == "outside TimeoutError: "


@pytest.mark.parametrize(
    ("exception", "message", "expected"),
    [
        ("AttributeError", "'Cart' object has no attribute 'prices'", "attribute prices"),
        ("AttributeError", "module 'shop' has no attribute 'prices'", "attribute shop.prices"),
        ("AttributeError", "Mock object has no attribute 'is_open'", "mock is_open"),
        (
            "AttributeError",
            "<module 'shop' from '/x/shop.py'> does not have the attribute 'is_open'",
            "mock shop.is_open",
        ),
        (
            "TypeError",
            "Cart.__init__() missing 2 required positional arguments: 'a' and 'b'",
            "signature Cart.__init__",
        ),
        ("TypeError", "Cart.total() takes 1 positional argument but 2 were given", "signature Cart.total"),
        ("TypeError", "total() got an unexpected keyword argument 'tax'", "signature total"),
        ("NameError", "name 'tax' is not defined", "name tax @ shop/cart.py"),
        ("ModuleNotFoundError", "No module named 'shop.tax'", "import shop.tax"),
        ("ImportError", "cannot import name 'Tax' from 'shop.tax' (/srv/a/shop/tax.py)", "import shop.tax.Tax"),
        ("FixtureLookupError", "fixture 'basket' not found", "fixture basket"),
        ("KeyError", "'price'", "raised KeyError @ shop/cart.py::total"),
        ("shop.errors.NoCredit", "no credit", "refused NoCredit @ shop/cart.py::total"),
        ("TypeError", "expected string or bytes-like object, got 'Currency'", "type Currency"),
        ("AttributeError", "'Currency' object has no attribute 'lower'", "type Currency"),
        ("ModuleNotFoundError", "No module named 'yaml.nodes'; 'yaml' is not a package", "import yaml"),
        ("ImportError", "cannot import name 'Tax' from 'shop.tax' (unknown location)", "import shop.tax"),
        ("TypeError", "__str__ returned non-string (type NoneType)", "returned __repr__"),
        ("TypeError", "__repr__ returned non-string (type NoneType)", "returned __repr__"),
        ("AttributeError", "'coroutine' object has no attribute 'prices'", "coroutine @ tests/test_cart.py"),
        ("TypeError", "object of type 'coroutine' has no len()", "coroutine @ tests/test_cart.py"),
        ("AssertionError", "assert <coroutine object Cart.total at 0x7f8> == 3", "coroutine Cart.total"),
        (
            "ValidationError",
            "2 validation errors for Order\nprice\n  Field required\ntax\n  Bad",
            "invalid Order.price",
        ),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'psql'", "file psql"),
        ("FileNotFoundError", "[Errno 2] No such file or directory: 'data/a.json'", "file data/a.json"),
        ("RuntimeError", "SHOP_API_KEY is not set", "variable SHOP_API_KEY"),
        ("TypeError", "Can't instantiate abstract class Cart with abstract method total", "abstract total"),
        (
            "TypeError",
            "Can't instantiate abstract class A without an implementation for abstract method 'b'",
            "abstract b",
        ),
        ("Failed", "'smok' not found in `markers` configuration option", "marker smok"),
        ("Failed", "async def functions are not natively supported.\nYou need to install", "plugin async"),
        ("Failed", "'test_a' requested an async fixture 'cart', with no plugin or hook", "plugin async"),
        ("Failed", 'Fixture "basket" called directly. Fixtures are not meant to be', "misused basket"),
        ("FixtureLookupError", "recursive dependency involving fixture 'basket' detected", "misused basket"),
        ("TypeError", 'can only concatenate str (not "Currency") to str', "type Currency"),
        ("TypeError", "unsupported operand type(s) for &: 'Currency' and 'str'", "type Currency"),
        ("TypeError", "'Currency' object cannot be interpreted as an integer", "type Currency"),
        ("TypeError", "'Currency' object does not support item assignment", "type Currency"),
        ("TypeError", "cannot unpack non-iterable Currency object", "type Currency"),
        ("TypeError", "list indices must be integers or slices, not Currency", "type Currency"),
        ("TypeError", "a bytes-like object is required, not 'Currency'", "type Currency"),
        ("TypeError", "expected str, bytes or os.PathLike object, not Currency", "type Currency"),
        ("TypeError", "unhashable type: 'Currency'", "type Currency"),
        ("TypeError", "unhashable type: 'list'", "raised TypeError @ shop/cart.py::total"),
        ("TypeError", "bad operand type for unary -: 'Currency'", "type Currency"),
        ("TypeError", "unsupported format string passed to Currency.__format__", "type Currency"),
        ("TypeError", "object Currency can't be used in 'await' expression", "type Currency"),
        ("TypeError", "can't multiply sequence by non-int of type 'Currency'", "type Currency"),
        (
            "TypeError",
            "unsupported operand type(s) for &: 'NoneType' and 'Cart'",
            "raised TypeError @ shop/cart.py::total",
        ),
    ],
)
def test_an_error_is_known_by_what_it_names_or_where_it_is_raised(exception: str, message: str, expected: str) -> None:
    assert pattern(raised(exception, message)) == expected


@pytest.mark.parametrize(
    "message",
    [
        "assert <Currency.EUR: 'eur'> == 'eur'",
        "assert 'in Currency.EUR' == 'in eur'",
        "assert 'eur' in 'is Currency.EUR'",
    ],
)
def test_an_enum_that_came_for_a_plain_value_is_known_by_its_class(message: str) -> None:
    assert pattern(build.failure(message=message)) == "type Currency"


def test_wrong_values_are_known_by_their_file_and_none_apart_from_others() -> None:
    assert pattern(build.failure(message="assert 1 == 2")) == "value tests/test_cart.py"
    assert pattern(build.failure(message="assert None == 2")) == "none tests/test_cart.py"


def test_an_error_that_an_assertion_quotes_is_the_root() -> None:
    named = "assert TypeError(\"Cart.total() missing 1 required positional argument: 'a'\") is None"
    assert pattern(build.failure(message=named)) == "signature Cart.total"
    quoted = "assert 1 == 0\n +  where 1 = <Result PermissionError(13, 'Permission denied')>.exit_code"
    assert pattern(build.failure(message=quoted)) == "quoted PermissionError: [Errno #] Permission denied"


def test_what_a_repr_met_while_an_object_was_shown_has_no_part_in_the_failure() -> None:
    broken = """<[TypeError("'Currency' object is not iterable") raised in repr()] Cart object at 0x7f8>"""
    found = build.failure(message=f"assert 3 == 2\n +  where 3 = count()\n +    where count = {broken}.count")
    assert pattern(found) == "value tests/test_cart.py"
    missing = broken.replace("'Currency' object is not iterable", "'Cart' object has no attribute 'name'")
    assert pattern(build.failure(message=f"assert {missing} is None")) == "value tests/test_cart.py"


def test_the_inner_text_of_a_wrapper_is_the_root() -> None:
    wrapped = raised("Failed", "Order failed: 'Cart' object has no attribute 'prices'", TEST)
    assert pattern(wrapped) == "attribute prices"


def chained(joint: str, *links: tuple[str, str, Frame]) -> Failure:
    chain = tuple(
        Link(exception=e, message=CleanText(m), frames=(TEST, f), joint=joint if i < len(links) - 1 else None)
        for i, (e, m, f) in enumerate(links)
    )
    last = chain[-1]
    return build.failure(exception=last.exception, message=last.message, frames=last.frames, chain=chain)


def test_the_cause_of_a_raise_from_is_the_root() -> None:
    found = chained("cause", ("KeyError", "'a'", PRODUCT), ("RuntimeError", "no", build.frame("shop/b.py", 1, "b")))
    assert pattern(found) == "raised KeyError @ shop/cart.py::total"


def test_what_broke_while_an_expected_error_was_handled_is_the_root() -> None:
    handler = build.frame("shop/b.py", 1, "tell")
    found = chained(
        "context", ("ValueError", "expected", PRODUCT), ("AttributeError", "'B' has no attribute 'x'", handler)
    )
    assert pattern(found) == "attribute x"
    asserted = chained("context", ("ValueError", "expected", PRODUCT), ("AssertionError", "assert 1 == 2", TEST))
    assert pattern(asserted) == "value tests/test_cart.py"


@pytest.mark.parametrize(
    ("called", "expected"),
    [
        ("tell", "raised RuntimeError @ shop/b.py::tell"),  # the test caught what it waited for
        ("close", "raised ValueError @ shop/cart.py::total"),  # a `finally`, or the end of a `with`
        ("determine", "raised RuntimeError @ shop/b.py::determine"),
        ("__aexit__", "raised ValueError @ shop/cart.py::total"),
        ("__exit__", "raised ValueError @ shop/cart.py::total"),
    ],
)
def test_what_breaks_after_a_test_caught_an_error_is_the_root_unless_it_cleans_up(called: str, expected: str) -> None:
    after = ("RuntimeError", "no", build.frame("shop/b.py", 1, called))
    assert pattern(chained("context", ("ValueError", "expected", PRODUCT), after)) == expected


def test_an_error_of_a_library_that_the_product_let_up_after_another_lies_where_the_product_called_it() -> None:
    library = Link(
        exception="re.error", message=CleanText("no"), frames=(build.frame("/lib/re.py", 1, "p"),), joint="cause"
    )
    caught, last = chained("context", ("ValueError", "x", TEST), ("LexError", "no", PRODUCT)).chain
    found = build.failure(exception=last.exception, frames=last.frames, chain=(caught, library, last))
    assert pattern(found) == "refused error @ shop/cart.py::total"


def test_a_file_that_does_not_parse_is_the_root_of_all_that_import_it() -> None:
    frames = (build.frame("tests/test_a.py", 1, "<module>"), build.frame("shop/tax.py", 18, None))
    for subject in ("tests/test_a.py", "tests/test_b.py"):
        found = raised("SyntaxError", "expected ':'", *frames, subject=subject, origin=Origin.COLLECTION)
        assert pattern(found) == "syntax shop/tax.py"


def test_text_that_code_was_given_to_parse_is_no_file_that_does_not_parse() -> None:
    prices, rules = build.frame("shop/prices.py", 4, "parse"), build.frame("shop/rules.py", 9, "read")
    found = [
        pattern(raised("SyntaxError", "invalid syntax", frame, build.frame("<string>", 1))) for frame in (prices, rules)
    ]
    assert found == ["raised SyntaxError @ shop/prices.py::parse", "raised SyntaxError @ shop/rules.py::read"]


def test_a_file_that_python_does_not_name_is_the_one_that_was_collected() -> None:
    parse = build.frame("/opt/python/lib/python3.12/ast.py", 50, "parse")
    subjects = ("tests/test_a.py", "tests/test_b.py")
    message = "source code string cannot contain null bytes"
    found = [pattern(raised("SyntaxError", message, parse, subject=s, origin=Origin.COLLECTION)) for s in subjects]
    assert found == ["syntax tests/test_a.py", "syntax tests/test_b.py"]
    asks = replace(build.frame("tests/test_a.py", 1, "<module>"), code="from shop.tax import Tax")
    imported = raised("SyntaxError", message, asks, parse, subject="tests/test_a.py", origin=Origin.COLLECTION)
    assert pattern(imported) == "syntax shop.tax"
    rules = build.frame("shop/rules.py", 9, "read")
    given = raised("SyntaxError", message, rules, parse, subject="tests/test_a.py", origin=Origin.COLLECTION)
    assert pattern(given) == "raised SyntaxError @ shop/rules.py::read"


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("table orders has no column named note", "schema note"),
        ("no such column: o.note", "schema note"),
        ('column "note" of relation "orders" does not exist\nLINE 1: INSERT', "schema note"),
        ("column orders.note does not exist", "schema note"),
        ("(1054, \"Unknown column 'orders.note' in 'field list'\")", "schema note"),
        ("no such table: orders", "schema orders"),
        ("no such table: orders_2024", "schema orders_#"),
        ('relation "public.orders" does not exist', "schema orders"),
        ("(1146, \"Table 'shop.orders' doesn't exist\")", "schema orders"),
        ("cannot assign to field 'price'", "frozen"),
        ("'Parcel' object attribute 'width' is read-only", "frozen"),
        ("property 'width' of 'Parcel' object has no setter", "frozen width"),
        ("'<' not supported between instances of 'datetime.datetime' and 'str'", "type datetime.datetime"),
        ("can't subtract offset-naive and offset-aware datetimes", "zone"),
        ("unsupported operand type(s) for //: 'method' and 'int'", "type method"),
        ("object of type 'generator' has no len()", "type generator"),
        ("combine() argument 1 must be datetime.date, not Kind", "type Kind"),
    ],
)
def test_what_an_error_tells_of_the_root_is_its_key_wherever_it_is_met(message: str, expected: str) -> None:
    assert pattern(raised("OperationalError", message)) == expected


def test_what_nobody_called_is_known_by_how_it_is_shown() -> None:
    shown = "assert length == 4\n +  where length = Route(stops=['a', 'b']).length"
    assert pattern(raised("AssertionError", shown, TEST)) == "type method"
    assert pattern(raised("AssertionError", "<bound method Route.length of Route()> != 4", TEST)) == "type method"
    lazy = "assert <generator object suggest at 0x7f8a> == ['box']"
    assert pattern(raised("AssertionError", lazy, TEST)) == "type generator"
    called = "assert length == 4\n +  where length = Route(stops=['a', 'b']).size"
    assert pattern(raised("AssertionError", called, TEST)) == "value tests/test_cart.py"


def test_a_function_that_refuses_for_others_leaves_the_place_to_its_caller() -> None:
    guard = build.frame("shop/checks.py", 3, "require")
    assert pattern(raised("Refusal", "no stock", TEST, PRODUCT, guard)) == "refused Refusal @ shop/cart.py::total"
    assert pattern(raised("Refusal", "no stock", TEST, guard)) == "refused Refusal @ shop/checks.py::require"
    required = build.frame("shop/checks.py", 3, "requirements")
    assert pattern(raised("Refusal", "no stock", PRODUCT, required)) == "refused Refusal @ shop/checks.py::requirements"


def test_a_guard_in_which_python_breaks_is_the_place_itself() -> None:
    guard = replace(build.frame("shop/checks.py", 3, "allow"), code='if right not in user["roles"]:')
    assert pattern(raised("KeyError", "'roles'", TEST, PRODUCT, guard)) == "raised KeyError @ shop/checks.py::allow"


def test_a_double_that_raises_where_the_product_calls_it_is_the_place() -> None:
    fake = build.frame("tests/fakes.py", 3, "send")
    assert pattern(raised("LookupError", "no", TEST, PRODUCT, fake)) == "raised LookupError @ tests/fakes.py::send"
    passed_on = build.frame("tests/test_cart.py", 9, "callback")
    assert pattern(raised("LookupError", "no", TEST, PRODUCT, passed_on)) == "raised LookupError @ shop/cart.py::total"
    assert pattern(raised("LookupError", "no", fake, PRODUCT)) == "raised LookupError @ shop/cart.py::total"


def test_what_breaks_in_a_function_that_a_handler_called_is_the_root() -> None:
    get, make = build.frame("shop/config.py", 9, "get"), build.frame("shop/config.py", 30, "make")
    missed = Link(exception="LookupError", message=CleanText("no"), frames=(get,), joint="context")
    broke = Link(exception="ValueError", message=CleanText("bad"), frames=(TEST, get, make))
    found = build.failure(exception="ValueError", message="bad", frames=broke.frames, chain=(missed, broke))
    assert pattern(found) == "raised ValueError @ shop/config.py::make"
    told = replace(broke, frames=(TEST, get))  # the handler itself only says it in other words
    found = replace(found, frames=told.frames, chain=(missed, told))
    assert pattern(found) == "raised LookupError @ shop/config.py::get"


def test_what_a_test_file_does_while_it_is_imported_is_no_fixture() -> None:
    frame = build.frame("tests/test_a.py", 3, "<module>")
    found = raised("ZeroDivisionError", "division by zero", frame, subject="tests/test_a.py", origin=Origin.COLLECTION)
    assert pattern(found) == "collection ZeroDivisionError @ tests/test_a.py"


def test_what_breaks_in_a_function_is_the_same_finding_while_a_file_is_collected() -> None:
    reads = build.frame("shop/rules.py", 9, "read")
    at_import = build.frame("tests/test_a.py", 3, "<module>")
    collected = raised(
        "ValueError", "no version", at_import, reads, origin=Origin.COLLECTION, subject="tests/test_a.py"
    )
    assert (
        pattern(collected)
        == pattern(raised("ValueError", "no version", reads))
        == "raised ValueError @ shop/rules.py::read"
    )


def test_a_service_that_is_away_is_the_same_finding_while_a_file_is_collected() -> None:
    refused = "Error 111 connecting to localhost:6379. Connection refused."
    asks = build.frame("tests/test_a.py", 3, "version")
    collected = raised("ConnectionError", refused, asks, origin=Origin.COLLECTION, subject="tests/test_a.py")
    set_up = raised("ConnectionError", refused, asks, origin=Origin.SETUP)
    assert (
        pattern(collected)
        == pattern(set_up)
        == "outside ConnectionError: Error # connecting to localhost:#. Connection refused."
    )


@pytest.mark.parametrize(("asked", "other"), [("cart", "order"), ("order", "cart")])
def test_modules_that_import_each_other_are_one_root_whichever_is_asked_for(asked: str, other: str) -> None:
    module = f"partially initialized module 'shop.{asked}'"
    message = f"cannot import name 'X' from {module} (most likely due to a circular import)"
    part = f"cannot access submodule '{asked}' of module 'shop' (most likely due to a circular import)"
    paths = ("tests/test_cart.py", "shop/__init__.py", f"shop/{asked}.py", f"shop/{other}.py")
    frames = [build.frame(path, 1, "<module>") for path in paths]
    assert pattern(raised("ImportError", message, *frames)) == "circle shop/cart.py shop/order.py"
    assert pattern(raised("AttributeError", part, *frames)) == "circle shop/cart.py shop/order.py"


def test_a_closed_event_loop_outside_of_the_product_is_one_root_in_every_file() -> None:
    found = [
        raised("RuntimeError", "Event loop is closed", build.frame(path))
        for path in ("tests/test_a.py", "tests/test_b.py")
    ]
    assert {pattern(each) for each in found} == {"outside RuntimeError: Event loop is closed"}
    assert pattern(raised("RuntimeError", "no running event loop")) == "raised RuntimeError @ shop/cart.py::total"


def test_an_environment_variable_is_one_root_wherever_it_is_read() -> None:
    for last in ("<frozen os>", "/usr/lib/python3.13/os.py"):
        asked = build.frame(last, 679, "__getitem__")
        assert pattern(raised("KeyError", "'SHOP_URL'", TEST, PRODUCT, asked)) == "variable SHOP_URL"
    assert pattern(build.failure(message="assert 'SHOP_URL is not set' in ''")) == "value tests/test_cart.py"


@pytest.mark.parametrize(
    ("exception", "message"),
    [
        ("OSError", "Multiple exceptions: [Errno 111] Connect call failed ('::1', 80, 0, 0), [Errno 111] Connect call"),
        (
            "psycopg.OperationalError",
            "connection failed: connection to server at '127.0.0.1' failed: Connection refused",
        ),
    ],
)
def test_a_connection_that_fails_is_of_outside_whatever_the_type_of_its_error(exception: str, message: str) -> None:
    assert pattern(raised(exception, message, TEST)).startswith("outside ")


def test_a_set_up_of_a_unittest_class_that_fails_is_the_root_of_its_tests() -> None:
    frames = (build.frame("tests/test_cart.py", 5, "setUp"), build.frame("tests/base.py", 9, "setUp"))
    assert pattern(raised("RuntimeError", "no stub", *frames)) == "fixture RuntimeError @ tests/base.py::setUp"


def test_a_class_that_was_never_set_up_is_one_root_whatever_it_lacks() -> None:
    for name in ("basket", "shelf"):
        lacks = f"'TestShop' object has no attribute '{name}'"
        found = raised("AttributeError", lacks, TEST, subject=f"tests/test_shop.py::TestShop::test_{name}")
        assert pattern(found) == "set-up tests/test_shop.py::TestShop"


def test_a_unittest_class_that_asks_for_fixtures_is_one_root() -> None:
    for name in ("test_a", "test_b"):
        message = f"TestShop.{name}() missing 1 required positional argument: 'basket_{name}'"
        found = raised("TypeError", message, TEST, subject=f"tests/test_shop.py::TestShop::{name}")
        assert pattern(found) == "fixture in a unittest class @ tests/test_shop.py::TestShop"


def test_a_fixture_that_fails_is_the_root_of_every_test_that_asks_for_it() -> None:
    shelf = build.frame("tests/conftest.py", 9, "shelf")
    found = raised("RuntimeError", "no shelf", shelf, origin=Origin.SETUP)
    assert pattern(found) == "fixture RuntimeError @ tests/conftest.py::shelf"


def test_a_refused_connection_without_product_code_is_known_by_its_words() -> None:
    for port, origin in ((30131, Origin.CALL), (5432, Origin.SETUP)):
        found = raised("ConnectionError", f"no answer from broker on port {port}", TEST, origin=origin)
        assert pattern(found) == "outside ConnectionError: no answer from broker on port #"


def test_a_function_of_the_test_that_is_called_otherwise_points_at_its_caller() -> None:
    message = "test_total.<locals>.<lambda>() takes 1 positional argument but 2 were given"
    assert pattern(raised("TypeError", message)) == "call does not fit @ shop/cart.py::total"


def test_a_deprecated_api_is_one_root_as_warning_and_as_error() -> None:
    text = "datetime.datetime.utcnow() is deprecated and scheduled for removal"
    warned = build.failure("shop/a.py", "DeprecationWarning", text, origin=Origin.WARNING, frames=())
    other = replace(warned, subject="shop/b.py", message=CleanText(f"{text} in a future version"))
    assert pattern(warned) == pattern(other) == pattern(raised("DeprecationWarning", text))


def test_duplicate_definitions_are_one_root_whatever_they_list() -> None:
    found = [
        build.failure("shop/a.py", "", f"Found other Cart classes: {listed}", origin=Origin.WARNING, frames=())
        for listed in ("['a.Cart', 'b.Cart']", "['b.Cart']")
    ]
    assert pattern(found[0]) == pattern(found[1])


def test_checks_and_crashes_are_known_by_their_subject() -> None:
    check = Failure(
        subject="images", origin=Origin.PREFLIGHT, exception="docker-image", message=CleanText("pull access denied: a")
    )
    assert pattern(check) == pattern(replace(check, message=CleanText("pull access denied: b")))
    crash = build.failure("t.py::test_x[1]", "", "worker 'gw0' crashed", origin=Origin.CRASH, frames=())
    assert pattern(crash) == pattern(
        replace(crash, subject="t.py::test_x[2]", message=CleanText("worker 'gw1' crashed"))
    )


def test_a_build_is_known_by_its_service_and_dockerfile_wherever_in_it_the_fault_stands() -> None:
    failed = Failure(
        subject="api", origin=Origin.BUILD, message=CleanText("failed to solve"), places=("api.Dockerfile:7",)
    )
    assert pattern(failed) == "build api @ api.Dockerfile"
    assert pattern(replace(failed, places=("api.Dockerfile:9",))) == pattern(failed)


def test_an_assertion_of_the_product_is_known_by_its_place_and_one_of_a_checking_function_by_its_tests() -> None:
    assert pattern(raised("AssertionError", "stock is negative")) == "raised AssertionError @ shop/cart.py::total"
    judging = build.frame("src/shop/comparing.py", 3, "assert_same")
    assert pattern(raised("AssertionError", "1 != 2", TEST, judging)) == pattern(
        raised("AssertionError", "1 != 2", TEST)
    )
    passed_on = raised("AssertionError", "1 != 2", PRODUCT, TEST)
    assert pattern(passed_on) == pattern(raised("AssertionError", "1 != 2", TEST))


def test_a_user_rule_comes_first() -> None:
    assert key_of(raised("KeyError", "'a'"), MASKS, "shop backend").pattern == "rule shop backend"


@pytest.mark.parametrize(
    "message", ["<Cart at 0x7f871ff2a3d0> closed on port 30131", "<Cart at 0x55d0c0ffee10> closed on port 1"]
)
def test_same_error_on_another_port_is_the_same_key(message: str) -> None:
    expected = key_of(raised("ConnectionError", "<Cart at 0x7f871ff2a3d0> closed on port 7", TEST), MASKS)
    assert key_of(raised("ConnectionError", message, TEST), MASKS) == expected


def test_a_key_survives_line_shifts_and_parameters() -> None:
    shifted = tuple(replace(frame, line=(frame.line or 0) + 40) for frame in (TEST, PRODUCT))
    one = raised("KeyError", "'a'", subject="tests/test_cart.py::test_total[1]")
    assert key_of(one, MASKS) == key_of(
        replace(one, frames=shifted, subject="tests/test_cart.py::test_total[2]"), MASKS
    )


def test_two_faults_of_one_type_keep_two_keys() -> None:
    elsewhere = build.frame("shop/stock.py", 3, "count")
    assert key_of(raised("KeyError", "'a'")) != key_of(raised("KeyError", "'a'", TEST, elsewhere))
    assert pattern(raised("AttributeError", "'A' object has no attribute 'x'")) != pattern(
        raised("AttributeError", "'A' object has no attribute 'y'")
    )


def test_the_scheme_stands_in_the_key() -> None:
    found = key_of(build.failure(), MASKS)
    assert str(found).startswith("v1:")
    assert len(found.digest) == 32
    assert found == key(found.pattern)
    assert "v1" in SCHEMES
