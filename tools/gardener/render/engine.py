"""Templates: found, filled in, and kept from doing harm."""

import functools
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, StrictUndefined, TemplateSyntaxError
from jinja2.sandbox import SandboxedEnvironment
from markupsafe import Markup

from gardener.model.errors import ConfigurationError
from gardener.render import markdown, outline

_HOUSE = Path(__file__).parents[1]
# what every template may call
_FUNCTIONS = (
    *(outline.excerpt, outline.fold, outline.place, outline.places, outline.reproduction, outline.rerun),
    markdown.clip,
)
_LONGEST = 40_000  # characters of one value on a page


class Templates:
    """The repository's own templates before the packaged ones before the checkout's.

    In a Markdown template whatever is printed is made harmless unless a filter (`code`, `fence`, `cell`) already did;
    in an HTML template it is escaped. A name that is not there, or a fault in a repository's own template, is a
    ConfigurationError that names file and line.
    """

    def __init__(self, overrides: Path | None = None) -> None:
        self._own = overrides
        folders = [overrides, _HOUSE / "templates", _HOUSE.parents[1] / "templates"]
        self._loader = ChoiceLoader([FileSystemLoader(folder) for folder in folders if folder is not None])

    def markdown(self, name: str, **values: object) -> str:
        """A Markdown text, with one line end at its end."""
        return self._fill(self._markdown, name, values).strip("\n") + "\n"

    def html(self, name: str, **values: object) -> str:
        """An HTML text."""
        return self._fill(self._html, name, values)

    def source(self, name: str) -> str:
        """A template's text as it stands: a style sheet."""
        return self._loader.get_source(self._html, name)[0]

    @functools.cached_property
    def _markdown(self) -> Environment:
        made = _environment(self._loader)
        made.finalize = markdown.inline
        made.filters |= {
            name: getattr(markdown, name) for name in ("code", "fence", "cell", "issue", "meant", "scalar", "key")
        }
        return made

    @functools.cached_property
    def _html(self) -> Environment:
        made = _environment(self._loader)
        made.finalize = _visible
        return made

    def _fill(self, environment: Environment, name: str, values: dict[str, object]) -> str:
        try:
            return environment.get_template(name).render(values)
        except Exception as fault:
            place = self._place(fault)
            if place is None:
                raise
            message = f"The template {place} cannot be used: {type(fault).__name__}: {fault}"
            raise ConfigurationError(
                message, "Mend it, or remove the file to get the packaged template back."
            ) from fault

    def _place(self, fault: Exception) -> str | None:
        """`path:line` inside the repository's own templates; None when the fault lies elsewhere."""
        places = [(fault.filename or "", fault.lineno)] if isinstance(fault, TemplateSyntaxError) else []
        trace = fault.__traceback__
        while trace is not None:
            places.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
            trace = trace.tb_next
        own = [f"{path}:{line}" for path, line in places if self._own and Path(path).is_relative_to(self._own)]
        return own[-1] if own else None


def _environment(loader: BaseLoader) -> Environment:
    made = SandboxedEnvironment(
        loader=loader,
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["plural"] = outline.many
    made.globals |= {each.__name__: each for each in _FUNCTIONS}
    return made


def _visible(value: Any) -> Any:  # noqa: ANN401 - what a template prints
    return markdown.visible(value[:_LONGEST]) if isinstance(value, str) and not isinstance(value, Markup) else value
