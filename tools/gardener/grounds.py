"""A repository with everything that is opened for it: settings, redactor, memory, tracker."""

import contextlib
import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from gardener.adopt import detect
from gardener.model.baseline import BASELINE
from gardener.model.errors import ConfigurationError, StoreError, UnreadableReport
from gardener.model.policy import Policy
from gardener.model.run import Run
from gardener.model.text import Redactor, secret_values
from gardener.ports import Tracker
from gardener.repository import git
from gardener.rulebook import load_rulebook
from gardener.settings import Settings, load, policy
from gardener.sieve import Sieve

if TYPE_CHECKING:
    from gardener.store.issues import EmbeddedTracker
    from gardener.store.runs import SqlStore

CI_FALSE = frozenset({"", "0", "false", "no", "off"})


@dataclass(slots=True, kw_only=True)
class Grounds:
    """A repository with everything that stays open while it is tended."""

    root: Path
    environ: Mapping[str, str]
    settings: Settings
    redactor: Redactor
    now: Callable[[], datetime]
    say: Callable[[str], None]
    checkout: git.Checkout = field(default_factory=git.Checkout)
    _store: "SqlStore | None" = None
    _tracker: Tracker | None = None

    @property
    def folder(self) -> Path:
        """`.gardener/`, made on first use with an ignore file of its own."""
        folder = self.root / ".gardener"
        ignore = folder / ".gitignore"
        if not ignore.exists():
            with writing(ignore):
                folder.mkdir(exist_ok=True)
                ignore.write_text("*\n", encoding="utf-8")
        return folder

    @property
    def policy(self) -> Policy:
        """What triage may know of the settings, with the reviewed rules."""
        return policy(self.settings, load_rulebook())

    @property
    def store(self) -> "SqlStore":
        """The memory, opened on first use."""
        if self._store is None:
            from gardener.store.runs import open_store

            self._store = open_store(self.settings.store, self.root, self.now)
        return self._store

    @property
    def tracker(self) -> Tracker:
        """The tracker that the settings name, opened on first use."""
        if self._tracker is None:
            self._tracker = self._open_tracker(by_hand=False)
        return self._tracker

    def by_hand(self) -> Tracker:
        """The tracker for what a person does at the command line."""
        return self._open_tracker(by_hand=True)

    def embedded(self, *, by_hand: bool) -> "EmbeddedTracker":
        """The tracker in the store."""
        return self.store.tracker(by_hand=by_hand, adopt_authors=self.settings.adopt_authors)

    def _open_tracker(self, *, by_hand: bool) -> Tracker:
        kind, _, repository = self.settings.tracker.partition(":")
        if kind == "embedded":
            return self.embedded(by_hand=by_hand)
        from gardener.trackers.github import GitHubTracker
        from gardener.trackers.github_http import tell_of_retries

        tell_of_retries(self.say)
        return GitHubTracker(
            repository,
            token_of(self.settings, self.environ),
            base_url=self.settings.github_url,
            labels=self.settings.labels,
            adopt_labels=self.settings.adopt_labels,
            adopt_authors=self.settings.adopt_authors,
            known=self.store.filed(repository),
            also=[standing.issue for standing in self.settings.standing if standing.issue],
            now=self.now,
        )

    @property
    def in_ci(self) -> bool:
        """Whether this is a CI, which may throw files away."""
        return self.environ.get("CI", "").lower() not in CI_FALSE

    def may_write(self, run: Run, *, wish: bool | None) -> str:
        """Nothing when the tracker may be written, else why what would be done is only shown."""
        if wish is False:
            return "--dry-run was given"
        if wish or self.settings.tracker == "embedded":
            return ""
        if run.dirty:
            return "tracked files are changed and not committed; --apply writes all the same"
        if self.environ.get("GITHUB_EVENT_NAME", "").startswith("pull_request"):
            return "this run belongs to a pull request; --apply writes all the same"
        if self.settings.apply == "never":
            return "the setting apply is “never”"
        if self.settings.apply == "ci" and not self.in_ci:
            return "the setting apply is “ci” and this is no CI; --apply writes all the same"
        return ""


def open_grounds(
    root: Path,
    overrides: Mapping[str, object] | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> Grounds:
    """The repository at `root`, with its settings. Opens neither store nor tracker yet."""
    surroundings = dict(os.environ) if environ is None else environ
    if not root.is_dir():
        raise ConfigurationError(f"There is no folder {root}.", "Name the repository's root with -C PATH.")
    return Grounds(
        root=root,
        environ=surroundings,
        settings=load(root, surroundings, overrides or {}, detect.conventions(root)),
        redactor=open_redactor(surroundings),
        now=lambda: datetime.now(UTC),
        say=say,
        checkout=_without_ours(git.look(root)),
    )


def _without_ours(checkout: git.Checkout) -> git.Checkout:
    """What gardener itself rewrites makes no tree dirty."""
    return replace(checkout, changed=tuple(path for path in checkout.changed if path != BASELINE))


def open_redactor(environ: Mapping[str, str] | None = None) -> Redactor:
    """A redactor that knows the secrets of the environment."""
    return Redactor(secret_values(dict(os.environ) if environ is None else environ), Sieve)


def token_of(settings: Settings, environ: Mapping[str, str]) -> str:
    """The tracker's token, from GITHUB_TOKEN or the configured file; never from the command line."""
    if settings.token_file:
        try:
            return (settings.root / settings.token_file).expanduser().read_text(encoding="utf-8").strip()
        except OSError as error:
            raise ConfigurationError(
                f"The token file cannot be read: {error}.", "Mend token_file in the settings."
            ) from None
    token = environ.get("GITHUB_TOKEN", "").strip()
    if not token:
        raise ConfigurationError(
            f"The tracker {settings.tracker} needs a token, and GITHUB_TOKEN is not set.",
            "Set GITHUB_TOKEN, name a token_file in the settings, or use tracker = “embedded”.",
        )
    return token


def python_of(settings: Settings, environ: Mapping[str, str], wish: str | None) -> tuple[str, str]:
    """The interpreter that runs the tests, and why this one."""
    if wish:
        return wish, "given with --python"
    if settings.python:
        return str(settings.root / settings.python), f"the setting python ({settings.origin.get('python', 'default')})"
    for candidate, why in detect.pythons(settings.root, environ):
        return str(candidate), why
    return sys.executable, "gardener's own interpreter: no VIRTUAL_ENV and no .venv here"


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Within it a file or folder is written; StoreError where the system does not let it."""
    try:
        yield
    except OSError as error:
        raise StoreError(
            f"{error.filename or path} cannot be written: {error.strerror}.",
            "Make room, or let gardener write there, and call it again: what was recorded is kept.",
        ) from None


def read_text(file: Path) -> str:
    """A text file, or standard input for `-`."""
    if str(file) == "-":
        return sys.stdin.read()
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError as error:
        raise UnreadableReport(
            f"{file} cannot be read: {error.strerror}.", "Check the path and its permissions."
        ) from None
