"""What a user typed is checked before anything reads it."""

import pydantic
import pytest

from chat_backend.logging_factory import get_logger
from chat_backend.models import UserMessage
from chat_backend.sessions import Session


@pytest.mark.parametrize("text", ["hello", "", "naïve", "two\nlines", "🙂"])
def test_text_is_kept_as_it_is(text):
    get_logger("messages").debug("one more")
    assert Session("ada").is_open()
    assert UserMessage(user_id="ada", text=text).text == text


def test_message_without_text_is_refused():
    with pytest.raises(pydantic.ValidationError):
        UserMessage(user_id="ada")


def test_message_cannot_be_changed():
    message = UserMessage(user_id="ada", text="hello")
    with pytest.raises(pydantic.ValidationError):
        message.text = "bye"
