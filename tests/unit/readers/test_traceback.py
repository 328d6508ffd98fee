"""Every style of traceback that pytest prints, read into the same chain, frames, type and message."""

import pytest
from growth import is_steep

from gardener.model.text import CleanText
from gardener.readers.traceback import Traced, printed_in, quoted_in, read_traceback, relative
from gardener.triage.names import named_in

pytestmark = pytest.mark.unit

SHORT = """\
tests/test_cart.py:12: in test_total
    assert cart.total() == 3
           ^^^^^^^^^^^^
shop/cart.py:7: in total
    return sum(self.prices)
               ^^^^^^^^^^^
E   AttributeError: 'Cart' object has no attribute 'prices'"""

LONG = """\
def test_total():
        cart = Cart()
>       assert cart.total() == 3
               ^^^^^^^^^^^^

tests/test_cart.py:12:
_ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _ _

self = <shop.cart.Cart object at 0x7f994fd8a1d0>

    @property
    def total(self):
        # a comment
>       return sum(self.prices)
                   ^^^^^^^^^^^
E       AttributeError: 'Cart' object has no attribute 'prices'

shop/cart.py:7: AttributeError"""

NATIVE = """\
Traceback (most recent call last):
  File "/usr/lib/python3.12/site-packages/_pytest/runner.py", line 341, in from_call
    result: TResult | None = func()
                             ^^^^^^
  File "/home/me/shop/tests/test_cart.py", line 12, in test_total
    assert cart.total() == 3
           ^^^^^^^^^^^^
  File "/home/me/shop/shop/cart.py", line 7, in total
    return sum(self.prices)
               ^^^^^^^^^^^
AttributeError: 'Cart' object has no attribute 'prices'"""


def read(text: str, root: str = "/home/me/shop") -> Traced:
    return read_traceback(CleanText(text), root)


def places(traced: Traced) -> list[tuple[str, int | None, str | None]]:
    return [(frame.path, frame.line, frame.function) for frame in traced.frames]


@pytest.mark.parametrize("text", [SHORT, LONG, NATIVE], ids=["short", "long", "native"])
def test_every_style_tells_the_same_frames_type_and_message(text: str) -> None:
    traced = read(text)
    assert places(traced) == [("tests/test_cart.py", 12, "test_total"), ("shop/cart.py", 7, "total")]
    assert traced.exception == "AttributeError"
    assert traced.message == "'Cart' object has no attribute 'prices'"
    assert [frame.code for frame in traced.frames] == ["assert cart.total() == 3", "return sum(self.prices)"]
    assert traced.chain == ()


def test_the_header_of_a_worker_and_windows_line_ends_change_nothing() -> None:
    windows = f"[gw1] win32 -- Python 3.12.1 C:\\py\\python.exe\n{SHORT}".replace("\n", "\r\n")
    assert read(windows) == read(SHORT)


def test_a_windows_root_is_taken_off_and_slashes_turn() -> None:
    text = SHORT.replace("tests/", "C:\\Work\\shop\\tests\\").replace("shop/cart", "c:\\work\\shop\\shop\\cart")
    assert places(read(text, "C:\\Work\\shop")) == places(read(SHORT))


def test_raise_from_is_a_chain_with_its_root_first() -> None:
    text = f"""{SHORT}

The above exception was the direct cause of the following exception:
tests/test_cart.py:20: in test_checkout
    checkout(cart)
E   RuntimeError: checkout failed"""
    traced = read(text)
    assert [(link.exception, link.joint) for link in traced.chain] == [
        ("AttributeError", "cause"),
        ("RuntimeError", None),
    ]
    assert traced.exception == "RuntimeError"
    assert [frame.function for frame in traced.frames] == ["test_checkout"]


def test_an_error_while_another_one_is_handled_is_marked_as_context() -> None:
    text = "tests/t.py:1: in f\n    g()\nE   KeyError: 'a'\n\n"
    text += "During handling of the above exception, another exception occurred:\n"
    text += "tests/t.py:3: in f\n    h()\nE   ValueError: no"
    assert [link.joint for link in read(text).chain] == ["context", None]


