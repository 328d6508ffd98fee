"""Git histories of many shapes: the right nature and the right commit, with and without a remembered pass.

Each shape begins with the same green suite; what it does to the repository makes `test_pay` fail, or brings a test that
does. pytest runs it for real, and its report goes through the flow twice: with a store that remembers the green run,
and with an empty one. A wrong answer is never a sure one.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from garden import Garden

from gardener.commands.brief import opened
from gardener.flow import consider
from gardener.grounds import open_grounds
from gardener.model.finding import Confidence, Finding, Nature
from gardener.model.run import Preflight
from gardener.settings import focuses
from gardener.wiring import Wishes

pytestmark = [pytest.mark.integration, pytest.mark.slow]

REGRESSION, NEW, ACTIVE = Nature.REGRESSION, Nature.NEW, Nature.ACTIVE_DEV
TEST = "tests/test_cart.py"
CART = (
    "import json\nimport pathlib\n\nRATE = 1\n\n\n"
    "class Cart:\n    def __init__(self, owner):\n        self.owner = owner\n\n"
    "    def total(self, prices):\n        return sum(prices) * RATE\n\n"
    "    def name(self):\n        return self.owner\n"
)
TILL = (
    "from shop.cart import Cart\n\n\ndef pay(prices):\n    return Cart('ada').total(prices)\n\n\n"
    "def close():\n    return 'closed'\n"
)
SUITE = {
    "shop/__init__.py": "",
    "shop/cart.py": CART,
    "shop/till.py": TILL,
    TEST: "import pytest\n\nfrom shop.till import pay\n\n\n@pytest.fixture\ndef prices():\n    return [1, 2]\n\n\n"
    "def test_pay(prices):\n    assert pay(prices) == 3\n",
}
BROKEN = {"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 1")}
MORE = "\n\ndef test_close():\n    from shop.till import close\n\n    assert close() == 'open'\n"
_seconds = count()


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is so: the nature, and who brought it ("": no commit did)."""

    nature: Nature
    commit: str = ""
    remembered: Nature | None = None  # where a remembered pass tells more


class Repository(Garden):
    """A repository, and gardener's view of it."""

    def __init__(self, root: Path, memory: Path) -> None:
        self.memory = memory
        root.mkdir()
        super().__init__(root)

    def start(self) -> "Repository":
        self.write(SUITE).commit("the shop opens")
        return self

    def noise(self) -> None:
        self.write({"notes.txt": f"{next(_seconds)}"}).commit("notes")

    def broken(self, message: str = "Round up") -> str:
        return self.write(BROKEN).commit(message)

    def branch(self, name: str) -> None:
        self.git("checkout", "--quiet", "-b", name)

    def back(self, name: str = "main") -> None:
        self.git("checkout", "--quiet", name)

    def merge(self, *names: str) -> None:
        self.git("merge", "--quiet", "--no-ff", *names, "-m", f"Merge {' and '.join(names)}")

    def head(self) -> str:
        return self.git("rev-parse", "HEAD").strip()

    def tested(self) -> Path:
        """pytest's own report of the tree as it is."""
        report = self.memory / f"report-{next(_seconds)}.json"
        words = ["-q", "-p", "no:cacheprovider", "-p", "pytest_jsonreport.plugin", "--json-report"]
        subprocess.run(
            [sys.executable, "-B", "-m", "pytest", *words, f"--json-report-file={report}", "tests"],
            cwd=self.root,
            env={**os.environ, "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1", "PYTHONPATH": str(self.root)},
            capture_output=True,
            check=False,
        )
        return report

    def tended(self, report: Path, store: str) -> tuple[Finding, ...]:
        """The findings of a report, which a store then remembers."""
        at = datetime(2025, 9, 15, tzinfo=UTC) + timedelta(minutes=next(_seconds))
        grounds = open_grounds(self.root, {"store": f"sqlite:///{self.memory / store}.db"})
        grounds.now = lambda: at
        data = json.loads(report.read_text(encoding="utf-8"))
        wishes = Wishes(reports=(report,), exit_code=data["exitcode"], preflight=False, apply=False)
        (focus,) = focuses(grounds.settings)
        world, brief = opened(grounds, wishes, "")
        run = world.read(focus, Preflight(), world.launch(focus, Preflight()))
        judged = consider(focus, Preflight(), run, world, brief)
        grounds.store.record(run, judged.findings, judged.plan)
        grounds.store.close()
        return judged.findings

    def passes(self) -> None:
        """A green run of the tree as it is now is remembered."""
        assert self.tended(self.tested(), "remembered") == ()


