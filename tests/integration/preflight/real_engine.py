"""A Docker engine of the tests' own: Debian's dockerd with its own data root, socket and process."""

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from require import need


@dataclass(frozen=True)
class Engine:
    """A running engine and how to speak to it."""

    folder: Path
    host: str
    process: subprocess.Popen[bytes]

    @property
    def data_root(self) -> Path:
        return self.folder / "data"

    @property
    def environ(self) -> dict[str, str]:
        return {"DOCKER_HOST": self.host, "HOME": str(self.folder), "PATH": os.environ["PATH"]}

    def docker(
        self, *args: str, check: bool = True, kit: str = "0", **rest: object
    ) -> subprocess.CompletedProcess[str]:
        """Debian's command line, the one that belongs to this engine."""
        argv = ["/usr/bin/docker", *args]
        env = {**self.environ, "DOCKER_BUILDKIT": kit}
        done = subprocess.run(argv, capture_output=True, text=True, env=env, timeout=60, check=False, **rest)  # type: ignore[call-overload]
        if check and done.returncode:
            raise AssertionError(f"{' '.join(argv)}: {done.stderr}")
        return done

    def image(self, tag: str, *instructions: str) -> None:
        """An image with busybox in it, made without a network."""
        context = Path(tempfile.mkdtemp(dir=self.folder))
        shutil.copy("/bin/busybox", context / "busybox")
        recipe = ["FROM scratch", "COPY busybox /bin/busybox", *instructions]
        (context / "Dockerfile").write_text("\n".join(recipe), encoding="utf-8")
        self.docker("build", "--quiet", "--tag", tag, str(context))


def start(folder: Path, *options: str) -> Engine:
    """An engine in a folder; ready when its socket answers."""
    for part, path in (("dockerd", "/usr/sbin/dockerd"), ("the docker command", "/usr/bin/docker")):
        if not Path(path).exists():
            need("docker", f"{part} is not installed")
    if os.geteuid() != 0:
        need("docker", "only root can start an engine")
    sock = folder / "d.sock"
    argv = [
        "/usr/sbin/dockerd",
        "--data-root",
        f"{folder}/data",
        "--exec-root",
        f"{folder}/exec",
        "-H",
        f"unix://{sock}",
    ]
    argv += ["--pidfile", f"{folder}/d.pid", "--bridge=none", "--iptables=false", "--ip6tables=false", *options]
    log = (folder / "dockerd.log").open("wb")
    process = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
    log.close()
    engine = Engine(folder=folder, host=f"unix://{sock}", process=process)
    while process.poll() is None:
        if sock.exists() and not engine.docker("version", check=False).returncode:
            return engine
        time.sleep(0.05)
    stop(engine)
    return need("docker", f"dockerd does not start: {(folder / 'dockerd.log').read_text(errors='replace')[-500:]}")


def stop(engine: Engine) -> None:
    """End the engine, its containers and what it mounted."""
    for line in engine.docker("ps", "--quiet", "--all", check=False).stdout.split():
        engine.docker("rm", "--force", line, check=False)
    engine.process.send_signal(signal.SIGCONT)
    engine.process.terminate()
    engine.process.wait(30)
    for mount in Path("/proc/mounts").read_text(encoding="utf-8").splitlines()[::-1]:
        place = mount.split()[1]
        if place.startswith(str(engine.folder)):
            subprocess.run(["umount", "--lazy", place], check=False, capture_output=True)
