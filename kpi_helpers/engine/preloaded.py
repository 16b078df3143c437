"""What a report needs, imported once for all the processes forked from this one. Only the server imports it.

Nothing here may start a thread, open a connection or ask for the running IPython shell, for none of these survives a
fork. That is why matplotlib's inline backend is left to the notebook's process, which shell.py makes ready, and why
Polars, which statsmodels looks for, is not to be found here, nor the debugger that ipykernel looks for.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from pathlib import Path
from types import ModuleType

LIBRARIES = (
    "IPython.core.completer", "IPython.extensions.storemagic", "PIL.GifImagePlugin", "PIL.JpegImagePlugin",
    "PIL.PngImagePlugin", "babel.dates", "babel.lists", "babel.numbers", "babel.units", "encodings.unicode_escape",
    "encodings.utf_8_sig", "filelock", "ipykernel.debugger", "ipykernel.ipkernel", "ipykernel.kernelapp",
    "ipykernel_launcher", "jinja2", "lxml.html", "matplotlib.backends.backend_agg", "matplotlib.patheffects",
    "matplotlib.pyplot", "mistune", "narwhals.stable.v2", "nbclient", "nbconvert.exporters.html", "nbformat", "pandas",
    "papermill", "pygments.lexers.python", "python_calamine", "scipy.optimize", "scipy.stats", "seaborn",
    "statsmodels.duration.survfunc", "statsmodels.stats.proportion", "statsmodels.tsa.exponential_smoothing.ets",
    "xlsxwriter", "yaml",
)  # fmt: skip
LEFT = {  # no report needs them
    "__main__", "beliefs", "budget", "checkup", "cli", "commands", "engine", "newcomer", "planning", "revisions",
    "smart", "widgets",
}  # fmt: skip
LANGUAGES = ("en", "ru")
SILENT = ("ignore", None, Warning, None, 0)  # a filter of warnings


@contextmanager
def _absent(*names: str) -> Iterator[None]:
    """As if the libraries were not installed; whoever imports them afterwards gets them."""
    hidden: dict[str, ModuleType | None] = {name: None for name in names if name not in sys.modules}
    sys.modules.update(hidden)  # type: ignore[arg-type]
    try:
        yield
    finally:
        for name in hidden:
            sys.modules.pop(name, None)


def _import_all() -> None:
    package = Path(__file__).resolve().parent.parent
    files = (file.relative_to(package).with_suffix("").parts for file in sorted(package.rglob("*.py")))
    paths = (("kpi_helpers", *parts) for parts in files if parts[0] not in LEFT)
    for name in (*LIBRARIES, *(".".join(parts).removesuffix(".__init__") for parts in paths)):
        with suppress(Exception):  # who needs it will say what is wrong with it
            importlib.import_module(name)


def _draw() -> None:
    """One throw-away figure: the fonts are found and read. It is drawn outside pyplot, which would choose a backend."""
    import io

    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from seaborn import lineplot

    figure = Figure(layout="constrained")
    FigureCanvasAgg(figure)
    ax = figure.add_subplot(title="January", xlabel="€ 1 000", ylabel="Январь")
    ax.title.set_fontweight("bold")
    lineplot(x=[1, 2, 3], y=[1.0, 3.0, 2.0], ax=ax)
    figure.savefig(io.BytesIO(), format="png")
    figure.savefig(io.BytesIO(), format="svg")


def _read_languages() -> None:
    from babel.dates import format_date
    from babel.lists import format_list
    from babel.numbers import format_compact_decimal, format_currency, format_percent

    from kpi_helpers.language import in_all_languages

    in_all_languages("month")
    for lang in LANGUAGES:
        format_date(date(2026, 1, 1), "LLLL y", locale=lang)
        format_currency(1.5, "USD", locale=lang)
        format_compact_decimal(15000, locale=lang)
        format_percent(0.5, locale=lang)
        format_list(["a", "b"], locale=lang)


def _find_out() -> None:
    """What the libraries import only when they are used."""
    from holidays import country_holidays, list_supported_countries
    from narwhals.stable.v2 import from_native
    from pandas import DataFrame, get_dummies

    from kpi_helpers import reports
    from kpi_helpers.reports.manifest import hash_code, libraries
    from kpi_helpers.tables.fragments import compile_templates

    for name in reports.__all__:
        getattr(reports, name)
    hash_code(), libraries()  # each is remembered
    compile_templates()
    country_holidays("US", years=[2026]), list_supported_countries()
    get_dummies(from_native(DataFrame({"a": ["b"]})).to_native()).to_dict()


def _forget_warnings() -> None:
    """What was warned of here once is warned of again where a notebook does it; the libraries' own filters stay."""
    while SILENT in warnings.filters:
        warnings.filters.remove(SILENT)  # type: ignore[attr-defined]
    for module in list(sys.modules.values()):
        vars(module).pop("__warningregistry__", None) if isinstance(module, ModuleType) else None


_backend = os.environ.get("MPLBACKEND")
os.environ["MPLBACKEND"] = "agg"
warnings.simplefilter("ignore")
with _absent("polars", "debugpy"):
    _import_all()
    _draw()
    _read_languages()
    with suppress(Exception):
        _find_out()
_forget_warnings()
os.environ.pop("MPLBACKEND")
if _backend is not None:
    os.environ["MPLBACKEND"] = _backend
