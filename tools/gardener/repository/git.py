"""What git says, through its own command line: read only, and silent where there is no repository."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gardener import proc
from gardener.model.finding import Change

HISTORY = 2000  # commits looked back at; older files count as older than all of these
TIMEOUT_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkout:
    """The state of a work tree. Paths are relative to the root, with forward slashes."""

    commit: str | None = None
    branch: str | None = None
    default_branch: str | None = None  # the local name of what others merge into; None where it cannot be told
    changed: tuple[str, ...] = ()  # tracked files that differ from HEAD
    untracked: tuple[str, ...] = ()
    shallow: bool = False
    why_not: str = ""  # why git could tell nothing

    @property
    def dirty(self) -> bool:
        """Whether a tracked file is changed; untracked ones never make a tree dirty."""
        return bool(self.changed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """One file in a step. Paths and blobs of the two sides; "" where the file is not there."""

    old: str
    new: str
    before: str
    after: str  # "" also where only the work tree has it


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """A commit of the first-parent line, compared with its first parent; without a hash: the work tree."""

    commit: str = ""
    author: str = ""
    subject: str = ""
    edits: tuple[Edit, ...] = ()


def look(root: Path) -> Checkout:
    """The state of the work tree at `root`; with `why_not` where there is none."""
    top = _git(root, "rev-parse", "--show-prefix")
    if not top.ok:
        missing = "git is not installed" if top.code == 127 else "this folder is not in a git repository"
        return Checkout(why_not=missing)
    prefix = top.out.strip()
    head = _git(root, "rev-parse", "--verify", "HEAD")
    branch = _git(root, "symbolic-ref", "--quiet", "--short", "HEAD")
    status = _git(root, "status", "--porcelain=v1", "-z", "--untracked-files=all", "--no-renames", ".")
    changed: list[str] = []
    untracked: list[str] = []
    for entry in filter(None, status.out.split("\0")):
        path = entry[3:].removeprefix(prefix)
        (untracked if entry.startswith("??") else changed).append(path)
    return Checkout(
        commit=head.out.strip() if head.ok else None,
        branch=branch.out.strip() if branch.ok else None,
        default_branch=_default_branch(root),
        changed=tuple(changed),
        untracked=tuple(untracked),
        shallow=_git(root, "rev-parse", "--is-shallow-repository").out.strip() == "true",
        why_not="" if head.ok else "the repository has no commit yet",
    )


def changed_on_branch(root: Path, default_branch: str) -> tuple[str, ...]:
    """Files changed in commits of HEAD that the default branch lacks."""
    done = _git(root, "diff", "--name-only", "--relative", "-z", f"{default_branch}...HEAD", "--")
    return tuple(filter(None, done.out.split("\0"))) if done.ok else ()


def ancestors(root: Path, commits: Collection[str]) -> frozenset[str]:
    """Which of the commits are in the history of HEAD (HEAD itself included); unknown ones are not."""
    return frozenset(c for c in commits if _git(root, "merge-base", "--is-ancestor", c, "HEAD").ok)


def timeline(root: Path) -> tuple[Step, ...]:
    """What changed, the newest first: the work tree, where it differs, then the commits of the first-parent line.

    A merge is one step with all that it brought. () where there is no commit.
    """
    words = ("-M", "--raw", "--no-abbrev", "--relative", "-z")
    now = _edits(_git(root, "diff", *words, "HEAD", "--", ".").out)
    done = _git(
        root, "log", f"-n{HISTORY}", "--first-parent", "-m", *words, "--format=%x1e%H%x1f%an%x1f%s", "HEAD", "--",
        ".",
    )  # fmt: skip
    steps = [Step(edits=tuple(now))] if done.ok else []
    for record in done.out.split("\x1e")[1:]:
        head, _, edits = record.partition("\0")
        commit, author, subject = head.split("\x1f", 2)
        steps.append(Step(commit=commit, author=author, subject=subject, edits=tuple(_edits(edits))))
    return tuple(steps)


def blobs(root: Path, names: Iterable[str]) -> dict[str, str]:
    """The texts of blobs by their hashes; what is missing here is left out."""
    wanted = sorted(set(names))
    done = _git(root, "cat-file", "--batch=%x1e%(objectname)".replace("%x1e", "\x1e"), stdin="\n".join(wanted))
    found = (record.partition("\n") for record in done.out.split("\x1e")[1:])
    return {name: text.removesuffix("\n") for name, _, text in found if " " not in name} if wanted else {}


def resolve(root: Path, name: str) -> str:
    """The full hash that a name stands for: a branch, a tag, a short hash; "" where git knows no such commit."""
    done = _git(root, "rev-parse", "--verify", "--quiet", "--end-of-options", f"{name}^{{commit}}")
    return done.out.strip() if done.ok else ""


def parents(root: Path, commit: str) -> tuple[str, ...]:
    """The parents of a commit; more than one for a merge, none for the first and at the edge of a shallow clone."""
    return tuple(_git(root, "show", "--no-patch", "--format=%P", commit).out.split())


def line(root: Path, good: str, bad: str) -> tuple[str, ...]:
    """The first-parent line that ends with `bad`, the oldest first, without what `good` contains.

    It begins with the first parent of the oldest of these, which is `good` itself where that is on the line.
    """
    found = _git(root, "rev-list", "--first-parent", "--reverse", bad, f"^{good}").out.split()
    return (*parents(root, found[0])[:1], *found) if found else ()


def is_ancestor(root: Path, older: str, newer: str) -> bool:
    """Whether the newer commit contains the older one."""
    return _git(root, "merge-base", "--is-ancestor", older, newer).ok


def touching(root: Path, until: str, path: str) -> tuple[str, ...]:
    """The commits of the first-parent line that changed a file, the newest first."""
    done = _git(root, "log", "--first-parent", "--no-renames", "--format=%H", until, "--", path)
    return tuple(done.out.split()) if done.ok else ()


def changes(root: Path, since: str, until: str) -> tuple[Change, ...]:
    """The commits after `since` up to `until`, the newest first.

    A merge has only what it changed itself; a rename both its names.
    """
    done = _git(
        root, "log", f"-n{HISTORY}", "--topo-order", "-c", "--no-renames", "--name-only", "--relative", "-z",
        "--format=%x1e%H%x1f%an%x1f%s", f"{since}..{until}", "--",
    )  # fmt: skip
    return tuple(
        Change(commit=commit, author=author, subject=subject, paths=tuple(paths))
        for commit, author, subject, paths in _records(done.out)
    )


def mentioning(root: Path, since: str, until: str, name: str) -> tuple[str, ...]:
    """The commits after `since` up to `until` that changed a line with this word."""
    done = _git(root, "log", "--format=%H", f"-n{HISTORY}", f"-G{name}", f"{since}..{until}", "--", "*.py")
    return tuple(done.out.split()) if done.ok else ()


def blame(root: Path, path: str, line: int) -> str:
    """The commit that changed a line last; "" where none did or it is not committed."""
    found = _git(root, "blame", "--porcelain", "-L", f"{line},{line}", "--", path).out.partition(" ")[0]
    return found if found.strip("0") else ""


def text(root: Path, commit: str, path: str) -> str:
    """A file as it was in a commit; "" where it was not."""
    done = _git(root, "show", f"{commit}:./{path}")
    return done.out if done.ok else ""


def difference(root: Path, since: str) -> str:
    """What differs between a commit and the work tree in Python files, as a patch without context."""
    done = _git(root, "diff", "-U0", "--no-renames", "--no-ext-diff", "--no-color", "--relative", since, "--", "*.py")
    return done.out if done.ok else ""


def signed(root: Path, commit: str) -> tuple[str, str]:
    """Author and subject of a commit."""
    author, _, subject = _git(root, "show", "--no-patch", "--format=%an%x1f%s", commit).out.strip().partition("\x1f")
    return author, subject


def prefix(root: Path) -> str:
    """Where `root` lies in its repository: "" at the top, else "folder/"."""
    return _git(root, "rev-parse", "--show-prefix").out.strip()


def worktrees(root: Path) -> tuple[Path, ...]:
    """The folders of all work trees of the repository, also of those that are gone."""
    done = _git(root, "worktree", "list", "--porcelain")
    return tuple(Path(entry[9:]) for entry in done.out.splitlines() if entry.startswith("worktree "))


def unsafe_to_commit(root: Path) -> str:
    """Why nothing should be committed now, in words; "" when it is safe."""
    checkout = look(root)
    if checkout.commit is None:
        return checkout.why_not
    if checkout.branch is None:
        return "no branch is checked out"
    folder = Path(_git(root, "rev-parse", "--absolute-git-dir").out.strip())
    for mark in ("rebase-merge", "rebase-apply", "MERGE_HEAD", "CHERRY_PICK_HEAD", "BISECT_LOG"):
        if (folder / mark).exists():
            return f"a {mark.split('_')[0].split('-')[0].lower()} is in progress"
    return "" if _git(root, "diff", "--cached", "--quiet").ok else "the index holds changes that are somebody's own"


def commit(root: Path, paths: Sequence[str], message: str) -> str:
    """Commit just these files; in words, what came of it. Nothing is pushed."""
    added = _git(root, "add", "--force", "--", *paths)
    done = _git(root, "commit", "--quiet", "--no-verify", "-m", message, "--", *paths) if added.ok else added
    return f"committed {', '.join(paths)}" if done.ok else f"not committed: {(done.err or done.out).strip()}"


def _edits(raw: str) -> Iterator[Edit]:
    """`:mode mode blob blob STATUS`, then one path, or two for a rename, all between NULs."""
    fields = iter(raw.lstrip("\n").split("\0"))
    for field in fields:
        if not field.lstrip("\n").startswith(":"):
            continue
        _, _, before, after, status = field.split()
        old = next(fields, "")
        new = next(fields, "") if status[0] in "RC" else old
        yield Edit(
            old="" if status[0] in "AC" else old,
            new="" if status == "D" else new,
            before="" if status[0] in "AC" else before,
            after=after.strip("0") and after,
        )


def _records(out: str) -> Iterator[tuple[str, str, str, list[str]]]:
    for record in out.split("\x1e")[1:]:
        head, _, names = record.partition("\0")
        commit, author, subject = head.split("\x1f", 2)
        yield commit, author, subject, [name.strip("\n") for name in names.split("\0") if name.strip("\n")]


def _default_branch(root: Path) -> str | None:
    remote = _git(root, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD")
    if remote.ok:
        return remote.out.strip()
    for name in ("main", "master", "trunk", "develop"):
        if _git(root, "rev-parse", "--verify", "--quiet", f"refs/heads/{name}").ok:
            return name
    return None


def _git(root: Path, *arguments: str, stdin: str = "") -> proc.Done:
    # quotepath off: names come as they are; optional locks off: reading never gets in a person's way
    command = ["git", "--no-optional-locks", "-c", "core.quotepath=off", *arguments]
    return proc.run(command, cwd=root, timeout_s=TIMEOUT_S, stdin=stdin)
