"""`kpi layout`: a draft of a layout for a file that the kit does not know."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from kpi_helpers.commands.wording import as_called, make_command
from kpi_helpers.company import FILE as SETTINGS
from kpi_helpers.company import read_company
from kpi_helpers.errors import KitError
from kpi_helpers.language import _
from kpi_helpers.printing import file_name, print_lines, tell

if TYPE_CHECKING:
    from kpi_helpers.exports import Layout
    from kpi_helpers.exports.sheet import Sheet


def command() -> click.Command:
    """The command, in the language in use."""
    text = _(
        "Draft a layout for a file that no layout fits: which table it may fill, which heading is which column, what "
        "is missing. Put the draft, checked, into the folder layouts beside the exports, and the file is read."
    )
    params: list[click.Parameter] = [
        click.Argument(["file"], metavar=_("FILE")),
        click.Option(["--table"], default="", metavar=_("TABLE"), help=_("The table it fills, such as ads or leads.")),
        click.Option(["--out"], default="", metavar=_("FILE"), help=_("Write the draft into this new file.")),
    ]
    lines = ["kpi layout acme/exports/banners.csv", "kpi layout banners.csv --table ads --out layouts/banners.toml"]
    return make_command("layout", run, _("Draft a layout for an unknown file."), text, params, lines)


def run(file: str, table: str, out: str) -> None:
    """Print the draft, or write it into a new file. Raises KitError where there is nothing to draft."""
    path = Path(file).expanduser()
    if not path.is_file():
        raise KitError(_("there is no such file."), where=path.name)
    if not out:
        print_lines(_draft(path, table).splitlines())
        return
    target = Path(out).expanduser()
    if target.exists():
        raise KitError(_("this file exists and stays as it is."), _("Give another name."), where=file_name(target))
    text = _draft(path, table)
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("x", encoding="utf-8") as opened:
        opened.write(text)
    print_lines([file_name(target)])
    tell(_("Check it, then: {command}").format(command=as_called(f'kpi read "{file_name(path)}"')))


def _draft(path: Path, table: str) -> str:
    from kpi_helpers.exports.drafting import draft_layout

    layouts = _layouts(path)
    try:
        sheets = _sheets(path.read_bytes())
        known = [layout.key for sheet in sheets for layout in _fitting(sheet, layouts)]
        if known and not table:
            found = _("the layout {layout} fits it already.").format(layout=", ".join(dict.fromkeys(known)))
            raise KitError(found, _("kpi read shows how it is read; --table drafts another layout all the same."))
        unknown = [sheet for sheet in sheets if table or not _fitting(sheet, layouts)]
        return draft_layout(max(unknown, key=lambda sheet: len(sheet.rows)), layouts, name=path.stem, table=table)
    except KitError as error:
        raise KitError(error.found, error.next_step, where=file_name(path.name)) from None


def _sheets(data: bytes) -> list[Sheet]:
    """The tables of a file, or of all files in an archive."""
    from kpi_helpers.exports.archive import ZIP, is_archive, open_archive
    from kpi_helpers.exports.dialect import read_sheets

    is_zip = data[: len(ZIP)] == ZIP and is_archive(data)
    contents = [content for _name, content in open_archive(data)] if is_zip else [data]
    return [sheet for content in contents for sheet in read_sheets(content)]


def _layouts(path: Path) -> list[Layout]:
    """The kit's layouts and those of the company's folder, knowing the company's questions."""
    from kpi_helpers.exports.file import LAYOUTS
    from kpi_helpers.exports.layout_file import list_layouts, read_layout

    above = path.absolute().parent.parent
    home = above if (above / SETTINGS).exists() and not (path.parent / SETTINGS).exists() else path.parent
    company = read_company(home)
    # an empty one is the file that the shell has opened for the draft
    written = [file for file in sorted((home / LAYOUTS).glob("*.toml")) if file.stat().st_size]
    return [layout.asking(company) for layout in (*map(read_layout, written), *list_layouts())]


def _fitting(sheet: Sheet, layouts: list[Layout]) -> list[Layout]:
    from kpi_helpers.exports.recognise import recognise

    try:
        return [recognise(sheet, layouts).layout]
    except KitError:
        return []
