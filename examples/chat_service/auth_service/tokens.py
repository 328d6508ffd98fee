"""Signed tokens: who, until when, and a proof of both."""

import hashlib
import hmac
import time

SECRET = b"only-for-tests"


class InvalidToken(ValueError):
    """A token that proves nothing."""


def make(user_id, lifetime_s=600, now=None):
    """A token for a user."""
    ends = int((time.time() if now is None else now) + lifetime_s)
    return f"{user_id}.{ends}.{_proof(user_id, ends)}"


def verify(token, now=None):
    """The user that the token proves. Raises InvalidToken."""
    try:
        user_id, ends, proof = token.rsplit(".", 2)
        expired = int(ends) < (time.time() if now is None else now)
    except ValueError:
        raise InvalidToken("malformed") from None
    if not hmac.compare_digest(proof, _proof(user_id, int(ends))):
        raise InvalidToken("wrong proof")
    if expired:
        raise InvalidToken("expired")
    return user_id


def _proof(user_id, ends):
    return hmac.new(SECRET, f"{user_id}.{ends}".encode(), hashlib.sha256).hexdigest()
