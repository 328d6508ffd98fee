"""The texts of the application's tests: what all of them share, and the files of a feature with the words left open."""

SUITE = {
    "tests/__init__.py": "",
    "tests/conftest.py": """\
import os

import pytest

from switchboard.core.bus import Bus
from switchboard.core.gateway import Gateway

os.environ.setdefault("SWITCHBOARD_DATABASE_URL", "postgresql://localhost/test")
os.environ.setdefault("SWITCHBOARD_REGION", "eu")


@pytest.fixture
def bus():
    return Bus()


@pytest.fixture
def gateway():
    return Gateway(port=8081)


@pytest.fixture
def account():
    return {"id": 7, "plan": "mid"}
""",
    "tests/support/__init__.py": "",
    "tests/support/cases.py": """\
import unittest

from switchboard.core.bus import Bus


class ServiceCase(unittest.TestCase):
    def setUp(self):
        super().setUp()
        self.bus = Bus()
""",
    "tests/support/drivers.py": """\
import asyncio


def drive(coroutine):
    return asyncio.run(coroutine)


def until(ready, tries=3):
    return any(ready() for _ in range(tries))
""",
    "tests/support/samples.py": """\
NAMES = ["Main Hall", "Side Door"]


def sample(name=NAMES[0]):
    return {"name": name}
""",
}

