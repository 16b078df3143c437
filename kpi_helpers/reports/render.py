"""Render a report: papermill runs the notebook, the page, the workbook and the record are made from its outputs."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from kpi_helpers.errors import KitError
from kpi_helpers.language import _, language, speaking, use_language
from kpi_helpers.printing import tell
from kpi_helpers.reports import execute
from kpi_helpers.reports.execute import Failure, Progress
from kpi_helpers.reports.manifest import (
    describe_file,
    fingerprint,
    hash_file,
    hash_inputs,
    manifest_name,
    why_again,
)
from kpi_helpers.reports.order import REPORT, Order, notebook_path, order_report, safe_name
from kpi_helpers.reports.page import render_html
from kpi_helpers.reports.publish import alone_in, behind_link, heal, put_in_place, unfinished, write
from kpi_helpers.reports.record import title_of
from kpi_helpers.reports.refusals import explained
from kpi_helpers.reports.section import RECORD_TYPE, SECTION_TYPE
from kpi_helpers.reports.summary import for_everybody
from kpi_helpers.reports.workbook import write_workbook
from kpi_helpers.saving import write_safely

if TYPE_CHECKING:
    from kpi_helpers.reports.email import Attachment

__all__ = ["REPORT", "Order", "notebook_path", "order_report", "render", "render_report", "safe_name"]
SOON = 60  # seconds in which a notebook failed that is run once more for its words: a batch waits meanwhile
TRIES = 2  # times that a report is rendered whose exports are changed meanwhile


def render_report(
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
    progress: bool | Progress = False,
) -> Path:
    """Render one report to `out`/<client>/<month>/ as HTML, notebook, XLSX and JSON, and return that folder.

    The inputs are those of `order_report`; `progress` shows a bar, or is called with the cells done and all of them.
    KitError when an input is wrong or the notebook fails; then nothing is written.
    """
    order = order_report(
        data_dir, month, out, goals_file=goals_file, lang=lang, currency=currency, client=client, report=report,
        parameters=parameters, products=products,
    )  # fmt: skip
    return render(order, progress=progress)


def render(
    order: Order,
    *,
    progress: bool | Progress = False,
    failed: Path | None = None,
    told: Callable[[str], None] = tell,
    spoken: str = "",
) -> Path:
    """Render what was ordered and return its folder; a notebook that fails is written to `failed` for reading.

    One run at a time renders into a folder: another waits, says so by `told`, and is done where the same was rendered
    meanwhile. KitError, in the language `spoken` or else the report's, when the notebook fails or the report cannot be
    written: then the report of before stands.
    """
    use_language(spoken or order.lang)
    if "pdf" in order.products:
        from kpi_helpers.reports.pdf import find_chromium

        find_chromium()  # what is missing is said before the notebook runs
    linked, order = order.final, replace(order, final=behind_link(order.final))
    with explained(order.final), alone_in(order.final, told) as waited:
        healed = heal(order.final)
        if (healed or waited) and not why_again(order):
            return linked
        begun = time.monotonic()
        try:
            _render_unchanged(order, progress)
        except Failure as failure:
            _keep(failure.notebook, failed)
            raise _retold(failure, order, time.monotonic() - begun) from None
        if failed:
            with suppress(OSError):
                failed.unlink(missing_ok=True)
    return linked


def _render_unchanged(order: Order, progress: bool | Progress) -> None:
    """Render from inputs that stay as they are: where they are changed meanwhile, once more."""
    for _try in range(TRIES):
        begun, made_from = time.monotonic(), fingerprint(order)
        with unfinished(order.final) as folder:
            _write_report(folder, order, execute.execute(order.notebook, order.values, progress))
            if (made_from["inputs"], made_from["notebook"]) == (hash_inputs(order), hash_file(order.notebook)):
                manifest = _manifest(folder, order, time.monotonic() - begun, made_from)
                made = set(manifest["files"])
                put_in_place(folder, order.final, made, {manifest_name(order.report): _json(manifest)})
                return
    found = _("the files in {folder} were changed while the report was made.").format(folder=order.folder.name)
    raise KitError(found, _("Render it again when they are complete."))


def _manifest(folder: Path, order: Order, seconds: float, made_from: dict[str, Any]) -> dict[str, Any]:
    record = json.loads((folder / order.record).read_text(encoding="utf-8"))
    return {
        "report": order.report,
        "client": record["client"],
        "month": order.month,
        "rendered_at": datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "seconds": round(seconds, 1),
        "files": {path.name: describe_file(path) for path in sorted(folder.iterdir())},
        "replaces": hash_file(order.final / manifest_name(order.report)),
        "fingerprint": made_from,
    }


def _write_report(folder: Path, order: Order, executed: Any) -> None:
    """Every file of the report."""
    import nbformat

    write(folder / f"{order.report}.ipynb", nbformat.writes(executed).encode("utf-8"))
    with speaking(order.lang):
        products = _products(executed, order)
    for name, content in products.items():
        write(folder / name, content)
    if "pdf" in order.products:
        from kpi_helpers.reports.pdf import make_pdf

        make_pdf(folder / f"{order.report}.html", folder / f"{order.report}.pdf")
    if "email" in order.products:
        from kpi_helpers.reports.email import make_email

        with speaking(order.lang):
            record, attached = _take(executed, RECORD_TYPE)[-1], _attachment(folder, order, executed)
            made = make_email(executed, record, order.lang, attached, order.report)
        for name, content in made.items():
            write(folder / name, content)


def _attachment(folder: Path, order: Order, executed: Any) -> Attachment:
    """The report that goes with the e-mail, as PDF where that was ordered: without what is not for everybody."""
    from kpi_helpers.reports.email import Attachment
    from kpi_helpers.reports.pdf import make_pdf

    name = f"{order.report}.{'pdf' if 'pdf' in order.products else 'html'}"
    shared = for_everybody(executed)
    if len(shared.cells) == len(executed.cells):
        return Attachment(name, (folder / name).read_bytes())
    with TemporaryDirectory(prefix="kpi-") as place:
        page = Path(place, f"{order.report}.html")
        title = title_of(_take(executed, RECORD_TYPE)[-1])
        page.write_text(render_html(shared, title=title, lang=order.lang), encoding="utf-8", newline="")
        if "pdf" in order.products:
            make_pdf(page, Path(place, name))
        return Attachment(name, Path(place, name).read_bytes())


def _products(executed: Any, order: Order) -> dict[str, bytes]:
    """The files made from an executed notebook, by name."""
    record = _take(executed, RECORD_TYPE)[-1]
    title = title_of(record)
    sections = _take(executed, SECTION_TYPE)
    beside = {name: text for section in sections for name, text in section.get("files", {}).items()}
    return {
        **{name: ("\ufeff" + text).encode("utf-8") for name, text in beside.items()},
        f"{order.report}.html": render_html(executed, title=title, lang=order.lang).encode("utf-8"),
        f"{order.report}.xlsx": write_workbook(sections, title),
        order.record: _json(record),
    }


def _json(data: Any) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=1, allow_nan=False).encode("utf-8")


def _take(notebook: Any, kind: str) -> list[Any]:
    """The data of one type in the outputs of an executed notebook, in their order."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    return [output["data"][kind] for output in outputs if kind in output.get("data", {})]


def _retold(failure: Failure, order: Order, seconds: float) -> Failure:
    """The failure in the language in use: what the notebook itself said, and soon, is asked of it once more."""
    if not failure.is_quoted or language() == order.lang or seconds > SOON:
        return failure
    try:
        execute.execute(order.notebook, {**order.values, "lang": language()})
    except Exception as retold:  # whatever happens to the question, the first answer stands
        return retold if isinstance(retold, Failure) and retold.is_quoted else failure
    return failure


def _keep(notebook: Any, path: Path | None) -> None:
    """Write a notebook that failed, for reading."""
    import nbformat

    if path:
        with suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_safely(path, nbformat.writes(notebook).encode("utf-8"))
