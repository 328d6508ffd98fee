"""Each build context is judged as the real builders judge it."""

import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from build_cases import BLOCK, BUILDKIT, CASES, CLASSIC, OK, BuildCase
from real_engine import Engine
from require import need_dockerfile

from gardener.model.focus import Docker, Focus
from gardener.model.run import Check, Status
from gardener.preflight.builds import check_builds
from gardener.preflight.question import Question
from gardener.preflight.stack import Build, Service, Stack

pytestmark = pytest.mark.integration


def judged(case: BuildCase, context: Path) -> tuple[Check, ...]:
    need_dockerfile()
    question = Question(focus=Focus(name="all", docker=Docker()), root=context, environ={})
    build = Build(context=str(context), dockerfile=case.dockerfile, target=case.target, args=tuple(case.args.items()))
    return check_builds(question, Stack(files=(context / "compose.yml",), services=(Service(name="app", build=build),)))


def verdict(checks: tuple[Check, ...]) -> str:
    statuses = {check.status for check in checks}
    if Status.BLOCK in statuses:
        return BLOCK
    minding = {name for name in (CLASSIC, BUILDKIT) for check in checks if f"only the {name} builder" in check.found}
    return OK if statuses == {Status.OK} else " and ".join(minding)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_the_verdict_on(case: BuildCase, tmp_path: Path) -> None:
    checks = judged(case, case.lay_out(tmp_path))
    assert verdict(checks) == case.verdict
    assert case.says in " ".join(check.found for check in checks)
    for check in checks:
        if check.status is not Status.OK:
            assert check.location
            assert check.service == "app"
            assert check.remedy


def build(engine: Engine, case: BuildCase, context: Path, kit: str, **rest: object) -> bool:
    argv = ["build", "--quiet", "--no-cache", "--file", str(context / case.dockerfile)]
    argv += ["--target", case.target] if case.target else []
    argv += [part for name, value in case.args.items() for part in ("--build-arg", f"{name}={value}")]
    done: subprocess.CompletedProcess[str] = engine.docker(*argv, str(context), check=False, kit=kit, **rest)
    return done.returncode == 0


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_both_builders_agree_on(case: BuildCase, engine: Engine, tmp_path: Path) -> None:
    context = case.lay_out(tmp_path)
    with ThreadPoolExecutor(2) as pool:
        built = tuple(pool.map(lambda kit: build(engine, case, context, kit), ("0", "1")))
    measured = {(True, True): OK, (False, False): BLOCK, (False, True): CLASSIC, (True, False): BUILDKIT}[built]
    assert measured == (case.engine_20 or case.verdict)


def test_the_table_is_large_enough_and_its_names_are_its_own() -> None:
    assert len({case.name for case in CASES}) == len(CASES) >= 60
    assert sum(not case.engine_20 for case in CASES) >= 60
