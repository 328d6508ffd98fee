"""A told story becomes files, written atomically; and a story that was kept is read again."""

import contextlib
import json
import os
import tempfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from gardener.codec import from_json, to_json
from gardener.grounds import Grounds, writing
from gardener.model.baseline import BASELINE, Baseline, baseline_text, read_baseline
from gardener.model.errors import ConfigurationError, StoreError
from gardener.model.story import Fact, Story
from gardener.model.text import CleanText, Redactor
from gardener.render import answers, html, worklog
from gardener.render.engine import Templates

CONSOLE_LIMIT = 8_000_000  # characters of the console that are kept: head and tail


def runs_folder(grounds: Grounds) -> Path:
    """Where every run has a folder of its own."""
    return grounds.folder / "runs"


def folder_of(grounds: Grounds, run: str) -> Path:
    """The folder of one run, made when it is not there."""
    folder = runs_folder(grounds) / run
    with writing(folder):
        folder.mkdir(parents=True, exist_ok=True)
    return folder


def worklog_path(grounds: Grounds, focus: str, scope: str | None, at: str) -> Path:
    """Where the worklog of a run that started `at` will lie; a name that is free."""
    folder = grounds.root / grounds.settings.worklog_dir
    return folder / worklog.file_name(focus, scope, at, lambda name: (folder / name).exists())


def open_templates(grounds: Grounds) -> Templates:
    """The repository's own templates before the packaged ones."""
    own = grounds.root / grounds.settings.templates if grounds.settings.templates else None
    if own and not own.is_dir():
        raise ConfigurationError(f"There is no folder of templates {own}.", "Mend templates in the settings.")
    return Templates(own)


def keep(story: Story, grounds: Grounds, log: Path) -> Story:
    """Write worklog, page, result and the story itself; the story that knows where they lie."""
    folder = folder_of(grounds, story.run.id)
    page = folder / "report.html"
    places = {"worklog": log, "report": page, "directory": folder, "console": folder / "console.log"}
    artifacts = tuple(
        Fact(label=label, value=shown(path, grounds.root))
        for label, path in places.items()
        if label != "console" or path.exists()
    )
    story = replace(story, artifacts=artifacts)
    templates = open_templates(grounds)
    text = worklog.worklog(story, templates)
    write(folder / "story.json", to_json(story))
    write(folder / "preflight.json", to_json(story.preflight, indent=1))
    write(folder / "findings.json", to_json(story.findings, indent=1))
    write(folder / "plan.json", to_json(story.plan, indent=1))
    write(folder / "receipts.jsonl", b"".join(to_json(receipt) + b"\n" for receipt in story.receipts))
    write(folder / "result.json", to_json(answers.result([story], story.exit), indent=1))
    write(folder / "worklog.md", text.encode())
    write(log, text.encode())
    write(page, html.report(story, templates).encode())
    return story


def recall_baseline(grounds: Grounds) -> Baseline:
    """What was there when gardener came; empty where no file says so."""
    file = grounds.root / BASELINE
    return (
        read_baseline(file.read_text(encoding="utf-8", errors="replace").splitlines()) if file.is_file() else Baseline()
    )


def await_baseline(grounds: Grounds, names: Iterable[str]) -> Path:
    """Have the next whole run of each of these focuses written down; where."""
    keep_baseline(grounds, replace(recall_baseline(grounds), awaited=frozenset(names)))
    return grounds.root / BASELINE


def keep_baseline(grounds: Grounds, baseline: Baseline) -> str:
    """Write it where it changed; what to tell people, "" for nothing. A file that says nothing goes."""
    file, text = grounds.root / BASELINE, baseline_text(baseline)
    if text == baseline_text(recall_baseline(grounds)):
        return ""
    if text:
        write(file, text.encode())
        return f"{BASELINE} holds {len(baseline.entries)} findings that are known at adoption: commit it"
    file.unlink()
    return f"{BASELINE} is gone: nothing is left that was there at adoption"


def note(story: Story, grounds: Grounds) -> None:
    """Write the story alone, before its plan is carried out: `gardener apply` goes on from it after a kill."""
    write(folder_of(grounds, story.run.id) / "story.json", to_json(story))