Shape = Callable[[Repository], Truth]
SHAPES: dict[str, Shape] = {}


def shape(make: Shape) -> Shape:
    SHAPES[make.__name__] = make
    return make


@shape
def a_line_of_commits(it: Repository) -> Truth:
    it.noise()
    commit = it.broken()
    it.noise()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def one_commit_among_neighbours(it: Repository) -> Truth:
    it.write({"shop/till.py": TILL.replace("'closed'", "'shut'")}).commit("Say shut")
    commit = it.broken()
    it.write({"shop/cart.py": BROKEN["shop/cart.py"].replace("return self.owner", "return str(self.owner)")})
    it.commit("Names are text")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_merged_branch(it: Repository) -> Truth:
    it.branch("topic")
    commit = it.broken()
    it.write({"shop/topic.py": "A = 1\n"}).commit("Topic")
    it.back()
    it.noise()
    it.merge("topic")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_merge_that_breaks_by_itself(it: Repository) -> Truth:
    it.branch("topic")
    it.write({"shop/topic.py": "A = 1\n"}).commit("Topic")
    it.back()
    it.noise()
    it.git("merge", "--quiet", "--no-ff", "--no-commit", "topic")
    return Truth(nature=REGRESSION, commit=it.broken("Merge topic"))


@shape
def an_octopus_merge(it: Repository) -> Truth:
    it.branch("one")
    it.write({"shop/one.py": "A = 1\n"}).commit("One")
    it.back()
    it.branch("two")
    commit = it.broken()
    it.back()
    it.branch("three")
    it.write({"shop/three.py": "A = 1\n"}).commit("Three")
    it.back()
    it.merge("one", "two", "three")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_branch_that_was_squashed(it: Repository) -> Truth:
    it.branch("topic")
    it.write({"shop/topic.py": "A = 1\n"}).commit("Topic")
    it.broken()
    it.back()
    it.git("merge", "--quiet", "--squash", "topic")
    return Truth(nature=REGRESSION, commit=it.commit("Topic, squashed"))


@shape
def a_branch_that_was_rebased(it: Repository) -> Truth:
    it.branch("topic")
    it.broken()
    it.back()
    it.noise()
    it.back("topic")
    it.git("rebase", "--quiet", "main")
    commit = it.head()
    it.back()
    it.git("merge", "--quiet", "--ff-only", "topic")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_cherry_pick(it: Repository) -> Truth:
    it.branch("topic")
    original = it.broken()
    it.back()
    it.noise()
    it.git("cherry-pick", original)
    return Truth(nature=REGRESSION, commit=it.head())


@shape
def a_revert_of_what_a_test_needs(it: Repository) -> Truth:
    wanted = it.write({"shop/till.py": TILL.replace("'closed'", "'open'")}).commit("The till is open")
    it.write({TEST: SUITE[TEST] + MORE}).commit("A test of that")
    it.passes()
    it.git("revert", "--no-edit", wanted)
    return Truth(nature=REGRESSION, commit=it.head())


@shape
def a_revert_of_a_revert(it: Repository) -> Truth:
    bad = it.broken()
    it.git("revert", "--no-edit", bad)
    it.passes()
    it.noise()
    it.git("revert", "--no-edit", "HEAD~1")
    return Truth(nature=REGRESSION, commit=it.head())


