"""Records to rows and back; pure."""

import zlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

from sqlalchemy import RowMapping

from gardener.codec import from_json, to_json
from gardener.model.finding import Finding
from gardener.model.key import parse_key, read_block
from gardener.model.plan import Comment, Done, Issue, IssueLink, Plan, Reason, Receipt, State, severity_of
from gardener.model.run import BAD, Outcome, Run

T = TypeVar("T")
Row = dict[str, Any]
Cells = Mapping[str, Any] | RowMapping


def pack(value: object) -> bytes:
    """A record as compressed JSON."""
    return zlib.compress(to_json(value), level=6)


def unpack(blob: bytes, kind: type[T]) -> T:
    """The record that `pack` packed. Raises ValueError for anything else."""
    try:
        return from_json(zlib.decompress(bytes(blob)), kind)
    except zlib.error as error:
        raise ValueError(str(error)) from error


@dataclass(frozen=True, slots=True, kw_only=True)
class Marks:
    """What a run says of each name: bits by the names' numbers, as integers of any length."""

    passed: int = 0  # in every attempt
    failed: int = 0
    error: int = 0
    lost: int = 0
    recovered: int = 0  # bad in one attempt, passed in another
    keys: int = 0  # the keys that were seen

    @property
    def bad(self) -> int:
        """The tests that failed in any way, or were lost."""
        return self.failed | self.error | self.lost


def names_of(run: Run, findings: Sequence[Finding]) -> dict[str, list[str]]:
    """The names that each of a run's marks stands for."""
    passed = {case.node for case in run.cases if case.outcome is Outcome.PASSED}
    bad: dict[str, Outcome] = {}
    for case in run.cases:
        if case.outcome in BAD or case.outcome is Outcome.LOST:
            bad.setdefault(case.node, case.outcome)
    marked = {"passed": sorted(passed - bad.keys()), "recovered": sorted(passed & bad.keys())}
    for outcome in (*BAD, Outcome.LOST):
        marked[outcome.value] = [node for node, found in bad.items() if found is outcome]
    marked["keys"] = [str(key) for finding in findings for key in finding.keys]
    return marked


def new_numbers(wanted: Iterable[str], known: Mapping[str, int]) -> dict[str, int]:
    """Numbers for the names that have none yet."""
    free = max(known.values(), default=-1) + 1
    new = dict.fromkeys(name for name in wanted if name not in known)
    return {name: free + place for place, name in enumerate(new)}


def marks_of(marked: Mapping[str, Sequence[str]], numbers: Mapping[str, int]) -> Marks:
    """The marks of names that are all numbered."""
    return Marks(**{what: bits(numbers[name] for name in names) for what, names in marked.items()})


def bits(places: Iterable[int]) -> int:
    """An integer with these bits set."""
    held = bytearray()
    for place in places:
        if place >> 3 >= len(held):
            held.extend(bytes((place >> 3) + 1 - len(held)))
        held[place >> 3] |= 1 << (place & 7)
    return int.from_bytes(held, "little")


def pack_marks(marks: Marks) -> bytes:
    """Marks as compressed JSON of base64 texts."""
    return pack({what: number.to_bytes((number.bit_length() + 7) // 8, "little") for what, number in _each(marks)})


def unpack_marks(blob: bytes) -> Marks:
    """The marks that `pack_marks` packed. Raises ValueError for anything else."""
    held = unpack(blob, dict[str, bytes])
    return Marks(**{what: int.from_bytes(held.get(what, b""), "little") for what, _ in _each(Marks())})


def _each(marks: Marks) -> Iterator[tuple[str, int]]:
    return ((field.name, getattr(marks, field.name)) for field in fields(marks))


def run_row(run: Run, findings: Sequence[Finding], plan: Plan) -> Row:
    """The row of a run with everything that was decided about it, without its outcomes."""
    plain = ("id", "focus", "started", "commit", "branch", "dirty", "narrowed", "complete")
    packed = {"run": run, "findings": tuple(findings), "plan": plan}
    return {name: getattr(run, name) for name in plain} | {name: pack(value) for name, value in packed.items()}


def finding_rows(run: str, findings: Sequence[Finding]) -> tuple[list[Row], list[Row]]:
    """A row for each finding, and one for each of its keys."""
    rows, keys = [], []
    for place, finding in enumerate(findings):
        same = {"run": run, "fingerprint": str(finding.fingerprint)}
        told = {name: getattr(finding, name) for name in ("slug", "title", "severity", "count")}
        rows.append({**same, **told, "place": place, "cause": finding.cause.value, "nature": finding.nature.value})
        patterns = {str(key): key.pattern for key in reversed(finding.keys)}
        keys += [{**same, "key": key, "pattern": pattern} for key, pattern in patterns.items()]
    return rows, keys


def receipt_text(receipt: Receipt) -> str:
    """A receipt without its finding, which the run's own row holds."""
    return to_json(replace(receipt, action=replace(receipt.action, finding=None))).decode("utf-8")


def receipt_from(text: str | None, outcome: str | None) -> Receipt | None:
    """The receipt of an intent where it was carried out; None where it has to be tried (again)."""
    return from_json(text, Receipt) if text and outcome == Done.DONE.value else None


def issue_from(
    row: Cells,
    *,
    labels: Sequence[Cells],
    keys: Sequence[str],
    links: Sequence[Cells],
    comments: Sequence[Cells],
) -> Issue:
    """The issue of a row and of the rows of its parts, each in their order."""
    known = tuple(key for key in map(parse_key, keys) if key is not None)
    names = tuple(str(label["label"]) for label in labels)
    same = ("number", "title", "author", "ours", "trusted", "locked", "body", "closed_by_human")
    times = ("created_at", "updated_at", "closed_at")
    return Issue(
        **{name: row[name] for name in same + times},
        state=State(row["state"]),
        state_reason=Reason(row["state_reason"]) if row["state_reason"] else None,
        severity=severity_of(names),
        labels=names,
        keys=known,
        comments=tuple(Comment(author=said["author"], body=said["body"], at=said["at"]) for said in comments),
        links=tuple(IssueLink(to=link["to"], why=link["why"]) for link in links),
        severity_by_human=any(severity_of([label["label"]]) is not None and label["by_human"] for label in labels),
        managed=read_block(row["body"]) if known else None,
    )


def key_texts(body: str) -> list[str]:
    """The keys of a body's managed block, each once."""
    managed = read_block(body)
    return list(dict.fromkeys(map(str, managed.keys))) if managed else []
