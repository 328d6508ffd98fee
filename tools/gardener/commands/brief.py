"""What is asked of a run, from settings and command line."""

from functools import partial

from gardener import __version__
from gardener.flow import Brief
from gardener.grounds import Grounds
from gardener.rulebook import load_rulebook
from gardener.settings import policy
from gardener.wiring import Bench


def open_brief(grounds: Grounds, bench: Bench, invocation: str) -> Brief:
    """The brief of one run; `invocation` is the command as a person would type it again."""
    rules = policy(grounds.settings, load_rulebook())
    return Brief(
        policy=rules,
        write=partial(bench.writing, rules),
        fail_on=grounds.settings.fail_on,
        root=str(grounds.root),
        version=__version__,
        invocation=invocation,
    )
