"""`gardener`, but what the spectrum wrote down stays in the work tree: `python keeping.py run unit ...` there."""

import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from gardener import cli
from gardener.runs import sample

WRITTEN = Path(".gardener", "spectrum.jsonl")
_read = sample.read


def _kept(file: Path) -> Mapping[str, sample.Seen]:
    if file.exists():
        shutil.copyfile(file, WRITTEN)
    return _read(file)


if __name__ == "__main__":
    sample.read = _kept  # type: ignore[assignment]
    sys.exit(cli.run(sys.argv[1:]))
