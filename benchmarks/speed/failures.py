"""Failures as pytest prints them, no two alike: own test code, frames, differences, ids, captured logs."""

import string
import tomllib
from pathlib import Path
from random import Random

_DATA = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
_WORDS, _VERBS, _SHAPES = _DATA["words"].split(), _DATA["verbs"].split(), sorted(_DATA["shapes"].items())
_RULE = "_ " * 40 + "\n"
_VALUES = 0.4  # share of the failures that only show a wrong value
_LEVELS = ("INFO", "DEBUG", "ERROR")
_ROWS = (1, 1, 2, 3, 3, 6, 8, 40)  # of a compared mapping


def printed(number: int, path: str, faults: int) -> tuple[str, str, str, str]:
    """(exception, message, traceback in pytest's style `auto`, captured output) of the test of this number.

    All raised errors come from so many faults: their words, their kind, the function that raises and who calls it.
    """
    draw, fault = Random(number), Random(f"fault {number % faults}")
    if draw.random() < _VALUES:
        exception, said, told, depth = "AssertionError", _difference(draw), "", 0
    else:
        exception, message = fault.choice(_SHAPES)
        said, depth = _filled(message.strip(), fault, draw), draw.randrange(5)
        told = f"{exception}: "
    lines = said.split("\n")
    shown = "\n".join([f"E       {told}{lines[0]}", *(f"E       {line}" for line in lines[1:])])
    where, code = _traceback(draw, fault, f"test_{number}", path, depth)
    captured = _log(draw) if draw.randrange(3) == 0 else ""
    return exception, said, f"{code}\n{shown}\n\n{where}:{draw.randrange(9, 999)}: {exception}", captured


def _filled(message: str, fault: Random, draw: Random) -> str:
    return message.format(
        word=fault.choice(_WORDS),
        other=fault.choice(_WORDS),
        Owner=fault.choice(_WORDS).title(),
        verb=fault.choice(_VERBS),
        id="".join(draw.choices(string.ascii_letters + string.digits, k=24)),
        uuid=_uuid(draw),
        hex=f"{draw.getrandbits(40):010x}",
        n=draw.randrange(1000),
        m=draw.randrange(10, 60),
        k=draw.randrange(10_000, 60_000),
    )


def _difference(draw: Random) -> str:
    """A compared mapping, now and then a long one."""
    rows = [(draw.choice(_WORDS), _uuid(draw), draw.randrange(10_000)) for _ in range(draw.choice(_ROWS))]
    left, right = (", ".join(f"'{word}': ('{uuid}', {value + more})" for word, uuid, value in rows) for more in (0, 1))
    items = [f"  {{'{word}': ('{uuid}', {v})}} != {{'{word}': ('{uuid}', {v + 1})}}" for word, uuid, v in rows]
    return "\n".join([f"assert {{{left[:300]}}} == {{{right[:300]}}}", "  ", "  Differing items:", *items])


def _traceback(draw: Random, fault: Random, test: str, path: str, depth: int) -> tuple[str, str]:
    """The innermost file; and the test and the innermost function in full, with what lies between them in short."""
    code = _function(draw, test)
    if not depth:
        return path, code
    code += f"\n\n{path}:{draw.randrange(9, 999)}: \n{_RULE}"
    raising, calling = ((fault.choice(_WORDS), fault.choice(_VERBS)) for _ in range(2))
    for step in range(depth - 1, 0, -1):
        word, verb = calling if step == 1 else (draw.choice(_WORDS), draw.choice(_VERBS))
        place = f"shop/{word}/{verb}.py:{draw.randrange(9, 400)}: in {verb}_{word}"
        code += f"{place}\n    return self.{_call(draw)}\n           ^^^^^^^^\n"
    word, verb = raising
    return f"shop/{word}/{verb}.py", f"{code}{_RULE}\n{_function(draw, f'{verb}_{word}')}"


def _function(draw: Random, name: str) -> str:
    source = [f"        {draw.choice(_WORDS)} = {_call(draw)}" for _ in range(draw.randrange(2, 12))]
    return "\n".join([f"    def {name}({draw.choice(_WORDS)}):", *source, f">       {_call(draw)}"])


def _call(draw: Random) -> str:
    verb, word, key = draw.choice(_VERBS), draw.choice(_WORDS), f"{draw.getrandbits(32):08x}"
    return f"{verb}_{word}({draw.choice(_WORDS)}={draw.randrange(10_000)}, key='{key}')"


def _log(draw: Random) -> str:
    return "\n".join(
        f"2025-09-14 11:59:{draw.randrange(10, 60)},{draw.randrange(100, 1000)} {draw.choice(_LEVELS)} "
        f"shop.{draw.choice(_WORDS)}: {draw.choice(_VERBS)} of {_uuid(draw)} took {draw.randrange(900)} ms"
        for _ in range(draw.randrange(2, 12))
    )


def _uuid(draw: Random) -> str:
    plain = f"{draw.getrandbits(128):032x}"
    return f"{plain[:8]}-{plain[8:12]}-{plain[12:16]}-{plain[16:20]}-{plain[20:]}"
