"""Runs broken suites by pytest alone, remembers what each break fails by itself, and has gardener read the report."""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Hashable, Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.broken_suites.decay import Break, Files, applied
from benchmarks.live_grouping.play import NOISE, commit, git, listed, tend
from gardener.grounds import open_grounds
from gardener.model.finding import Evidence, Finding
from gardener.model.run import Origin
from gardener.model.text import Redactor
from gardener.reading import harvested
from gardener.repository import evidence
from gardener.triage.group import group
from gardener.triage.places import is_test

HANGS_S = 90
MOST = 150  # tests that one break may fail
PER_KIND = 3
ENVIRONMENT = {
    **{name: value for name, value in os.environ.items() if name not in {"CI", "VIRTUAL_ENV", "PYTHONPATH"}},
    "PYTHONHASHSEED": "0",
    "PYTHONDONTWRITEBYTECODE": "1",
    "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
}
_OPTIONS = ("-q", "-p", "no:cacheprovider", "-p", "pytest_jsonreport.plugin", "--json-report")


def failing(files: Files, broken: Iterable[Break], root: Path, tests: Sequence[str]) -> frozenset[str]:
    """Node ids that fail under the breaks; what is not collected counts by its collector. The report stays in root."""
    shutil.rmtree(root, ignore_errors=True)
    _write(applied(files, broken), root)
    report = root / ".report.json"
    command = [sys.executable, "-m", "pytest", *_OPTIONS, f"--json-report-file={report}", *tests]
    command += ["--continue-on-collection-errors"]
    try:
        subprocess.run(command, cwd=root, env=ENVIRONMENT, timeout=HANGS_S, capture_output=True, check=False)
        told = json.loads(report.read_bytes())
    except (subprocess.TimeoutExpired, FileNotFoundError):
        return frozenset()
    red = [each for each in (*told["tests"], *told["collectors"]) if each["outcome"] in ("failed", "error")]
    return frozenset(each["nodeid"] for each in red)


def proven(files: Files, each: Break, cache: Path) -> frozenset[str]:
    """What one break fails when it is alone, remembered by what the break and the suite say."""
    known = cache / f"{_digest(repr((sorted(files.items()), each.edits, each.tests)))}.json"
    if not known.exists():
        cache.mkdir(parents=True, exist_ok=True)
        found = failing(files, [each], cache / "scratch", each.tests)
        print(f"alone, {each.name}: {len(found)} fail", file=sys.stderr, flush=True)
        known.write_text(json.dumps(sorted(found)), encoding="utf-8")
    return frozenset(json.loads(known.read_bytes()))


def chosen(files: Files, breaks: Iterable[Break], cache: Path, wanted: int) -> list[Break]:
    """The first breaks that fail something alone, not half of the suite, and leave each other tests of their own."""
    taken: list[Break] = []
    red: list[frozenset[str]] = []
    kinds: Counter[str] = Counter()
    for each in breaks:
        kind = each.name.split()[0]
        if len(taken) == wanted or kinds[kind] == PER_KIND or _touches(each, taken):
            continue
        found = proven(files, each, cache)
        sets = [*red, found]
        if 0 < len(found) <= MOST and all(mine.difference(*(s for s in sets if s is not mine)) for mine in sets):
            taken, red = [*taken, each], sets
            kinds[kind] += 1
    return taken


def _touches(each: Break, others: Iterable[Break]) -> bool:
    """Whether a test file would be broken twice, or one place of the product."""
    path, old, _ = each.edits[0]
    same = [edit for other in others for edit in other.edits if edit[0] == path]
    return bool(same) and (is_test(path) or any(old in edit[1] or edit[1] in old for edit in same))


def truth(found: Iterable[str], by_break: Mapping[Break, frozenset[str]]) -> dict[str, str]:
    """The root of each test that fails and that breaks of exactly one root fail alone; ids as gardener prints them."""
    blamed: dict[str, set[str]] = {}
    for each, tests in by_break.items():
        for test in tests:
            blamed.setdefault(test, set()).add(each.root or each.name)
    clean = Redactor().clean
    return {str(clean(test)): min(blamed[test]) for test in sorted(found) if len(blamed.get(test, ())) == 1}


def staged(files: Files, breaks: Sequence[Break], root: Path) -> frozenset[str]:
    """What fails under all breaks together; played anew only when they changed."""
    known = root.with_suffix(".json")
    said = repr((sorted(files.items()), [each.edits for each in breaks]))
    if not known.exists() or json.loads(known.read_bytes())[0] != _digest(said):
        found = failing(files, breaks, root, ("tests",))
        known.write_text(json.dumps([_digest(said), sorted(found)]), encoding="utf-8")
    return frozenset(json.loads(known.read_bytes())[1])


def groupings(root: Path) -> dict[str, Mapping[str, Hashable]]:
    """The failing tests of a staged suite, grouped by gardener from the report's text, with its sources, and simply."""
    grounds = open_grounds(root, {})
    run = harvested([root / ".report.json"], grounds.redactor)
    rules = grounds.policy
    bare = Evidence(passed=run.passed())
    first = {failure.subject: failure for failure in reversed(run.failures()) if failure.origin is not Origin.WARNING}
    return {
        "harvest (text alone)": _listed(group(run.failures(), bare, rules)),
        "text + sources": _listed(group(run.failures(), evidence.gather(root, run, grounds.checkout, ()), rules)),
        "masked message": {test: NOISE.sub("#", failure.message) for test, failure in first.items()},
        "one issue per test": {test: test for test in first},
    }


def lived(files: Files, breaks: Sequence[Break], root: Path) -> tuple[Mapping[str, Hashable], str]:
    """The same by `gardener run` in a repository that was green before the breaks came, and what its spectrum says."""
    shutil.rmtree(root, ignore_errors=True)
    environ = ENVIRONMENT | {"PYTEST_PLUGINS": "pytest_jsonreport.plugin"}
    _write({**files, ".gitignore": "__pycache__/\n"}, root)
    git(root, "init", "--quiet", "--initial-branch=main")
    commit(root, "sound")
    before = tend(root, environ)
    if before["verdict"] != "healthy":
        raise SystemExit(f"{root.name}: its own suite is not green here: {before['sentence']}")
    _write(applied(files, breaks), root)
    commit(root, "everything at once")
    answer = tend(root, environ)
    said = [line for line in (root / answer["worklog"]).read_text().splitlines() if line.startswith("- spectrum:")]
    return listed(answer["findings"]), "".join(said)


def _write(files: Files, root: Path) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_bytes(text.encode("utf-8", "surrogateescape"))


def _listed(found: Iterable[Finding]) -> dict[str, Hashable]:
    return {test: str(each.fingerprint) for each in found for test in each.tests}


def _digest(said: str) -> str:
    return hashlib.sha256(said.encode("utf-8", "surrogateescape")).hexdigest()[:24]
