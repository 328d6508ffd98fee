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
    return {
        "id": run.id,
        "focus": run.focus,
        "started": run.started,
        "commit": run.commit,
        "branch": run.branch,
        "dirty": run.dirty,
        "narrowed": run.narrowed,
        "complete": run.complete,
        "passed": pack(outcomes(run)[0]),
        "run": pack(run),
        "findings": pack(tuple(findings)),
        "plan": pack(plan),
    }


def finding_rows(run: str, findings: Sequence[Finding]) -> tuple[list[Row], list[Row]]:
    """A row for each finding, and one for each of its keys."""
    rows: list[Row] = [
        {
            "run": run,
            "fingerprint": str(finding.fingerprint),
            "place": place,
            "slug": finding.slug,
            "title": finding.title,
            "cause": finding.cause.value,
            "nature": finding.nature.value,
            "severity": int(finding.severity),
            "count": finding.count,
        }
        for place, finding in enumerate(findings)
    ]
    keys: list[Row] = [
        {"run": run, "fingerprint": str(finding.fingerprint), "key": text, "pattern": pattern}
        for finding in findings
        for text, pattern in {str(key): key.pattern for key in reversed(finding.keys)}.items()
    ]
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
    return Issue(
        number=row["number"],
        title=row["title"],
        state=State(row["state"]),
        state_reason=Reason(row["state_reason"]) if row["state_reason"] else None,
        severity=severity_of(names),
        labels=names,
        keys=known,
        author=row["author"],
        ours=row["ours"],
        trusted=row["trusted"],
        locked=row["locked"],
        body=row["body"],
        comments=tuple(Comment(author=said["author"], body=said["body"], at=said["at"]) for said in comments),
        links=tuple(IssueLink(to=link["to"], why=link["why"]) for link in links),
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        closed_at=row["closed_at"],
        closed_by_human=row["closed_by_human"],
        severity_by_human=any(severity_of([label["label"]]) is not None and label["by_human"] for label in labels),
        managed=read_block(row["body"]) if known else None,
    )


def key_texts(body: str) -> list[str]:
    """The keys of a body's managed block, each once."""
    managed = read_block(body)
    return list(dict.fromkeys(map(str, managed.keys))) if managed else []
