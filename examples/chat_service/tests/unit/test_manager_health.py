"""The health page tells what the manager tells."""

from unittest.mock import Mock

import pytest

from chat_backend.websocket_manager import WebSocketManager


def health_page(manager):
    return "up" if manager.is_healthy() else "down"


@pytest.fixture
def manager():
    stand_in = Mock(spec=WebSocketManager)
    stand_in.is_healthy.return_value = True
    stand_in.count.return_value = 2
    return stand_in


def test_page_says_up(manager):
    assert health_page(manager) == "up"


def test_page_asks_once(manager):
    health_page(manager)
    manager.is_healthy.assert_called_once_with()


def test_page_opens_no_connection(manager):
    health_page(manager)
    manager.connect.assert_not_called()


def test_page_closes_no_connection(manager):
    health_page(manager)
    manager.disconnect.assert_not_called()


def test_page_does_not_count(manager):
    health_page(manager)
    manager.count.assert_not_called()


def test_page_twice_asks_twice(manager):
    health_page(manager)
    health_page(manager)
    assert manager.is_healthy.call_count == 2


def test_page_says_down():
    stand_in = Mock(spec=WebSocketManager)
    stand_in.is_healthy.return_value = False
    assert health_page(stand_in) == "down"
