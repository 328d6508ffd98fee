"""What preflight is asked, and how an answer is put together."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from gardener.model.cause import Cause
from gardener.model.focus import Docker, Focus
from gardener.model.run import Check, Status
from gardener.model.text import Redactor

GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """When a check warns, blocks or gives up."""

    warn_bytes: int = 5 * GIB
    block_bytes: int = 2 * GIB
    timeout_s: float = 10.0  # for one check
    prune_age_s: float = 86400.0  # younger build cache and images are left alone by recovery


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Asks whether the tests of a focus can run here."""

    focus: Focus
    root: Path
    environ: Mapping[str, str]
    limits: Limits = field(default_factory=Limits)
    redactor: Redactor = field(default_factory=Redactor)
    named: frozenset[str] = frozenset()  # checks that were asked for by name; `run_checks` fills it in

    @property
    def docker(self) -> Docker:
        """What the focus declares of Docker; where a check was asked for by name, the usual."""
        return self.focus.docker or Docker()

    def needing_docker(self) -> tuple[str, ...]:
        """Selectors of the tests that need Docker; every test, where the focus does not say which."""
        docker = self.focus.docker
        if docker is None:
            return ()
        told = [f"marker:{docker.marker}"] if docker.marker else []
        told += [f"path:{path}" for path in docker.paths]
        told += [f"fixture:{name}" for name in docker.fixtures]
        return tuple(told) or self.everything()

    def everything(self) -> tuple[str, ...]:
        """Selectors of all tests of the focus."""
        return tuple(f"path:{path}" for path in self.focus.paths) or ("path:.",)

    def check(
        self,
        name: str,
        status: Status,
        found: str,
        *,
        needed: str = "",
        why: str = "",
        remedy: str = "",
        location: str | None = None,
        service: str | None = None,
        cause: Cause | None = None,
        blocks: tuple[str, ...] | None = None,
    ) -> Check:
        """An answer with clean text. One that blocks names the tests that need Docker, unless `blocks` names others."""
        hit = self.needing_docker() if blocks is None else blocks
        return Check(
            id=name,
            status=status,
            found=self.redactor.clean(found),
            needed=needed,
            why=self.redactor.clean(why or self._why(hit) if status in (Status.BLOCK, Status.WARN) else why),
            remedy=self.redactor.clean(remedy),
            location=location,
            service=service,
            blocks=hit if status is Status.BLOCK else (),
            cause=cause.value if cause and status in (Status.BLOCK, Status.WARN) else None,
        )

    def _why(self, blocks: tuple[str, ...]) -> str:
        which = ", ".join(blocks) if blocks else "none of its tests says that it does"
        return f"what focus {self.focus.name} starts in Docker depends on it ({which})"

    def label(self, path: Path) -> str:
        """A path as it is shown: relative to the root where it lies below it, with forward slashes."""
        return (path.relative_to(self.root) if path.is_relative_to(self.root) else path).as_posix()

    def compose(self, files: Sequence[Path], words: str) -> str:
        """The command line that calls compose with these files."""
        return f"docker compose {' '.join(f'-f {shlex.quote(self.label(path))}' for path in files)} {words}"


def size(count: int) -> str:
    """A number of bytes in words: 1.5 GiB."""
    amount = float(count)
    for unit in ("B", "KiB", "MiB", "GiB"):
        if amount < 1024:
            return f"{amount:.0f} {unit}" if unit == "B" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"
