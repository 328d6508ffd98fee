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
class Together:
    """Several runs at once; `order` draws who goes on at each of their steps."""

    writers: tuple[Writer, ...]
    order: int


@dataclass(frozen=True)
class Lose:
    """The store is deleted."""


@dataclass(frozen=True)
class Say:
    """A person comments on the open issue of a cause, labels it, or writes into its text."""

    cause: int
    how: str


Step = Turn | Once | Again | Together | Lose | Say

ANSWERS = ("502", "reset", "cut", "limit", "refused")  # what GitHub does to a write, before or after it was done
LISTS = ("empty", "stale", "lagging", "short", "pulls", "login page")  # what it does to a list
WEIGHTS = {"turn": 6, "once": 6, "again": 5, "together": 2, "say": 1, "lose": 1}

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
    steps: dict[str, st.SearchStrategy[Step]] = {
        "turn": st.builds(Turn, cause=_cause),
        "once": st.builds(Once, writer=_writer, trouble=st.one_of(st.none(), *troubles)),
        "again": st.builds(Again, writer=_writer, runs=st.integers(2, 3)),
        "together": st.builds(
            Together, writers=st.lists(_writer, min_size=2, max_size=8).map(tuple), order=st.integers(0, 10**6)
        ),
        "say": st.builds(Say, cause=_cause, how=st.sampled_from(["comment", "label", "text"])),
        "lose": st.builds(Lose),
    }
    names = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
    return st.lists(st.sampled_from(names).flatmap(steps.__getitem__), min_size=10, max_size=20)
