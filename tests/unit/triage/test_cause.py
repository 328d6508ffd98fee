"""What names a cause: which evidence counts, what wins over what, and what is no evidence at all."""

import json

import pytest
from build import failure, frame
from growth import is_steep

from gardener.model.cause import Cause
from gardener.model.finding import Confidence, Verdict
from gardener.model.focus import Severity
from gardener.model.policy import Policy, UserRule
from gardener.model.run import Failure, Link, Origin
from gardener.model.text import CleanText
from gardener.rulebook import load_rulebook
from gardener.triage.cause import Judge, classify, name_cause

pytestmark = pytest.mark.unit

POLICY = Policy(rulebook=load_rulebook())


def named(text: str) -> Verdict:
    return classify(CleanText(text), POLICY)


def chained(*links: tuple[str, str, str], captured: str = "", origin: Origin = Origin.CALL) -> Verdict:
    """The verdict on a chain of (exception, message, joint to the next), root first."""
    chain = tuple(Link(exception=name, message=CleanText(said), joint=joint) for name, said, joint in links)
    last = links[-1]
    return name_cause(
        failure(exception=last[0], message=last[1], chain=chain, captured=CleanText(captured), origin=origin), POLICY
    )


# the situations that gardener was made for: one line for each that a cause decides


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        (
            (
                "backend.alpine.Dockerfile:69\n-----\n  69 | >>> COPY --chown=app shop_backend /app/shop\n"
                "--------------------\ntarget alpine-test-backend: failed to solve: failed to compute cache key: "
                "failed to calculate checksum of ref 9x73yk: not found\nWARNING: disk space may be full"
            ),
            Cause.DOCKER_BUILD,
        ),
        (
            (
                "WARNING shop.ws:ws.py:8 SSOT WARNING: Found other WebSocket Manager classes: "
                "['shop.ws.core.WebSocketManager', 'shop.ws.core.ManagerMode', 'shop.ws.legacy.WebSocketManager']"
            ),
            Cause.DUPLICATE_DEFINITION,
        ),
        ("PostgreSQL service not found via port discovery", Cause.SERVICE_UNAVAILABLE),
        ("UserWarning: the regular os.environ is used here, not the isolated one", Cause.ENVIRONMENT),
        ("E   AttributeError: 'TestFiveEvents' object has no attribute 'event_tester'", Cause.ATTRIBUTE),
        ("E   TypeError: event_handler() missing 1 required positional argument: 'path'", Cause.SIGNATURE),
        (
            (
                "______ ERROR collecting tests/critical/test_lifecycle.py ______\n"
                "tests/critical/test_lifecycle.py:250: in <module>\n    class Lifecycle:\n"
                "tests/critical/test_lifecycle.py:251: in Lifecycle\n    def start(self) -> Optional[str]: ...\n"
                "E   NameError: name 'Optional' is not defined"
            ),
            Cause.COLLECTION,
        ),
        ("E   AssertionError: Token creation failed: All connection attempts failed", Cause.SERVICE_UNAVAILABLE),
        ("collected 0 items\n\n===== no tests ran in 0.02s =====", Cause.EMPTY),
        ("DeprecationWarning: shop.logging.make_logger is deprecated, use get_logger", Cause.DEPRECATION),
        (
            "PydanticDeprecatedSince20: `json_encoders` is deprecated. See https://docs.pydantic.dev for alternatives.",
            Cause.DEPRECATION,
        ),
        (
            (
                "ConnectionError: Failed to create WebSocket connection after 3 attempts: "
                "[WinError 1225] The remote computer refused the network connection"
            ),
            Cause.SERVICE_UNAVAILABLE,
        ),
        (
            (
                'error during connect: Get "http://%2F%2F.%2Fpipe%2FdockerDesktopLinuxEngine/v1.51/info": '
                "open //./pipe/dockerDesktopLinuxEngine: The system cannot find the file specified."
            ),
            Cause.DOCKER_DAEMON,
        ),
        (r"resolve : CreateFile C:\work\shop\docker: The system cannot find the file specified.", Cause.DOCKER_BUILD),
        (
            "pull access denied for shop-alpine-test-frontend, repository does not exist or may require 'docker login'",
            Cause.DOCKER_IMAGE,
        ),
        (
            (
                "E   AssertionError: Event type must be preserved\n"
                "E   assert 'WebSocketEve...GENT_THINKING' == 'agent_thinking'"
            ),
            Cause.CONTRACT,
        ),
        (
            "E   TypeError: Connection.__init__() missing 2 required positional arguments: 'connection_id' and 'user'",
            Cause.SIGNATURE,
        ),
        ("E   AttributeError: Mock object has no attribute 'is_healthy'", Cause.MOCK_MISMATCH),
        ("E   AssertionError: Expected 5 bridge events, got 0\nE   assert 0 == 5", Cause.ASSERTION),
        ("DeprecationWarning: datetime.datetime.utcnow() is deprecated", Cause.DEPRECATION),
    ],
)
def test_the_known_situations_are_named_right(text: str, cause: Cause) -> None:
    assert named(text).cause is cause


