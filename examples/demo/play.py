"""The demo: five real situations, played by gardener on a small repository, and checked.

Usage: python examples/demo/play.py [FOLDER]     (default: .demo in the checkout)
"""

import argparse
import os
import sys
import time
from pathlib import Path

from claims import State, judge
from history import Broken
from rich.console import Console
from screen import show
from stage import Stage, acts

CHECKOUT = Path(__file__).parents[2]
WIDTH = 100  # where there is no terminal, and of the copy that is kept as text


def main() -> int:
    """0 when everything that is due holds, 1 when not, 2 when the play cannot go on."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", nargs="?", type=Path, default=CHECKOUT / ".demo")
    folder = parser.parse_args().folder.resolve()
    console = Console(highlight=False, width=None if sys.stdout.isatty() else WIDTH)
    try:
        return perform(folder, console)
    except Broken as broken:
        console.print(f"The demo cannot go on: {broken}", style="red", markup=False, soft_wrap=True)
        return 2


def perform(folder: Path, console: Console) -> int:
    """Build the stage, play every act, tell the story."""
    begun = time.monotonic()

    def say(text: str) -> None:
        console.print(f"{time.monotonic() - begun:4.0f} s  {text}", markup=False, soft_wrap=True, style="dim")

    stage = Stage(folder)
    say(f"{stage.build()} commits replayed in {_short(stage.repository)}, somebody's work in progress in its tree")
    start = stage.remember()
    say(f"{len(start)} issues that people had filed")
    play = []
    for act in acts():
        say(f"{act.day:<8} gardener run {' '.join(act.run):<30} {act.say}")
        play.append(stage.play(act))
    judged = judge(play, start)
    console.print()
    story = (play, start, judged, _short(stage.repository))
    show(console, *story)
    with (folder / "screen.txt").open("w", encoding="utf-8") as kept:
        show(Console(file=kept, width=WIDTH, highlight=False, no_color=True), *story)
    return 1 if any(claim.state is State.BROKEN for claim in judged) else 0


def _short(path: Path) -> str:
    near = path.is_relative_to(Path.cwd())
    return (path.relative_to(Path.cwd()) if near else path).as_posix()


if __name__ == "__main__":
    if hasattr(sys.stdout, "reconfigure") and os.name == "nt":
        sys.stdout.reconfigure(encoding="utf-8")
    sys.exit(main())
