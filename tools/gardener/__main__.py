"""`python -m gardener` and the console script `gardener`."""

import gc
import sys

from gardener.cli import run


def main() -> None:
    """Run the command line and end with its exit code."""
    gc.set_threshold(200_000, 20)  # records hold no cycles; of a large report a tenth of the time went into looking
    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
