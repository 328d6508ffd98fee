"""Build contexts by value: what a recipe and a listing come to, without a disk."""

import pytest
from require import need_dockerfile

from gardener.preflight.context import join, judge, outside
from gardener.preflight.dockerfile_text import Problem, Recipe, fill_word, parse
from gardener.preflight.ignore import read_ignore
from gardener.preflight.listing import Entry, Listing

pytestmark = pytest.mark.unit


def listing(*files: str, **rest: object) -> Listing:
    folders = {file.rsplit("/", 1)[0]: Entry(kind="folder") for file in files if "/" in file}
    return Listing(entries={**dict.fromkeys(files, Entry(size=1)), **folders}, **rest)  # type: ignore[arg-type]


def recipe(text: str, *, buildkit: bool = True, **args: str) -> Recipe:
    need_dockerfile()
    return parse(text, args, buildkit=buildkit)


def test_a_problem_carries_line_kind_and_path() -> None:
    (problem,) = judge(recipe("FROM scratch\n\nCOPY a /\n"), None, listing("b"), buildkit=True)
    assert (problem.line, problem.kind, problem.path) == (3, "missing", "a")


def test_what_is_left_out_names_the_rule() -> None:
    seen = listing("b", left_out={"src": ".dockerignore:4"})
    (problem,) = judge(recipe("FROM scratch\nCOPY src/x /\n"), None, seen, buildkit=True)
    assert (problem.kind, problem.by) == ("excluded", ".dockerignore")
    assert "excluded by .dockerignore:4" in problem.found


def test_a_variable_of_an_unknown_base_image_is_not_held_against_the_file() -> None:
    text = "FROM python:3.12\nCOPY $HOME_OF_BASE/x /\n"
    assert judge(recipe(text), None, listing("b"), buildkit=True) == ()


def test_an_additional_context_is_no_stage() -> None:
    text = "FROM scratch\nCOPY --from=docs /x /\n"
    assert judge(recipe(text), None, listing("b"), buildkit=True, contexts=frozenset({"docs"})) == ()
    assert [name for _, name in outside(recipe(text), None, frozenset({"docs"}))] == []


def test_the_images_a_build_takes_from_elsewhere_are_those_of_the_stages_it_reaches() -> None:
    text = (
        "ARG V=3\nFROM python:$V AS base\nFROM node AS unused\nFROM base\n"
        "COPY --from=nginx:1 /a /b\nCOPY --from=base /a /b\nRUN --mount=type=bind,from=tools,target=/t x\n"
    )
    assert set(outside(recipe(text), None)) == {(2, "python:3"), (5, "nginx:1"), (7, "tools")}
    assert set(outside(recipe(text, V="4"), "unused")) == {(3, "node")}


def test_addresses_are_no_files() -> None:
    text = "FROM scratch\nADD https://example.org/a.tgz git@example.org:a/b.git /x/\n"
    assert judge(recipe(text), None, listing("b"), buildkit=True) == ()


def test_files_that_may_not_be_read_stop_the_classic_builder_alone() -> None:
    seen = listing("a", "b", unreadable=("b",))
    assert judge(recipe("FROM scratch\nCOPY a /\n"), None, seen, buildkit=True) == ()
    (problem,) = judge(recipe("FROM scratch\nCOPY a /\n", buildkit=False), None, seen, buildkit=False)
    assert (problem.kind, problem.path) == ("unreadable", "b")


def test_joining_tells_what_only_one_builder_minds() -> None:
    shared = Problem(line=2, found="x", path="x")
    alone = Problem(line=3, found="y", path="y")
    assert [one.only for one in join([shared, alone], [shared])] == ["", "classic"]
    assert [one.only for one in join([], [alone])] == ["BuildKit"]


@pytest.mark.parametrize(
    ("word", "filled", "missing"),
    [
        ("$A/x", "a/x", ()),
        ("${A}x", "ax", ()),
        ("$NO/x", "/x", ("NO",)),
        ("${NO:-d}", "d", ()),
        ("${A:+d}${NO:+d}", "d", ()),
        ("'$A'", "$A", ()),
        ('"$A"', "a", ()),
        ("\\$A", "$A", ()),
    ],
)
def test_words_of_a_dockerfile_are_filled_in(word: str, filled: str, missing: tuple[str, ...]) -> None:
    assert fill_word(word, {"A": "a"}) == (filled, missing)


@pytest.mark.parametrize(
    ("rules", "path", "line"),
    [
        ("a", "a", 1),
        ("a", "a/b/c", 1),
        ("a", "b/a", None),
        ("**/a", "b/c/a", 1),
        ("**/a", "b/c/a/d", 1),
        ("*\n!a", "a/b", None),
        ("*\n!a\na/b", "a/b", 3),
        ("*.py[co]", "x.pyc", 1),
        ("A", "a", None),
        ("# a\n\n  a  ", "a", 3),
    ],
)
def test_the_last_rule_that_matches_a_path_or_a_folder_above_it_wins(rules: str, path: str, line: int | None) -> None:
    ignore, matches = read_ignore(rules), ()
    parts = path.split("/")
    for depth in range(1, len(parts) + 1):
        matches = ignore.matches("/".join(parts[:depth]), matches)
    rule = ignore.left_out_by(matches)
    assert (rule.line if rule else None) == line


@pytest.mark.parametrize(
    ("path", "leads"),
    [
        ("", ""),
        ("l", "src"),
        ("l/a", "src/a"),
        ("src/../l/a", "src/a"),
        ("up", "src/a"),
        ("abs", "src"),
        ("loop", None),
        ("src/a/b", None),
        ("gone", None),
    ],
)
def test_links_are_followed_inside_the_context(path: str, leads: str | None) -> None:
    links = {"l": "src", "up": "../src/a", "abs": "/src", "loop": "loop", "gone": "nope"}
    entries = {name: Entry(kind="link", link=target) for name, target in links.items()}
    tree = Listing(entries={**entries, "src": Entry(kind="folder"), "src/a": Entry()})
    assert tree.resolve(path) == leads


def test_files_that_a_step_mounts_must_be_there() -> None:
    text = (
        "FROM python\nRUN --mount=type=bind,source=requirements.txt,target=r.txt pip install -r r.txt\n"
        "RUN --mount=type=cache,target=/c --mount=target=. x\n"
    )
    (problem,) = judge(recipe(text), None, listing("b"), buildkit=True)
    assert (problem.line, problem.path) == (2, "requirements.txt")


def test_a_stage_may_be_chosen_by_the_platform() -> None:
    text = "FROM scratch AS base-linux\nCOPY gone /\nFROM base-${TARGETOS}\nCOPY b /\n"
    assert [problem.path for problem in judge(recipe(text), None, listing("b"), buildkit=True)] == ["gone"]


def test_in_a_dockerfile_for_windows_a_backslash_parts_folders() -> None:
    text = "# escape=`\nFROM scratch\nCOPY src\\a C:\\app\\\n"
    assert judge(recipe(text), None, listing("src/a"), buildkit=True) == ()
