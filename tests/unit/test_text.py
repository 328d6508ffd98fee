"""What the redactor masks, what it leaves alone, and how long it may take."""

import base64
import json
import pprint
import random
import textwrap
from urllib.parse import quote

import pytest
from growth import is_steep
from hypothesis import given, settings
from hypothesis import strategies as st

from gardener.model.secret import FORMS
from gardener.model.text import CleanText, Redactor, cut, names_secret, secret_values
from gardener.sieve import Sieve

pytestmark = pytest.mark.unit

A36 = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8"
KEY_LINES = "\n".join(random.Random(7).choices(["MIIEvQIBADANBgkqhkiG9w0BAQEFAASC" * 2], k=6))
PEM = f"-----BEGIN RSA PRIVATE KEY-----\n{KEY_LINES}\n-----END RSA PRIVATE KEY-----"
JWT = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P"

SECRETS = {
    "github-classic": (f"remote: ghp_{A36} denied", A36),
    "github-server": (f"ghs_{A36}", A36),
    "github-fine": (f"github_pat_11ABC_{A36}{A36} x", A36),
    "aws": (f"AKIAIOSFODNN7EXAMPLA aws_secret: {A36}abcd", A36),
    "aws-bare": (f"('AKIAIOSFODNN7EXAMPLA', '{A36}abcd')", A36),
    "aws-assigned": (f"aws_secret_access_key = {A36}abcd", A36),
    "jwt": (f"token {JWT} expired", "dozjgNryP4J3"),
    "pem": (f"key:\n{PEM}\nend", "MIIEvQ"),
    "pem-in-one-string": ("pem = '" + PEM.replace("\n", "\\n") + "'", "MIIEvQ"),
    "pem-printed-by-pytest": (textwrap.indent(PEM, "E       "), "MIIEvQ"),
    "pem-without-its-end": (PEM[:-60], "MIIEvQ"),
    "pem-without-its-beginning": (PEM[60:], "MIIEvQ"),
    "bearer": (f"Authorization: Bearer {A36}", A36),
    "bearer-in-a-repr": (f"{{'authorization': 'Bearer {A36}'}}", A36),
    "basic": ("Basic dXNlcjpodW50ZXIy", "dXNlcjpodW50ZXIy"),
    "header": ("authorization: s3same0pen", "s3same0pen"),
    "cookie": ("Set-Cookie: session=ab12cd34ef", "ab12cd34ef"),
    "url": ("could not open https://bob:hunter2@git.example/x", "hunter2"),
    "url-with-at-in-the-password": ("postgresql://u:p@ss0rd!@db:5432/x", "ss0rd"),
    "url-with-slash-in-the-password": ("postgresql://u:se/cr3t@db:5432/x", "cr3t"),
    "url-without-user": ("redis://:hunter22@cache:6379/0", "hunter22"),
    "url-token-as-user": (f"https://{A36}@example.org/repo.git", A36),
    "slack-hook": ("https://hooks.slack.com/services/T0000/B0000/XxYyZz123456", "XxYyZz123456"),
    "slack-token": ("xoxb-123456789012-abcdefGHIJKL", "abcdefGHIJKL"),
    "sqlalchemy": (
        "(psycopg.OperationalError) connection failed: postgresql+psycopg://app:Tr0ub4dor@db:5432/app",
        "Tr0ub4dor",
    ),
    "libpq": ("host=db user=app password=correcthorse dbname=app", "correcthorse"),
    "assignment": ("password='hunter2x'", "hunter2x"),
    "assignment-in-json": ('{"client_secret": "0a9f-77-zz", "n": 1}', "0a9f-77-zz"),
    "assignment-in-json-in-a-repr": (r'"{\"password\": \"hunter2x\"}"', "hunter2x"),
    "environment-style": ("DB_PASSWORD=hunter2x", "hunter2x"),
    "yaml": ("api_key: zz99yy88xx", "zz99yy88xx"),
    "token-cut-by-another": (f"FAILED t.py::a - ValueError: ghp_{A36[:9]}...", A36[:6]),
    "url-cut-by-another": ("OperationalError: postgresql://app:Tr0ub4...", "Tr0ub4"),
    "option": ("curl --token s3cr3t-v4lue https://x", "s3cr3t-v4lue"),
    "query": ("GET /x?access_token=ab12cd34ef&y=1", "ab12cd34ef"),
}


