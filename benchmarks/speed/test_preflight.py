"""What preflight costs: nothing without Docker, little with a large context. No engine is asked."""

import os
from pathlib import Path

from pytest_benchmark.fixture import BenchmarkFixture

from gardener.model.focus import Docker, Focus
from gardener.model.run import Status
from gardener.preflight.checks import run_checks
from gardener.preflight.question import Question

WITHOUT_DOCKER_S = 0.3
TWENTY_SERVICES_S = 3.0


def test_a_repository_without_docker(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    question = Question(focus=Focus(name="unit"), root=tmp_path, environ=os.environ)
    answer = benchmark(run_checks, question)
    assert {check.status for check in answer.checks} == {Status.SKIPPED}
    assert benchmark.stats
    assert benchmark.stats["min"] < WITHOUT_DOCKER_S


def test_twenty_services_with_a_context_of_200_megabytes(benchmark: BenchmarkFixture, tmp_path: Path) -> None:
    for folder in range(50):
        (tmp_path / "src" / f"p{folder}").mkdir(parents=True)
        for file in range(40):
            (tmp_path / "src" / f"p{folder}" / f"m{file}.py").write_bytes(b"x" * 100)
    for blob in range(20):
        with (tmp_path / f"blob{blob}.bin").open("wb") as large:
            large.truncate(10 << 20)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nARG N\nCOPY src /app\nCOPY *.bin /\n", encoding="utf-8")
    services = [f"  s{n}: {{build: {{context: ., args: {{N: '{n}'}}}}}}" for n in range(20)]
    (tmp_path / "compose.yml").write_text("\n".join(["services:", *services, ""]), encoding="utf-8")
    environ = {**os.environ, "DOCKER_HOST": f"unix://{tmp_path}/none"}
    question = Question(focus=Focus(name="stack", docker=Docker(marker="docker")), root=tmp_path, environ=environ)
    answer = benchmark(run_checks, question)
    (context,) = [check for check in answer.checks if check.id == "build-context"]
    assert context.status is Status.OK
    assert "200." in context.found
    assert benchmark.stats
    assert benchmark.stats["min"] < TWENTY_SERVICES_S
