"""What a month costs."""

from chat_backend.admin.billing import invoice


def test_every_message_costs():
    assert invoice([("ada", 3, 60), ("bob", 9, 30)])[0] == 24