@pytest.mark.parametrize("kind", SECRETS)
def test_a_secret_of_any_known_form_is_masked(kind: str) -> None:
    text, secret = SECRETS[kind]
    cleaned = Redactor().clean(text)
    assert secret not in cleaned
    assert "«redacted:" in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "commit 9fceb02d0ae598e95dc970b74767f19372d61af8",
        "id 123e4567-e89b-12d3-a456-426614174000",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "password = None",
        "    token = create_token(user)",
        "    self.password = settings.database_password",
        "def login(user: str, password: str = 'x'): ...",
        "login(user=user, password=password)",
        "assert token == 'SELECT'",
        "KeyError: 'password'",
        "max_tokens=4096, tokens: 123456",
        "{'password': 'This field is required.'}",
        "http://localhost:8000/a@2x.png and user@example.org",
        "Basic authentication failed, Bearer token missing",
        "fixture 'token' not found",
        "-----BEGIN CERTIFICATE-----",
        "E       AssertionError: expected «7» but got 8",
    ],
)
def test_what_is_no_secret_stays_as_it_is(text: str) -> None:
    assert Redactor().clean(text) == text


VALUE = "kP9$x/Q+7&zL==mm"


@pytest.mark.parametrize(
    "printed",
    [
        VALUE,
        repr(VALUE),
        base64.b64encode(VALUE.encode()).decode(),
        base64.b64encode(b"user:" + VALUE.encode() + b":x").decode(),
        base64.b64encode(b"a:" + VALUE.encode()).decode(),
        base64.urlsafe_b64encode(VALUE.encode()).decode(),
        quote(VALUE, safe=""),
        quote(VALUE),
        VALUE.encode().hex(),
        json.dumps({"k": VALUE}),
        f"'{VALUE[:7]}'\n E         '{VALUE[7:]}'",
        f"{VALUE[:4]}\nE       {VALUE[4:11]}\nE       {VALUE[11:]}",
        f"\x1b[31m{VALUE[:5]}\x1b[0m{VALUE[5:]}",
        pprint.pformat({"key": ["x" * 70, VALUE]}),
        f"ValueError: {VALUE[:9]}...",
        f"assert '{VALUE[:7]}...{VALUE[-7:]}' == 'x'",
        f"ValueError: {base64.b64encode(VALUE.encode()).decode()[:12]}...",
    ],
)
def test_a_given_value_is_masked_in_whatever_form_it_is_printed(printed: str) -> None:
    cleaned = Redactor({"DEPLOY": VALUE}).clean(f"before {printed} after")
    assert "«redacted:DEPLOY»" in cleaned
    for part in (VALUE, VALUE[:7], VALUE[7:], base64.b64encode(VALUE.encode()).decode()[3:-4]):
        assert part not in cleaned


def test_every_line_of_a_given_value_of_many_lines_is_masked() -> None:
    value = "first-part-of-it-123\nsecond-part-of-it-456\n"
    cleaned = Redactor({"BUNDLE": value}).clean("E   first-part-of-it-123\nE   second-part-of-it-456")
    assert "part-of-it" not in cleaned


def test_terminal_codes_are_gone() -> None:
    text = (
        "\x1b[31mred\x1b[0m \x1b]8;;http://x\x1b\\link\x1b]8;;\x07 \x1b]52;c;aGk=\x07\x1b[2J\x1b[1;1H\x1bPq#0\x1b\\end"
    )
    assert Redactor().clean(text) == "red link end"


@pytest.mark.parametrize(
    ("trap", "shown"),
    [
        ("\u202e", "\\u202e"),
        ("\u2066", "\\u2066"),
        ("\u200b", "\\u200b"),
        ("\ufeff", "\\ufeff"),
        ("\U000e0041", "\\U000e0041"),
        ("\x00", "\\x00"),
        ("\x07", "\\x07"),
        ("\x9b", "\\x9b"),
        ("\udc80", "\\udc80"),
    ],
)
def test_what_cannot_be_seen_is_shown_as_an_escape(trap: str, shown: str) -> None:
    cleaned = Redactor().clean(f"a{trap}b")
    assert cleaned == f"a{shown}b"
    cleaned.encode("utf-8")


def test_half_a_terminal_code_is_shown_too() -> None:
    assert Redactor().clean("a\x1b") == "a\\x1b"
    assert Redactor().clean("\x1b\x1b[0m[31m") == "\\x1b[31m"


def test_line_ends_become_newlines_and_tabs_stay() -> None:
    assert Redactor().clean("a\r\nb\rc\n\td") == "a\nb\nc\n\td"


