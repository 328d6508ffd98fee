"""Reads a report of any kind, gzipped or not, told apart by its content."""

import gzip
import io
import re
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gardener.model.errors import UnreadableReport
from gardener.model.run import Origin, Report
from gardener.model.text import Redactor
from gardener.readers import console, journal, junit, pytest_json, reportlog
from gardener.readers.logged import gather, warnings_in

LIMIT = 1 << 30  # bytes, unpacked
_CHUNK = 1 << 20
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_JOURNAL = re.compile(rb'\s*\{[^\n]*"e": ?"(?:boot|note|log|collect|items|begin|phase|printed)"')
_REPORTLOG = re.compile(rb'\s*\{[^\n]*"\$report_type"')
_MARKUP = re.compile(rb"\s*<(?:\?xml|!|testsuite)")
_OBJECT = re.compile(rb"\s*\{")
_ARRAY = re.compile(rb"\s*\[\s*[\[{\"\]]")
_TOKEN = re.compile(rb'"(?:[^"\\]|\\.)*+"|["{}\[\]]', re.DOTALL)

Sniff = Callable[[bytes], object]
Read = Callable[[bytes, str, Redactor], Report]


def read(path: Path, redactor: Redactor) -> Report:
    """The report in a file. UnreadableReport when it is missing, empty, too large, or of no known kind."""
    data, whole = _bytes(path)
    data = _utf8(data)
    if not data.strip():
        raise UnreadableReport(
            f"{path} is empty", "the run that should have written it was killed, or its disk is full"
        )
    for sniff, understand in READERS.values():
        if sniff(data[:65536]):
            try:
                report = understand(data, str(path), redactor)
            except RecursionError as error:
                raise UnreadableReport(f"{path} is nested too deeply", "no test runner writes such a report") from error
            report = _with_printed(report, redactor)
            note = "the gzip file is cut short; what could be unpacked was read"
            return report if whole else replace(report, complete=False, notes=(*report.notes, note))
    known = ", ".join(READERS)
    raise UnreadableReport(f"{path} is no report of a known kind", f"name a file of one of these kinds: {known}")


def _with_printed(report: Report, redactor: Redactor) -> Report:
    """The report with the warnings that failing tests printed or logged, where it does not tell of them itself."""
    told = tuple(failure.message for failure in report.failures if failure.origin is Origin.WARNING)
    failures = (failure for case in report.cases for failure in case.failures if failure.captured)
    printed = (each for one in failures for each in warnings_in(one.captured, one.subject.partition("::")[0]))
    more = gather((each for each in printed if not each.message.rstrip().endswith(told)), redactor)
    return replace(report, failures=(*report.failures, *more)) if more else report


def _json(data: bytes, source: str, redactor: Redactor) -> Report:
    """A pytest-json-report; of one that was cut short, as much as is whole."""
    try:
        return pytest_json.read(data, source, redactor)
    except UnreadableReport:
        mended = _mended(data)
        if mended is None:
            raise
        report = pytest_json.read(mended, source, redactor)
        return replace(report, complete=False, notes=(*report.notes, "the report is cut short; its beginning was read"))


def _mended(data: bytes) -> bytes | None:
    """A cut JSON object up to the last whole element of one of its lists; None when it is not cut, or too early."""
    depth, whole = b"", 0
    for token in _TOKEN.finditer(data):
        sign = token[0]
        if sign in (b"{", b"["):
            depth += sign
        elif sign in (b"}", b"]"):
            depth = depth[:-1]
            if depth == b"{[":
                whole = token.end()
            elif not depth:
                return None
        elif sign == b'"' or len(depth) > 1000:
            break
    return data[:whole] + b"]}" if whole else None


# the first that recognises the beginning of a report reads it
READERS: dict[str, tuple[Sniff, Read]] = {
    journal.KIND: (_JOURNAL.match, journal.read),
    reportlog.KIND: (_REPORTLOG.match, reportlog.read),
    junit.KIND: (_MARKUP.match, junit.read),
    pytest_json.KIND: (_OBJECT.match, _json),
    console.KIND: (lambda head: b"\0" not in head[:1024] and not _ARRAY.match(head), console.read),
}


def _bytes(path: Path) -> tuple[bytes, bool]:
    """The content, unpacked, and whether all of it could be."""
    try:
        with path.open("rb") as source:
            packed = source.read(2) == b"\x1f\x8b"
            source.seek(0)
            if packed:
                with gzip.open(source) as unpacked:
                    return _bounded(unpacked, path)
            return _bounded(source, path)
    except FileNotFoundError as error:
        raise UnreadableReport(f"{path} does not exist", "name the report file that the test run wrote") from error
    except OSError as error:
        raise UnreadableReport(f"{path} cannot be read: {error}", "name a file that gardener may read") from error


def _bounded(source: io.BufferedReader | gzip.GzipFile, path: Path) -> tuple[bytes, bool]:
    parts, size = list[bytes](), 0
    try:
        while part := source.read1(_CHUNK):
            parts.append(part)
            size += len(part)
            if size > LIMIT:
                raise UnreadableReport(
                    f"{path} holds more than {LIMIT >> 30} GiB",
                    "let the tests print less, or give the report of a shard",
                )
    except (EOFError, zlib.error):
        return b"".join(parts), False
    return b"".join(parts), True


def _utf8(data: bytes) -> bytes:
    """The same text in UTF-8 without a byte order mark."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data.decode(encoding, "replace").encode()
    return data
