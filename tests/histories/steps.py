"""The steps that a history is made of, and how they are drawn."""

from dataclasses import dataclass

from hypothesis import strategies as st

CAUSES = 2
MOMENTS = 8  # so many points where a run writes may be hit; a run that has fewer is spared


@dataclass(frozen=True)
class Turn:
    """A commit that brings a cause, or mends it where it lives."""

    cause: int


@dataclass(frozen=True)
class Writer:
    """One run: of HEAD or an older commit, whole or not, by a clock that may be wrong."""

    behind: int = 0  # commits
    kind: str = "whole"  # narrowed: only the tests of one cause; crashed: what came after the first failure is lost
    clock_h: int = 0


@dataclass(frozen=True)
class Trouble:
    """What befalls a run, at the n-th point where it can."""

    what: str
    at: int = 1
    when: str = "after"


@dataclass(frozen=True)
class Once:
    """One run, undisturbed or not."""

    writer: Writer
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Again:
    """So many runs of one kind, undisturbed: what is green long enough is closed."""

    writer: Writer
    runs: int


@dataclass(frozen=True)
class Return:
    """A cause heals, so many green runs close its issue, it comes back, and a run meets it."""

    cause: int
    greens: int
    writer: Writer
    trouble: Trouble | None = None


@dataclass(frozen=True)
class Together:
    """Several runs at once; `order` draws who goes on at each of their steps."""

    writers: tuple[Writer, ...]
    order: int


@dataclass(frozen=True)
class Lose:
    """The store is deleted."""


@dataclass(frozen=True)
class Say:
    """A person says something on the open issue of a cause: in its text or title, by a comment or a label."""

    cause: int
    how: str


@dataclass(frozen=True)
class Decide:
    """A person closes the issue of a cause, opens it again, locks it, or makes it one with that of another cause."""

    cause: int
    what: str


Step = Turn | Once | Again | Return | Together | Lose | Say | Decide

ANSWERS = ("502", "reset", "cut", "limit", "refused")  # what GitHub does to a write, before or after it was done
LISTS = ("empty", "stale", "lagging", "short", "pulls", "login page")  # what it does to a list
PRIORITIES = ("P0", "P1", "P2", "P3")
SAYINGS = ("comment", "label", "text", "title", "priority")
DECISIONS = ("not planned", "completed", "reopened", "merged", "split")
LOCKS = ("locked", "unlocked")  # only elsewhere: the embedded tracker has no lock
WEIGHTS = {"turn": 4, "once": 6, "again": 3, "return": 4, "together": 2, "say": 2, "decide": 4, "lose": 1}

_cause = st.integers(0, CAUSES - 1)
_when = st.sampled_from(["before", "after"])
_writer = st.builds(
    Writer,
    behind=st.sampled_from([0, 0, 0, 0, 1, 2]),
    kind=st.sampled_from(["whole", "whole", "whole", "narrowed", "crashed"]),
    clock_h=st.sampled_from([0, 0, 0, 0, -2, 2, -26, 26]),
)


def histories(*, lists: bool) -> st.SearchStrategy[list[Step]]:
    """Histories of 10 to 20 steps; with `lists` for a tracker elsewhere, whose lists may lie."""
    moment = st.integers(1, MOMENTS)
    troubles = [
        st.builds(Trouble, what=st.just("killed"), at=moment, when=_when),
        st.builds(Trouble, what=st.sampled_from(ANSWERS), at=moment, when=_when),
    ]
    if lists:
        troubles.append(st.builds(Trouble, what=st.sampled_from(LISTS), at=st.integers(1, 3)))
    trouble = st.one_of(st.none(), *troubles)
    decisions = (*DECISIONS, *LOCKS) if lists else DECISIONS
    steps: dict[str, st.SearchStrategy[Step]] = {
        "turn": st.builds(Turn, cause=_cause),
        "once": st.builds(Once, writer=_writer, trouble=trouble),
        "return": st.builds(Return, cause=_cause, greens=st.integers(1, 3), writer=_writer, trouble=trouble),
        "again": st.builds(Again, writer=_writer, runs=st.integers(2, 3)),
        "together": st.builds(
            Together, writers=st.lists(_writer, min_size=2, max_size=8).map(tuple), order=st.integers(0, 10**6)
        ),
        "say": st.builds(Say, cause=_cause, how=st.sampled_from(SAYINGS)),
        "decide": st.builds(Decide, cause=_cause, what=st.sampled_from(decisions)),
        "lose": st.builds(Lose),
    }
    names = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
    return st.lists(st.sampled_from(names).flatmap(steps.__getitem__), min_size=10, max_size=20)
