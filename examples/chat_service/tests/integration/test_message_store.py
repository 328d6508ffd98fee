"""Messages outlive the process that took them."""

import pytest

from chat_backend.store import MessageStore


@pytest.fixture
def path(tmp_path):
    return tmp_path / "messages.db"


@pytest.fixture
def store(path):
    store = MessageStore(path)
    yield store
    store.close()


def test_message_is_kept(store):
    store.add("lobby", "ada", "hello")
    assert store.room("lobby") == [("ada", "hello")]


def test_rooms_are_apart(store):
    store.add("lobby", "ada", "hello")
    assert store.room("kitchen") == []


def test_messages_keep_their_order(store):
    for text in ("one", "two", "three"):
        store.add("lobby", "ada", text)
    assert [text for _, text in store.room("lobby")] == ["one", "two", "three"]


def test_second_process_reads_the_first_ones_messages(store, path):
    store.add("lobby", "ada", "hello")
    again = MessageStore(path)
    assert again.room("lobby") == [("ada", "hello")]
    again.close()
