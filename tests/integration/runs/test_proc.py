"""The one door to other processes, with real ones behind it."""

import os
import subprocess
import sys

import pytest

from gardener import proc

pytestmark = pytest.mark.integration


def test_output_code_and_input_of_a_command_are_taken() -> None:
    done = proc.run([sys.executable, "-c", "import sys; print(input()); sys.exit(3)"], stdin="hello\n")
    assert (done.code, done.out.strip(), done.ok) == (3, "hello", False)


def test_a_missing_program_is_code_127() -> None:
    done = proc.run(["no-such-program"])
    assert done.code == 127
    assert "no-such-program" in done.err


def test_output_that_is_no_text_is_taken_all_the_same() -> None:
    done = proc.run([sys.executable, "-c", "import sys; sys.stdout.buffer.write(b'a\\xffb')"])
    assert done.out == "a\ufffdb"


STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); "


def test_a_command_over_its_time_limit_has_no_code() -> None:
    assert proc.run([sys.executable, "-c", "import time; time.sleep(600)"], timeout_s=0.1).code is None


@pytest.mark.parametrize("manner", ["", STUBBORN], ids=["polite", "stubborn"])
def test_a_process_is_ended_with_its_children(manner: str) -> None:
    if manner and os.name != "posix":
        pytest.skip("no process can refuse to end there")
    child = f"{manner}import os, time; print(os.getpid(), flush=True); time.sleep(600)"
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    with subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        pid = int(process.stdout.readline())
        proc.end_tree(process.pid)
    assert [proc.ended(each, within_s=0) for each in (process.pid, pid)] == [True, True]


def test_when_a_process_began_is_known_only_while_it_lives() -> None:
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    began = proc.born(child.pid)
    assert began is not None
    assert began >= (proc.born(os.getpid()) or 0) > 0
    child.communicate(b"\n")
    assert proc.born(child.pid) is None
