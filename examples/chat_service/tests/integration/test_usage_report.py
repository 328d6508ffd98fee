"""The operators' report."""

from chat_backend.analytics.report import usage


def test_report_of_nobody_is_a_head():
    assert usage([]) == "name;messages;minutes"


def test_minutes_are_rounded():
    assert usage([("ada", 1, 100)]).endswith("ada;1;1.7")
