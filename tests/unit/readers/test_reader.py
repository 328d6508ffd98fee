"""Any report is told apart by its content; what cannot be read is refused with its remedy."""

import contextlib
import gzip
import json
from pathlib import Path

import pytest
from growth import is_steep

from gardener.model.errors import UnreadableReport
from gardener.model.run import Outcome, Report
from gardener.model.text import Redactor
from gardener.readers import reader

pytestmark = pytest.mark.unit

TEST = {"nodeid": "tests/test_a.py::test_a", "outcome": "passed"}
PHASES = {phase: {"outcome": "passed", "duration": 0.1} for phase in ("setup", "call", "teardown")}
JSON_REPORT = {
    "created": 1.0, "duration": 1.0, "exitcode": 0, "root": "/repo", "environment": {},
    "summary": {"passed": 2, "total": 2, "collected": 2},
    "tests": [TEST | PHASES, TEST | PHASES | {"nodeid": "tests/test_a.py::test_b"}],
}  # fmt: skip
JOURNAL = [
    {"at": 1.0, "root": "/repo", "e": "boot"},
    {"nodes": ["tests/test_a.py::test_a"], "e": "items"},
    {"node": "tests/test_a.py::test_a", "e": "begin"},
    *({"node": "tests/test_a.py::test_a", "when": when, "outcome": "passed", "e": "phase"} for when in PHASES),
    {"status": 0, "at": 2.0, "e": "finish"},
]
REPORTLOG = [
    {"pytest_version": "8.3", "$report_type": "SessionStart"},
    *({"nodeid": "t.py::a", "when": when, "outcome": "passed", "$report_type": "TestReport"} for when in PHASES),
    {"exitstatus": 0, "$report_type": "SessionFinish"},
]
JUNIT = '<testsuites><testsuite tests="1"><testcase classname="tests.test_a" name="test_a"/></testsuite></testsuites>'
CONSOLE = "=== test session starts ===\ncollected 1 item\n\ntests/test_a.py .   [100%]\n\n=== 1 passed in 0.01s ===\n"


def lines(events: list[dict[str, object]]) -> str:
    return "".join(f"{json.dumps(event)}\n" for event in events)


KINDS = {
    "pytest-json-report": json.dumps(JSON_REPORT),
    "journal": lines(JOURNAL),
    "pytest-reportlog": lines(REPORTLOG),
    "junit": JUNIT,
    "console": CONSOLE,
}


def read(path: Path, data: bytes | str) -> Report:
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return reader.read(path, Redactor())


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_known_by_its_content_whatever_its_name(tmp_path: Path, kind: str) -> None:
    assert read(tmp_path / "some.file", KINDS[kind]).kind == kind


@pytest.mark.parametrize("kind", KINDS)
def test_a_packed_report_is_unpacked(tmp_path: Path, kind: str) -> None:
    assert read(tmp_path / "some.file", gzip.compress(KINDS[kind].encode())).kind == kind


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("kind", ["pytest-json-report", "journal", "junit"])
def test_a_byte_order_mark_is_understood(tmp_path: Path, kind: str, encoding: str) -> None:
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    assert read(tmp_path / "some.file", mark + KINDS[kind].encode(encoding)).kind == kind


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\x7fELF\x02\x00\x00\x01", "no report of a known kind"),
        (b"[1, 2", "no report of a known kind"),
        (b'[{"a": 1}]', "no report of a known kind"),
        (b'{"some": "thing"}', "not a pytest-json-report"),
        (b"{", "cut short"),
        (b"<html></html>", "no JUnit report"),
        (b"<testsuites><testsuite>", "cut short"),
        (b"\x1f\x8b\x00rubbish that is not gzip", "cannot be read"),
    ],
)
def test_what_is_no_report_is_refused_with_its_name_and_a_remedy(tmp_path: Path, data: bytes, words: str) -> None:
    if data.startswith(b"[1"):
        data = b"[[1, 2"
    if data.startswith(b"<html"):
        data = b"<?xml version='1.0'?><html></html>"
    with pytest.raises(UnreadableReport) as raised:
        read(tmp_path / "odd.file", data)
    assert words in raised.value.message
    assert "odd.file" in raised.value.message
    assert raised.value.hint


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UnreadableReport, match="does not exist"):
        reader.read(tmp_path / "none.json", Redactor())
    with pytest.raises(UnreadableReport, match="cannot be read"):
        reader.read(tmp_path, Redactor())


