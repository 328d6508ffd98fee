"""Sessions of this repository. `garden-*` tend the tests of one focus; the others build, check and measure."""

import nox

nox.options.sessions = []  # a bare `nox` only lists
nox.options.reuse_existing_virtualenvs = True
nox.needs_version = ">=2024.10.9"

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
TESTS = ["-e", ".[docker]", *nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "test")]
LINT = nox.project.dependency_groups(nox.project.load_toml("pyproject.toml"), "lint")

try:
    from gardener.sessions import garden_sessions
except ModuleNotFoundError:  # nox from elsewhere: the other sessions work, and `nox -l` says what is missing

    @nox.session(name="garden")
    def garden(session: nox.Session) -> None:
        """Needs gardener beside nox: run `make` once and use .venv/bin/nox."""
        session.error("gardener is not installed beside nox: run `make garden`, or use .venv/bin/nox after it")
else:
    garden_sessions(install=TESTS)


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """The tests that are not slow, on each Python; the words after -- go to pytest."""
    session.install(*TESTS)
    session.run("python", "-m", "pytest", "-m", "not slow", *session.posargs)


@nox.session(name="tests-lowest", python="3.11", venv_backend="uv")
def tests_lowest(session: nox.Session) -> None:
    """The same with the lowest versions that pyproject.toml allows (uv resolves them)."""
    session.install("--resolution=lowest-direct", *TESTS)
    session.run("python", "-m", "pytest", "-m", "not slow", *session.posargs)


@nox.session
def lint(session: nox.Session) -> None:
    """Ruff: rules and format."""
    session.install(*LINT)
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """Mypy, strict, on the package and the benchmarks."""
    session.install(*TESTS, ".[nox]", *LINT)
    session.run("mypy")


@nox.session
def docs(session: nox.Session) -> None:
    """The README and the pages agree with the program: commands, exit codes, settings."""
    session.install(*TESTS)
    session.run("python", "-m", "pytest", "tests/unit/test_readme.py", *session.posargs)


@nox.session
def bench(session: nox.Session) -> None:
    """The measurements, with their budgets."""
    session.install(*TESTS)
    session.run("python", "-m", "pytest", "benchmarks", "--benchmark-only", *session.posargs)
