"""Real histories of many shapes lead to the commit that broke them, and never surely to a wrong one."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import build
import pytest
from garden import Garden

from gardener.model.finding import Confidence, Finding, Kind, Nature, Past, Suspect
from gardener.model.run import Failure, Origin
from gardener.repository import evidence, git, lineup
from gardener.triage.nature import judge_nature

pytestmark = pytest.mark.integration

HIGH, MEDIUM, LOW = Confidence.HIGH, Confidence.MEDIUM, Confidence.LOW
TEST = "tests/test_cart.py"
CART = (
    "class Cart:\n    def __init__(self, owner):\n        self.owner = owner\n\n"
    "    def total(self, prices):\n        return sum(prices)\n"
)
SUITE = {
    "shop/__init__.py": "",
    "shop/cart.py": CART,
    "shop/till.py": "from shop.cart import Cart\n\ndef pay(prices):\n    return Cart('ada').total(prices)\n",
    TEST: "from shop.till import pay\n\ndef test_pay():\n    assert pay([1]) == 1\n",
}
NEEDS_RATE = CART.replace("(self, owner)", "(self, owner, rate)")
MISSING = "Cart.__init__() missing 1 required positional argument: 'rate'"


class History(Garden):
    """A repository that passed at `start`, and what its suspects are when it fails."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.write(SUITE)
        self.start = self.commit("the shop opens")

    def noise(self, count: int = 2) -> None:
        for place in range(count):
            self.write({"notes.txt": f"{place} {self.git('rev-parse', 'HEAD')}"}).commit("notes")

    def suspects(self, failure: Failure, *, passed: str | None = "", **past: Any) -> tuple[Suspect, ...]:
        """`passed`: the commit of the last pass, by default the start; None where none is remembered."""
        if passed is not None:
            past = {"tests_passed_before": 1, "last_pass_commit": passed or self.start, **past}
        return self.judged(build.finding(failure), Past(**past)).suspects

    def judged(self, finding: Finding, past: Past) -> Finding:
        run = build.run(build.case(finding.tests[0], failures=finding.failures))
        found = evidence.gather(self.root, run, git.look(self.root), ("shop", "tests"))
        finding = judge_nature(finding, past, found)
        return replace(finding, suspects=lineup.suspects(self.root, finding, found))


@pytest.fixture
def history(tmp_path: Path) -> History:
    root = tmp_path / "repository"
    root.mkdir()
    return History(root)


def raised(exception: str = "TypeError", message: str = MISSING, *inner: tuple[str, str]) -> Failure:
    places = [(TEST, "test_pay"), *(inner or [("shop/till.py", "pay")])]
    return build.failure(
        f"{TEST}::test_pay", exception, message, frames=tuple(build.frame(path, 4, name) for path, name in places)
    )


def wrong_total() -> Failure:
    return raised("AssertionError", "assert 2 == 1", ("shop/till.py", "pay"), ("shop/cart.py", "total"))


def only(suspects: tuple[Suspect, ...], commit: str, confidence: Confidence) -> None:
    assert [(each.commit, each.confidence) for each in suspects[:1]] == [(commit, confidence)], suspects
    assert not [each for each in suspects[1:] if each.confidence is HIGH]


def test_the_commit_that_changed_the_constructor_is_named_among_others(history: History) -> None:
    history.noise()
    history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 0")}).commit("Tidy the sum")
    culprit = history.write({"shop/cart.py": NEEDS_RATE}).commit("Carts know their rate")
    history.write({"shop/till.py": SUITE["shop/till.py"] + "\n# the till\n"}).commit("Comment the till")
    history.noise()
    found = history.suspects(raised())
    only(found, culprit, HIGH)
    assert found[0].reason == "changed Cart.__init__ in shop/cart.py, which the error names"
    assert (found[0].author, found[0].subject) == ("Ada", "Carts know their rate")


