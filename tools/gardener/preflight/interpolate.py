"""Variables in compose files and Dockerfiles, as a shell would fill them in. Pure."""

import re
from collections.abc import Mapping

_VARIABLE = re.compile(r"\$(?:(?P<escaped>\$)|(?P<bare>[A-Za-z_]\w*)|\{(?P<name>[A-Za-z_]\w*)(?P<rest>))")
_OPERATOR = re.compile(r":?[-?+]")
_ENV_LINE = re.compile(r"\s*(?:export\s+)?(?P<name>[A-Za-z_][\w.]*)\s*=\s*(?P<value>.*?)\s*$")


class MissingVariable(ValueError):
    """A variable that the compose file insists on (`${NAME:?words}`) is not set."""


def fill(value: object, variables: Mapping[str, str]) -> object:
    """The tree with every string's variables filled in; unset ones are empty. Raises MissingVariable."""
    if isinstance(value, str):
        return fill_text(value, variables)
    if isinstance(value, dict):
        return {key: fill(inner, variables) for key, inner in value.items()}
    return [fill(inner, variables) for inner in value] if isinstance(value, list) else value


def fill_text(text: str, variables: Mapping[str, str]) -> str:
    """`$NAME`, `${NAME}`, `${NAME:-else}`, `${NAME-else}`, `:?`, `?`, `:+`, `+`, nested, and `$$` for a dollar."""
    out, at = [], 0
    while found := _VARIABLE.search(text, at):
        out.append(text[at : found.start()])
        at = found.end()
        if found["escaped"]:
            out.append("$")
        elif found["bare"]:
            out.append(variables.get(found["bare"], ""))
        else:
            end = _closing(text, at)
            out.append(_braced(found["name"], text[at:end], variables))
            at = end + 1
    return "".join(out) + text[at:]


def _closing(text: str, at: int) -> int:
    depth = 1
    for place in range(at, len(text)):
        depth += (text[place] == "{" and text[place - 1] == "$") - (text[place] == "}")
        if depth == 0:
            return place
    raise MissingVariable(f"${{ without its }} in {text!r}")


def _braced(name: str, rest: str, variables: Mapping[str, str]) -> str:
    operator = _OPERATOR.match(rest)
    value = variables.get(name)
    if operator is None:
        return value or ""
    words = rest[operator.end() :]
    absent = value is None or (operator[0][0] == ":" and value == "")
    match operator[0][-1]:
        case "-":
            return fill_text(words, variables) if absent else value or ""
        case "+":
            return "" if absent else fill_text(words, variables)
        case _:
            if absent:
                raise MissingVariable(f"required variable {name} is missing a value: {fill_text(words, variables)}")
            return value or ""


def read_env(text: str) -> dict[str, str]:
    """The variables of an env file: comments and quotes gone."""
    found = {}
    for line in text.splitlines():
        pair = None if line.lstrip().startswith("#") else _ENV_LINE.match(line)
        if pair:
            found[pair["name"]] = _unquoted(pair["value"])
    return found


def _unquoted(value: str) -> str:
    if value[:1] in {"'", '"'} and value.rfind(value[0]) > 0:
        return value[1 : value.rfind(value[0])]
    return value.split(" #", maxsplit=1)[0].rstrip()