def test_a_syntax_error_at_the_end_of_an_import_chain_is_its_cause() -> None:
    text = (
        "______ ERROR collecting tests/test_agent.py ______\n"
        "tests/test_agent.py:1: in <module>\n    from shop import agent\n"
        "shop/agent.py:3: in <module>\n    from shop import tools\n"
        'E     File "/srv/shop/tools.py", line 12\nE       def run(self\nE              ^\n'
        "E   SyntaxError: '(' was never closed\n"
    )
    assert named(text).cause is Cause.SYNTAX


# ties


def test_whatever_keeps_an_image_from_being_pulled_is_the_image() -> None:
    for said in ("403 Forbidden", "429 Too Many Requests", "unauthorized: authentication required"):
        text = (
            "#3 [internal] load metadata for registry.example.org/base:1\n"
            f"#3 ERROR: pulling from host registry.example.org failed with status code [manifests 1]: {said}"
        )
        assert named(text).cause is Cause.DOCKER_IMAGE, said


def test_a_failing_run_step_is_the_build_whatever_failed_inside_it() -> None:
    for inside in (
        "Connection refused",
        "ModuleNotFoundError: No module named 'setuptools'",
        "403 Forbidden",
        "Killed",
    ):
        text = f'#8 12.3 {inside}\n#8 ERROR: process "/bin/sh -c make" did not complete successfully: exit code: 1'
        assert named(text).cause is Cause.DOCKER_BUILD, inside


def test_a_full_disk_wins_over_the_build_and_the_pull_that_it_breaks() -> None:
    build = '#8 3.1 No space left on device\n#8 ERROR: process "tar xf a" did not complete successfully: exit code: 2'
    pull = "failed to register layer: write /lib/a.so: no space left on device\nError: failed to pull image base:1"
    assert named(build).cause is named(pull).cause is Cause.DOCKER_DISK


def test_a_full_disk_outside_of_docker_is_the_hosts() -> None:
    assert (
        named("E   OSError: [Errno 28] No space left on device: '/srv/shop/out.json'").cause is Cause.RESOURCE_EXHAUSTED
    )


def test_no_permission_on_the_docker_socket_is_the_daemons_matter() -> None:
    said = "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock"
    assert named(said).cause is Cause.DOCKER_DAEMON


def test_a_root_in_the_infrastructure_beats_the_error_that_reports_it() -> None:
    refused = ("ConnectionRefusedError", "[Errno 111] Connection refused", "context")
    for last in (("TimeoutError", "", ""), ("AttributeError", "'NoneType' object has no attribute 'cursor'", "")):
        assert chained(refused, last, origin=Origin.SETUP).cause is Cause.SERVICE_UNAVAILABLE


def test_docker_beats_the_symptoms_in_its_own_chain() -> None:
    verdict = chained(
        ("PermissionError", "[Errno 13] Permission denied", "context"),
        (
            "requests.exceptions.ConnectionError",
            "('Connection aborted.', PermissionError(13, 'Permission denied'))",
            "cause",
        ),
        ("docker.errors.DockerException", "Error while fetching server API version: ('Connection aborted.', ...)", ""),
    )
    assert verdict.cause is Cause.DOCKER_DAEMON


def test_a_root_outside_the_infrastructure_counts_only_where_the_last_error_wraps_it() -> None:
    root = ("TypeError", "charge() missing 1 required positional argument: 'amount'", "cause")
    assert chained(root, ("RuntimeError", "payment failed", "")).cause is Cause.SIGNATURE
    assert chained((*root[:2], "context"), ("RuntimeError", "payment failed", "")).cause is Cause.EXCEPTION


