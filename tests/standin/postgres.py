"""A real PostgreSQL for tests: one that the environment names, else a server of its own from Debian's binaries."""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from require import need
from standin.started import free_port, wait_until

GIVEN = os.environ.get("GARDENER_TEST_POSTGRES", "")


@contextlib.contextmanager
def running() -> Iterator[str]:
    """The URL of a database that the tests may fill."""
    if GIVEN:
        yield GIVEN
        return
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), reverse=True)
    initdb = str(binaries[0]) if binaries else shutil.which("initdb")
    if initdb is None:
        need("postgres", "no PostgreSQL here: apt-get install postgresql-15, or name one in GARDENER_TEST_POSTGRES")
    folder = Path(tempfile.mkdtemp(prefix="gardener-pg-"))
    try:
        yield from _serve(Path(initdb).parent, folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _serve(binaries: Path, folder: Path) -> Iterator[str]:
    as_user = _unprivileged(folder)
    data, log, port = folder / "data", folder / "log", free_port()
    made = [binaries / "initdb", "-D", data, "-U", "gardener", "-A", "trust", "-E", "UTF8", "--no-sync"]
    subprocess.run([*map(str, made)], check=True, capture_output=True, cwd=folder, **as_user)
    options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    argv = [str(binaries / "postgres"), "-D", str(data)]
    for name, value in options.items():
        argv += ["-c", f"{name}={value}"]
    with log.open("wb") as sink:
        process = subprocess.Popen(argv, stdout=sink, stderr=sink, cwd=folder, **as_user)
        try:
            ready = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
            wait_until(lambda: subprocess.run(ready, check=False).returncode == 0, process, log)
            yield f"postgresql+psycopg://gardener@127.0.0.1:{port}/postgres"
        finally:
            process.send_signal(signal.SIGINT)  # "fast": does not wait for those who are still connected
            process.wait(30)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root: somebody else must own its files and start it."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        return {}
    import pwd

    names = {entry.pw_name for entry in pwd.getpwall()}
    name = "postgres" if "postgres" in names else "nobody"
    entry = pwd.getpwnam(name)
    os.chown(folder, entry.pw_uid, entry.pw_gid)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