def test_a_bare_assertion_gets_its_type_and_keeps_its_explanation() -> None:
    text = "tests/test_cart.py:5: in test_total\n    assert a == b\nE   assert 1 == 2\nE    +  where 1 = f()"
    traced = read(text)
    assert traced.exception == "AssertionError"
    assert traced.message == "assert 1 == 2\n +  where 1 = f()"


def test_a_failed_call_of_pytest_keeps_its_own_type() -> None:
    text = "    def test_refuses():\n>       with pytest.raises(ValueError):\n"
    text += "E       Failed: DID NOT RAISE ValueError\n\ntests/t.py:4: Failed"
    traced = read(text)
    assert (traced.exception, traced.message) == ("Failed", "DID NOT RAISE ValueError")
    assert places(traced) == [("tests/t.py", 4, "test_refuses")]


def test_a_missing_fixture_is_named_without_the_list_of_all_others() -> None:
    text = """file /home/me/shop/tests/test_cart.py, line 3
  def test_total(basket):
E       fixture 'basket' not found
>       available fixtures: cache, capfd, tmp_path
>       use 'pytest --fixtures [testpath]' for help on them.

/home/me/shop/tests/test_cart.py:3"""
    traced = read(text)
    assert (traced.exception, traced.message) == ("FixtureLookupError", "fixture 'basket' not found")
    assert traced.frames[0].path == "tests/test_cart.py"


def test_a_file_that_does_not_parse_is_the_last_frame_of_its_import_chain() -> None:
    text = """\
/usr/lib/python3.12/site-packages/_pytest/python.py:498: in importtestmodule
    mod = import_path(
<frozen importlib._bootstrap>:1204: in _gcd_import
    ???
tests/test_cart.py:6: in <module>
    import shop
shop/__init__.py:1: in <module>
    from shop import cart
E     File "/home/me/shop/shop/cart.py", line 18
E       def total(self)
E                      ^
E   SyntaxError: expected ':'"""
    traced = read(text)
    assert (traced.exception, traced.message) == ("SyntaxError", "expected ':'")
    assert [frame.path for frame in traced.frames] == ["tests/test_cart.py", "shop/__init__.py", "shop/cart.py"]


def test_the_line_style_is_understood() -> None:
    traced = read("/home/me/shop/tests/test_cart.py:5: ValueError: no such thing")
    assert (traced.exception, traced.message) == ("ValueError", "no such thing")
    assert traced.frames[0].path == "tests/test_cart.py"


def test_text_without_a_traceback_is_the_message() -> None:
    assert read("stopped by hand").message == "stopped by hand"
    assert read("").message == ""


def test_a_member_of_an_exception_group_speaks_for_it() -> None:
    text = """\
  + Exception Group Traceback (most recent call last):
  |   File "/home/me/shop/tests/test_cart.py", line 5, in test_all
  |     asyncio.run(main())
  | ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)
  +-+---------------- 1 ----------------
    | Traceback (most recent call last):
    |   File "/home/me/shop/shop/cart.py", line 7, in total
    |     return sum(self.prices)
    | ValueError: no prices
    +------------------------------------"""
    traced = read(text)
    assert (traced.exception, traced.message) == ("ValueError", "no prices")
    assert traced.frames[-1].path == "shop/cart.py"


def test_a_member_of_an_exception_group_brings_what_it_follows_from() -> None:
    text = """\
  + Exception Group Traceback (most recent call last):
  |   File "/usr/lib/python3.12/unraisable.py", line 9, in collect
  |     raise ExceptionGroup("several", errors)
  | ExceptionGroup: several (2 sub-exceptions)
  +-+---------------- 1 ----------------
    | ValueError: the first
    +---------------- 2 ----------------
    | Traceback (most recent call last):
    |   File "/home/me/shop/shop/cart.py", line 7, in total
    |     return open(self.path)
    | ResourceWarning: unclosed file
    |
    | The above exception was the direct cause of the following exception:
    |
    | Traceback (most recent call last):
    |   File "/usr/lib/python3.12/unraisable.py", line 67, in collect
    |     warnings.warn(message)
    | UnraisableWarning: ignored
    +------------------------------------"""
    traced = read(text)
    assert [link.exception for link in traced.chain] == ["ResourceWarning", "UnraisableWarning"]
    assert traced.chain[0].frames[-1].path == "shop/cart.py"


