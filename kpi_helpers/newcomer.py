"""A new company's folder: settings, goals, channels, campaigns, and a README that says where each export comes from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kpi_helpers.catalogue import KPIS, tables_of
from kpi_helpers.company import FILE, read_company, read_currency
from kpi_helpers.errors import KitError
from kpi_helpers.exports import list_layouts
from kpi_helpers.exports.campaigns import COLUMNS as CAMPAIGN_COLUMNS
from kpi_helpers.exports.campaigns import FILE as CAMPAIGNS
from kpi_helpers.exports.channels import COLUMNS as CHANNEL_COLUMNS
from kpi_helpers.exports.channels import FILE as CHANNELS
from kpi_helpers.goals import BASIC as GOAL_COLUMNS
from kpi_helpers.labels import kpi_name
from kpi_helpers.language import _, language, use_language
from kpi_helpers.lettering import plain
from kpi_helpers.monthly import GOALS_FILE
from kpi_helpers.terms import TABLES, source_table

TEMPLATES = Path(__file__).resolve().parent / "templates" / "company"
EXPORTS = "exports"


def make_company(folder: Path, *, lang: str, currency: str = "", name: str = "") -> list[Path]:
    """Make the folder and what belongs into it, in a language of `LANGUAGES`; the paths made are returned.

    KitError where something stands there already, or the currency is none; then nothing is written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        found = _("{folder} exists and is not an empty folder.").format(folder=folder)
        raise KitError(found, _("Name a folder that does not exist yet."))
    contents = compose(plain(name) or folder.resolve().name, lang, read_currency(currency))
    _check_settings(contents[FILE])
    (folder / EXPORTS).mkdir(parents=True)
    for file, text in contents.items():
        with (folder / file).open("x", encoding="utf-8", newline="\n") as opened:
            opened.write(text)
    return [folder / EXPORTS, *(folder / file for file in contents)]


def compose(name: str, lang: str, currency: str = "") -> dict[str, str]:
    """The files of a new company by name, as text in the language."""
    before = language()
    use_language(lang)
    try:
        return {
            FILE: _fill(FILE, name=_quote(name), currency=_quote(currency) if currency else ""),
            GOALS_FILE: _table(GOAL_COLUMNS) + "\n",
            CHANNELS: _table(CHANNEL_COLUMNS) + "\n",
            CAMPAIGNS: _table(CAMPAIGN_COLUMNS) + "\n",
            "README.md": _fill("README.md", name=name, groups=_groups(), year=date.today().year),
        }
    finally:
        use_language(before)


def _table(headings: Sequence[str]) -> str:
    """The first line of a table, as the reader's spreadsheet program opens it in columns."""
    return "\ufeff" + ";".join(headings) if language() == "ru" else ",".join(headings)


def _groups() -> list[dict[str, Any]]:
    """What the kit can read, by canonical table: the layouts that fill it and the KPIs that need it."""
    layouts = list_layouts()
    return [
        {
            "name": _(table.name),
            "layouts": [(_(layout.name), _(layout.get)) for layout in layouts if key in layout.tables],
            "kpis": [kpi_name(row) for row in KPIS if key in map(source_table, tables_of(row))],
        }
        for key, table in TABLES.items()
        if any(key in layout.tables for layout in layouts)
    ]


def _fill(file: str, **values: Any) -> str:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    loader = FileSystemLoader(TEMPLATES / language())
    environment = Environment(
        loader=loader, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, keep_trailing_newline=True
    )
    return environment.get_template(file).render(lang=language(), **values)


def _quote(text: str) -> str:
    """Text as TOML writes it."""
    return json.dumps(text, ensure_ascii=False)


def _check_settings(text: str) -> None:
    with TemporaryDirectory() as place:
        Path(place, FILE).write_text(text, encoding="utf-8")
        read_company(Path(place))