def test_a_container_that_ended_explains_the_refused_connection() -> None:
    refused = ("ConnectionRefusedError", "[Errno 111] Connection refused", "")
    assert chained(refused).cause is Cause.SERVICE_UNAVAILABLE
    assert chained(refused, captured="shop-db-1 exited with code 1").cause is Cause.DOCKER_CONTAINER


@pytest.mark.parametrize(
    ("compared", "cause"),
    [
        ("assert 503 == 200", Cause.SERVICE_UNAVAILABLE),
        ("assert 401 == 200", Cause.CREDENTIALS),
        ("assert 403 in (200, 201)", Cause.CREDENTIALS),
        ("assert 422 == 201", Cause.CONTRACT),
        ("assert 404 == 200", Cause.ASSERTION),
        ("assert 200 == 401", Cause.ASSERTION),
        ("assert 200 == 503", Cause.ASSERTION),
        ("assert not ['401 expected']", Cause.ASSERTION),
        ("assert 'ok' in 'Connection refused by peer'", Cause.ASSERTION),
        ("assert 'timed out' == 'done'", Cause.ASSERTION),
        ("assert <Role.ADMIN: 'admin'> == 'admin'", Cause.CONTRACT),
        ("assert {'role': <Role.ADMIN: 'admin'>} == {'role': 'admin'}", Cause.CONTRACT),
        ("assert <Result PermissionError(13, 'Permission denied')> is None", Cause.CREDENTIALS),
        ("assert TypeError(\"charge() got an unexpected keyword argument 'vat'\") is None", Cause.SIGNATURE),
    ],
)
def test_an_assertion_takes_the_cause_of_what_it_got(compared: str, cause: Cause) -> None:
    assert named(f"E   AssertionError: {compared}").cause is cause
    assert named(f"E   {compared}").cause is cause
    assert name_cause(failure(message=compared), POLICY).cause is cause


def test_an_exception_that_was_only_waited_for_is_no_evidence() -> None:
    assert named("E   AssertionError: TimeoutError not raised").cause is Cause.ASSERTION
    assert named("E   Failed: DID NOT RAISE <class 'ConnectionError'>").cause is Cause.ASSERTION
    text = "E   AssertionError: Regex pattern did not match.\nE    Regex: 'timed out'\nE    Input: 'connection refused'"
    assert named(text).cause is Cause.ASSERTION


def test_a_service_that_compose_waited_for_and_that_ended_badly_is_the_container() -> None:
    ended = 'service "migrate" didn\'t complete successfully: exit 1'
    assert named(ended).cause is Cause.DOCKER_CONTAINER
    assert named(f"migrate-1  | no such table\n{ended}").cause is Cause.DOCKER_CONTAINER
    assert name_cause(failure(message=f"assert 1 == 0\n{ended}"), POLICY).cause is Cause.ASSERTION


@pytest.mark.parametrize("told", ["sorry, too many clients already", 'too many connections for role "shop"'])
def test_a_database_that_takes_no_more_clients_does_not_answer(told: str) -> None:
    assert named(f"2025-09-14 11:59:00.123 UTC [33] FATAL:  {told}").cause is Cause.SERVICE_UNAVAILABLE
    assert named(f"db-1  | FATAL: {told}").cause is Cause.SERVICE_UNAVAILABLE
    raised = failure(exception="psycopg.OperationalError", message=f"connection failed: FATAL:  {told}")
    assert name_cause(raised, POLICY).cause is Cause.SERVICE_UNAVAILABLE


def test_a_shared_object_is_the_environment_any_other_import_is_the_import() -> None:
    missing = "libxml2.so.2: cannot open shared object file: No such file or directory"
    assert name_cause(failure(exception="ImportError", message=missing), POLICY).cause is Cause.ENVIRONMENT
    other = failure(exception="ImportError", message="cannot import name 'a' from 'b'", origin=Origin.COLLECTION)
    assert name_cause(other, POLICY).cause is Cause.IMPORT


def test_a_warning_turned_into_an_error_is_still_a_deprecation() -> None:
    warned = failure(exception="DeprecationWarning", message="make_logger() is deprecated", origin=Origin.COLLECTION)
    assert name_cause(warned, POLICY).cause is Cause.DEPRECATION


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("Killed", Cause.CRASH),
        ("exit code 137", Cause.CRASH),
        ("Suite exceeded the time limit of 900 s: killed (exit 137)", Cause.TIMEOUT),
        ("Out of memory: Killed process 812 (python)", Cause.RESOURCE_EXHAUSTED),
        ("shop-worker-1 exited with code 137", Cause.DOCKER_CONTAINER),
    ],
)
def test_what_was_killed_is_named_by_what_killed_it(text: str, cause: Cause) -> None:
    assert named(text).cause is cause


