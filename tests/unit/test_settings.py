"""Settings: precedence, origins, and errors that say where, what and what is near."""

import textwrap
from pathlib import Path

import pytest

from gardener.model.cause import Cause
from gardener.model.errors import ConfigurationError, Exit
from gardener.model.focus import Docker, Focus, Service, Severity
from gardener.model.policy import Rulebook
from gardener.settings import Settings, entries, focus, focuses, load, policy

pytestmark = pytest.mark.unit

EVERYTHING = """
[tool.gardener]
tracker = "github:acme/chat"
store = "postgresql+psycopg://gardener:s3cret-word@db.example/gardener"
apply = "never"
labels = ["gardener", "red"]
rerun = 2
adopt_authors = ["octo-bot"]
[tool.gardener.preflight]
warn_free = "10 GiB"
block_free = 1000
[tool.gardener.severities]
deprecation = "P3"
[tool.gardener.focus.critical]
paths = ["./tests/mission_critical/"]
markers = "critical"
needs = ["unit"]
timeout = 900
test_timeout = 30.5
docker = { compose = "docker-compose.yml", marker = "docker" }
severity = "P1"
[[tool.gardener.focus.critical.services]]
name = "postgres"
tcp = "localhost:5432"
[tool.gardener.focus.unit]
paths = ["tests/unit"]
[tool.gardener.scope.event-checklist]
match = "*websocket*event*"
markers = "not slow"
[[tool.gardener.impact]]
match = "tests/**/test_websocket*"
text = "$500K+ ARR: chat"
critical = true
[[tool.gardener.standing]]
cause = "deprecation"
issue = 416
[[tool.gardener.rules]]
regex = "Found other (?P<what>.+) classes"
cause = "duplicate-definition"
severity = "P1"
group = "{what}"
"""


@pytest.fixture
def settings_of(tmp_path: Path):
    def write(text: str, *, file: str = "pyproject.toml", **given) -> Settings:
        (tmp_path / file).write_text(textwrap.dedent(text), encoding="utf-8")
        return load(tmp_path, given.pop("environ", {}), given.pop("overrides", {}), **given)

    return write


@pytest.fixture
def refusal(settings_of):
    def refuse(text: str, **given) -> str:
        with pytest.raises(ConfigurationError) as caught:
            settings_of(text, **given)
        assert caught.value.exit is Exit.USAGE
        assert caught.value.hint
        assert "\n" not in caught.value.message
        return f"{caught.value.message} {caught.value.hint}"

    return refuse


def test_no_file_at_all_means_defaults(tmp_path: Path) -> None:
    settings = load(tmp_path, {}, {})
    assert (settings.tracker, settings.max_new_issues, settings.fail_on) == ("embedded", 10, "any")
    assert settings.preflight.warn_free == 5 * 2**30
    assert focuses(settings) == ()
    assert {entry.origin for entry in entries(settings)} == {"default"}


def test_command_line_beats_environment_beats_file_beats_default(settings_of) -> None:
    settings = settings_of(
        '[tool.gardener]\ntracker = "github:a/b"\nrerun = 1\nmax_new_issues = 3',
        environ={"GARDENER_RERUN": "2", "GARDENER_MAX_NEW_ISSUES": "4"},
        overrides={"rerun": 3, "apply": None},
    )
    assert (settings.tracker, settings.max_new_issues, settings.rerun, settings.apply) == ("github:a/b", 4, 3, "ci")
    assert dict(settings.origin) == {
        "tracker": "pyproject.toml",
        "max_new_issues": "GARDENER_MAX_NEW_ISSUES",
        "rerun": "command line",
    }


def test_everything_that_is_documented_arrives(settings_of) -> None:
    settings = settings_of(EVERYTHING)
    unit, critical = focuses(settings)
    assert unit == Focus(name="unit", paths=("tests/unit",))
    assert critical == Focus(
        name="critical",
        paths=("tests/mission_critical",),
        markers="critical",
        needs=("unit",),
        docker=Docker(compose=("docker-compose.yml",), marker="docker"),
        services=(Service(name="postgres", tcp="localhost:5432"),),
        timeout_s=900,
        test_timeout_s=30.5,
        severity=Severity.P1,
    )
    assert (settings.preflight.warn_free, settings.preflight.block_free) == (10 * 2**30, 1000)
    judged = policy(settings, Rulebook())
    assert judged.severities == ((Cause.DEPRECATION, Severity.P3),)
    assert judged.labels == ("gardener", "red")
    assert judged.impacts[0].critical
    assert judged.standing[0].issue == 416
    rule = judged.user_rules[0]
    assert (rule.name, rule.cause, rule.severity) == ("rules[1]", Cause.DUPLICATE_DEFINITION, Severity.P1)


