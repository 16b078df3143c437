"""Pieces of HTML from the templates of the kit, every value escaped and wrapped for the report's style sheet."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from kpi_helpers.lettering import plain

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True, finalize=lambda value: plain_text(value) if isinstance(value, str) else value,
    )


def compile_templates() -> None:
    """Compile the templates of all fragments, which are remembered, before a report asks for them."""
    environment = _environment()
    for name in environment.list_templates(filter_func=lambda name: name.endswith(".html") and "/" not in name):
        environment.get_template(name)


def plain_text(value: str) -> str:
    """Text without control and direction marks; Markup made by the kit stays as it is."""
    return value if isinstance(value, Markup) else plain(value)


def fragment(template: str, **values: Any) -> str:
    """The template filled with values, as HTML that stands on its own in a notebook or a page."""
    return f'<div class="kpi">{_environment().get_template(template).render(**values).strip()}</div>\n'


def without_math(html: str) -> str:
    """The HTML for a notebook: no amount in dollars is typeset as mathematics (JupyterLab reads `$…$` so)."""
    return f'<div class="mathjax_ignore tex2jax_ignore">{html}</div>'


def piece(template: str, **values: Any) -> Markup:
    """The template filled with values, to stand inside another fragment."""
    return Markup(_environment().get_template(template).render(**values).strip())