def test_a_name_error_is_collection_only_where_it_happened_at_module_level() -> None:
    at_import = failure(exception="NameError", message="name 'a' is not defined", frames=(frame(function="<module>"),))
    in_a_test = failure(exception="NameError", message="name 'a' is not defined")
    while_collecting = failure(exception="NameError", message="name 'a' is not defined", origin=Origin.COLLECTION)
    assert name_cause(at_import, POLICY).cause is Cause.COLLECTION
    assert name_cause(in_a_test, POLICY).cause is Cause.ATTRIBUTE
    assert name_cause(while_collecting, POLICY).cause is Cause.COLLECTION


def test_what_only_may_be_is_no_evidence() -> None:
    text = "E   RuntimeError: seeding failed, the disk may be full or the server could be down"
    assert named(text).cause is Cause.EXCEPTION


def test_an_error_in_a_fixture_is_the_fixtures_unless_it_has_a_nearer_cause() -> None:
    broken = failure(exception="IndexError", message="list index out of range", origin=Origin.SETUP)
    refused = failure(exception="ConnectionRefusedError", message="[Errno 111]", origin=Origin.SETUP)
    assert name_cause(broken, POLICY).cause is Cause.FIXTURE
    assert name_cause(refused, POLICY).cause is Cause.SERVICE_UNAVAILABLE


# what surrounds an error


def test_captured_output_does_not_change_what_an_assertion_means() -> None:
    text = (
        "______ test_retry ______\ntests/test_retry.py:4: in test_retry\n    assert tries == 3\nE   assert 2 == 3\n"
        "------- Captured log call -------\nWARNING  shop:retry.py:3 Connection refused, trying again\n"
    )
    assert named(text).cause is Cause.ASSERTION


def test_what_a_runner_prints_around_the_tests_does_not_explain_a_wrong_value() -> None:
    text = (
        "timeout: 60.0s\nnpm warn deprecated a@1: use b\nwarming up: Connection refused, trying again\n"
        "=== FAILURES ===\n___ test_a ___\na.py:3: in test_a\n    assert total() == 2\nE   assert 1 == 2\n"
    )
    assert named(text).cause is Cause.ASSERTION
    assert named(f"{text}\nCannot connect to the Docker daemon at unix:///a.sock").cause is Cause.DOCKER_DAEMON


def test_words_of_another_line_do_not_excuse_the_one_that_says_it() -> None:
    text = (
        "plugins: timeout-2.4.0, cov-6.0\ncollected 1 item\n\ntests/test_a.py \nbash: line 1: 77 Killed   pytest tests"
    )
    assert named(text).cause is Cause.CRASH


def test_quoted_source_is_no_evidence() -> None:
    text = (
        "______ test_retry ______\n\n    def test_retry():\n"
        "        # a ConnectionRefusedError or 503 Service Unavailable must be retried, Timeout >60s must not\n"
        ">       assert retry() == 3\nE       assert 2 == 3\n\ntests/test_retry.py:4: AssertionError\n"
    )
    assert named(text).cause is Cause.ASSERTION
    assert named(text.partition("\n\n")[2]).cause is Cause.ASSERTION  # its head cut off


def test_warnings_name_the_cause_only_where_nothing_failed() -> None:
    warned = "=== warnings summary ===\na.py:1\n  /srv/a.py:1: DeprecationWarning: a is deprecated\n    import a\n"
    assert named(f"{warned}1 passed, 1 warning in 0.1s").cause is Cause.DEPRECATION
    assert (
        named(f"=== FAILURES ===\n___ test_a ___\na.py:3: in test_a\nE   assert 1 == 2\n{warned}").cause
        is Cause.ASSERTION
    )


def test_a_compose_prefix_a_build_prefix_and_a_timestamp_hide_nothing() -> None:
    assert named("api-1  | 2025-01-01 10:00:00,123 ModuleNotFoundError: No module named 'shop'").cause is Cause.IMPORT
    assert (
        named("2025-01-01T10:00:00.123Z #9 ERROR: failed to solve: target stage x could not be found").cause
        is Cause.DOCKER_BUILD
    )