TESTS = {
    "tests/{noun}s/__init__.py": "",
    "tests/{noun}s/conftest.py": """\
import pytest

from switchboard.{noun}s.client import {Noun}Client
from switchboard.{noun}s.registry import {Noun}Registry
from switchboard.{noun}s.service import {Noun}Service


@pytest.fixture
def {noun}_registry():
    return {Noun}Registry()


@pytest.fixture
def {noun}_service({noun}_registry, bus):
    return {Noun}Service({noun}_registry, bus)


@pytest.fixture
def {noun}_client(gateway):
    return {Noun}Client(gateway)
""",
    "tests/{noun}s/test_{noun}_models.py": """\
import pytest

from switchboard.{noun}s.models import {Noun}, {Noun}Request


@pytest.mark.parametrize("name", ["Main", "Side", "Back"])
def test_{noun}_keeps_its_name(name):
    assert {Noun}(name=name).name == name


def test_{noun}_is_plain_by_default():
    assert {Noun}("Main").{field} == "plain"


def test_{noun}_tells_itself_in_short():
    assert {Noun}("Main").summary_of_{noun}() == "Main (plain)"


def test_{noun}_tags_are_its_own():
    first, second = {Noun}("Main"), {Noun}("Side")
    first.tags.append("x")
    assert second.tags == []


def test_{noun}_request_needs_a_name():
    with pytest.raises(ValueError):
        {Noun}Request()


def test_{noun}_request_counts_one():
    request = {Noun}Request(name="Main")
    assert (request.name, request.size) == ("Main", 1)
""",
    "tests/{noun}s/test_{noun}_service.py": """\
import pytest

from switchboard.{noun}s.service import {Noun}NotFound


class Test{Noun}Service:
    def test_{verb}_keeps_it(self, {noun}_service):
        assert {noun}_service.{verb}("Main").name == "Main"

    def test_{verb}_is_announced(self, {noun}_service, bus):
        {noun}_service.{verb}("Main")
        assert bus.sent[0][0] == "{event}"

    def test_{verb}_of_an_account(self, {noun}_service, account):
        assert {noun}_service.{verb}(account["plan"]).name == "mid"

    def test_demand_finds_it(self, {noun}_service):
        {noun}_service.{verb}("Main")
        assert {noun}_service.demand("main").name == "Main"

    def test_demand_of_nothing(self, {noun}_service):
        with pytest.raises({Noun}NotFound):
            {noun}_service.demand("nowhere")

    def test_accept_a_payload(self, {noun}_service):
        assert {noun}_service.accept_{noun}({{"name": "Main"}}).{field} == "plain"


def test_{noun}_registry_counts({noun}_registry, {noun}_service):
    {noun}_service.{verb}("Main")
    assert {noun}_registry.count_{noun}s() == 1


def test_{noun}_report({noun}_service):
    {noun}_service.{verb}("Main")
    assert {noun}_service.report() == ["Main (plain)"]
""",
    "tests/{noun}s/test_{noun}_client.py": """\
from unittest.mock import MagicMock, Mock, patch

from switchboard.core.gateway import Gateway
from switchboard.{noun}s.client import {Noun}Client
from switchboard.{noun}s.registry import {Noun}Registry


def test_{noun}_client_sends({noun}_client):
    assert {noun}_client.send_{noun}({{"name": "Main"}})["ok"]


def test_{noun}_client_asks_its_gateway():
    gateway = Mock(spec=Gateway)
    gateway.call.return_value = {{"ok": False}}
    assert {Noun}Client(gateway).fetch_{noun}("Main") == {{"ok": False}}


def test_{noun}_client_sees_health():
    gateway = Mock(spec=Gateway)
    gateway.health.return_value = "down"
    assert {Noun}Client(gateway).gateway.health() == "down"


def test_{noun}_labels_are_short({noun}_client):
    with patch("switchboard.{noun}s.client.text.shorten", return_value="M") as shorten:
        assert {noun}_client.label_{noun}("Main") == "M"
    shorten.assert_called_once()


def test_{noun}_registry_may_be_faked():
    registry = MagicMock(spec={Noun}Registry)
    registry.{noun}_named.return_value = None
    assert registry.{noun}_named("Main") is None
""",
    "tests/{noun}s/test_{noun}_flows.py": """\
from switchboard.{noun}s.models import {Noun}
from switchboard.{noun}s.registry import {Noun}Registry
from switchboard.{noun}s.service import {Noun}Service
from tests.support.cases import ServiceCase


class Test{Noun}Flow(ServiceCase):
    def setUp(self):
        super().setUp()
        self.{noun}_registry = {Noun}Registry()
        self.service_of_{noun} = {Noun}Service(self.{noun}_registry, self.bus)
        self.first_{noun} = {Noun}("First")

    def test_first_is_kept(self):
        self.{noun}_registry.keep_{noun}(self.first_{noun})
        self.assertEqual(self.{noun}_registry.count_{noun}s(), 1)

    def test_first_has_a_name(self):
        self.assertEqual(self.first_{noun}.name, "First")

    def test_{verb}(self):
        self.service_of_{noun}.{verb}("Main")
        self.assertEqual(self.bus.names(), ["Main"])

    def test_{verb}_twice(self):
        for name in ("Main", "Side"):
            self.service_of_{noun}.{verb}(name)
        self.assertEqual(len(self.service_of_{noun}.report()), 2)

    def test_bus_is_quiet_before(self):
        self.assertEqual(self.bus.sent, [])

    def test_nothing_is_known_before(self):
        self.assertIsNone(self.{noun}_registry.{noun}_named("Main"))
""",
    "tests/{noun}s/test_{noun}_async.py": """\
import asyncio
import unittest

from switchboard.core.bus import Bus
from switchboard.{noun}s.registry import {Noun}Registry
from switchboard.{noun}s.service import {Noun}Service


class Test{Noun}Later(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self):
        self.{noun}_bus = Bus()
        self.later_{noun}s = {Noun}Service({Noun}Registry(), self.{noun}_bus)

    async def test_later(self):
        item = await self.later_{noun}s.{verb}_later("Main")
        self.assertEqual(item.name, "Main")

    async def test_later_is_announced(self):
        await self.later_{noun}s.{verb}_later("Main")
        self.assertEqual(self.{noun}_bus.names(), ["Main"])

    async def test_many(self):
        calls = [self.later_{noun}s.{verb}_later(name) for name in ("Main", "Side")]
        self.assertEqual(len(await asyncio.gather(*calls)), 2)


class Test{Noun}Journey:
    def setup_method(self):
        self.{noun}_journal = []
        self.bus = Bus()

    def test_starts_empty(self):
        assert self.{noun}_journal == []

    def test_ends_with_an_entry(self):
        self.{noun}_journal.append("Main")
        assert self.{noun}_journal == ["Main"]

    def test_bus_of_the_journey(self):
        assert self.bus.is_healthy()
""",
    "tests/e2e/__init__.py": "",
    "tests/e2e/test_{noun}_startup.py": """\
from switchboard.core.config import database_url, region
from switchboard.{noun}s.client import {Noun}Client
from tests.support.drivers import until


def test_{noun}_startup(gateway):
    assert until(lambda: {Noun}Client(gateway).gateway.health() == "ok")


def test_{noun}_database():
    assert database_url().startswith("postgresql")


def test_{noun}_region():
    assert region() == "eu"
""",
    "tests/e2e/test_{noun}_story.py": """\
from typing import Optional

from switchboard.core.bus import Bus
from switchboard.{noun}s.registry import {Noun}Registry
from switchboard.{noun}s.service import {Noun}Service
from tests.support.drivers import drive
from tests.support.samples import sample


def story(name: Optional[str] = None):
    service = {Noun}Service({Noun}Registry(), Bus())
    return service, drive(service.{verb}_later(name or sample()["name"]))


def test_{noun}_story():
    service, item = story()
    assert service.demand("main hall") is item


def test_{noun}_story_of_another_name():
    _, item = story("Cellar")
    assert item.name == "Cellar"
""",
    "tests/e2e/test_{noun}_limits.py": """\
import pytest

from switchboard.core.text import shorten, slug
from switchboard.{noun}s.models import {Noun}

pytestmark = pytest.mark.smoke


def test_{noun}_long_names_are_cut():
    assert len(shorten({Noun}("x" * 40).name)) == 12


def test_{noun}_names_become_slugs():
    assert slug({Noun}("Main Hall").name) == "main-hall"
""",
}
