"""The ways in which the application decays: each break is one root, given as edits of its files. Pure."""

import random
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from benchmarks.broken_suites.features import FEATURES, Feature

Files = dict[str, str]
Edit = tuple[str, str, str]  # path, what stands there, what is put there; nothing stands there: a new text or new path

MODELS, REGISTRY, SERVICE, CLIENT = (
    f"switchboard/{{n}}s/{name}.py" for name in ("models", "registry", "service", "client")
)
CONFTEST, FLOWS, LATER = "tests/{n}s/conftest.py", "tests/{n}s/test_{n}_flows.py", "tests/{n}s/test_{n}_async.py"
CASES = "tests/{n}s/test_{n}_models.py"
STARTUP, STORY, LIMITS = (f"tests/e2e/test_{{n}}_{name}.py" for name in ("startup", "story", "limits"))
GATEWAY, TEXT = "switchboard/core/gateway.py", "switchboard/core/text.py"
DRIVERS, BASES = "tests/support/drivers.py", "tests/support/cases.py"
PLAIN = '    {f}: str = "plain"\n'
STUB = "return {N}Client(gateway)"
CORE_TEXT = "from switchboard.core import text\n"
ITEM = "        item = self.registry.keep"


@dataclass(frozen=True, slots=True, kw_only=True)
class Break:
    """One root."""

    name: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...] = ("tests",)  # where it can make tests fail
    root: str = ""  # where several breaks have one root: its name