def test_gardener_toml_holds_the_same_keys_without_the_prefix(settings_of) -> None:
    settings = settings_of('rerun = 1\n[focus.unit]\npaths = ["tests"]', file="gardener.toml")
    assert settings.rerun == 1
    assert settings.origin["focus.unit.paths"] == "gardener.toml"


def test_the_prefix_in_gardener_toml_is_refused_with_what_to_write_instead(refusal) -> None:
    assert "[focus.unit]" in refusal("[tool.gardener]\nrerun = 1", file="gardener.toml")


def test_two_files_with_settings_are_refused(settings_of, refusal) -> None:
    settings_of("[tool.gardener]\nrerun = 1")
    assert "both" in refusal("rerun = 2", file="gardener.toml")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[tool.gardener]\ntraker = "x"', ["pyproject.toml: tool.gardener.traker", "Did you mean tracker?"]),
        ("[tool.gardener.focus.unit]\npats = []", ["tool.gardener.focus.unit.pats", "Did you mean paths?"]),
        ("[tool.gardener.focus.unit]\ndocker = { markr = 'x' }", ["focus.unit.docker.markr", "Did you mean marker?"]),
        ("[tool.gardener.focus.docker]\npats = []", ["focus.docker.pats", "Did you mean paths?"]),
        ('[[tool.gardener.rules]]\nregx = "a"\ncontains="b"', ["rules[1].regx", "Did you mean regex?"]),
        ("[tool.gardener]\nzzz = 1", ["Known here: tracker, store"]),
        ('[tool.gardener]\nrerun = "2"', ["tool.gardener.rerun should be a valid integer"]),
        ("[tool.gardener]\nlabels = 3", ["tool.gardener.labels should be a valid list"]),
        ('[tool.gardener]\nfocus = "unit"', ["tool.gardener.focus should be a valid table"]),
        ('[tool.gardener]\napply = "sometimes"', ["tool.gardener.apply should be 'ci', 'always' or 'never'"]),
        ('[tool.gardener]\ntracker = "gitlab:a/b"', ['should be "embedded" or "github:owner/repository"']),
        ('[tool.gardener]\ngithub_url = "http://example.com"', ["https://", "token"]),
        ('[tool.gardener.focus.unit]\nseverity = "P7"', ["focus.unit.severity should be P0, P1, P2 or P3"]),
        (
            '[tool.gardener.focus.unit]\npaths = ["/tests"]',
            ["focus.unit.paths[1]", "relative to the repository's root"],
        ),
        ('[tool.gardener.preflight]\nwarn_free = "lots"', ["preflight.warn_free", '"5 GiB"']),
        (
            '[tool.gardener.severities]\ndeprecations = "P3"',
            ["'deprecations' is not a cause", "Did you mean deprecation?"],
        ),
        ('[[tool.gardener.standing]]\ncause = "deprecation"', ["standing[1]", "exactly one of issue, title"]),
        ('[[tool.gardener.impact]]\ntext = "x"', ["impact[1].match is missing"]),
        (
            '[[tool.gardener.rules]]\nregex = "a"\n[[tool.gardener.rules]]\nregex = "(b"',
            ["rules[2].regex", "unterminated"],
        ),
        ('[[tool.gardener.rules]]\nregex = "(?P<it>a)"\ngroup = "{what}"', ["rules[1]", "{what}", "(?P<what>…)"]),
        ('[[tool.gardener.focus.unit.services]]\nname = "db"', ["focus.unit.services[1]", "exactly one of tcp, http"]),
        (
            '[[tool.gardener.focus.unit.services]]\nname = "db"\ntcp = "db:99999"',
            ["services[1].tcp", "Port out of range"],
        ),
        ("[tool.gardener.focus.'a b']\npaths = []", ["focus.a b"]),
        ("[tool.gardener\n", ["pyproject.toml cannot be read"]),
    ],
)
def test_a_mistake_names_its_place_and_the_remedy(refusal, text: str, words: list[str]) -> None:
    said = refusal(text)
    for word in words:
        assert word in said