@shape
def a_renamed_product_file_that_a_test_still_imports(it: Repository) -> Truth:
    it.git("mv", "shop/till.py", "shop/desk.py")
    commit = it.commit("Call it a desk")
    it.noise()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_break_after_a_product_file_was_renamed(it: Repository) -> Truth:
    it.git("mv", "shop/cart.py", "shop/basket.py")
    it.write({"shop/till.py": TILL.replace("shop.cart", "shop.basket")}).commit("Call it a basket")
    commit = it.write({"shop/basket.py": BROKEN["shop/cart.py"]}).commit("Round up")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_break_before_a_product_file_was_renamed(it: Repository) -> Truth:
    commit = it.broken()
    it.git("mv", "shop/cart.py", "shop/basket.py")
    it.write({"shop/till.py": TILL.replace("shop.cart", "shop.basket")}).commit("Call it a basket")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_renamed_test_file(it: Repository) -> Truth:
    commit = it.broken()
    it.git("mv", TEST, "tests/test_till.py")
    it.commit("The till's tests")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_renamed_test_function(it: Repository) -> Truth:
    commit = it.broken()
    it.write({TEST: SUITE[TEST].replace("test_pay", "test_price")}).commit("Say price")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_renamed_product_function(it: Repository) -> Truth:
    commit = it.write({"shop/cart.py": CART.replace("def total", "def amount")}).commit("Say amount")
    it.noise()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_moved_function_that_is_not_imported_any_more(it: Repository) -> Truth:
    moved = {"shop/till.py": TILL.replace("def pay", "def charge"), "shop/desk.py": "def pay(prices):\n    return 3\n"}
    return Truth(nature=REGRESSION, commit=it.write(moved).commit("Pay at the desk"))


@shape
def a_break_after_a_function_was_moved(it: Repository) -> Truth:
    body = TILL.partition("def close")[0]
    it.write({"shop/desk.py": body, "shop/till.py": "from shop.desk import pay\n"}).commit("Pay at the desk")
    commit = it.write({"shop/desk.py": body.replace("total(prices)", "total(prices) + 1")}).commit("Round up")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_function_that_only_moved_below_a_new_test(it: Repository) -> Truth:
    it.write({TEST: SUITE[TEST] + MORE}).commit("A test that never passed")
    closing = "def close():\n    return 'closed'\n"
    it.write({"shop/desk.py": closing, "shop/till.py": TILL.replace(closing, "from shop.desk import close\n")})
    it.commit("Close at the desk")
    return Truth(nature=NEW)


@shape
def a_deleted_module(it: Repository) -> Truth:
    it.git("rm", "--quiet", "shop/till.py")
    commit = it.commit("Nobody needs a till")
    it.noise()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_name_in_another_case(it: Repository) -> Truth:
    it.git("mv", "shop/cart.py", "shop/Cart.py")
    commit = it.commit("Upper case")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def names_beyond_ascii(it: Repository) -> Truth:
    it.write({"shop/größe.py": "def weit():\n    return 1\n"})
    it.write({"tests/test_größe.py": "from shop.größe import weit\n\n\ndef test_wie_groß():\n    assert weit() == 1\n"})
    it.commit("Größe")
    it.passes()
    it.noise()
    commit = it.write({"shop/größe.py": "def weit():\n    return 2\n"}).commit("Größer, über alles")
    it.noise()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def other_line_endings(it: Repository) -> Truth:
    commit = it.broken()
    for name in SUITE:
        (it.root / name).write_bytes((it.root / name).read_bytes().replace(b"\n", b"\r\n"))
    it.commit("CRLF")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def only_comments_and_layout_below_a_new_test(it: Repository) -> Truth:
    it.write({TEST: SUITE[TEST] + MORE}).commit("A test that never passed")
    it.write(
        {"shop/till.py": "# the till\n" + TILL.replace("    return 'closed'", "\n    return 'closed'  # at night")}
    )
    it.commit("Comments")
    return Truth(nature=NEW)


@shape
def a_test_that_came_after_the_product(it: Repository) -> Truth:
    it.noise()
    it.write({TEST: SUITE[TEST] + MORE}).commit("A test that never passed")
    it.noise()
    return Truth(nature=NEW)


@shape
def a_test_and_its_product_in_one_commit(it: Repository) -> Truth:
    it.write({TEST: SUITE[TEST] + MORE, "shop/till.py": TILL.replace("'closed'", "'shut'")}).commit("Close")
    return Truth(nature=NEW)


@shape
def a_neighbour_of_the_test_in_the_commit_that_breaks_it(it: Repository) -> Truth:
    commit = it.write({**BROKEN, TEST: SUITE[TEST] + "\n\ndef test_more():\n    assert pay([2]) == 3\n"}).commit("More")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_test_before_there_is_anything_to_test(it: Repository) -> Truth:
    it.write({"tests/test_later.py": "from shop import till\n\n\ndef test_refund():\n    assert till.refund() == 1\n"})
    it.commit("What refunds shall do")
    it.write({"shop/till.py": TILL.replace("'closed'", "'shut'")}).commit("Say shut")
    return Truth(nature=NEW)


