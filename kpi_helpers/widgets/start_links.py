"""Links to a rendered report that work in JupyterLab and in Voila, wherever the server's own folder is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import anywidget
import traitlets

from kpi_helpers.language import N_, _

HERE = Path(__file__).resolve().parent
SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# suffix of a report's file -> its type and the words of its link; others are found in the folder
OFFERED = {
    ".html": ("text/html;charset=utf-8", N_("Open the report")),
    ".xlsx": (SHEET, N_("Save the spreadsheet")),
    ".csv": ("text/csv;charset=utf-8", N_("Save the rejected rows")),
}
# The page opens under the address of the notebook server: nothing in it may run or load, whatever it holds.
NOTHING_RUNS = (
    b'<meta http-equiv="Content-Security-Policy" '
    b"content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
)


class ReportLinks(anywidget.AnyWidget):
    """Links to the page and the spreadsheet of a report."""

    _esm = (HERE / "start_links.js").read_text(encoding="utf-8")
    files: Any = traitlets.List().tag(sync=True)

    def offer(self, folder: Path | None) -> None:
        """Offer the files of a report's folder; none without a folder."""
        found = [path for suffix in OFFERED for path in sorted(folder.glob(f"*{suffix}"))] if folder else []
        self.files = [_link(path) for path in found]


def _link(path: Path) -> dict[str, object]:
    kind, words = OFFERED[path.suffix]
    opens = path.suffix == ".html"
    data = path.read_bytes()
    if opens:
        data = data.replace(b"<head>", b"<head>" + NOTHING_RUNS, 1)
    return {"name": path.name, "type": kind, "words": _(words), "data": data, "opens": opens}
