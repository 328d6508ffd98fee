"""Node ids and keys by number, so that a run holds one bit of each; and since when each key is known."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Connection, delete, select

from gardener.store.rows import T, new_numbers, unpack_marks
from gardener.store.schema import first_seen, names, runs

AT_ONCE = 500  # values of one statement: some databases take 999


def numbers_of(connection: Connection) -> dict[str, int]:
    """The number of every name."""
    return {name: number for number, name in connection.execute(select(names.c.id, names.c.name))}


def numbered(connection: Connection, wanted: Iterable[str]) -> dict[str, int]:
    """The number of every name, the wanted ones among them; in a transaction that writes."""
    known = numbers_of(connection)
    new = new_numbers(wanted, known)
    if new:
        connection.execute(names.insert(), [{"id": number, "name": name} for name, number in new.items()])
    return known | new


def note_first(connection: Connection, keys: Sequence[str], focus: str, run: str, started: str) -> None:
    """Remember when keys were first seen; a run that is recorded later may be an earlier one."""
    known = _known(connection, keys, focus)
    later = [key for key in dict.fromkeys(keys) if key not in known or run < known[key][0]]
    for some in portions(later):
        connection.execute(delete(first_seen).where(first_seen.c.focus == focus, first_seen.c.key.in_(some)))
        rows = [{"key": key, "focus": focus, "run": run, "started": started} for key in some]
        connection.execute(first_seen.insert(), rows)


def first_sightings(connection: Connection, keys: Sequence[str], focus: str, before: str) -> dict[str, str]:
    """When each key was first seen in a run of the focus before a run id."""
    return {key: started for key, (run, started) in _known(connection, keys, focus).items() if run < before}


def forget_unused(connection: Connection) -> None:
    """Let go of the names that no remembered run says anything about."""
    used = 0
    for blob in connection.scalars(select(runs.c.outcomes)):
        marks = unpack_marks(blob)
        used |= marks.passed | marks.bad | marks.keys
    held = connection.scalars(select(names.c.id)).all()
    for some in portions([number for number in held if not used >> number & 1]):
        connection.execute(delete(names).where(names.c.id.in_(some)))


def _known(connection: Connection, keys: Sequence[str], focus: str) -> dict[str, tuple[str, str]]:
    found: dict[str, tuple[str, str]] = {}
    for some in portions(keys):
        mine = (first_seen.c.focus == focus) & first_seen.c.key.in_(some)
        found |= {row.key: (row.run, row.started) for row in connection.execute(select(first_seen).where(mine))}
    return found


def portions(values: Sequence[T]) -> list[Sequence[T]]:
    """So many at a time as one statement takes."""
    return [values[start : start + AT_ONCE] for start in range(0, len(values), AT_ONCE)]