@shape
def a_changed_conftest(it: Repository) -> Truth:
    it.write({"tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef coins():\n    return [1]\n"})
    it.write({"tests/test_coins.py": "def test_coins(coins):\n    assert coins == [1]\n"}).commit("Coins")
    it.passes()
    commit = it.write({"tests/conftest.py": "import pytest\n\n\n@pytest.fixture\ndef coins():\n    return [2]\n"})
    return Truth(nature=REGRESSION, commit=commit.commit("Other coins"))


@shape
def a_changed_fixture_of_the_test_file(it: Repository) -> Truth:
    commit = it.write({TEST: SUITE[TEST].replace("[1, 2]", "[1, 2, 3]")}).commit("More prices")
    it.noise()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_changed_constant(it: Repository) -> Truth:
    it.noise()
    commit = it.write({"shop/cart.py": CART.replace("RATE = 1", "RATE = 2")}).commit("Twice the price")
    it.write({"shop/till.py": TILL.replace("'closed'", "'shut'")}).commit("Say shut")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_new_parameter(it: Repository) -> Truth:
    it.noise()
    commit = it.write({"shop/cart.py": CART.replace("(self, owner)", "(self, owner, rate)")}).commit("Rates")
    it.write({"shop/cart.py": CART.replace("(self, owner)", "(self, owner, rate)") + "\n# end\n"}).commit("End")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_product_file_that_does_not_parse(it: Repository) -> Truth:
    commit = it.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices")}).commit("Tidy")
    it.noise()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_base_class_of_the_tests(it: Repository) -> Truth:
    base = "import unittest\n\n\nclass Base(unittest.TestCase):\n    def setUp(self):\n        self.coins = [1]\n"
    test = "from tests.base import Base\n\n\nclass TestCoins(Base):\n"
    test += "    def test_coins(self):\n        assert self.coins == [1]\n"
    it.write({"tests/__init__.py": "", "tests/base.py": base, "tests/test_coins.py": test}).commit("Coins")
    it.passes()
    it.noise()
    commit = it.write({"tests/base.py": base.replace("[1]", "[2]")}).commit("Other coins")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_data_file_that_the_product_reads(it: Repository) -> Truth:
    reading = CART.replace("RATE = 1", "RATE = json.loads(pathlib.Path('rates.json').read_text())")
    it.write({"shop/cart.py": reading, "rates.json": "1"}).commit("Rates of their own")
    it.passes()
    it.noise()
    commit = it.write({"rates.json": "2"}).commit("Twice the price")
    it.noise()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_requirement_that_was_dropped(it: Repository) -> Truth:
    path = "import sys\n\nsys.path.append('.site')\n"
    it.write({"conftest.py": path, ".site/some_package.py": "RATE = 1\n", ".gitignore": ".site\n__pycache__\n"})
    it.write({"requirements.txt": "some-package\nother\n"})
    it.write({"shop/cart.py": CART.replace("RATE = 1", "from some_package import RATE")}).commit("A package for rates")
    it.passes()
    it.noise()
    commit = it.write({"requirements.txt": "other\n"}).commit("Nobody needs that")
    it.noise()
    (it.root / ".site" / "some_package.py").unlink()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_work_tree_with_the_break(it: Repository) -> Truth:
    it.noise()
    it.write(BROKEN)
    return Truth(nature=ACTIVE)


@shape
def a_work_tree_with_the_break_staged(it: Repository) -> Truth:
    it.write(BROKEN).git("add", "--all")
    return Truth(nature=ACTIVE)


@shape
def a_work_tree_with_something_else(it: Repository) -> Truth:
    commit = it.broken()
    it.write({"shop/till.py": TILL.replace("'closed'", "'shut'")})
    return Truth(nature=REGRESSION, commit=commit)


@shape
def an_untracked_test(it: Repository) -> Truth:
    it.write({"tests/test_more.py": "from shop.till import pay\n\n\ndef test_more():\n    assert pay([1]) == 7\n"})
    return Truth(nature=ACTIVE)


