"""What scenarios.md wants of each act, checked against what gardener answered."""

import enum
import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stage import Json, Played

EXPECTED = Path(__file__).with_name("expected.toml")


class State(enum.Enum):
    """How a claim stands."""

    HOLDS = "holds"
    BROKEN = "broken"
    EARLY = "holds already"
    NOT_YET = "not yet"
    NOT_HERE = "not on this machine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One claim and how it stands; `problems` says why it does not hold."""

    row: str
    say: str
    due: str
    state: State
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """One run of one act, with what is needed to judge it."""

    run: Json
    played: Played
    before: dict[int, Json]  # the issues before the act

    def issue_of(self, finding: Json) -> Json:
        """The issue that a finding belongs to; empty where it has none."""
        return self.played.issues.get(finding["issue"] or 0, {})

    def actions_of(self, finding: Json) -> set[str]:
        """What was done to the finding's issue."""
        return {a["kind"] for a in self.run["actions"] if a["issue"] == finding["issue"] and a["to"] is None}

    def worklog(self) -> str:
        """The worklog's text; empty where there is none."""
        path = self.played.repository / self.run["worklog"]
        return path.read_text(encoding="utf-8") if path.is_file() else ""


def judge(play: Sequence[Played], start: dict[int, Json]) -> list[Judged]:
    """Every claim, in the order of the file. `start` are the issues before the first act."""
    table = tomllib.loads(EXPECTED.read_text(encoding="utf-8"))
    parts = table["parts"]
    reached = parts.index(table["reached"])
    befores = [start, *(played.issues for played in play[:-1])]
    acts = {played.act.id: (played, before) for played, before in zip(play, befores, strict=True)}
    judged = []
    for claim in table["claim"]:
        scene = _scene(claim, *acts[claim["act"]])
        problems = tuple(_problems(claim, scene))
        state = _state(wrong=bool(problems), due=parts.index(claim["due"]) <= reached)
        if "given" in claim and not _checks(claim["given"], scene):
            state, problems = State.NOT_HERE, ()
        judged.append(Judged(row=claim["row"], say=claim["say"], due=claim["due"], state=state, problems=problems))
    return judged


def _state(*, wrong: bool, due: bool) -> State:
    if due:
        return State.BROKEN if wrong else State.HOLDS
    return State.NOT_YET if wrong else State.EARLY


def _scene(claim: Json, played: Played, before: dict[int, Json]) -> Scene:
    runs = {run["focus"]: run for run in played.runs}
    return Scene(run=runs[claim.get("focus", played.act.run[0])], played=played, before=before)


def _problems(claim: Json, scene: Scene) -> Iterator[str]:
    if "find" in claim:
        yield from _about_findings(claim, scene)
    if "run" in claim:
        yield from _about_run(claim["run"], scene.run)
    if "check" in claim and not _checks(claim["check"], scene):
        yield f"no preflight answer {claim['check']}"
    for pattern in claim.get("worklog", ()):
        if not re.search(pattern, scene.worklog()):
            yield f"the worklog has no {pattern}"
    if "created" in claim:
        new = sorted(set(scene.played.issues) - set(scene.before))
        if len(new) > claim["created"]["at_most"]:
            yield f"{len(new)} issues were filed: {new}"


def _about_findings(claim: Json, scene: Scene) -> Iterator[str]:
    found = [finding for finding in scene.run["findings"] if _is_meant(finding, claim["find"])]
    wanted = claim.get("count", 1)
    if not found or (wanted != "any" and len(found) != wanted):
        yield f"{len(found)} findings like {claim['find']}, not {wanted}"
    for name, total in claim.get("total", {}).items():
        have = sum(len(f["tests"]) if name == "tests" else f[name] for f in found)
        if have != total:
            yield f"{name} add up to {have}, not {total}"
    for finding in found:
        for name, value in claim.get("want", {}).items():
            problem = _wrong(name, value, finding, scene)
            if problem:
                yield f"{finding['slug']}: {problem}"
        linked = {link["to"] for link in scene.issue_of(finding).get("links", ())}
        missing = set(claim.get("links", ())) - linked
        if missing:
            yield f"{finding['slug']}: not linked to {sorted(missing)}"


def _is_meant(finding: Json, find: Json) -> bool:
    return (
        finding["cause"] in find.get("cause", [finding["cause"]])
        and finding["kind"] in find.get("kind", [finding["kind"]])
        and re.search(find.get("text", ""), _text(finding), re.DOTALL) is not None
        and ("test" not in find or any(re.search(find["test"], test) for test in finding["tests"]))
    )


def _wrong(name: str, value: Any, finding: Json, scene: Scene) -> str:
    """What is wrong with one thing that a finding should have; empty where it is right."""
    issue = scene.issue_of(finding)
    have: Any
    match name:
        case "severity" | "nature" | "cause":
            have, right = finding[name], finding[name] in value
        case "action":
            have = sorted(scene.actions_of(finding))
            right = set(have) & set(value)
        case "issue":
            have, right = finding["issue"], finding["issue"] == value
        case "issue_severity":
            have, right = issue.get("severity"), issue.get("severity") in value
        case "tests":
            have, right = len(finding["tests"]), len(finding["tests"]) == value
        case "blocked":
            have, right = len(finding["blocked"]), len(finding["blocked"]) >= value
        case "places":
            have = len(finding["evidence"]["places"])
            right = have >= value
        case _:
            have = _said(name, finding, scene)
            right = re.search(value, have, re.DOTALL)
    return "" if right else f"{name} is {have!r}, not {value!r}"


def _said(name: str, finding: Json, scene: Scene) -> str:
    match name:
        case "text":
            return _text(finding)
        case "evidence":
            evidence = finding["evidence"]
            frames = [f"{frame['path']}:{frame['line']}" for frame in evidence["frames"]]
            return "\n".join([*frames, *evidence["places"], evidence["excerpt"]])
        case "issue_title":
            return scene.issue_of(finding).get("title", "")
        case "related":
            return "\n".join(f"{relation['fingerprint']} {relation['why']}" for relation in finding["related"])
        case "suspect":
            return "\n".join(scene.played.commits.get(suspect["commit"], "") for suspect in finding["suspects"])
    raise ValueError(f"expected.toml: {name} is nothing that a finding has")


def _text(finding: Json) -> str:
    evidence = finding["evidence"]
    return "\n".join(
        [finding["title"], evidence["message"], evidence["excerpt"], finding["pattern"], *finding["tests"]]
    )


def _about_run(want: Json, run: Json) -> Iterator[str]:
    for name, value in want.items():
        if name == "skipped":
            if not re.search(value, run["skipped_because"]):
                yield f"skipped because {run['skipped_because']!r}"
        elif isinstance(value, dict):
            for key, part in value.items():
                have = run[name].get(key)
                if have != part:
                    yield f"{name} of {key}: {have}, not {part}"
        elif run[name] != value:
            yield f"{name} is {run[name]!r}, not {value!r}"


def _checks(want: Json, scene: Scene) -> bool:
    return any(
        check["id"] == want["id"]
        and check["status"] in want["status"]
        and re.search(want.get("location", ""), check["location"] or "")
        and re.search(want.get("found", ""), check["found"])
        for check in scene.run["preflight"]["checks"]
    )
