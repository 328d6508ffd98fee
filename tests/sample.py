"""One rich story, of a made-up web shop, that has every kind of finding: what the views are tried on."""

from typing import Any

import build

from gardener.apply import Desk
from gardener.model.cause import Cause
from gardener.model.errors import Exit
from gardener.model.finding import Confidence, Finding, Join, Kind, Nature, Past, Relation, Suspect, Verdict, Why
from gardener.model.focus import Focus, Severity
from gardener.model.key import Key, Managed
from gardener.model.plan import Action, ActionKind, Done, Issue, Plan, Receipt, State
from gardener.model.run import Attempt, Check, Failure, Link, Origin, Outcome, Preflight, Run, Status
from gardener.model.story import Change, Fact, Outlook, Story
from gardener.model.text import CleanText
from gardener.ports import Store, Tracker
from gardener.render.engine import Templates
from gardener.render.issue import Writing

COMMIT = "8c1f0d7e5b3a92647d1e0f4c6a8b5d3e2f719c04"
CULPRIT = "51d3a8e2907b6c4f1d2e3a4b5c6d7e8f90a1b2c3"
RUN = "20260301-071500-q7fm"
TEMPLATES = Templates()  # compiled once for all tests of a process


def key(letter: str, pattern: str = "") -> Key:
    return Key(scheme="v1", digest=letter * 16, pattern=pattern)


def managed(finding: Finding, **rest: Any) -> Managed:
    given: dict[str, Any] = {
        "keys": finding.keys,
        "first_seen": "2026-02-27T07:15:00Z",
        "last_seen": "2026-03-01T07:15:00Z",
        "last_pass": "2026-02-26T07:15:00Z",
        "last_runs": (RUN, "20260228-071500-b2xa"),
        "last_commit": COMMIT,
        "tests": finding.tests,
        "severity": int(finding.severity),
        "created_by": RUN,
    }
    return Managed(**(given | rest))


BUILD_MESSAGE = CleanText(
    "checkout.Dockerfile:31: COPY shop /app/shop: there is no shop/ in the build context ./services"
)
DOCKER = Finding(
    keys=(key("0"),),
    failures=(
        build.failure(
            "build-context",
            "docker-build",
            BUILD_MESSAGE,
            origin=Origin.PREFLIGHT,
            frames=(),
            places=("docker/checkout.Dockerfile:31",),
        ),
    ),
    kind=Kind.INFRASTRUCTURE,
    cause=Cause.DOCKER_BUILD,
    slug="checkout-image-build-context",
    title="The image of checkout cannot be built: shop/ is missing in its build context",
    verdict=Verdict(cause=Cause.DOCKER_BUILD, rule="preflight.build-context"),
    nature=Nature.INFRASTRUCTURE,
    severity=Severity.P0,
    area="docker",
    blocked=tuple(f"tests/checkout/test_containers.py::test_{name}" for name in ("boots", "migrates", "serves_orders")),
    impact="$40K a day: checkout",
    critical=True,
    why=Why(
        cause="preflight found no shop/ below ./services",
        group="one preflight check",
        nature="its cause is infrastructure",
        severity="it blocks 3 of 24 tests, all of the Docker ones",
    ),
)

SIGNATURE_TESTS = tuple(
    f"tests/checkout/test_cart.py::TestCart::test_{name}" for name in ("adds", "removes", "totals", "ships")
)
SIGNATURE = Finding(
    keys=(key("1", "TypeError Cart.__init__() missing currency"), key("2", "KeyError currency")),
    failures=tuple(
        build.failure(
            test,
            "TypeError",
            "Cart.__init__() missing 1 required positional argument: 'currency'",
            frames=(
                build.frame("tests/checkout/test_cart.py", 14, "test_adds", code="    cart = open_cart(customer)"),
                build.frame("shop/cart.py", 52, "open_cart", code="return Cart(customer.id)"),
            ),
            detail=CleanText(
                "shop/cart.py:52: in open_cart\n    return Cart(customer.id)\nE   TypeError: Cart.__init__() missing"
            ),
            captured=CleanText("INFO shop.cart opening a cart for customer 7\nSee #12, thanks @octocat"),
        )
        for test in SIGNATURE_TESTS
    ),
    kind=Kind.FAILING,
    cause=Cause.SIGNATURE,
    slug="cart-constructor",
    title="Cart() is called without its new argument 'currency'",
    tests=SIGNATURE_TESTS,
    verdict=Verdict(
        cause=Cause.SIGNATURE, rule="signature.missing-argument", runner_up="exception.other: later in the table"
    ),
    joins=(Join(key=key("2"), why="both need what commit 51d3a8e2907b took away", evidence="git"),),
    nature=Nature.REGRESSION,
    severity=Severity.P1,
    area="checkout",
    raise_next="P0 when more than half of the focus fails by it",
    past=Past(first_seen="2026-02-27T07:15:00Z", runs_failed=2, last_pass_commit="a" * 40),
    suspects=(
        Suspect(
            commit=CULPRIT,
            author="Mira Okafor",
            reason="changed Cart.__init__, the deepest own frame calls it",
            confidence=Confidence.HIGH,
            subject="Carts know their currency",
        ),
    ),
    related=(Relation(target="#7", why="the same constructor, closed in January"),),
    why=Why(
        cause="the words missing 1 required positional argument",
        group="one signature: Cart.__init__ without currency",
        nature="its tests passed in the run of 26 February",
        severity="the usual severity of the focus checkout",
    ),
)

