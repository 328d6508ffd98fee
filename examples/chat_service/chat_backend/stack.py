"""The test stack: the services of a compose file, for tests."""

import socket

from chat_backend.engine import docker


class ComposeStack:
    """One project of containers, made from one compose file."""

    def __init__(self, compose):
        self.compose = compose

    def up(self):
        """Build what must be built and start it all."""
        docker("version", "--format", "{{.Server.Version}}", timeout=20)  # says more than compose does without one
        self._compose("up", "--detach", "--build", "--wait")

    def down(self):
        """Stop and remove this project's containers."""
        self._compose("down")

    def services(self):
        """Names of the services that run."""
        return self._compose("ps", "--services").split()

    def _compose(self, *arguments):
        return docker("compose", "--file", self.compose, *arguments)


class RunningStack:
    """A stack that somebody else started; it publishes the chat on a port of this machine."""

    def __init__(self, port=None):
        self.url = f"ws://127.0.0.1:{port or _unpublished()}/chat"

    def containers(self):
        """Containers on this machine, running or not."""
        return docker("container", "ls", "--all", "--quiet", timeout=20).split()


def _unpublished():
    """The port on which a stack that starts now would publish the chat."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
