"""What a user does without the agent: log in, write, come back."""

from chat_backend.history import History
from chat_backend.sessions import Session


def test_session_is_open_after_login():
    assert Session("ada").is_open()


def test_session_ends_by_itself():
    assert not Session("ada", minutes=-1).is_open()


def test_lines_are_there_when_the_user_comes_back():
    history = History()
    history.add("ada", "hello")
    history.add("ada", "are you there?")
    assert history.texts() == ["hello", "are you there?"]
