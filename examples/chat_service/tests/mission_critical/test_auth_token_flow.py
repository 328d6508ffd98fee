"""Nobody gets in without a token."""

import pytest

from auth_service import tokens
from auth_service.client import AuthClient


@pytest.fixture
def client(auth):
    return AuthClient(*auth.address)


def test_token_proves_its_user():
    assert tokens.verify(tokens.make("ada")) == "ada"


def test_token_of_somebody_else_is_refused():
    with pytest.raises(tokens.InvalidToken, match="wrong proof"):
        tokens.verify(tokens.make("ada").replace("ada", "bob"))


def test_old_token_is_refused():
    with pytest.raises(tokens.InvalidToken, match="expired"):
        tokens.verify(tokens.make("ada", lifetime_s=10, now=0), now=11)


def test_text_that_is_no_token_is_refused():
    with pytest.raises(tokens.InvalidToken, match="malformed"):
        tokens.verify("hello")


def test_user_logs_in(client):
    assert tokens.verify(client.create_token("ada")) == "ada"


def test_two_users_get_two_tokens(client):
    assert client.create_token("ada") != client.create_token("bob")


def test_user_with_dots_in_the_name_logs_in(client):
    assert tokens.verify(client.create_token("ada.l")) == "ada.l"


def test_token_lasts_ten_minutes(client):
    assert tokens.verify(client.create_token("ada"), now=0) == "ada"
