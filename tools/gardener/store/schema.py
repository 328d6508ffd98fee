"""The tables of the store, the same on SQLite and PostgreSQL.

Times are ISO 8601 UTC text, records are compressed JSON (see `rows`), so that no type differs between the two.
"""

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, LargeBinary, MetaData, String, Table, Text

REVISION = "0002"  # the newest migration; a test holds it against the migrations themselves
VERSION_TABLE = "gardener_version"

tables = MetaData()


def _key(name: str, length: int = 80) -> Column[str]:
    return Column(name, String(length), primary_key=True)


def _texts(*names: str, empty: bool = False) -> tuple[Column[str], ...]:
    return tuple(Column(name, Text, nullable=empty) for name in names)


def _numbers(*names: str) -> tuple[Column[int], ...]:
    return tuple(Column(name, Integer, nullable=False) for name in names)


def _flags(*names: str) -> tuple[Column[bool], ...]:
    return tuple(Column(name, Boolean, nullable=False) for name in names)


def _run() -> Column[str]:
    return Column("run", ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


def _issue(*, key: bool = True) -> Column[int]:
    return Column("issue", ForeignKey("issues.number", ondelete="CASCADE"), primary_key=key, nullable=False)


runs = Table(
    "runs",
    tables,
    _key("id", 64),  # starts with the UTC time: ids sort by age
    *_texts("focus", "started"),
    *_texts("commit", "branch", empty=True),
    *_flags("dirty", "narrowed", "complete"),
    # "outcomes" holds a bit per name and outcome: 10,000 tests in a few hundred bytes, see rows.Marks
    *(Column(name, LargeBinary, nullable=False) for name in ("outcomes", "run", "findings", "plan")),
    Index("runs_by_focus", "focus", "id"),
)
names = Table(
    "names",
    tables,
    Column("id", Integer, primary_key=True, autoincrement=False),  # its place among the bits of a run
    *_texts("name"),  # a node id or a key; always read whole, and too long for an index on PostgreSQL
)
first_seen = Table(
    "first_seen",  # outlives the runs: since when a key is known stays true when they are forgotten
    tables,
    _key("key"),
    Column("focus", Text, primary_key=True),
    *_texts("run", "started"),
)
findings = Table(
    "findings",
    tables,
    _run(),
    _key("fingerprint"),
    *_texts("slug", "title", "cause", "nature"),
    *_numbers("place", "severity", "count"),
)
finding_keys = Table(
    "finding_keys",
    tables,
    _run(),
    _key("fingerprint"),
    _key("key"),
    *_texts("pattern"),
    Index("finding_keys_by_key", "key"),
)
intents = Table(
    "intents",
    tables,
    _key("run", 64),
    _key("action", 255),
    *_texts("what", "at"),
    *_texts("outcome", "receipt", empty=True),  # no outcome: begun, and nobody knows what became of it
)
issues = Table(
    "issues",
    tables,
    Column("number", Integer, primary_key=True, autoincrement=False),
    *_texts("title", "body", "state", "author", "created_at", "updated_at", "closed_at"),
    *_texts("state_reason", empty=True),
    *_flags("ours", "trusted", "locked", "closed_by_human"),
    Column("operation", Text, unique=True),
)
labels = Table(
    "labels", tables, _issue(), Column("label", Text, primary_key=True), *_numbers("place"), *_flags("by_human")
)
issue_keys = Table("issue_keys", tables, _issue(), _key("key"), *_numbers("place"), Index("issue_keys_by_key", "key"))
issue_links = Table(
    "issue_links", tables, _issue(), Column("to", Integer, primary_key=True), *_numbers("place"), *_texts("why")
)
comments = Table(
    "comments",
    tables,
    Column("id", Integer, primary_key=True),
    _issue(key=False),
    *_texts("author", "body", "at"),
    Index("comments_by_issue", "issue", "id"),
)