def test_without_a_remembered_pass_the_range_begins_with_the_test_and_nothing_is_sure(history: History) -> None:
    culprit = history.write({"shop/cart.py": NEEDS_RATE}).commit("Carts know their rate")
    history.noise()
    only(history.suspects(raised(), passed=None), culprit, MEDIUM)


def test_a_new_field_of_a_dataclass_is_a_changed_constructor(history: History) -> None:
    plain = "from dataclasses import dataclass\n\n@dataclass\nclass Cart:\n    owner: str\n"
    start = history.write({"shop/cart.py": plain}).commit("plain")
    culprit = history.write({"shop/cart.py": f"{plain}    rate: int\n"}).commit("Rates")
    history.write({"shop/cart.py": f"{plain}    rate: int\n\n    def total(self):\n        return 1\n"}).commit(
        "Totals"
    )
    only(history.suspects(raised(), passed=start), culprit, HIGH)


def test_the_only_commit_since_the_last_pass_is_sure_when_it_touches_what_fails(history: History) -> None:
    culprit = history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 1")}).commit("Round")
    only(history.suspects(wrong_total()), culprit, HIGH)


def test_the_only_commit_is_not_sure_when_it_failed_before_too(history: History) -> None:
    culprit = history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 1")}).commit("Round")
    only(history.suspects(wrong_total(), first_seen="2025-09-13T00:00:00Z"), culprit, MEDIUM)


def test_a_commit_that_touches_nothing_of_it_is_nobody(history: History) -> None:
    history.noise(1)
    assert history.suspects(wrong_total()) == ()


def test_of_several_that_changed_the_failing_function_none_is_sure_and_the_newest_stands_first(
    history: History,
) -> None:
    history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 1")}).commit("Round")
    newest = history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 2")}).commit("Round more")
    only(history.suspects(wrong_total()), newest, MEDIUM)


def test_the_deepest_function_goes_before_a_file_that_was_only_touched(history: History) -> None:
    culprit = history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 1")}).commit("Round")
    history.write({"shop/till.py": SUITE["shop/till.py"] + "\ndef close():\n    pass\n"}).commit("Close the till")
    only(history.suspects(wrong_total()), culprit, MEDIUM)


def test_a_removed_method_is_named_by_the_attribute_error(history: History) -> None:
    culprit = history.write({"shop/cart.py": CART.replace("def total", "def amount")}).commit("Say amount")
    history.noise()
    found = history.suspects(raised("AttributeError", "'Cart' object has no attribute 'total'"))
    only(found, culprit, HIGH)


def test_an_attribute_of_the_same_name_elsewhere_is_never_sure(history: History) -> None:
    history.write({"shop/pool.py": "class Pool:\n    def close(self):\n        pass\n"}).commit("A pool")
    history.noise()
    found = history.suspects(raised("AttributeError", "'Session' object has no attribute 'close'"))
    assert all(each.confidence is not HIGH for each in found)


def test_an_import_that_was_taken_away_is_named_by_the_name_error(history: History) -> None:
    start = history.write({"shop/till.py": f"from typing import Optional\n{SUITE['shop/till.py']}"}).commit("types")
    culprit = history.write({"shop/till.py": SUITE["shop/till.py"]}).commit("Remove what is not used")
    history.noise()
    only(history.suspects(raised("NameError", "name 'Optional' is not defined"), passed=start), culprit, HIGH)


def test_a_renamed_module_is_named_by_the_import_error(history: History) -> None:
    history.git("mv", "shop/cart.py", "shop/basket.py")
    culprit = history.commit("Call it a basket")
    history.noise()
    failure = build.failure(
        TEST,
        "ModuleNotFoundError",
        "No module named 'shop.cart'",
        origin=Origin.COLLECTION,
        frames=(build.frame(TEST),),
    )
    only(history.suspects(failure), culprit, HIGH)


def test_a_commit_on_a_merged_branch_is_named_and_not_the_merge(history: History) -> None:
    history.git("checkout", "--quiet", "-b", "topic")
    culprit = history.write({"shop/cart.py": NEEDS_RATE}).commit("Carts know their rate")
    history.git("checkout", "--quiet", "main")
    history.noise(1)
    history.git("merge", "--quiet", "--no-ff", "topic", "-m", "Merge topic")
    only(history.suspects(raised()), culprit, HIGH)


