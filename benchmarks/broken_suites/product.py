"""The texts of the application: its core, and the modules of a feature with the words left open."""

from benchmarks.broken_suites.features import FEATURES

CORE = {
    "pyproject.toml": """\
[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["."]
addopts = ["--strict-markers", "--import-mode=prepend"]
markers = ["smoke: quick", "journey: long"]

[tool.gardener.focus.unit]
paths = ["tests"]
timeout = 240
""",
    "switchboard/__init__.py": "",
    "switchboard/core/__init__.py": "",
    "switchboard/core/events.py": """\
import enum


class EventKind(str, enum.Enum):
"""
    + "".join(f'    {one.event.upper()} = "{one.event}"\n' for one in FEATURES),
    "switchboard/core/bus.py": """\
class Bus:
    def __init__(self):
        self.sent = []

    def announce(self, kind, name):
        self.sent.append((kind, name))

    def names(self):
        return [name for _, name in self.sent]

    def is_healthy(self):
        return True
""",
    "switchboard/core/config.py": """\
import os


def database_url():
    return os.environ["SWITCHBOARD_DATABASE_URL"]


def region():
    name = os.environ.get("SWITCHBOARD_REGION")
    if not name:
        raise RuntimeError("SWITCHBOARD_REGION must be set")
    return name
""",
    "switchboard/core/gateway.py": """\
class Gateway:
    def __init__(self, port):
        self.port = port

    def call(self, path, payload):
        return {"path": path, "ok": True, **payload}

    def health(self):
        return "ok"
""",
    "switchboard/core/text.py": """\
def slug(name):
    return name.strip().lower().replace(" ", "-")


def shorten(text, limit=12):
    return text if len(text) <= limit else text[: limit - 1] + "~"
""",
}

PRODUCT = {
    "switchboard/{noun}s/__init__.py": "",
    "switchboard/{noun}s/models.py": """\
from dataclasses import dataclass, field

from pydantic import BaseModel


@dataclass
class {Noun}:
    name: str
    {field}: str = "plain"
    tags: list = field(default_factory=list)

    def summary_of_{noun}(self):
        return f"{{self.name}} ({{self.{field}}})"


class {Noun}Request(BaseModel):
    name: str
    {field}: str = "plain"
    size: int = 1
""",
    "switchboard/{noun}s/registry.py": """\
from switchboard.core.text import slug


class {Noun}Registry:
    def __init__(self):
        self.{noun}_items = {{}}

    def keep_{noun}(self, item):
        self.{noun}_items[slug(item.name)] = item
        return item

    def {noun}_named(self, name):
        return self.{noun}_items.get(slug(name))

    def count_{noun}s(self):
        return len(self.{noun}_items)
""",
    "switchboard/{noun}s/service.py": """\
from switchboard.core.events import EventKind
from switchboard.{noun}s.models import {Noun}, {Noun}Request


class {Noun}NotFound(LookupError):
    pass


class {Noun}Service:
    def __init__(self, registry, bus):
        self.registry = registry
        self.bus = bus

    def {verb}(self, name, {field}="plain"):
        item = self.registry.keep_{noun}({Noun}(name=name, {field}={field}))
        self.bus.announce(EventKind.{EVENT}, item.name)
        return item

    def demand(self, name):
        item = self.registry.{noun}_named(name)
        if item is None:
            raise {Noun}NotFound(f"no {noun} called {{name}}")
        return item

    def accept_{noun}(self, payload):
        request = {Noun}Request(**payload)
        return self.{verb}(request.name, request.{field})

    async def {verb}_later(self, name):
        return self.{verb}(name)

    def report(self):
        return [item.summary_of_{noun}() for item in self.registry.{noun}_items.values()]
""",
    "switchboard/{noun}s/client.py": """\
from switchboard.core import text


class {Noun}Unavailable(Exception):
    pass


class {Noun}Client:
    def __init__(self, gateway):
        self.gateway = gateway

    def send_{noun}(self, payload):
        try:
            return self.gateway.call("/{noun}s", payload)
        except ConnectionError as error:
            raise {Noun}Unavailable(f"{noun}s cannot be reached: {{error}}") from error

    def label_{noun}(self, name):
        return text.shorten(name)

    def fetch_{noun}(self, name):
        return self.send_{noun}({{"name": name}})
""",
}
