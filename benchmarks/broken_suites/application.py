"""The sound application: every feature's product and tests, all green. Pure."""

from benchmarks.broken_suites.features import FEATURES
from benchmarks.broken_suites.product import CORE, PRODUCT
from benchmarks.broken_suites.suite import SUITE, TESTS


def sound() -> dict[str, str]:
    """The files of the sound repository by path."""
    files = CORE | SUITE
    for one in FEATURES:
        words = {"noun": one.noun, "Noun": one.noun.title(), "verb": one.verb, "field": one.field}
        words |= {"event": one.event, "EVENT": one.event.upper()}
        for path, text in (PRODUCT | TESTS).items():
            files[path.format_map(words)] = text.format_map(words)
    return files