def test_a_merge_is_named_for_what_it_changed_itself(history: History) -> None:
    history.git("checkout", "--quiet", "-b", "topic")
    history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 0")}).commit("one way")
    history.git("checkout", "--quiet", "main")
    history.write({"shop/cart.py": CART.replace("sum(prices)", "0 + sum(prices)")}).commit("another way")
    history.git("merge", "--quiet", "--no-ff", "--strategy-option", "ours", "--no-commit", "topic")
    culprit = history.write({"shop/cart.py": NEEDS_RATE}).commit("Merge topic, with a rate")
    only(history.suspects(raised()), culprit, HIGH)


def test_after_a_revert_the_second_break_is_named_from_the_pass_between(history: History) -> None:
    history.write({"shop/cart.py": NEEDS_RATE}).commit("first")
    passed = history.write({"shop/cart.py": CART}).commit("Revert")
    culprit = history.write({"shop/cart.py": NEEDS_RATE}).commit("second")
    history.noise()
    only(history.suspects(raised(), passed=passed), culprit, HIGH)


def test_two_commits_that_changed_what_the_error_names_leave_it_unsure(history: History) -> None:
    history.write({"shop/cart.py": CART.replace("(self, owner)", "(self, owner, name=None)")}).commit("names")
    newest = history.write({"shop/cart.py": NEEDS_RATE}).commit("rates")
    only(history.suspects(raised()), newest, MEDIUM)


def test_a_cherry_picked_break_is_the_pick_and_not_the_original(history: History) -> None:
    history.git("checkout", "--quiet", "-b", "topic")
    original = history.write({"shop/cart.py": NEEDS_RATE}).commit("Carts know their rate")
    history.git("checkout", "--quiet", "main")
    history.noise(1)
    history.git("cherry-pick", original)
    only(history.suspects(raised()), history.git("rev-parse", "HEAD").strip(), HIGH)


def test_a_detached_head_is_judged_by_its_own_history(history: History) -> None:
    culprit = history.write({"shop/cart.py": NEEDS_RATE}).commit("rates")
    history.git("checkout", "--quiet", "--detach")
    only(history.suspects(raised()), culprit, HIGH)


def test_a_pass_on_another_branch_is_no_beginning_of_a_range(history: History) -> None:
    history.git("checkout", "--quiet", "-b", "elsewhere")
    other = history.write({"notes.txt": "elsewhere"}).commit("elsewhere")
    history.git("checkout", "--quiet", "main")
    culprit = history.write({"shop/cart.py": NEEDS_RATE}).commit("rates")
    only(history.suspects(raised(), passed=other), culprit, MEDIUM)


def test_a_folder_below_the_top_of_the_repository_is_judged_by_its_own_paths(history: History, tmp_path: Path) -> None:
    outer = Garden(tmp_path / "outer" if (tmp_path / "outer").mkdir() is None else tmp_path)
    outer.write({f"part/{name}": text for name, text in SUITE.items()})
    history.start = outer.commit("a part")
    culprit = outer.write({"part/shop/cart.py": NEEDS_RATE}).commit("rates")
    history.root = outer.root / "part"
    only(history.suspects(raised()), culprit, HIGH)


def test_a_shallow_clone_is_never_sure(history: History, tmp_path: Path) -> None:
    history.write({"shop/cart.py": NEEDS_RATE}).commit("rates")
    history.noise(1)
    history.git("clone", "--quiet", "--depth", "1", history.root.as_uri(), str(tmp_path / "clone"))
    history.root = tmp_path / "clone"
    assert all(each.confidence is not HIGH for each in history.suspects(raised()))


def test_what_is_being_written_has_no_suspect(history: History) -> None:
    history.write({"shop/till.py": "# in the middle\n"})
    assert history.suspects(raised()) == ()