SYNTAX = Finding(
    keys=(key("3"),),
    failures=(
        build.failure(
            "tests/checkout/test_refunds.py",
            "SyntaxError",
            "'(' was never closed (refunds.py, line 88)",
            origin=Origin.COLLECTION,
            frames=(build.frame("tests/checkout/test_refunds.py", 3, None), build.frame("shop/refunds.py", 88, None)),
        ),
    ),
    kind=Kind.UNCOLLECTABLE,
    cause=Cause.SYNTAX,
    slug="refunds-does-not-parse",
    title="shop/refunds.py does not parse",
    tests=("tests/checkout/test_refunds.py",),
    verdict=Verdict(cause=Cause.SYNTAX, rule="syntax.error"),
    nature=Nature.ACTIVE_DEV,
    severity=Severity.P1,
    area="checkout",
    why=Why(
        cause="a SyntaxError while collecting",
        group="one file",
        nature="changed on this branch",
        severity="as the focus",
    ),
)

REFUSED_TESTS = tuple(f"tests/checkout/test_payments.py::test_{name}" for name in ("charges", "voids"))
REFUSED = Finding(
    keys=(key("4"),),
    failures=tuple(
        build.failure(
            test,
            "PaymentError",
            "gateway not reached",
            origin=Origin.SETUP,
            chain=(
                Link(
                    exception="ConnectionRefusedError",
                    message=CleanText("[Errno 111] Connection refused"),
                    joint="cause",
                ),
                Link(exception="PaymentError", message=CleanText("gateway not reached")),
            ),
            frames=(build.frame("tests/conftest.py", 20, "gateway", code="client.connect()"),),
        )
        for test in REFUSED_TESTS
    ),
    kind=Kind.FAILING,
    cause=Cause.SERVICE_UNAVAILABLE,
    slug="payment-gateway-refused",
    title="The payment gateway refuses connections",
    tests=REFUSED_TESTS,
    verdict=Verdict(cause=Cause.SERVICE_UNAVAILABLE, rule="service.refused", confidence=Confidence.MEDIUM),
    nature=Nature.INFRASTRUCTURE,
    severity=Severity.P2,
    confidence=Confidence.MEDIUM,
    related=(Relation(target="v1:" + "0" * 16, why="explained by: the image of checkout cannot be built"),),
    why=Why(
        cause="connection refused at the root", group="one exception chain", nature="infrastructure", severity="2 of 24"
    ),
)

FLAKY = Finding(
    keys=(key("5"),),
    failures=(build.failure("tests/checkout/test_stock.py::test_race", "AssertionError", "assert 3 == 4"),),
    kind=Kind.FAILING,
    cause=Cause.ASSERTION,
    slug="stock-race",
    title="Stock is counted while it changes",
    tests=("tests/checkout/test_stock.py::test_race",),
    nature=Nature.FLAKY,
    severity=Severity.P2,
    why=Why(
        cause="an assertion",
        group="one message",
        nature="failed, then passed on one commit",
        severity="flaky: one less",
    ),
)

EMPTY = Finding(
    keys=(key("6"),),
    failures=(
        build.failure(
            "tests/checkout/test_legacy.py", None, "no test was collected", origin=Origin.COLLECTION, frames=()
        ),
    ),
    kind=Kind.UNCOLLECTABLE,
    cause=Cause.EMPTY,
    slug="test-legacy-is-empty",
    title="tests/checkout/test_legacy.py holds no test",
    nature=Nature.NEW,
    severity=Severity.P2,
    confidence=Confidence.LOW,
)

DEPRECATED = Finding(
    keys=(key("7"),),
    failures=(
        build.failure(
            "shop/clock.py",
            "DeprecationWarning",
            "datetime.datetime.utcnow() is deprecated and scheduled for removal",
            origin=Origin.WARNING,
            frames=(),
            places=("shop/clock.py:9", "shop/orders.py:41"),
            count=57,
        ),
    ),
    kind=Kind.WARNING,
    cause=Cause.DEPRECATION,
    slug="utcnow",
    title="datetime.utcnow() is deprecated",
    nature=Nature.NEW,
    severity=Severity.P3,
    why=Why(cause="a DeprecationWarning", group="one API", nature="no history", severity="deprecations are P3"),
)

