"""Records to rows and back; pure."""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import RowMapping

from gardener.codec import from_json, to_json
from gardener.model.finding import Finding
from gardener.model.key import parse_key, read_block
from gardener.model.plan import Comment, Done, Issue, IssueLink, Plan, Reason, Receipt, State, severity_of
from gardener.model.run import BAD, Outcome, Run

T = TypeVar("T")
Row = dict[str, Any]
Columns = Mapping[str, Any] | RowMapping


def pack(value: object) -> bytes:
    """A record as compressed JSON."""
    return zlib.compress(to_json(value), level=6)


def unpack(blob: bytes, kind: type[T]) -> T:
    """The record that `pack` packed. Raises ValueError for anything else."""
    try:
        return from_json(zlib.decompress(bytes(blob)), kind)
    except zlib.error as error:
        raise ValueError(str(error)) from error


def outcomes(run: Run) -> tuple[tuple[str, ...], list[Row]]:
    """The nodes that passed in every attempt, and one row for each node that failed in any."""
    passed = {case.node for case in run.cases if case.outcome is Outcome.PASSED}
    bad: dict[str, Outcome] = {}
    for case in run.cases:
        if case.outcome in BAD or case.outcome is Outcome.LOST:
            bad.setdefault(case.node, case.outcome)
    rows: list[Row] = [
        {"run": run.id, "node": node, "outcome": outcome.value, "recovered": node in passed}
        for node, outcome in bad.items()
    ]
    return tuple(sorted(passed - bad.keys())), rows


def run_row(run: Run, findings: Sequence[Finding], plan: Plan) -> Row:
    """The row of a run with everything that was decided about it."""
    plain = ("id", "focus", "started", "commit", "branch", "dirty", "narrowed", "complete")
    packed = {"passed": outcomes(run)[0], "run": run, "findings": tuple(findings), "plan": plan}
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
    row: Columns,
    *,
    labels: Sequence[Columns],
    keys: Sequence[str],
    links: Sequence[Columns],
    comments: Sequence[Columns],
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
