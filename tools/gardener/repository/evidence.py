"""Everything the repository can tell about a run's failures, gathered into one value for triage."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath

from gardener.model.finding import Definition, Evidence
from gardener.model.run import Failure, Run
from gardener.repository import git
from gardener.repository.definitions import definitions, imported, parse, setups_never_run
from gardener.repository.lineage import module, trace

MAX_FILES = 4000  # own Python files that are looked at; a larger repository is read in part
MAX_BYTES = 1_000_000
SKIPPED = frozenset({".git", ".hg", ".venv", "venv", "node_modules", "site-packages", "__pycache__", ".tox", ".nox",
                     ".gardener", "build", "dist", ".eggs", ".demo"})  # fmt: skip
NAMED = (
    re.compile(r"(\w+)\.__init__\(\)"),
    re.compile(r"(\w+)\(\) (?:missing|got|takes)"),
    re.compile(r"'(\w+)' object has no attribute"),
    re.compile(r"cannot import name '(\w+)'"),
)


def gather(root: Path, run: Run, checkout: git.Checkout, own: tuple[str, ...]) -> Evidence:
    """Sources and git, as far as they are there. `own` are folders of the repository's code; () finds them."""
    failures = [failure for failure in run.failures() if failure.subject]
    sources = _Sources(root)
    own = own or sources.folders()
    files = {failure.subject.partition("::")[0] for failure in failures}
    touched = files | {frame.path for failure in failures for frame in failure.frames_below(own)}
    parsed = {path: found for path in sorted(touched) if (found := sources.definitions(path)) is not None}
    named = tuple(sources.defining(_names(failures)))
    imports = tuple((path, sources.imports(path)) for path in sorted(files) if sources.imports(path))
    on_default = checkout.default_branch in {checkout.branch, f"origin/{checkout.branch}"}
    return Evidence(
        own=own,
        definitions=named,
        unawaited_setups=setups_never_run(parsed),
        changed_now=(*checkout.changed, *checkout.untracked),
        changed_on_branch=()
        if on_default or checkout.default_branch is None
        else git.changed_on_branch(root, checkout.default_branch),
        lineages=trace(root, failures, sources, own) if checkout.commit else (),
        imports=imports,
        on_default_branch=on_default,
        dirty=checkout.dirty,
        shallow=checkout.shallow,
        no_git=checkout.why_not,
    )


def parses(root: Path) -> tuple[int, int]:
    """How many of the repository's Python files there are, and how many of them do not parse."""
    sources = _Sources(root)
    return len(sources.paths), sum(sources.definitions(path) is None for path in sources.paths)


def _names(failures: Iterable[Failure]) -> frozenset[str]:
    return frozenset(name for failure in failures for pattern in NAMED for name in pattern.findall(failure.message))


class _Sources:
    """The repository's own Python files, each read and parsed once, when it is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._texts: dict[str, str] = {}
        self._found: dict[str, tuple[Definition, ...] | None] = {}
        self._imports: dict[str, frozenset[str]] = {}
        self._reached: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self.paths = list(self._walk(root))
        self._modules = {module(path): path for path in self.paths}

    def folders(self) -> tuple[str, ...]:
        """Top-level folders and files that hold Python."""
        return tuple(dict.fromkeys(path.split("/")[0] for path in self.paths))

    def text(self, path: str) -> str:
        if path not in self._texts:
            file = self._root / path
            readable = file.is_file() and file.stat().st_size <= MAX_BYTES
            self._texts[path] = file.read_text(encoding="utf-8", errors="replace") if readable else ""
        return self._texts[path]

    def definitions(self, path: str) -> tuple[Definition, ...] | None:
        """What a file defines; None where it is not there or does not parse."""
        if path not in self._found:
            tree = parse(path, self.text(path)) if path in self.paths else None
            self._found[path] = definitions(path, tree) if tree else None
        return self._found[path]

    def defining(self, names: frozenset[str]) -> Iterator[Definition]:
        """Where the names are defined."""
        for path in self.paths if names else ():
            text = self.text(path)
            if any(f"class {name}" in text or f"def {name}" in text for name in names):
                for definition in self.definitions(path) or ():
                    if definition.name.rpartition(".")[2] in names:
                        yield definition

    def imports(self, path: str) -> tuple[str, ...]:
        """Own files that a file imports, directly."""
        return tuple(sorted(self._known(name, path) for name in self._names(path) if self._known(name, path)))

    def reach(self, path: str) -> tuple[frozenset[str], frozenset[str]]:
        """Own files that a test file comes to by imports, and the dotted names on the way that no file has.

        The file itself is one of them, and so is every conftest.py at its side or above.
        """
        if path not in self._reached:
            self._reached[path] = self._reach(path)
        return self._reached[path]

    def _reach(self, path: str) -> tuple[frozenset[str], frozenset[str]]:
        folders = [*PurePosixPath(path).parents]
        pending = [
            path,
            *(conftest for each in folders if (conftest := str(each / "conftest.py")) in self._modules.values()),
        ]
        reached, lacking = set[str](), set[str]()
        while pending:
            here = pending.pop()
            if here not in reached:
                reached.add(here)
                found = {name: self._known(name, here) for name in self._names(here)}
                pending += filter(None, found.values())
                lacking |= {name for name, file in found.items() if not file}
        return frozenset(reached), frozenset(lacking)

    def _names(self, path: str) -> frozenset[str]:
        if path not in self._imports:
            tree = parse(path, self.text(path))
            package = module(str(PurePosixPath(path).parent))
            self._imports[path] = imported(tree, package) if tree else frozenset()
        return self._imports[path]

    def _known(self, name: str, at: str) -> str:
        """The file of a module that a file imports; "" where it is not own code. A neighbour may be named alone."""
        beside = module(str(PurePosixPath(at).parent / name.replace(".", "/")))
        found = self._modules.get(name) or self._modules.get(beside, "")
        return "" if found == at else found

    def _walk(self, folder: Path) -> Iterator[str]:
        pending, seen = [folder], 0
        while pending:
            for entry in sorted(pending.pop().iterdir()):
                if entry.is_dir() and not entry.is_symlink():
                    if entry.name not in SKIPPED:
                        pending.append(entry)
                elif entry.suffix == ".py" and seen < MAX_FILES:
                    seen += 1
                    yield entry.relative_to(self._root).as_posix()
