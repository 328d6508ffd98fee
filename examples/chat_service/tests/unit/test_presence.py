"""Who is here."""

from chat_backend.presence import Presence


def test_user_with_an_open_tab_is_present():
    presence = Presence()
    presence.opened("ada")
    assert presence.present() == ["ada"]


def test_user_who_closed_every_tab_is_gone():
    presence = Presence()
    presence.opened("ada")
    presence.closed("ada")
    assert presence.present() == []
