"""Who owns a path, as the repository's CODEOWNERS file says."""

from collections.abc import Callable
from pathlib import Path

from codeowners import CodeOwners

# where GitHub looks, in its order
PLACES = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")


def owners(root: Path) -> Callable[[str], tuple[str, ...]]:
    """Owners by path (`@ada`, `@org/team`, an address); nobody where there is no CODEOWNERS file."""
    file = next((root / place for place in PLACES if (root / place).is_file()), None)
    if file is None:
        return lambda _: ()
    rules = CodeOwners(file.read_text(encoding="utf-8", errors="replace"))
    return lambda path: tuple(name for _, name in rules.of(path))
