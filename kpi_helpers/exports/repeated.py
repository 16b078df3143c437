"""How many cells the sheets of an ods have: one element of it may stand for many equal cells, or many equal rows."""

from __future__ import annotations

from dataclasses import dataclass, field

_KINDS = {"table:table": "table", "table:table-row": "row", "table:table-cell": "cell",
          "table:covered-table-cell": "cell"}  # fmt: skip


@dataclass
class RepeatedCells:
    """Cells laid out and characters in them, over all tables. Empty cells and rows at the end of a table do not count.

    The methods are handlers of expat. They raise ValueError where tables, rows or cells stand within their like.
    """

    cells: int = 0
    filled: int = 0  # each once, however often it stands
    text: int = 0
    _rows: int = 0  # of the table so far, to its last filled one
    _width: int = 0
    _empty_rows: int = 0  # below that one
    _times: int = 1  # how often the row stands
    _held: int = 0  # cells of the row so far
    _empty: int = 0  # cells behind those, of which it is not known whether anything follows
    _filled: bool = False
    _repeated: int = 1  # how often the cell stands
    _open: set[str] = field(default_factory=set)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        kind = _KINDS.get(name)
        if kind in self._open:
            raise ValueError(kind)
        if kind:
            self._open.add(kind)
        if kind == "cell":
            self._start_cell(attributes)
        elif kind == "row":
            self._times = int(attributes.get("table:number-rows-repeated", 1))
            self._held, self._empty, self._filled = 0, 0, False
        elif kind == "table":
            self._rows, self._width, self._empty_rows = 0, 0, 0
        elif name == "text:s":
            self._add(int(attributes.get("text:c", 1)))

    def _start_cell(self, attributes: dict[str, str]) -> None:
        self._repeated = int(attributes.get("table:number-columns-repeated", 1))
        self._held += self._empty
        self._empty = 0
        if any(key.startswith("office:") or key == "table:formula" for key in attributes):
            self._held, self._filled = self._held + self._repeated, True
            self.filled += 1
            self._add(max(map(len, attributes.values())))
        else:
            self._empty = self._repeated

    def end(self, name: str) -> None:
        kind = _KINDS.get(name, "")
        self._open.discard(kind)
        if kind == "row":
            self._end_row()
        elif kind == "table":
            self.cells += self._rows * self._width

    def _end_row(self) -> None:
        if not self._filled:
            self._empty_rows += self._times
            self.cells += self._held
            return
        self._rows, self._empty_rows = self._rows + self._empty_rows + self._times, 0
        self._width = max(self._width, self._held)

    def characters(self, text: str) -> None:
        self._add(len(text))

    def _add(self, characters: int) -> None:
        self.text += characters * self._repeated * self._times
