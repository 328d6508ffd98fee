"""SqlStore: the memory of runs, findings and plans, the outbox, and the door to the embedded tracker."""

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from itertools import chain
from pathlib import Path

from sqlalchemy import delete, select

from gardener.model.errors import StoreError
from gardener.model.figures import Turn
from gardener.model.finding import Finding, Past
from gardener.model.plan import Plan, Receipt
from gardener.model.run import Run
from gardener.store import history, integrity, names, outbox, retention, schema
from gardener.store.database import Database
from gardener.store.engine import open_database
from gardener.store.issues import EmbeddedTracker
from gardener.store.past import memory, past_of, recall
from gardener.store.rows import T, finding_rows, marks_of, names_of, pack_marks, run_row, unpack
from gardener.store.schema import finding_keys


def open_store(url: str, root: Path, now: Callable[[], datetime]) -> "SqlStore":
    """The store at this URL, made or brought up to date. Raises ConfigurationError for the URL, StoreError."""
    return SqlStore(open_database(url, root), now)


class SqlStore:
    """The memory in a database; implements `ports.Store`. Close it when done."""

    def __init__(self, database: Database, now: Callable[[], datetime]) -> None:
        self._database = database
        self._now = now

    @property
    def place(self) -> str:
        """Where it lies, fit to be shown."""
        return self._database.place

    def close(self) -> None:
        """Let go of the connections."""
        self._database.close()

    def tracker(self, *, by_hand: bool = False, adopt_authors: Sequence[str] = ()) -> EmbeddedTracker:
        """The embedded tracker. `by_hand`: what is done through it is a person's doing."""
        return EmbeddedTracker(self._database, self._now, by_hand=by_hand, adopt_authors=adopt_authors)

    def record(self, run: Run, findings: Sequence[Finding], plan: Plan) -> None:
        """Keep a run, its findings and its plan, in one transaction. A second time with the same run replaces it."""
        prints, keys = finding_rows(run.id, findings)
        marked = names_of(run, findings)
        row = run_row(run, findings, plan)
        with self._database.write() as connection:
            numbers = names.numbered(connection, chain(*marked.values()))
            connection.execute(delete(schema.runs).where(schema.runs.c.id == run.id))
            outcomes = pack_marks(marks_of(marked, numbers))
            connection.execute(schema.runs.insert().values(**row, outcomes=outcomes))
            for table, rows in ((schema.findings, prints), (finding_keys, keys)):
                if rows:
                    connection.execute(table.insert(), rows)
            names.note_first(connection, marked["keys"], run.focus, run.id, run.started)

    def past(self, findings: Sequence[Finding], focus: str, run: Run) -> Mapping[str, Past]:
        """What earlier runs know of each finding, by fingerprint."""
        keys = sorted({str(key) for finding in findings for key in finding.keys})
        with self._database.read() as connection:
            earlier = recall(connection, focus, run.id)
            first = names.first_sightings(connection, keys, focus, run.id)
            known = memory(run, findings, earlier, names.numbers_of(connection), first)
        return {str(finding.fingerprint): past_of(finding, known) for finding in findings}

    def last_run(self, focus: str, before: str) -> tuple[str, tuple[str, ...]] | None:
        """The id of the run of this focus before a run id, with the fingerprints it found; None where there is none."""
        chosen = select(schema.runs.c.id).where(schema.runs.c.focus == focus, schema.runs.c.id < before)
        with self._database.read() as connection:
            last = connection.scalar(chosen.order_by(schema.runs.c.id.desc()).limit(1))
            if last is None:
                return None
            prints = (
                select(schema.findings.c.fingerprint)
                .where(schema.findings.c.run == last)
                .order_by(schema.findings.c.place)
            )
            return last, tuple(connection.scalars(prints))

    def begin(self, run: str, action: str, what: str) -> Receipt | None:
        """Write down the intent of an action; its receipt where it was done before."""
        with self._database.write() as connection:
            return outbox.begin(connection, run, action, what, self._now())

    def settle(self, run: str, receipts: Sequence[Receipt]) -> None:
        """Write down what became of actions."""
        with self._database.write() as connection:
            outbox.settle(connection, run, receipts, self._now())

    def pending(self) -> tuple[tuple[str, str], ...]:
        """(run, action) of intents without a receipt."""
        with self._database.read() as connection:
            return outbox.pending(connection)

    def filed(self, repository: str) -> frozenset[int]:
        """The numbers of the issues that gardener created in this repository on GitHub, as far as it remembers."""
        with self._database.read() as connection:
            return outbox.filed(connection, repository)

    def recalled(self, run: str) -> tuple[Run, tuple[Finding, ...], Plan] | None:
        """Everything that was recorded of a run; None where it is not remembered."""
        chosen = select(schema.runs.c.run, schema.runs.c.findings, schema.runs.c.plan).where(schema.runs.c.id == run)
        with self._database.read() as connection:
            row = connection.execute(chosen).one_or_none()
        if row is None:
            return None
        kept = self._unpacked(row.findings, tuple[Finding, ...])
        return self._unpacked(row.run, Run), kept, self._unpacked(row.plan, Plan)

    def runs(self, focus: str | None = None, limit: int = 50) -> tuple[history.Remembered, ...]:
        """The newest runs, newest first."""
        with self._database.read() as connection:
            return history.remembered(connection, focus, limit)

    def sightings(self, finding: str) -> tuple[history.Sighting, ...]:
        """Where a finding was seen, newest first, by its slug, a key of it or the beginning of one."""
        with self._database.read() as connection:
            return history.sightings(connection, finding)

    def turns(self, node: str, focus: str | None = None, limit: int = 50) -> tuple[Turn, ...]:
        """How a test went in the newest runs, newest first."""
        with self._database.read() as connection:
            return history.turns(connection, node, focus, limit)

    def course(self, seen: Sequence[history.Sighting], limit: int = 50) -> tuple[Turn, ...]:
        """How the finding of these sightings went in the newest runs of its focus, newest first."""
        known = self.recalled(seen[0].run) if seen else None
        found = [each for each in known[1] if str(each.fingerprint) == seen[0].fingerprint] if known else []
        with self._database.read() as connection:
            return history.course(connection, seen[0], found[0], limit) if found else ()

    def held(self) -> tuple[tuple[str, int], ...]:
        """The id of every run and about how many bytes it takes, oldest first."""
        with self._database.read() as connection:
            return retention.held(connection)

    def needed(self, keys: Collection[str] | None) -> frozenset[str]:
        """The runs by which findings with these keys are judged; None: with any key that is remembered."""
        with self._database.read() as connection:
            return retention.needed(connection, keys)

    def forget(self, gone: Collection[str]) -> int:
        """Forget runs with their settled intents, and give the room back; issues stay. How many went."""
        with self._database.write() as connection:
            count = retention.forget(connection, gone)
        if count:
            retention.shrink(self._database)
        return count

    def check(self) -> int:
        """Look through all of it, and read every run: how many. StoreError for damage; such a file is set aside."""
        integrity.look_through(self._database)
        ids = [run for run, _ in self.held()]
        for run in ids:
            self.recalled(run)
        return len(ids)

    def _unpacked(self, blob: bytes, kind: type[T]) -> T:
        try:
            return unpack(blob, kind)
        except ValueError as error:
            hint = "it was written by another version, or is damaged: `gardener prune` forgets old runs"
            raise StoreError(f"a run in the store {self.place} cannot be read: {error}", hint) from error
