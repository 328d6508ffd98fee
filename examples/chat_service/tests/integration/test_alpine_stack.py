"""The services of the Alpine stack find one another."""

import pytest

pytestmark = pytest.mark.docker


@pytest.mark.parametrize("service", ["alpine-test-backend", "alpine-test-auth"])
def test_service_runs(stack, service):
    assert service in stack.services()


@pytest.mark.parametrize("channel", ["stable", "beta", "kiosk", "embedded"])
def test_frontend_of_each_channel_runs(stack, channel):
    assert f"alpine-test-frontend-{channel}" in stack.services()
