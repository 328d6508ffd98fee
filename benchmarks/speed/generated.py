"""What the measurements work on, made anew each time: a large report, a suite of trivial tests."""

import json
from pathlib import Path

TESTS, FAILURES = 11_000, 400
SHAPES = (  # exception, message, function of the product
    ("TypeError", "Basket.add() missing 1 required positional argument: 'currency{n}'", "add"),
    ("AttributeError", "'Basket' object has no attribute 'total_{n}'", "total"),
    ("KeyError", "'price-{n}'", "price"),
    ("AssertionError", "assert {n} == {m}", None),
    ("ValueError", "order {n} is refused: stock of shelf {m} is empty", "reserve"),
    ("TimeoutError", "timed out after {m}.0 s waiting for 127.0.0.1:{n}", "connect"),
)


def report(tests: int = TESTS, failures: int = FAILURES) -> bytes:
    """A pytest-json-report; the failures are spread evenly over it, in 40 files."""
    every = max(1, tests // failures)
    rows = [_test(n, failed=n % every == 0 and n // every < failures) for n in range(tests)]
    summary = {"failed": failures, "passed": tests - failures, "total": tests, "collected": tests}
    head = {"created": 1757851140.0, "duration": 60.0, "exitcode": 1, "root": "/repository", "environment": {}}
    return json.dumps({**head, "summary": summary, "collectors": [], "tests": rows, "warnings": []}).encode()


def suite(folder: Path, tests: int = 2000, files: int = 20) -> Path:
    """A repository with trivial tests that all pass."""
    (folder / "tests").mkdir(parents=True)
    for n in range(files):
        body = "".join(f"def test_{k}():\n    assert {k} + 1 == {k + 1}\n\n\n" for k in range(tests // files))
        (folder / "tests" / f"test_{n:02}.py").write_text(body, encoding="utf-8")
    return folder


def _test(n: int, *, failed: bool) -> dict:
    path = f"tests/test_{n % 40:02}.py"
    fine = {"duration": 0.001, "outcome": "passed"}
    row = {"nodeid": f"{path}::test_{n}", "lineno": n, "outcome": "failed" if failed else "passed", "keywords": []}
    return {**row, "setup": fine, "call": _broken(n, path) if failed else fine, "teardown": fine}


def _broken(n: int, path: str) -> dict:
    exception, message, function = SHAPES[n % len(SHAPES)]
    said = message.format(n=n % 97, m=n % 13)
    frames = [{"path": path, "lineno": n, "message": f"in test_{n}"}]
    if function:
        frames.append({"path": f"shop/{function}.py", "lineno": 7, "message": f"in {function}"})
    frames[-1]["message"] = exception
    shown = "\n".join(f"{each['path']}:{each['lineno']}: {each['message']}" for each in frames)
    source = "".join(f"    step_{k} = prepare({k})\n" for k in range(12))
    longrepr = f"def test_{n}():\n{source}>   act()\nE   {exception}: {said}\n\n{shown}"
    crash = {"path": f"/repository/{frames[-1]['path']}", "lineno": 7, "message": f"{exception}: {said}"}
    return {"duration": 0.01, "outcome": "failed", "crash": crash, "traceback": frames, "longrepr": longrepr}