FINDINGS = (DOCKER, SIGNATURE, SYNTAX, REFUSED, FLAKY, EMPTY, DEPRECATED)

PREFLIGHT = Preflight(
    checks=(
        Check(id="engine", status=Status.OK, found=CleanText("Docker 27.3 answers"), needed="a Docker engine"),
        Check(
            id="disk",
            status=Status.WARN,
            found=CleanText("3.1 GiB free where the engine keeps its data"),
            needed="5 GiB",
            why="a build of these images takes about 4 GiB",
            remedy="docker system prune",
        ),
        Check(
            id="build-context",
            status=Status.BLOCK,
            found=BUILD_MESSAGE,
            needed="a folder shop/ below ./services, or another build context",
            why="checkout is built from it",
            remedy="gardener preflight checkout --fix",
            location="docker/checkout.Dockerfile:31",
            service="checkout",
            blocks=DOCKER.blocked,
            cause="docker-build",
        ),
        Check(id="ports", status=Status.OK, found=CleanText("5432, 6379 are free")),
        Check(id="services", status=Status.UNKNOWN, found=CleanText("postgres was not asked: the engine has no image")),
    ),
    attempts=(
        Attempt(command="docker compose build checkout", result="exit code 1", error=CleanText('"/shop": not found')),
    ),
)

KNOWN = (
    Issue(
        number=12,
        title="Carts break when they are opened",
        severity=Severity.P2,
        labels=("bug", "P2"),
        author="mira",
        trusted=True,
        body="`Cart()` fails since the **currency** change.\n\n- adds\n- totals\n\n<script>alert(1)</script>",
    ),
    Issue(number=7, title="Cart() without customer", state=State.CLOSED, closed_at="2026-01-09T10:00:00Z"),
)


def _actions() -> tuple[Action, ...]:
    def made(kind: ActionKind, finding: Finding, why: str, **rest: Any) -> Action:
        given: dict[str, Any] = {"severity": finding.severity, "managed": managed(finding)}
        return Action(kind=kind, why=why, fingerprint=str(finding.fingerprint), finding=finding, **(given | rest))

    none = "no open or closed issue was filed for its key"
    return (
        made(ActionKind.CREATE, DOCKER, none),
        made(
            ActionKind.ESCALATE,
            SIGNATURE,
            "P2 → P1: 4 tests fail by it now; updated and not new, because the issue names two of its tests",
            number=12,
            adopt=True,
            announce="Priority P2 → P1: 4 tests fail by it now.",
        ),
        made(ActionKind.LINK, SIGNATURE, "near match with the closed issue #7: the same constructor", number=12, to=7),
        made(ActionKind.CREATE, SYNTAX, none),
        made(ActionKind.CREATE, REFUSED, none),
        made(ActionKind.UPDATE, FLAKY, "updated and not new, because its key stands in the issue", number=15),
        made(ActionKind.HOLD, EMPTY, "2 new issues are filed per run at most, and worse ones came first"),
        made(ActionKind.UPDATE, DEPRECATED, "gathered into the standing issue for deprecation", number=16),
        Action(
            kind=ActionKind.CLOSE,
            why="all its 2 tests ran and passed in 3 runs in a row",
            fingerprint="v1:" + "f" * 16,
            number=9,
            announce="Recovered: all its 2 tests ran and passed in 3 runs in a row.",
        ),
    )


PLAN = Plan(run=RUN, actions=_actions())


def receipts() -> tuple[Receipt, ...]:
    outcomes = []
    for place, action in enumerate(PLAN.actions):
        held = action.kind is ActionKind.HOLD
        failed = action.finding is REFUSED
        outcome = Done.HELD if held else Done.FAILED if failed else Done.DONE
        number = None if failed or held else action.number or 20 + place
        outcomes.append(
            Receipt(action=action, outcome=outcome, number=number, error="502 from the tracker" if failed else "")
        )
    return tuple(outcomes)


def cases() -> tuple[Any, ...]:
    made = [
        build.case(
            failure.subject, Outcome.ERROR if failure.origin is not Origin.CALL else Outcome.FAILED, failures=(failure,)
        )
        for finding in (SIGNATURE, SYNTAX, REFUSED, FLAKY)
        for failure in finding.failures
    ]
    made += [build.case(node, Outcome.BLOCKED, blocked_by="build-context") for node in DOCKER.blocked]
    made += [build.case(f"tests/checkout/test_cart.py::test_{word}") for word in ("empties", "counts")]
    made += [
        build.case(f"tests/checkout/test_prices.py::test_{word}") for word in ("vat", "rounding", "discount", "zero")
    ]
    made += [build.case(f"tests/checkout/test_orders.py::test_order[{size}]") for size in range(5)]
    made += [build.case("tests/checkout/test_orders.py::test_pdf", Outcome.SKIPPED, reason="no printer")]
    made += [build.case("tests/checkout/test_stock.py::test_race", attempt=2)]
    made += [build.case("tests/checkout/test_stock.py::test_reserve", Outcome.NOT_RUN)]
    return tuple(made)


