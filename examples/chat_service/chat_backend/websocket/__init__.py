"""Connections, and the events that go over them."""