def test_a_mistake_in_the_environment_or_on_the_command_line_names_that_source(refusal) -> None:
    assert "GARDENER_RERUN (environment) should be" in refusal("", environ={"GARDENER_RERUN": "twice"})
    assert "--rerun should be" in refusal("", overrides={"rerun": -1})
    assert "GARDENER_TRACKER?" in refusal("", environ={"GARDENER_TRAKER": "embedded"})


def test_an_empty_variable_and_a_stranger_are_left_alone(settings_of) -> None:
    settings = settings_of(
        "", environ={"GARDENER_TRACKER": "", "GARDENER_REQUIRE": "docker", "GARDENER_LABELS": "a, b"}
    )
    assert settings.tracker == "embedded"
    assert settings.labels == ("a", "b")


def test_a_mistake_never_repeats_a_password(refusal) -> None:
    assert "s3cret-word" not in refusal('[tool.gardener]\nstore = ["postgresql://me:s3cret-word@db/x"]')


def test_the_shown_settings_mask_passwords(settings_of) -> None:
    shown = {entry.name: entry.value for entry in entries(settings_of(EVERYTHING))}
    assert shown["store"] == "postgresql+psycopg://gardener:***@db.example/gardener"
    assert shown["focus.critical.severity"] == "P1"
    assert shown["rules[1].cause"] == "duplicate-definition"


def test_a_focus_that_does_not_exist_names_the_nearest(settings_of) -> None:
    settings = settings_of(EVERYTHING)
    with pytest.raises(ConfigurationError) as caught:
        focus(settings, "critcal")
    assert "Did you mean critical?" in caught.value.hint
    with pytest.raises(ConfigurationError) as caught:
        focus(settings, "unit", scope="event-check")
    assert "Did you mean event-checklist?" in caught.value.hint


def test_a_scope_narrows_and_says_so(settings_of) -> None:
    narrowed = focus(settings_of(EVERYTHING), "critical", scope="event-checklist", match=["thinking"])
    assert narrowed.narrowed
    assert narrowed.scope == "event-checklist"
    assert narrowed.match == ("*websocket*event*", "thinking")
    assert narrowed.markers == "(critical) and (not slow)"
    assert narrowed.paths == ("tests/mission_critical",)


def test_a_scopes_paths_count_only_inside_the_focus(settings_of) -> None:
    settings = settings_of(
        """
        [tool.gardener.focus.unit]
        paths = ["tests/unit", "tests/misc/deep"]
        [tool.gardener.scope.some]
        paths = ["tests/unit/test_a.py", "tests/misc", "tests/unitary"]
        [tool.gardener.scope.none]
        paths = ["docs"]
        """
    )
    assert focus(settings, "unit", scope="some").paths == ("tests/unit/test_a.py", "tests/misc/deep")
    with pytest.raises(ConfigurationError, match="No path of the scope none lies in the focus unit"):
        focus(settings, "unit", scope="none")


def test_stages_come_after_what_they_need(settings_of) -> None:
    settings = settings_of(
        """
        [tool.gardener.focus.last]
        needs = ["middle", "first"]
        [tool.gardener.focus.middle]
        needs = ["first"]
        [tool.gardener.focus.first]
        """
    )
    assert [each.name for each in focuses(settings)] == ["first", "middle", "last"]


def test_needs_in_a_circle_or_of_nobody_are_refused(refusal) -> None:
    circle = refusal('[tool.gardener.focus.a]\nneeds = ["b"]\n[tool.gardener.focus.b]\nneeds = ["a"]')
    assert "circle: a → b → a" in circle or "circle: b → a → b" in circle
    assert "Did you mean unit?" in refusal(
        '[tool.gardener.focus.a]\nneeds = ["units"]\n[tool.gardener.focus.unit]\npaths = ["tests"]'
    )


def test_conventions_stand_in_only_where_no_focus_is_configured(settings_of) -> None:
    assumed = {"unit": Focus(name="unit", paths=("tests",), assumed=("unit: the folder tests",))}
    assert focuses(settings_of("[tool.gardener]\nrerun = 1", conventions=assumed)) == (assumed["unit"],)
    configured = focuses(settings_of('[tool.gardener.focus.mine]\npaths = ["t"]', conventions=assumed))
    assert [each.name for each in configured] == ["mine"]
    assert configured[0].assumed == ()


def test_settings_cannot_be_changed(settings_of) -> None:
    with pytest.raises(ValueError, match="frozen"):
        settings_of("").rerun = 3  # type: ignore[misc]
