"""The stack as it is shipped: containers that speak to one another."""

import pytest

pytestmark = pytest.mark.docker


def test_backend_runs(stack):
    assert "alpine-test-backend" in stack.services()


def test_auth_runs(stack):
    assert "alpine-test-auth" in stack.services()


def test_database_runs(stack):
    assert "alpine-test-postgres" in stack.services()


def test_cache_runs(stack):
    assert "alpine-test-redis" in stack.services()
