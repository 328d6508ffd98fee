"""The operators' first page, from sessions to text."""

from chat_backend.admin.dashboard import page


def test_page_has_a_title():
    assert page([]).startswith("Usage")


def test_busiest_user_comes_first():
    lines = page([("ada", 3, 60), ("bob", 9, 30)]).splitlines()
    assert lines[2].startswith("bob")
