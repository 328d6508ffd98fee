"""GitHub's JSON and texts to records and back; pure."""

import contextlib
import hashlib
import json
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from gardener.model.errors import TrackerError
from gardener.model.key import BEGIN, END, Key, keys_in, noted, read_block, split_body
from gardener.model.plan import TRUSTED, Comment, Issue, IssueLink, Reason, State, severity_of
from gardener.model.text import storable, units
from gardener.trackers.github_http import not_a_tracker

LIMIT = 65_536  # GitHub's for bodies and comments; counted in UTF-16 units, the strictest reading
_CUT = "\n\n… shortened: GitHub takes no more\n"
_SIGNED = "gardener keeps this issue up to date from here on."
_STATE = "<!-- gardener-state: "
_LINK = re.compile(r"^<!-- gardener-link: (?P<json>\{.*\}) -->$", re.MULTILINE)
_NOTES = re.compile(r"(?:^<!-- gardener-link: .* -->\n?)+\Z", re.MULTILINE)
_FENCE = re.compile(r" {0,3}(`{3,}|~{3,})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Circle:
    """Whose words count: gardener's own logins, and the people whose issues it may adopt."""

    own: frozenset[str]
    listed: frozenset[str]

    def writes_as(self, user: Mapping[str, Any] | None) -> bool:
        """Whether this is gardener itself."""
        return login(user).casefold() in self.own

    def person(self, user: Mapping[str, Any] | None) -> bool:
        """Whether this is a human being."""
        return bool(login(user)) and not self.writes_as(user) and not is_bot(user)


def login(user: Mapping[str, Any] | None) -> str:
    """The login of a user as GitHub's JSON has it; "" for a deleted one."""
    return str((user or {}).get("login") or "")


def text_of(data: Mapping[str, Any]) -> str:
    """The body of an issue's JSON, its lines ended in one way."""
    return str(data.get("body") or "").replace("\r\n", "\n")


def is_bot(user: Mapping[str, Any] | None) -> bool:
    """Whether this is a program's account."""
    return (user or {}).get("type") == "Bot" or login(user).endswith("[bot]")


def issue_of(
    data: Any,  # noqa: ANN401 - whatever came back
    circle: Circle,
    *,
    comments: Sequence[Comment] = (),
    vouched: Collection[Key] = (),
    severity_by_human: bool = False,
) -> Issue:
    """The issue of a JSON object. Keys count in our own issues, and elsewhere those that a comment of ours vouches for.

    Raises TrackerUnreliable for anything that is no issue.
    """
    if not (isinstance(data, dict) and isinstance(data.get("number"), int) and data.get("state") in set(State)):
        raise not_a_tracker("an entry of its list is no issue")
    user, body = data.get("user"), text_of(data)
    names = tuple(label_names(data))
    ours = circle.writes_as(user)
    managed = read_block(body)
    if managed is not None and not ours and not set(managed.all_keys) <= set(vouched):
        managed = None
    reason, state = data.get("state_reason"), State(data["state"])
    return Issue(
        number=data["number"],
        title=str(data.get("title") or ""),
        state=state,
        state_reason=Reason(reason) if state is State.CLOSED and reason in set(Reason) else None,
        severity=severity_of(names),
        labels=names,
        keys=managed.keys if managed else (),
        author=login(user),
        ours=ours,
        trusted=ours or data.get("author_association") in TRUSTED or login(user) in circle.listed,
        locked=bool(data.get("locked")),
        body=body,
        comments=tuple(comments),
        links=read_links(body),
        created_at=str(data.get("created_at") or ""),
        updated_at=str(data.get("updated_at") or ""),
        closed_at=str(data.get("closed_at") or ""),
        closed_by_human=state is State.CLOSED and _put_away(data, circle),
        severity_by_human=severity_by_human,
        managed=managed,
        url=str(data.get("html_url") or ""),
    )


def _put_away(data: Mapping[str, Any], circle: Circle) -> bool:
    """Whether a person closed it. Gardener may use a person's login: then its reason tells, gardener says completed."""
    closer = data.get("closed_by")
    if circle.writes_as(closer) and data.get("state_reason") == Reason.COMPLETED:
        return False
    return bool(login(closer)) and not is_bot(closer)


def label_names(data: Mapping[str, Any]) -> list[str]:
    """The labels of an issue's JSON."""
    return [str(label["name"] if isinstance(label, dict) else label) for label in data.get("labels") or ()]


def signature(keys: Sequence[Key]) -> str:
    """The comment with which gardener vouches for the keys of its block in somebody else's issue."""
    return "\n".join([_SIGNED, "", *(f"gardener-key: {key}" for key in keys)])


def vouched_keys(comments: Sequence[Mapping[str, Any]], circle: Circle) -> frozenset[Key]:
    """The keys of the signatures among comments."""
    bodies = [str(said.get("body") or "") for said in comments if circle.writes_as(said.get("user"))]
    signed = [body.replace("\r\n", "\n") for body in bodies if body.startswith(_SIGNED)]
    return frozenset(key for body in signed for key in keys_in(body))


def operation_line(operation: str) -> str:
    """An invisible line that makes a write recognisable, so that a lost answer can be looked up."""
    return f"<!-- gardener-operation: {hashlib.sha256(storable(operation).encode()).hexdigest()[:32]} -->"


def read_links(body: str) -> tuple[IssueLink, ...]:
    """The links that the managed block notes."""
    parts = split_body(body)
    links = []
    for line in _LINK.finditer(parts[1]) if parts else ():
        with contextlib.suppress(ValueError, KeyError, TypeError):  # somebody edited it by hand
            told = json.loads(line["json"])
            links.append(IssueLink(to=int(told["to"]), why=str(told["why"])))
    return tuple(links)


def with_links(body: str, links: Sequence[IssueLink], *, shown: bool = False) -> str:
    """The body with these links noted in its managed block, each once; a block is added where there is none.

    `shown` adds a line that people see, until the block is written anew with its links in it.
    """
    known = {link.to for link in read_links(body)}
    new = [link for link in links if link.to not in known]
    if not new:
        return body
    before, inside, after = split_body(body) or (f"{body.rstrip()}\n\n" if body.strip() else "", "", "\n")
    visible, state = _at_state(inside)
    seen = [f"- #{link.to}: `{' '.join(link.why.replace('`', ' ').split())}`" for link in new if shown]
    notes = [noted("link", {"to": link.to, "why": link.why}) for link in new]
    inside = "\n\n".join(part for part in (visible.strip(), "\n".join(seen), "\n".join([*notes, state])) if part)
    return f"{before}{BEGIN}\n{inside.rstrip()}\n{END}{after}"


def fitted(body: str, tail: str = "") -> str:
    """The body and its tail within GitHub's limit: cut is only visible text of gardener's own, never state or people's.

    Raises TrackerError where other people's text leaves no room.
    """
    if units(body + tail) <= LIMIT:
        return body + tail
    parts = split_body(body)
    before, inside, after = parts or ("", body, "")
    visible, state = _at_state(inside) if parts else (inside, "")
    frame = f"{before}{BEGIN}\n{state}\n{END}{after}{tail}" if parts else tail
    room = LIMIT - units(frame) - units(_CUT) - 16  # 16: a fence that has to be closed
    if room < 0:
        raise TrackerError("the issue's text leaves no room for gardener's block", "shorten the issue by hand")
    kept = visible.encode("utf-16-le")[: 2 * room].decode("utf-16-le", "ignore")
    kept = f"{kept}{_closing_fence(kept)}{_CUT}"
    return f"{before}{BEGIN}\n{kept}\n{state}\n{END}{after}{tail}" if parts else kept + tail


def title_line(title: str) -> str:
    """A title as GitHub takes it: one line, 256 characters."""
    return " ".join(storable(title).split())[:256]


def label_name(name: str) -> str:
    """A label as GitHub takes it and can list by: no comma, one line, 50 characters."""
    return " ".join(storable(name).replace(",", " ").split())[:50].strip()


def _at_state(inside: str) -> tuple[str, str]:
    """The visible part of a block; and what gardener notes below it: links, the last state line, the key lines."""
    at = inside.rfind(f"\n{_STATE}") + 1
    end = at if at or inside.startswith(_STATE) else len(inside)
    notes = _NOTES.search(inside[:end])
    return inside[: notes.start() if notes else end], inside[notes.start() if notes else end :]


def _closing_fence(text: str) -> str:
    opened = ""
    for line in text.splitlines():
        fence = _FENCE.match(line)
        if fence and not opened:
            opened = fence[1]
        elif fence and fence[1].startswith(opened) and not line.strip(" `~"):
            opened = ""
    return f"\n{opened[:12]}" if opened else ""
