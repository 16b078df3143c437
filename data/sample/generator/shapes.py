"""The dialects in which platforms write tables: bytes exactly, the same on every system."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

NBSP = "\u00a0"
RUSSIAN_MONTHS = (
    *("январь", "февраль", "март", "апрель", "май", "июнь"),
    *("июль", "август", "сентябрь", "октябрь", "ноябрь", "декабрь"),
)


@dataclass(frozen=True)
class Dialect:
    encoding: str = "utf-8"
    delimiter: str = ","
    line_end: str = "\n"
    quote_all: bool = False

    def write(
        self, path: Path, headings: Sequence[str], rows: Iterable[Sequence[object]], preamble: Sequence[str] = ()
    ) -> None:
        text = io.StringIO()
        text.writelines(line + self.line_end for line in preamble)
        quoting = csv.QUOTE_ALL if self.quote_all else csv.QUOTE_MINIMAL
        table = csv.writer(text, delimiter=self.delimiter, lineterminator=self.line_end, quoting=quoting)
        table.writerow(headings)
        table.writerows(rows)
        mark = "\ufeff" if self.encoding == "utf-16-le" else ""
        path.write_bytes((mark + text.getvalue()).encode(self.encoding))


METRICA = Dialect(quote_all=True)
RUSSIAN_EXCEL = Dialect("cp1251", ";", "\r\n")
BOM_SEMICOLON = Dialect("utf-8-sig", ";", "\r\n")
SEMICOLON = Dialect("utf-8", ";")
COMMA = Dialect()
BOM_COMMA = Dialect("utf-8-sig")
GOOGLE_ADS = Dialect("utf-16-le", "\t")


def decimal_comma(number: float, digits: int = 2, thousands: str = "") -> str:
    return f"{number:,.{digits}f}".replace(",", thousands).replace(".", ",")


def fraction(part: float, whole: float, digits: int = 4) -> str:
    """Metrica's rates: up to four digits and no zeros at the end."""
    return f"{part / whole if whole else 0:.{digits}f}".rstrip("0").rstrip(".") or "0"


def clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def dotted(day: date | None) -> str:
    return "" if day is None else f"{day:%d.%m.%Y}"


def dotted_time(at: datetime | None) -> str:
    return "" if at is None else f"{at:%d.%m.%Y %H:%M:%S}"


def russian_month(month: str) -> str:
    """'2026-10' -> 'октябрь 2026'."""
    year, number = month.split("-")
    return f"{RUSSIAN_MONTHS[int(number) - 1]} {year}"


def as_json(value: Any, depth: int = 0) -> str:
    """JSON whose lists stand on one line, so that a series of months can be read (and stays small)."""
    if not isinstance(value, dict) or not value:
        return json.dumps(value, ensure_ascii=False)
    pad = " " * (depth + 1)
    inside = ",\n".join(
        f"{pad}{json.dumps(str(key), ensure_ascii=False)}: {as_json(v, depth + 1)}" for key, v in value.items()
    )
    return "{\n" + inside + "\n" + " " * depth + "}"


LOYALTY = ("nps", "repeat_rate")  # the KPIs whose final goal is loyalty; that of the others is turnover


def write_goal_rows(path: Path, rows: Iterable[tuple[str, str, float | str, float, pd.Period, str, float]]) -> None:
    """Goals for single months: KPI, scope, base ("" where there is none), goal, month, owner, weight."""
    columns = ["kpi", "scope", "final_goal", "baseline", "target", "start", "deadline", "owner", "weight"]
    COMMA.write(
        path,
        columns,
        [
            [kpi, scope, "loyalty" if kpi in LOYALTY else "turnover", base if base == "" else f"{base:.10g}",
             f"{goal:.10g}", f"{month.start_time:%Y-%m-%d}", f"{month.end_time:%Y-%m-%d}", owner, weight]
            for kpi, scope, base, goal, month, owner, weight in rows
        ],
    )  # fmt: skip