# of one feature; {n} its noun, {N} its class, {v} its verb, {f} its field. First what fails while tests run
LOCAL: dict[str, tuple[Edit, ...]] = {
    "constructor": ((MODELS, f"{PLAIN}    tags", f"    workspace: str = field()\n{PLAIN}    tags"),),
    "renamed-method": ((REGISTRY, "def keep_{n}", "def store_{n}"),),
    "renamed-verb": ((SERVICE, "def {v}(", "def {v}_now("),),
    "renamed-attribute": ((REGISTRY, "self.{n}_items = {{}}", "self.{n}_index = {{}}"),),
    "new-parameter": ((SERVICE, "def {v}(self, name, ", "def {v}(self, name, actor, "),),
    "returns-none": ((SERVICE, "item.name)\n        return item\n", "item.name)\n"),),
    "became-async": ((SERVICE, "def {v}(", "async def {v}("),),
    "required-field": ((MODELS, "    size: int = 1", "    size: int = 1\n    tenant: str"),),
    "off-by-one": ((REGISTRY, "return len(self.{n}_items)", "return len(self.{n}_items) + 1"),),
    "wrong-text": ((MODELS, "({{self.{f}}})", "[{{self.{f}}}]"),),
    "undefined-name": ((CLIENT, CORE_TEXT, ""),),
    "moved-import": (
        (CLIENT, CORE_TEXT, "from switchboard.core.text import shorten\n"),
        (CLIENT, "text.shorten(name)", "shorten(name)"),
    ),
    "times-out": ((CLIENT, "        try:\n", '        raise TimeoutError("port 41873 is silent")\n        try:\n'),),
    "refuses": ((SERVICE, ITEM, f'        if name != name.lower():\n            raise ValueError(name)\n{ITEM}'),),
    "forgot-super": ((FLOWS, "        super().setUp()\n", ""),),
    "async-set-up": ((FLOWS, "    def setUp", "    async def setUp"),),
    "async-setup-method": ((LATER, "    def setup_method", "    async def setup_method"),),
    "misnamed-set-up": ((LATER, "def asyncSetUp", "def async_set_up"),),
    "wants-fixtures": (
        (FLOWS, "def test_{v}(self)", "def test_{v}(self, bus)"),
        (FLOWS, "def test_first_is_kept(self)", "def test_first_is_kept(self, {n}_registry)"),
        (FLOWS, "def test_{v}_twice(self)", "def test_{v}_twice(self, bus, account)"),
        (FLOWS, "def test_nothing_is_known_before(self)", "def test_nothing_is_known_before(self, {n}_registry)"),
    ),
    "renamed-fixture": ((CONFTEST, "def {n}_service(", "def {n}_service_v2("),),
    "failing-fixture": ((CONFTEST, STUB, 'raise RuntimeError("the stub server is not built")'),),
    "outdated-fixture": ((CONFTEST, STUB, "return {N}Client(gateway, retries=3)"),),
    "fixture-scope": (
        (CONFTEST, "@pytest.fixture\ndef {n}_client", '@pytest.fixture(scope="module")\ndef {n}_client'),
    ),
    "called-fixture": (
        (CONFTEST, "def {n}_service({n}_registry, bus)", "def {n}_service(bus)"),
        (CONFTEST, "return {N}Service({n}_registry,", "return {N}Service({n}_registry(),"),
    ),
    # what cannot be collected
    "renamed-class": ((SERVICE, "{N}NotFound", "{N}Missing"),),
    "unparsed-test": ((LIMITS, "def test_{n}_names_become_slugs():", "def test_{n}_names_become_slugs()"),),
    "cut-test": ((LATER, "        assert self.{n}_journal == []", "    assert self.{n}_journal == []"),),
    "untyped": ((STORY, "from typing import Optional\n\n", ""),),
    "unimported": ((LIMITS, "import pytest\n\n", ""),),
    "no-such-attribute": ((LIMITS, "pytestmark = ", "LONGEST = {N}.MAX_{f}\npytestmark = "),),
    "missing-in-test": ((STARTUP, "from switchboard.core", "from {n}box.testing import Stub\nfrom switchboard.core"),),
    "too-far-up": ((STORY, "from tests.support.samples", "from ....support.samples"),),
    "wrong-path": ((STORY, "from tests.support.samples", "from switchboard.{n}_testing"),),
    "mismatch": (
        ("tests/old/test_{n}_cases.py", "", "def test_old():\n    assert True\n"),
        ("tests/older/test_{n}_cases.py", "", "def test_older():\n    assert True\n"),
    ),
    "unused-parameter": ((CASES, '"name", [', '"title", ['),),
    "skips-outside": (
        (STARTUP, "\n\ndef test_{n}_startup", '\nimport pytest\n\npytest.skip("none")\n\ndef test_{n}_startup'),
    ),
    "reads-a-file": ((LIMITS, "pytestmark = ", 'SAMPLES = open("data/{n}.json").read()\npytestmark = '),),
    "emptied-package": (
        ("switchboard/{n}_plugins/README", "", "Moved.\n"),
        (STORY, "from switchboard.core", "from switchboard.{n}_plugins import load_all\nfrom switchboard.core"),
        (STARTUP, "from switchboard.core", "from switchboard.{n}_plugins import Loader\nfrom switchboard.core"),
        (LIMITS, "from switchboard.core", "from switchboard.{n}_plugins.known import names\nfrom switchboard.core"),
    ),
}  # fmt: skip

# of one feature too, but below its conftest.py: nothing else of the feature is broken where one of these is
DEEP: dict[str, tuple[Edit, ...]] = {
    "moved-module": ((CLIENT, "", "switchboard/{n}s/gateway_client.py"),),
    "unparsed-product": ((REGISTRY, "        return item\n", "        return item)\n"),),
    "wrong-order": ((MODELS, f"{PLAIN}    tags", f"{PLAIN}    owner: str\n    tags"),),
    "circle": ((MODELS, "from pydantic", "from switchboard.{n}s.service import {N}Service\nfrom pydantic"),),
    "missing-package": ((CLIENT, CORE_TEXT, f"import {{n}}_sdk_of_others\n{CORE_TEXT}"),),
    "broken-conftest": ((CONFTEST, "import pytest\n", 'import pytest\n\nraise RuntimeError("start the {n} stack")\n'),),
    "undefined-base": ((SERVICE, "(LookupError)", "(NotFoundError)"),),
    "vanished-name": ((MODELS, "class {N}Request", "class {N}Wish"),),
}

