"""A readable slug and one human sentence for a finding, made from its evidence."""

import re
import unicodedata

from gardener.model.cause import Cause
from gardener.model.run import Failure
from gardener.triage.keys import Mark

LONGEST = 60
_BREAK = re.compile(r"[^a-z0-9]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def slug_of(mark: Mark, failure: Failure, cause: Cause) -> str:
    """ASCII kebab case, at most 60 characters."""
    return kebab(mark.pattern)


def title_of(mark: Mark, failure: Failure, cause: Cause) -> str:
    """One sentence, one line."""
    return mark.why


def kebab(text: str) -> str:
    """Words of a text in ASCII kebab case, cut between words."""
    plain = unicodedata.normalize("NFKD", _HUMP.sub("-", text)).encode("ascii", "ignore").decode().lower()
    slug = _BREAK.sub("-", plain).strip("-")
    return slug if len(slug) <= LONGEST else slug[: LONGEST + 1].rpartition("-")[0] or slug[:LONGEST]