def run(**rest: Any) -> Run:
    given: dict[str, Any] = {
        "id": RUN,
        "focus": "checkout",
        "selection": "tests/checkout",
        "commit": COMMIT,
        "branch": "feature/currency",
        "started": "2026-03-01T07:15:00Z",
        "duration_s": 83.4,
        "python": "3.12.7",
        "pytest": "9.2.0",
        "platform": "linux",
        "command": "python -m pytest tests/checkout --continue-on-collection-errors",
        "exit_code": 1,
        "loose": (*DEPRECATED.failures, *EMPTY.failures),
        "notes": ("--maxfail=10 of the repository's addopts was neutralised",),
    }
    return build.run(*cases(), **(given | rest))


def story(**rest: Any) -> Story:
    the_run = run()
    given: dict[str, Any] = {
        "focus": Focus(name="checkout", paths=("tests/checkout",), severity=Severity.P1),
        "preflight": PREFLIGHT,
        "run": the_run,
        "findings": FINDINGS,
        "plan": PLAN,
        "receipts": receipts(),
        "outlook": Outlook.FAILING,
        "exit": Exit.FAILING,
        "verdict": "failing: 8 of 24 tests red, 3 blocked, 1 not reached, from 6 root causes (1 flaky)",
        "change": Change(
            previous="20260228-071500-b2xa",
            appeared=(str(DOCKER.fingerprint), str(SYNTAX.fingerprint)),
            gone=("v1:" + "f" * 16,),
            stayed=(str(SIGNATURE.fingerprint), str(FLAKY.fingerprint), str(DEPRECATED.fingerprint)),
        ),
        "known": KNOWN,
        "held": (Fact(label="files parse", value="211 of 212 Python files"), Fact(label="work tree", value="clean")),
        "artifacts": (
            Fact(label="worklog", value="tests/FAILING-TEST/gardener/WORKLOG.md"),
            Fact(label="report", value=f".gardener/runs/{RUN}/report.html"),
        ),
        "session": "gardener-session-2026-03-01-0715",
        "version": "0.1.0",
        "python": ".venv/bin/python (the repository's .venv)",
        "invocation": "gardener run checkout",
    }
    return Story(**(given | rest))


def writing(**rest: Any) -> Writing:
    given: dict[str, Any] = {
        "templates": TEMPLATES,
        "focus": Focus(name="checkout"),
        "run": run(),
        "preflight": PREFLIGHT,
        "session": "gardener-session-2026-03-01-0715",
        "worklog": "tests/FAILING-TEST/gardener/WORKLOG.md",
        "owners": lambda path: ("@shop/cart",) if path.startswith("shop/") else (),
    }
    return Writing(**(given | rest))


def desk(plan: Plan, run: Run, store: Store, tracker: Tracker, *, forbidden: str = "", **told: Any) -> Desk:
    """What carries out a plan that a failing run made."""
    given: dict[str, Any] = {"focus": Focus(name="unit"), "findings": (), "receipts": (), "known": ()}
    told_so_far = story(**(given | told), run=run, plan=plan)
    plain = Writing(templates=TEMPLATES, focus=told_so_far.focus, run=run)
    return Desk(tracker=tracker, store=store, story=told_so_far, writing=plain, forbidden=forbidden)


def noisy(text: str, **rest: Any) -> Finding:
    """A finding whose every text is `text`."""
    dirty = CleanText(text)
    failure: Failure = build.failure(
        text,
        text,
        text,
        chain=(Link(exception=text, message=dirty, joint="cause"),),
        frames=(build.frame(text, 1, text, code=text),),
        detail=CleanText(text + "\n" + text),
        captured=dirty,
    )
    given: dict[str, Any] = {
        "keys": (key("a", text),),
        "failures": (failure,),
        "kind": Kind.FAILING,
        "cause": Cause.ASSERTION,
        "slug": "noisy",
        "title": text,
        "tests": (text,),
        "verdict": Verdict(cause=Cause.ASSERTION, rule="assertion", quote=dirty),
        "area": text,
        "raise_next": text,
        "impact": text,
        "suspects": (Suspect(commit=CULPRIT, author=text, reason=text, confidence=Confidence.LOW, subject=text),),
        "related": (Relation(target=text, why=text),),
        "why": Why(cause=text, group=text, nature=text, severity=text),
    }
    return Finding(**(given | rest))
