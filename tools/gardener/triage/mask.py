"""Text without what changes from run to run."""

from collections.abc import Iterable

from gardener.model.policy import Mask

LIMIT = 16 * 1024  # characters that are looked at: what tells errors apart stands at their beginning


def masked(text: str, masks: Iterable[Mask]) -> str:
    """The beginning of a text on one line, each mask in turn put over what it finds."""
    text = text[:LIMIT].replace("\\\\", "\\")
    for mask in masks:
        text = mask.find.sub(mask.by, text)
    return " ".join(text.split())


def without_parameters(node: str) -> str:
    """A node id without the values that a test was parametrised with."""
    return node.split("[", 1)[0]


def file_of(node: str) -> str:
    """The file that a node id or a place stands in."""
    return node.split("::", 1)[0]
