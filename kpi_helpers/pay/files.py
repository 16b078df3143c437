"""The schemes of a company: pay.csv (or .yml) in its folder."""

from __future__ import annotations

from pathlib import Path

from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports, own_channels
from kpi_helpers.language import _
from kpi_helpers.scorecard import Scheme, read_schemes

PAY_FILE = "pay.csv"
PAY_FILES = (PAY_FILE, "pay.yml", "pay.yaml")


def read_pay(exports: Exports, pay_file: str | Path = "") -> list[Scheme]:
    """The schemes of `pay_file`, or of pay.csv (.yml) in the company's folder; none where there is no such file.

    KitError names the line of what is wrong.
    """
    path = Path(pay_file) if pay_file else find_pay(exports.folder)
    if not path.exists():
        if pay_file:
            found = _("there is no file of schemes {file}.").format(file=path)
            raise KitError(found, _("Name an existing file or leave it out."))
        return []
    return read_schemes(path, _channels(exports))


def _channels(exports: Exports) -> set[str]:
    """The channels that the company names itself, and those that its exports hold."""
    found = {rule.channel for rule in own_channels(exports.folder)}
    for table in exports.tables.values():
        if "channel" in table:
            found |= set(table["channel"].dropna().unique())
    return found


def find_pay(folder: Path) -> Path:
    """The file of schemes in a company's folder; that of a new one where there is none. KitError where there are
    several."""
    found = [folder / name for name in PAY_FILES if (folder / name).exists()]
    if len(found) > 1:
        names = ", ".join(path.name for path in found)
        raise KitError(_("there are several files of schemes: {names}.").format(names=names), _("Leave one of them."))
    return found[0] if found else folder / PAY_FILE