def test_without_git_nobody_is_suspected(history: History, tmp_path: Path) -> None:
    (history.root / ".git").rename(tmp_path / "away")
    assert history.suspects(raised()) == ()


def test_a_check_that_names_a_dockerfile_leads_to_its_last_change_without_certainty(history: History) -> None:
    culprit = history.write({"Dockerfile": "FROM scratch\nCOPY shop /shop\n"}).commit("An image")
    history.noise()
    failure = build.failure("build-context", "docker-build", "x", origin=Origin.PREFLIGHT, places=("Dockerfile:2",))
    finding = build.finding(failure, kind=Kind.INFRASTRUCTURE, tests=(), nature=Nature.INFRASTRUCTURE)
    found = evidence.gather(history.root, build.run(), git.look(history.root), ("shop",))
    (suspect,) = lineup.suspects(history.root, finding, found)
    assert (suspect.commit, suspect.confidence) == (culprit, LOW)


def test_a_range_ends_with_the_first_run_that_failed(history: History) -> None:
    culprit = history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 1")}).commit("Round")
    history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 2")}).commit("Round more")
    found = history.suspects(wrong_total(), first_seen="2025-09-13T00:00:00Z", first_fail_commit=culprit)
    only(found, culprit, HIGH)
    assert len(found) == 1


def test_what_comes_and_goes_has_no_sure_suspect(history: History) -> None:
    culprit = history.write({"shop/cart.py": NEEDS_RATE}).commit("rates")
    only(history.suspects(raised(), relapses=1), culprit, MEDIUM)


def test_beside_changes_that_are_not_committed_nobody_is_sure(history: History) -> None:
    culprit = history.write({"shop/cart.py": NEEDS_RATE}).commit("rates")
    history.write({"shop/__init__.py": "# in the middle\n"})
    only(history.suspects(raised()), culprit, MEDIUM)


def test_a_commit_that_changed_only_comments_of_the_failing_file_is_nobody(history: History) -> None:
    history.write({"shop/cart.py": f"# carts\n{CART}"}).commit("Comment")
    assert history.suspects(wrong_total()) == ()


def test_a_missing_package_leads_to_the_requirements_that_lost_it(history: History) -> None:
    history.write({"shop/cart.py": CART.replace("sum(prices)", "sum(prices) + 0")}).commit("Tidy")
    culprit = history.write({"requirements.txt": "other\n"}).commit("Fewer packages")
    found = history.suspects(raised("ModuleNotFoundError", "No module named 'some_package'"))
    only(found, culprit, MEDIUM)
    assert "requirements.txt" in found[0].reason


def test_blame_is_the_last_resort_and_says_so(history: History) -> None:
    history.write({"shop/till.py": SUITE["shop/till.py"].replace("pay(prices)", "pay( prices )")}).commit("Spaces")
    (suspect,) = history.suspects(raised("ValueError", "no"), passed=None, tests_passed_before=1)
    assert (suspect.commit, suspect.confidence) == (history.start, LOW)
    assert "nobody remembers it passing" in suspect.reason


def test_a_dockerfile_that_changed_since_the_check_held_is_the_suspect(history: History) -> None:
    history.write({"Dockerfile": "FROM scratch\n"}).commit("An image")
    passed = history.git("rev-parse", "HEAD").strip()
    history.noise()
    culprit = history.write({"Dockerfile": "FROM scratch\nCOPY shop /shop\n"}).commit("The shop in it")
    history.noise()
    failure = build.failure("build-context", "docker-build", "x", origin=Origin.PREFLIGHT, places=("Dockerfile:2",))
    finding = build.finding(failure, kind=Kind.INFRASTRUCTURE, tests=(), nature=Nature.INFRASTRUCTURE)
    finding = replace(finding, past=Past(last_pass_commit=passed))
    found = evidence.gather(history.root, build.run(), git.look(history.root), ("shop",))
    (suspect,) = lineup.suspects(history.root, finding, found)
    assert (suspect.commit, suspect.confidence) == (culprit, MEDIUM)
