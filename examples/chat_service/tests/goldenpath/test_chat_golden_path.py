"""A user opens the chat, asks, watches the agent, and reads the answer."""

import json

from chat_backend.client import connect

QUESTION = json.dumps({"kind": "user_message", "user_id": "ada", "text": "hello world"})


def read_until(websocket, kind):
    while True:
        event = json.loads(websocket.recv(timeout=5))
        if kind in event:
            return event


def test_user_opens_the_chat(stack):
    with connect(stack.url) as websocket:
        assert websocket.ping().wait(5)


def test_user_watches_the_agent(chat):
    chat.send(QUESTION)
    assert read_until(chat, "thought")


def test_user_reads_the_answer(chat):
    chat.send(QUESTION)
    assert read_until(chat, "answer")["answer"] == "hello world: 2 results"
