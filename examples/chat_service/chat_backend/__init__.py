"""The chat backend: connections, events of an agent at work, and what is kept of them."""
