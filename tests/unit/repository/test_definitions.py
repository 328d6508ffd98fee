"""What sources define, by values."""

import ast

import pytest

from gardener.repository.definitions import definitions, imported, mentions, outlines, parse, setups_never_run

pytestmark = pytest.mark.unit


def lame(source: str) -> tuple[str, ...]:
    tree = parse("tests/test_a.py", source)
    assert tree is not None
    return setups_never_run({"tests/test_a.py": definitions("tests/test_a.py", tree)})


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("class TestA:\n    async def setUp(self): ...\n", True),
        ("class TestA:\n    def setUp(self): ...\n", True),
        ("import unittest\nclass TestA(unittest.TestCase):\n    def setUp(self): ...\n", False),
        ("import unittest\nclass TestA(unittest.TestCase):\n    async def setUp(self): ...\n", True),
        ("class TestA(IsolatedAsyncioTestCase):\n    async def setUp(self): ...\n", True),
        ("class TestA(IsolatedAsyncioTestCase):\n    async def asyncSetUp(self): ...\n", False),
        ("class Ours(TestCase): ...\nclass TestA(Ours):\n    def setUp(self): ...\n", False),
        ("class Ours: ...\nclass TestA(Ours):\n    def setUp(self): ...\n", True),
        ("class TestA:\n    def setup_method(self): ...\n", False),
    ],
)
def test_a_set_up_that_nothing_runs_is_found(source: str, *, expected: bool) -> None:
    assert lame(source) == (("tests/test_a.py::TestA",) if expected else ())


def test_definitions_have_qualified_names_and_kinds() -> None:
    tree = parse("a.py", "class A:\n    def f(self, x, y=1, *, z): ...\n\nasync def g(): ...\n")
    assert tree is not None
    found = {d.name: d.kind for d in definitions("a.py", tree)}
    assert found == {"A": "class", "A.f": "function", "g": "async function"}


def test_imports_are_found_wherever_they_stand() -> None:
    tree = parse("a.py", "import os.path\n\ndef f():\n    from shop.cart import Cart\n")
    assert tree is not None
    assert imported(tree) == {"os.path", "shop.cart", "shop.cart.Cart"}


@pytest.mark.parametrize("source", ["def f(:\n", "x = '\0'\n"])
def test_a_file_that_does_not_parse_is_none(source: str) -> None:
    assert parse("a.py", source) is None


def test_imports_of_a_package_are_resolved_from_the_file() -> None:
    tree = ast.parse("from . import till\nfrom ..other import Cart\nfrom .desk import pay\nimport json")
    found = imported(tree, "shop.front")
    assert {"shop.front.till", "shop.other.Cart", "shop.front.desk.pay", "json"} <= found
    assert not [name for name in found if name.startswith(".")]


def test_a_definition_mentions_names_attributes_parameters_and_dotted_texts_but_no_prose() -> None:
    tree = ast.parse(
        "def pay(prices):\n    '''Hand it over.'''\n    patch('shop.cart.total', rate=1)\n    return a.b\n"
    )
    assert mentions(tree)["pay"] == {"prices", "patch", "shop", "cart", "total", "rate", "a", "b"}


def test_outlines_do_not_see_comments_and_layout_but_what_a_module_does() -> None:
    plain = "x = 1\nregister(x)\nif x:\n    def f():\n        return 1\nelse:\n    y = 2\n"
    laid_out = '"""Doc."""\n# why\nx = (1)\n\nregister( x )\nif x:\n    def f(): return 1\nelse:\n    y = 2  # two\n'
    assert outlines(plain) == outlines(laid_out)
    assert set(outlines(plain)) == {"x", "f", "y", "<body>"}
    assert outlines(plain) != outlines(plain.replace("register(x)", "register(x, x)"))