fragments = st.sampled_from(
    [
        *(text for text, _ in SECRETS.values()),
        VALUE,
        "«redacted:x»",
        "\x1b[0m",
        "\x1b",
        "\r",
        "'",
        '"',
        "=",
        "ghp_",
        "://",
    ]
)


@given(st.lists(st.one_of(fragments, st.text(max_size=12)), max_size=12).map("".join))
@settings(max_examples=300, deadline=None, derandomize=True)
def test_cleaning_what_is_clean_changes_nothing(text: str) -> None:
    redactor = Redactor({"DEPLOY": VALUE, "redacted": "redacted", "part": "dacted:x"})
    once = redactor.clean(text)
    assert redactor.clean(once) == once


@given(st.lists(st.one_of(fragments, *(st.from_regex(form) for _, form, _ in FORMS)), max_size=4).map("".join))
@settings(max_examples=150, deadline=None, derandomize=True)
def test_a_quick_look_for_signs_overlooks_nothing(text: str) -> None:
    secrets = {"DEPLOY": VALUE, "redacted": "redacted", "cut": "\udc80 $x|y-z"}
    assert Redactor(secrets, Sieve).clean(text) == Redactor(secrets).clean(text)
    printable = text.encode("ascii", "ignore").decode()
    assert Redactor(secrets, Sieve).clean(printable) == Redactor(secrets).clean(printable)


@given(st.integers(80, 400), st.integers(0, 400))
@settings(deadline=None, derandomize=True)
def test_no_half_of_a_secret_is_left_where_a_text_was_cut(limit: int, before: int) -> None:
    redactor = Redactor({"DEPLOY": VALUE})
    text = cut(redactor.clean("x" * before + VALUE + "y" * 300 + f" ghp_{A36} " + "z" * before), limit)
    assert len(text) <= limit or len(text) <= before * 2 + 400
    assert VALUE[:6] not in text
    assert A36[:6] not in text
    assert text.count("«") == text.count("»")


def test_a_cut_text_keeps_head_and_tail_within_the_limit() -> None:
    text = cut(CleanText("first " + "x" * 5000 + " last"), 200)
    assert len(text) <= 200
    assert text.startswith("first")
    assert text.endswith("last")
    assert cut(CleanText("short"), 80) == "short"


HARD = [
    "a", '"', "\\", " ", "\n", "'\n", "eyJ", "eyJaaaaaaaa.", "token", "password=", "password: '", "://", "://a:",
    "\x1b", "\x1b]", "\x1b[", "...", "-----BEGIN PRIVATE KEY-----", "-----BEGIN PRIVATE KEY-----\n",
    "-----END PRIVATE KEY-----",
    "-----END PRIVATE KEY-----\n", "basic ", "cookie:", "AKIAAAAAAAAAAAAAAAAA ", "sk-", " sk-", "\u200b", "\ud800",
    "deadbeef", "QUJD", "«redacted:x»", "password='x1y2z3w4' ", "E  \n", "kP9$x/Q",
]  # fmt: skip


@pytest.mark.parametrize("unit", HARD, ids=lambda unit: repr(unit)[:24])
def test_cleaning_takes_no_longer_than_its_text(unit: str) -> None:
    assert not is_steep(Redactor({"DEPLOY": VALUE, "LOW": "a" * 40}).clean, unit)


def test_names_say_which_variables_are_secret() -> None:
    secret = [
        "GITHUB_TOKEN",
        "GH_TOKEN",
        "PGPASSWORD",
        "AWS_SECRET_ACCESS_KEY",
        "SECRET_KEY",
        "MYSQL_PWD",
        "GITHUB_PAT",
    ]
    plain = ["PWD", "OLDPWD", "PATH", "SSH_AUTH_SOCK", "TOKEN_URL", "KEYBOARD", "AUTHOR", "AWS_ACCESS_KEY_ID", "HOME"]
    assert [name for name in secret + plain if names_secret(name)] == secret


def test_values_worth_masking_are_picked_from_an_environment() -> None:
    picked = secret_values(
        {
            "GITHUB_TOKEN": f"ghp_{A36}",
            "DB_PASSWORD": "postgres",
            "SIGNING_KEY": "/etc/keys/signing.pem",
            "SHORT_TOKEN": "ab1",
            "DATABASE_URL": "postgresql://app:Tr0ub%2F4dor@db/app",
            "PATH": "/usr/bin",
        }
    )
    assert picked == {
        "GITHUB_TOKEN": f"ghp_{A36}",
        "DATABASE_URL": "Tr0ub/4dor",
        "DATABASE_URL.quoted": "Tr0ub%2F4dor",
    }