def test_a_report_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "LIMIT", 1 << 20)
    with pytest.raises(UnreadableReport, match="holds more than"):
        read(tmp_path / "bomb.gz", gzip.compress(b" " * (3 << 20)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_report_cut_anywhere_is_read_in_part_or_refused_and_never_complete(tmp_path: Path, kind: str) -> None:
    whole = KINDS[kind].encode().rstrip()
    for at in range(0, len(whole) - 1, 7):
        try:
            report = read(tmp_path / "cut", whole[:at])
        except UnreadableReport:
            continue
        assert not report.complete or kind == "console"


def test_the_beginning_of_a_cut_json_report_is_kept(tmp_path: Path) -> None:
    report = read(tmp_path / "cut.json", json.dumps(JSON_REPORT)[:-40])
    assert [(case.node, case.outcome) for case in report.cases] == [("tests/test_a.py::test_a", Outcome.PASSED)]
    assert not report.complete
    assert "cut short" in report.notes[-1]


def test_a_cut_gzip_file_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    events = [*JOURNAL[:2], *JOURNAL[2:-1] * 2000, JOURNAL[-1]]
    packed = gzip.compress(lines(events).encode())
    report = read(tmp_path / "cut.gz", packed[: len(packed) // 2])
    assert report.cases
    assert not report.complete
    assert "gzip" in report.notes[-1]


@pytest.mark.parametrize(
    ("opening", "deeper"),
    [
        ("", '{"a":'),
        ('{"tests": ', "["),
        ('{"e": "boot"}\n', '{"x": '),
        ("<testsuites>", "<testsuite>"),
        ('{"', '\\"'),
    ],
    ids=["objects", "arrays", "line", "markup", "string"],
)
def test_deep_and_endless_nesting_is_refused_or_read_as_any_text(tmp_path: Path, opening: str, deeper: str) -> None:
    def act(text: str) -> None:
        with contextlib.suppress(UnreadableReport):
            read(tmp_path / "deep", (opening + text).encode())

    act(deeper * 200_000)
    assert not is_steep(act, deeper)


@pytest.mark.parametrize(
    "text",
    [
        json.dumps(JSON_REPORT).replace('"exitcode": 0', '"exitcode": ' + "9" * 5000),
        json.dumps(JSON_REPORT).replace('"duration": 0.1', '"duration": NaN'),
        json.dumps(JSON_REPORT).replace('"created": 1.0', '"created": 1e300'),
        json.dumps(JSON_REPORT).replace('"root": "/repo"', '"root": "\\udc80"'),
        json.dumps(JSON_REPORT).replace('"root": "/repo"', '"root": "/repo", "root": "/other"'),
        lines(JOURNAL).replace('"status": 0', '"status": ' + "9" * 5000),
        lines(JOURNAL).replace('"at": 1.0', '"at": NaN'),
        lines(JOURNAL).replace('"at": 2.0', '"at": "soon"'),
        lines(JOURNAL).replace('"at": 1.0', '"at": 1e300'),
        lines(JOURNAL).replace('"nodes": [', '"nodes": 7, "x": ['),
        lines(JOURNAL).replace('"when": "call"', '"when": null, "seconds": "x", "sections": [1, 2]'),
        lines(REPORTLOG).replace('"nodeid": "t.py::a"', '"nodeid": 5, "duration": "x", "longrepr": {"chain": 3}'),
        JUNIT.replace('tests="1"', 'tests="many" time="never"'),
    ],
)
def test_odd_values_never_crash_a_reader(tmp_path: Path, text: str) -> None:
    with contextlib.suppress(UnreadableReport):
        assert read(tmp_path / "odd", text).kind in KINDS


@pytest.mark.parametrize(
    "declared",
    [
        '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]>',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd">',
    ],
)
def test_entities_and_document_types_are_refused(tmp_path: Path, declared: str) -> None:
    with pytest.raises(UnreadableReport, match="refused"):
        read(tmp_path / "evil.xml", f"<?xml version='1.0'?>{declared}<testsuites>&a;</testsuites>")