@shape
def a_branch_with_the_break(it: Repository) -> Truth:
    it.branch("topic")
    it.broken()
    return Truth(nature=ACTIVE)


@shape
def a_branch_from_a_broken_default_branch(it: Repository) -> Truth:
    commit = it.broken()
    it.branch("topic")
    it.noise()
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_default_branch_of_another_name(it: Repository) -> Truth:
    it.git("branch", "--quiet", "-m", "main", "stable")
    commit = it.broken()
    copy = it.root.with_name("copy")
    it.git("clone", "--quiet", str(it.root), str(copy))
    it.root = copy
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_default_branch_that_nothing_tells(it: Repository) -> Truth:
    it.git("branch", "--quiet", "-m", "main", "work")
    return Truth(nature=REGRESSION, commit=it.broken())


@shape
def a_detached_head(it: Repository) -> Truth:
    commit = it.broken()
    it.git("checkout", "--quiet", "--detach")
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_linked_work_tree(it: Repository) -> Truth:
    commit = it.broken()
    linked = it.root.with_name("linked")
    it.git("worktree", "add", "--quiet", "-b", "aside", str(linked))
    it.root = linked
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_repository_with_a_submodule(it: Repository) -> Truth:
    part = Garden(_made(it.root.with_name("part"))).write({"lib.py": "A = 1\n"})
    part.commit()
    it.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", str(part.root), "vendor")
    it.commit("A part of others")
    return Truth(nature=REGRESSION, commit=it.broken())


@shape
def a_folder_below_the_top(it: Repository) -> Truth:
    it.git("mv", "-k", "shop", "tests", "conftest.py", "pyproject.toml", _made(it.root / "part").name)
    it.commit("A part of something larger")
    it.root /= "part"
    it.passes()
    return Truth(nature=REGRESSION, commit=it.broken())


@shape
def a_shallow_clone_that_holds_the_break(it: Repository) -> Truth:
    it.noise()
    commit = it.broken()
    it.noise()
    _cloned(it, depth=3)
    return Truth(nature=REGRESSION, commit=commit)


@shape
def a_shallow_clone_that_begins_after_the_break(it: Repository) -> Truth:
    it.broken()
    it.noise()
    _cloned(it, depth=1)
    return Truth(nature=NEW, remembered=REGRESSION)


@shape
def no_git(it: Repository) -> Truth:
    it.write(BROKEN)
    (it.root / ".git").rename(it.root.with_name("away"))
    return Truth(nature=NEW, remembered=REGRESSION)


@shape
def a_repository_without_commits(it: Repository) -> Truth:
    (it.root / ".git").rename(it.root.with_name("away"))
    it.git("init", "--quiet", "--initial-branch", "main")
    it.write(BROKEN)
    return Truth(nature=ACTIVE)


@shape
def one_commit_with_everything(it: Repository) -> Truth:
    (it.root / ".git").rename(it.root.with_name("away"))
    it.git("init", "--quiet", "--initial-branch", "main")
    it.write(BROKEN).commit("all at once")
    return Truth(nature=NEW, remembered=REGRESSION)


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def _cloned(it: Repository, depth: int) -> None:
    copy = it.root.with_name("copy")
    it.git("clone", "--quiet", "--depth", str(depth), it.root.as_uri(), str(copy))
    it.root = copy


@pytest.mark.parametrize("name", SHAPES)
def test_nature_and_suspect_of_a_history(name: str, tmp_path: Path) -> None:
    (tmp_path / "memory").mkdir()
    it = Repository(tmp_path / "repository", tmp_path / "memory").start()
    it.passes()
    truth = SHAPES[name](it)
    report = it.tested()
    wrong = []
    for store, nature in (("remembered", truth.remembered or truth.nature), ("empty", truth.nature)):
        (finding,) = it.tended(report, store)
        told = [(each.commit, each.confidence) for each in finding.suspects]
        if finding.nature is not nature:
            wrong.append(f"{store}: {finding.nature} instead of {nature}: {finding.why.nature}")
            assert "confidence high" not in finding.why.nature
        if truth.commit and (not told or told[0][0] != truth.commit):
            wrong.append(f"{store}: suspects {[(each.subject, each.reason) for each in finding.suspects]}")
        assert not [commit for commit, how in told if how is Confidence.HIGH and commit != truth.commit]
    assert not wrong
