"""Write settings into a repository's file without touching what stands there: text in, text out."""

from collections.abc import Iterable

import tomlkit
from tomlkit.exceptions import ParseError

from gardener.model.errors import ConfigurationError
from gardener.model.focus import Focus

_COMMENT = "How failing tests are tended; every key is optional: gardener config show"


def settled(text: str, focuses: Iterable[Focus], *, file: str = "pyproject.toml") -> str:
    """The file's text with a gardener table that holds these focuses; the same text where it has focuses already.

    `file` is its name: in gardener.toml the keys stand at the top. Raises ConfigurationError for text that is no TOML.
    """
    try:
        document = tomlkit.parse(text)
    except ParseError as error:
        raise ConfigurationError(f"{file} cannot be read: {error}.", "Mend the file and try again.") from None
    if file == "gardener.toml":
        table: tomlkit.TOMLDocument | tomlkit.items.Table = document
    else:
        tool = document.setdefault("tool", tomlkit.table(is_super_table=True))
        table = tool.setdefault("gardener", tomlkit.table())
    if "focus" in table:
        return text
    if not table:
        table.add(tomlkit.comment(_COMMENT))
        table.add("tracker", "embedded")
    table.add("focus", _table(focuses))
    new = tomlkit.dumps(document).rstrip() + "\n"
    return new.replace("\r\n", "\n").replace("\n", "\r\n") if "\r\n" in text else new


def _table(focuses: Iterable[Focus]) -> tomlkit.items.Table:
    """The focuses as `[focus.NAME]` tables; what is not known is left out, so that its default holds."""
    whole = tomlkit.table(is_super_table=True)
    for focus in focuses:
        one = tomlkit.table()
        if focus.paths:
            one.add("paths", list(focus.paths))
        if focus.markers:
            one.add("markers", focus.markers)
        if focus.docker and focus.docker.marker:
            docker = tomlkit.inline_table()
            docker.add("marker", focus.docker.marker)
            one.add("docker", docker)
        one.add(tomlkit.nl())
        whole.add(focus.name, one)
    return whole
