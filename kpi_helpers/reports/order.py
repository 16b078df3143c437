"""What is to be rendered: one report with its inputs, checked before anything runs."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kpi_helpers.calendars import parse_month
from kpi_helpers.company import read_company
from kpi_helpers.errors import KitError, did_you_mean
from kpi_helpers.folders import ROOT, find_folder
from kpi_helpers.language import LANGUAGES, _, language, use_language
from kpi_helpers.reports.parameters import check_parameters, read_parameters

NOTEBOOKS = ROOT / "notebooks"
REPORT = "monthly_report"
LONGEST = 80, 240  # characters and bytes of a folder's name: systems take 255 bytes
PRODUCTS = {"pdf": ("{report}.pdf",), "email": ("{report}.email.html", "{report}.eml")}  # made when they are asked for


@dataclass(frozen=True)
class Order:
    """One report to be rendered into the folder `final`; `values` are the parameters of its notebook."""

    folder: Path
    month: str
    report: str
    lang: str
    notebook: Path
    values: dict[str, Any]
    final: Path
    products: tuple[str, ...] = ()

    @property
    def record(self) -> str:
        """The name of the report's data."""
        return record_name(self.report)

    @property
    def files(self) -> tuple[str, ...]:
        """The names of the files that the finished report has at least."""
        asked = [name for product in self.products for name in PRODUCTS[product]]
        names = ("{report}.html", "{report}.xlsx", "{report}.ipynb", *asked)
        return (*(name.format(report=self.report) for name in names), self.record)


def order_report(
    data_dir: str | Path,
    month: str,
    out: str | Path = "reports",
    *,
    goals_file: str | Path = "",
    lang: str = "",
    currency: str = "",
    client: str = "",
    report: str = REPORT,
    parameters: Mapping[str, str] | None = None,
    products: Iterable[str] = (),
) -> Order:
    """The order for one report in `out`/<client>/<month>/; KitError when an input is wrong, in the report's language.

    An empty `lang` is the company's language, else the one in use; `parameters` are further parameters of the
    notebook, written as text; `products` are files that are made on demand: "pdf", "email".
    """
    month = f"{parse_month(month):%Y-%m}"
    folder = find_folder(data_dir)
    lang = lang or read_company(folder).language or language()
    if lang not in LANGUAGES:
        raise KitError(_("there is no language {lang}.").format(lang=repr(lang)), did_you_mean(lang, LANGUAGES))
    use_language(lang)
    _check_inputs(str(goals_file), currency, report, products)
    notebook = notebook_path(report, lang)
    values = {
        "month": month, "data_dir": str(folder), "goals_file": str(goals_file), "lang": lang,
        "currency": currency.upper(), "client": client,
    }  # fmt: skip
    check_parameters(notebook, values)
    if own := [name for name in parameters or {} if name in values]:
        found = _("parameter {name} is set twice.").format(name=own[0])
        raise KitError(found, _("It has an argument of its own: leave it out of the parameters."))
    values |= read_parameters(notebook, parameters or {})
    final = Path(out) / safe_name(client or folder.resolve().name) / month
    return Order(folder, month, report, lang, notebook, values, final, tuple(products))


def _check_inputs(goals_file: str, currency: str, report: str, products: Iterable[str]) -> None:
    """What can be found wrong before the notebook runs."""
    if goals_file and not Path(goals_file).is_file():
        found = _("there is no goals file {file}.").format(file=goals_file)
        raise KitError(found, _("Name an existing file or leave it out."))
    if currency and not re.fullmatch("[A-Za-z]{3}", currency):
        found = _("{key} = {value} is not allowed.").format(key="currency", value=repr(currency))
        expected = _('a currency code of three letters, such as "USD"')
        raise KitError(found, _("Expected: {expected}.").format(expected=expected))
    reports = sorted(path.stem for path in (NOTEBOOKS / "reports").glob("*.ipynb"))
    if report not in reports:
        raise KitError(_("there is no report {report}.").format(report=repr(report)), did_you_mean(report, reports))
    for product in products:
        if product not in PRODUCTS:
            found = _("there is no product {product}.").format(product=repr(product))
            raise KitError(found, did_you_mean(product, PRODUCTS))


def notebook_path(report: str, lang: str) -> Path:
    """The report's notebook in the reader's language."""
    path = NOTEBOOKS / ("ru/reports" if lang == "ru" else "reports") / f"{report}.ipynb"
    return path if path.exists() else NOTEBOOKS / "reports" / f"{report}.ipynb"


def record_name(report: str) -> str:
    """The name of a report's data.

    >>> record_name("monthly_report"), record_name("weekly")
    ('report.json', 'weekly.json')
    """
    return "report.json" if report == REPORT else f"{report}.json"


def safe_name(name: str) -> str:
    """A folder name that means the same folder on every system and never leaves its parent.

    >>> safe_name("../Acme & Söhne: 2026?")
    'Acme_Söhne_2026'
    """
    characters, size = LONGEST
    plain = re.sub(r"[^\w.-]+", "_", unicodedata.normalize("NFC", name)).strip("._-")[:characters]
    plain = plain.encode()[:size].decode(errors="ignore").rstrip("._-")
    reserved = re.fullmatch(r"(?i)con|prn|aux|nul|(com|lpt)[\d¹²³]", plain.split(".")[0])
    return f"_{plain}" if reserved else plain or "client"