WRAPPED = (
    "____________ test_total ____________\n"
    "tests/test_cart.py:8: in test_total\n"
    "    cart.totl()\n"
    "E   AttributeError: 'Cart' object has no attribute 'totl'\n"
    "=========================== short test summary info ============================\n"
    "FAILED tests/test_cart.py::test_total - AttributeError: 'Cart' object has no att..."
)


@pytest.mark.parametrize(
    "line",
    [
        " 11:32:04  {}",
        "> {}",
        "python3.12-shop> {}",
        "2025-04-01 10:00:00,123 - shop.ci - ERROR - {}",
        "tests\tRun pytest\t2025-04-01T10:00:00.5512093Z {}",
    ],
)
def test_what_a_log_puts_before_all_of_its_lines_hides_nothing(line: str) -> None:
    wrapped = "\n".join(line.format(part) for part in WRAPPED.split("\n"))
    assert named(wrapped).cause is named(WRAPPED).cause is Cause.ATTRIBUTE


def test_a_log_of_json_is_read_as_what_its_entries_say() -> None:
    assert named("\n".join(json.dumps({"msg": part}) for part in WRAPPED.split("\n"))).cause is Cause.ATTRIBUTE
    assert named("\n".join(json.dumps({"log": f"{part}\n"}) for part in WRAPPED.split("\n"))).cause is Cause.ATTRIBUTE
    assert named('{"msg": "connection refused"}\n{"msg": cut off').cause is Cause.SERVICE_UNAVAILABLE


def test_curly_quotes_that_were_read_in_the_wrong_encoding_are_quotes() -> None:
    assert named("E       fixture â€™basketâ€™ not found").cause is Cause.FIXTURE


def test_a_message_goes_on_after_a_colon_and_an_empty_line() -> None:
    told = "Reverse accessor 'User.orders' for 'shop.Order.user' clashes with that for 'legacy.Order.user'."
    assert (
        named(f"SystemCheckError: System check identified some issues:\n\nERRORS:\n{told}").cause
        is Cause.DUPLICATE_DEFINITION
    )


def test_below_a_plain_traceback_of_a_test_stands_where_its_values_came_from() -> None:
    text = (
        "____________ test_mail ____________\nTraceback (most recent call last):\n"
        '  File "tests/test_mail.py", line 3, in test_mail\n    assert send.call_count == 2\n'
        "AssertionError: assert 1 == 2\n +  where 1 = <Mock id='14'>.call_count"
    )
    assert named(text).cause is Cause.MOCK_MISMATCH


def test_the_summary_names_the_error_whose_head_was_cut_off() -> None:
    summary = "FAILED tests/test_io.py::test_a - ImportError: Unable to find a usable engine"
    assert (
        named(f"E   A suitable version is required.\n=== short test summary info ===\n{summary}").cause is Cause.IMPORT
    )


def test_a_text_without_any_evidence_says_how_little_it_knows() -> None:
    verdict = named("all good here")
    assert (verdict.cause, verdict.confidence) == (Cause.EXCEPTION, Confidence.LOW)
    assert named("").cause is Cause.EXCEPTION


def test_an_empty_rulebook_names_what_is_left_over() -> None:
    assert name_cause(failure(), Policy()).cause is Cause.EXCEPTION


def test_broken_characters_and_cut_heads_and_tails_are_borne() -> None:
    assert (
        named("ect to the Docker daemon â€” Cannot connect to the Docker daemon at unix://\udcff").cause
        is Cause.DOCKER_DAEMON
    )
    assert named("É" * 50 + "\nE   KeyError: 'total'\nE").cause is Cause.CONTRACT


# the verdict


def test_a_verdict_names_its_rule_its_words_and_what_came_second() -> None:
    verdict = chained(
        ("ConnectionRefusedError", "[Errno 111] Connection refused", "cause"), ("RuntimeError", "no database", "")
    )
    assert verdict.rule == "service-unavailable.refused"
    assert verdict.quote == "ConnectionRefusedError: [Errno 111] Connection refused"
    assert verdict.runner_up


def test_a_raw_text_has_the_usual_severity_of_its_cause() -> None:
    assert named("Cannot connect to the Docker daemon").severity is Severity.P0
    assert named("E   assert 1 == 2").severity is Severity.P2


def test_a_preflight_check_knows_its_cause() -> None:
    check = Failure(
        subject="disk", origin=Origin.PREFLIGHT, exception="docker-disk", message=CleanText("1 GiB free of 40 GiB")
    )
    verdict = name_cause(check, POLICY)
    assert (verdict.cause, verdict.rule) == (Cause.DOCKER_DISK, "preflight.disk")