def test_paths_outside_the_root_stay_as_they_are() -> None:
    assert relative("/usr/lib/python3.12/json/decoder.py", "/home/me/shop") == "/usr/lib/python3.12/json/decoder.py"
    assert relative("/home/me/shopping/cart.py", "/home/me/shop") == "/home/me/shopping/cart.py"


HANDLED = """\
Traceback (most recent call last):
  File "/home/me/shop/app.py", line 3, in price
    return PRICES[name]
           ~~~~~~^^^^^^
KeyError: 'apple'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/home/me/shop/app.py", line 5, in answer
    raise LookupFailed(name) from None
app.LookupFailed: apple
"""


@pytest.mark.parametrize(
    "log",
    [
        f"--- Captured log call ---\nERROR    app:app.py:12 GET /price\n{HANDLED}INFO     app:app.py:13 bye",
        f"Exception in thread server:\n{HANDLED}----------------\n{HANDLED}",
        "\n".join(f"    {line}" for line in HANDLED.splitlines()),
    ],
    ids=["logged", "twice", "indented"],
)
def test_the_one_traceback_of_a_log_is_read_with_all_that_it_follows_from(log: str) -> None:
    root, last = printed_in(CleanText(log), "/home/me/shop")
    assert (root.exception, root.message, root.joint) == ("KeyError", "'apple'", "context")
    assert [(frame.path, frame.line, frame.function) for frame in root.frames] == [("app.py", 3, "price")]
    assert (last.exception, last.message) == ("app.LookupFailed", "apple")


def test_of_several_tracebacks_in_a_log_none_is_chosen() -> None:
    other = HANDLED.replace("line 5, in answer", "line 9, in stock")
    assert printed_in(CleanText(HANDLED + other), "/home/me/shop") == ()
    assert printed_in(CleanText("INFO     app:app.py:12 Traceback (most recent call last): of customs")) == ()


def test_a_traceback_that_a_message_shows_as_bytes_is_read_line_by_line() -> None:
    root, last = printed_in(quoted_in(f"the command said {HANDLED.encode()!r}"), "/home/me/shop")
    assert (root.exception, last.exception) == ("KeyError", "app.LookupFailed")
    assert quoted_in("assert 'Traceback (most recent call last):' in text") == quoted_in("") == ""


HEAD = "Traceback (most recent call last):\n"


@pytest.mark.parametrize("character", ["a", " ", "\n", HEAD, f"{HEAD}  a\n", f"{HANDLED}\n\n"])
def test_searching_a_log_for_tracebacks_takes_no_longer_than_its_text(character: str) -> None:
    assert not is_steep(lambda text: printed_in(CleanText(text)), character)
    assert not is_steep(lambda text: printed_in(CleanText(HANDLED + text)), character)


@pytest.mark.parametrize("character", ["a", ".", "E", "_ ", ":", "0", "/", "  File ", "^", ">"])
def test_reading_takes_no_longer_than_its_text(character: str) -> None:
    assert not is_steep(read, character)
    assert not is_steep(lambda text: read(f"E   {text}"), character)


def test_a_scope_mismatch_says_which_fixture_asks_too_wide() -> None:
    text = (
        "ScopeMismatch: You tried to access the function scoped fixture port with a session scoped request object. "
        "Requesting fixture stack:\ntests/conftest.py:7:  def server(port)\n"
        "Requested fixture:\ntests/conftest.py:3:  def port()"
    )
    traced = read_traceback(CleanText(text))
    assert traced.exception == "ScopeMismatch"
    named = named_in(traced.message)
    assert named is not None
    assert (named.kind, named.name) == ("misused", "server")