def keep_raw(redactor: Redactor, folder: Path, raw: Path) -> None:
    """Redacted copies of what pytest, its plugins and the console wrote into a private folder."""
    for name in ("journal.jsonl", "report.json", "console.log"):
        source = raw / name
        if not source.exists():
            continue
        data = source.read_bytes()
        if name == "console.log":
            clean = redactor.keep(data.decode("utf-8", "replace"), CONSOLE_LIMIT)
        else:
            lines = data.decode("utf-8", "replace").splitlines()
            clean = CleanText("\n".join(_clean_json(redactor, line) for line in lines) + "\n")
        write(folder / name, clean.encode("utf-8", "backslashreplace"))


def _clean_json(redactor: Redactor, line: str) -> str:
    """One JSON document with every text in it redacted; what is no JSON is redacted as it stands."""
    try:
        return json.dumps(_clean(redactor, json.loads(line)), ensure_ascii=False)
    except (ValueError, RecursionError):
        return redactor.clean(line)


def _clean(redactor: Redactor, value: object) -> object:
    if isinstance(value, str):
        return redactor.clean(value)
    if isinstance(value, list):
        return [_clean(redactor, item) for item in value]
    if isinstance(value, dict):
        return {redactor.clean(str(name)): _clean(redactor, item) for name, item in value.items()}
    return value


def recall(grounds: Grounds, run: str | None) -> Story:
    """A story that was kept: by run id or a unique beginning of one; the newest for None."""
    ids = run_ids(grounds)
    found = [each for each in ids if each.startswith(run)] if run else ids[-1:]
    if not found:
        message = f"There is no run {run} here." if run else "There is no run here yet."
        hint = f"Runs here: {', '.join(ids[-5:])}." if ids else "Start with `gardener run`."
        raise ConfigurationError(message, hint)
    if len(found) > 1:
        raise ConfigurationError(f"“{run}” begins {len(found)} run ids: {', '.join(found[:5])}.", "Give more of it.")
    return read_story(runs_folder(grounds) / found[0])


def read_story(folder: Path) -> Story:
    """The story of a run's folder."""
    try:
        return from_json((folder / "story.json").read_bytes(), Story)
    except OSError as error:
        raise ConfigurationError(
            f"{folder} holds no story.json ({error.strerror}).",
            "Name the folder of a finished run: .gardener/runs/<id>.",
        ) from None
    except ValueError as error:
        raise StoreError(
            f"{folder / 'story.json'} is damaged or of another version: {error}.",
            "Run again; the findings themselves are in the store.",
        ) from None


def run_ids(grounds: Grounds) -> list[str]:
    """Ids of the runs that were kept, oldest first."""
    folder = runs_folder(grounds)
    return sorted(each.parent.name for each in folder.glob("*/story.json")) if folder.is_dir() else []


def kept_folders(grounds: Grounds) -> list[tuple[str, int]]:
    """The id of every run that was kept and the bytes of its folder, oldest first."""
    folder = runs_folder(grounds)
    return [(run, sum(f.stat().st_size for f in (folder / run).rglob("*") if f.is_file())) for run in run_ids(grounds)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How much of the past is kept."""

    count: int  # of the newest runs
    before: str  # a time as run ids begin: older ones go
    most: int | None  # bytes


def surplus(held: Sequence[tuple[str, int]], limits: Limits, needed: Collection[str]) -> list[str]:
    """The runs that go, of ids and bytes, oldest first: beyond number, age or size, and not needed. Pure."""
    total = sum(size for _, size in held)
    gone = []
    for place, (run, size) in enumerate(held):
        over = limits.most is not None and total > limits.most
        if run not in needed and (over or run < limits.before or place < len(held) - limits.count):
            gone.append(run)
            total -= size
    return gone


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all. StoreError where it cannot be written."""
    with writing(path), contextlib.ExitStack() as after:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        after.callback(Path(name).unlink, missing_ok=True)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
        os.chmod(name, 0o644)  # noqa: PTH101 - mkstemp makes it private
        os.replace(name, path)  # noqa: PTH105 - the atomic one


def shown(path: Path, root: Path) -> str:
    """A path as people are told it: relative to the repository where it lies in there."""
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
