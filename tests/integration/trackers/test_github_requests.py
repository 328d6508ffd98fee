"""Every request that gardener sends to GitHub is one that GitHub's own description of its API allows."""

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest
from openapi_core import OpenAPI
from openapi_core.testing import MockRequest
from openapi_core.validation.request.exceptions import InvalidRequestBody
from require import need
from standin import install
from standin.github import GARDENER, StandIn
from standin.proxy import Proxy, Seen

from gardener.model.key import Key, Managed, replace_block, write_block
from gardener.model.plan import Draft, Reason
from gardener.trackers.github import GitHubTracker

pytestmark = pytest.mark.integration

DESCRIPTION = install.CACHE / "github-openapi/node_modules/@octokit/openapi/generated/api.github.com.json"
USED = re.compile(
    r"^/user$|^/repos/\{owner\}/\{repo\}/(issues|labels)(/\{issue_number\}(/(comments|labels|events))?)?$"
)
REMOVAL = "/repos/{owner}/{repo}/issues/{issue_number}/labels/{name}"


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def trimmed(description: dict[str, Any]) -> dict[str, Any]:
    """The description without what gardener does not use: read whole it takes minutes."""
    paths = {path: item for path, item in description["paths"].items() if USED.match(path) or path == REMOVAL}
    for item in paths.values():
        for operation in item.values():
            operation["responses"] = {"200": {"description": "not looked at"}}
    kept: dict[str, Any] = {}
    todo = list(references(paths))
    while todo:
        _, _, kind, name = todo.pop().split("/")
        if name not in kept.setdefault(kind, {}):
            kept[kind][name] = description["components"][kind][name]
            todo += references(kept[kind][name])
    return {**description, "paths": paths, "components": kept, "x-webhooks": {}, "tags": []}


@pytest.fixture(scope="module")
def api() -> OpenAPI:
    if not DESCRIPTION.exists():
        need("github", "GitHub's description of its API is not here: python tests/standin/install.py")
    description = trimmed(json.loads(DESCRIPTION.read_text(encoding="utf-8")))
    description["servers"] = [{"url": "https://api.github.com"}]
    return OpenAPI.from_dict(description)


def request_of(seen: Seen) -> MockRequest:
    parts = urlsplit(seen.path)
    return MockRequest(
        "https://api.github.com",
        seen.verb.lower(),
        parts.path,
        args=dict(parse_qsl(parts.query)),
        headers=seen.headers,
        data=seen.body or None,
        content_type="application/json",
    )


def test_every_request_is_one_that_github_describes(fickle: Proxy, standin: StandIn, api: OpenAPI) -> None:
    repository = standin.repository()
    tracker = GitHubTracker(
        repository, GARDENER, base_url=fickle.url, adopt_labels=("bug",), known=(99,), sleep=lambda _: None
    )
    block = write_block("x", Managed(keys=(Key(scheme="v1", digest="0" * 16),), severity=1))
    first = tracker.create(Draft(title="a", body=block, labels=("P1", "area: cart"), operation="1"))
    second = tracker.create(Draft(title="b", body="b", labels=("gardener",), operation="2"))
    tracker.edit(
        first.number, title="c", body=replace_block(first.body, block), add_labels=["P0"], remove_labels=["P1"]
    )
    tracker.link(first.number, second.number, "because")
    tracker.comment(first.number, "hello")
    tracker.close(second.number, Reason.DUPLICATE, first.number)
    tracker.close(first.number, Reason.NOT_PLANNED)
    tracker.reopen(first.number)
    tracker.issues()
    assert {seen.verb for seen in fickle.seen} == {"GET", "POST", "PATCH", "DELETE"}
    for seen in fickle.seen:
        api.validate_request(request_of(seen))


def test_the_description_would_notice_a_wrong_request(api: OpenAPI) -> None:
    wrong = Seen("PATCH", "/repos/owner/r/issues/1", {}, b'{"state": "shut"}')
    with pytest.raises(InvalidRequestBody):
        api.validate_request(request_of(wrong))