# of the whole repository
SHARED: dict[str, tuple[Edit, ...]] = {
    "plain-base": ((BASES, "(unittest.TestCase)", ""), (BASES, "        super().setUp()\n", "")),
    "renamed-health": ((GATEWAY, "def health", "def probe"),),
    "plain-enum": (("switchboard/core/events.py", "(str, enum.Enum)", "(enum.Enum)"),),
    "refused": ((GATEWAY, "return {{", 'raise ConnectionRefusedError(111, f"port {{self.port}}")\n        {{'),),
    "no-database-url": (("tests/conftest.py", '("SWITCHBOARD_DATABASE_URL"', '("DATABASE_URL"'),),
    "no-region": (("tests/conftest.py", '("SWITCHBOARD_REGION"', '("REGION"'),),
    "no-account": (("tests/conftest.py", "def account", "def tenant_account"),),
    "closed-loop": (
        (DRIVERS, "    return asyncio", "    loop = asyncio.new_event_loop()\n    loop.close()\n    return loop"),
        (DRIVERS, "loop.run(", "loop.run_until_complete("),
    ),
    "no-plugin": tuple(
        (f"tests/{noun}s/test_{noun}_client.py", f"def test_{noun}_client_sees", f"async def test_{noun}_client_sees")
        for noun in ("room", "agent", "token", "audit", "badge")
    ),
    "no-until": ((DRIVERS, "def until", "def wait_until"),),
    "no-samples": (("tests/support/samples.py", "", "tests/support/example_names.py"),),
    "no-marker": (("pyproject.toml", '"smoke: quick", ', ""),),
    "short": ((TEXT, "limit - 1]", "limit]"),),
}


def applied(files: Files, broken: Iterable[Break]) -> Files:
    """The files with breaks; ValueError where one finds nothing to change."""
    files = dict(files)
    for each in broken:
        for path, old, new in each.edits:
            if not old and path in files:
                files[new] = files.pop(path)
            elif not old:
                files[path] = new
            elif old not in files[path]:
                raise ValueError(f"{each.name}: {old!r} is not in {path}")
            else:
                files[path] = files[path].replace(old, new)
    return files


def drawn(number: int, wanted: int = 60, deep: int = 5) -> list[Break]:
    """The breaks of suite `number`: six shared ones, `deep` features with a deep one; else no two in one file."""
    chance = random.Random(number)
    chosen = [Break(name=kind, edits=tuple(_worded(SHARED[kind], FEATURES[0]))) for kind in chance.sample([*SHARED], 6)]
    features = chance.sample(FEATURES, len(FEATURES))
    chosen += [_of(kind, DEEP, one) for kind, one in zip(chance.sample([*DEEP], deep), features, strict=False)]
    local = [(kind, one) for kind in LOCAL for one in features[deep:]]
    used: Counter[str] = Counter()
    taken = {edit[0] for each in chosen for edit in each.edits}
    for kind, one in chance.sample(local, len(local)):
        each = _of(kind, LOCAL, one)
        paths = {edit[0] for edit in each.edits}
        if len(chosen) < wanted and used[kind] < 2 and not paths & taken:
            used[kind] += 1
            taken |= paths
            chosen.append(each)
    return chosen


def _of(kind: str, table: dict[str, tuple[Edit, ...]], one: Feature) -> Break:
    edits = tuple(_worded(table[kind], one))
    added = [path for path, old, _ in edits if not old and path.startswith("tests/")]
    own = [f"tests/{one.noun}s", *(f"tests/e2e/test_{one.noun}_{name}.py" for name in ("startup", "story", "limits"))]
    # where a conftest.py named on the command line breaks, pytest gives up: below the folder it is one error of many
    return Break(name=f"{kind} {one.noun}", edits=edits, tests=("tests",) if table is DEEP else (*own, *added))


def _worded(edits: Iterable[Edit], one: Feature) -> Iterator[Edit]:
    words = {"n": one.noun, "N": one.noun.title(), "v": one.verb, "f": one.field}
    for path, old, new in edits:
        yield path.format_map(words), old.format_map(words), new.format_map(words)