@pytest.mark.parametrize(
    ("exception", "message", "cause"),
    [
        (
            "Timeout",
            "Timeout: the run was ended at its time limit of 900 s, while it ran tests/test_a.py::test_a",
            Cause.TIMEOUT,
        ),
        ("SIGSEGV", "Segmentation fault: the test process was killed by signal 11 (SIGSEGV)", Cause.CRASH),
        ("ProcessDied", "the test process died with exit code 70 before its session ended", Cause.CRASH),
        ("KeyError", "INTERNALERROR: <WorkerController gw0>", Cause.CRASH),
        ("ExitStatus", "pytest ended with exit code 1 although no test failed", Cause.CRASH),
        ("UsageError", "pytest did not start: unrecognized arguments: --cov", Cause.ENVIRONMENT),
        ("EmptyCollection", "no tests ran: all 2 that were selected are skipped: no docker daemon", Cause.EMPTY),
    ],
)
def test_the_end_of_a_run_is_named_from_what_the_run_says(exception: str, message: str, cause: Cause) -> None:
    assert (
        name_cause(failure(exception=exception, message=message, origin=Origin.CRASH, frames=()), POLICY).cause is cause
    )


# the repository's own rules


def ruled(rule: UserRule, subject: Failure) -> Verdict:
    return name_cause(subject, Policy(rulebook=load_rulebook(), user_rules=(rule,)))


def test_a_repositorys_own_rule_comes_first() -> None:
    rule = UserRule(
        name="rules[0]", contains="assert 1 == 2", cause=Cause.ENVIRONMENT, severity=Severity.P1, area="tax"
    )
    verdict = ruled(rule, failure())
    assert (verdict.cause, verdict.severity, verdict.area, verdict.rule) == (
        Cause.ENVIRONMENT,
        Severity.P1,
        "tax",
        "rules[0]",
    )
    assert "assertion.value" in verdict.runner_up


def test_a_rule_without_a_cause_leaves_the_cause_alone() -> None:
    verdict = ruled(UserRule(name="rules[0]", regex="assert", severity=Severity.P0), failure())
    assert (verdict.cause, verdict.severity) == (Cause.ASSERTION, Severity.P0)


def test_a_rule_looks_where_it_says() -> None:
    subject = failure(captured=CleanText("tenant 7 is gone"))
    for on, word in (("path", "test_cart"), ("exception", "AssertionError"), ("log", "tenant"), ("message", "1 == 2")):
        hit = UserRule(name="rules[0]", contains=word, on=on, cause=Cause.ENVIRONMENT)
        assert ruled(hit, subject).cause is Cause.ENVIRONMENT, on
    miss = UserRule(name="rules[0]", contains="tenant", on="message", cause=Cause.ENVIRONMENT)
    assert ruled(miss, subject).cause is Cause.ASSERTION


def test_named_groups_of_a_rule_make_the_group() -> None:
    rule = UserRule(name="rules[0]", regex=r"found other (?P<what>\w+)", on="log", group="ssot-{what}", ignore=True)
    verdict = ruled(rule, failure(captured=CleanText("found other managers")))
    assert (verdict.group, verdict.ignore) == ("ssot-managers", True)


# speed


@pytest.mark.parametrize(
    "piece", ["a", '"', "\\", "E   x\n", "docker ", "Error: ", "#1 0.1 x\n", "[" * 8, 'File "x", line 1\n']
)
def test_naming_takes_no_longer_than_its_text(piece: str) -> None:
    assert not is_steep(named, piece)


def test_a_text_is_tried_on_every_rule_of_the_repository_and_the_first_that_holds_counts() -> None:
    rules = (
        UserRule(name="rules[1]", contains="quota", area="billing"),
        UserRule(name="rules[2]", regex=r"(?P<what>\w+) is refused", group="refused {what}", cause=Cause.CONTRACT),
        UserRule(name="rules[3]", contains="refused", severity=Severity.P0),
    )
    judge = Judge(Policy(rulebook=load_rulebook(), user_rules=rules))
    found, own = judge.trial(CleanText("ValueError: order is refused: connection refused"))
    assert [rule.name for rule in own] == ["rules[2]", "rules[3]"]
    assert (found.cause, found.rule, found.group) == (Cause.CONTRACT, "rules[2]", "refused order")
    assert found.runner_up.startswith("service-unavailable")
