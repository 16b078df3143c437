"""Schemes from a file: CSV with a row for each KPI, or YAML; every wrong row is named, with its line and what to do."""

from __future__ import annotations

import codecs
import csv
import io
import math
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Literal, cast

from kpi_helpers.amounts import read_amount
from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.errors import KitError, KitErrors, at_line, did_you_mean
from kpi_helpers.labels import CHANNELS, OWNERS, find_key, owner_name
from kpi_helpers.language import N_, _
from kpi_helpers.lettering import from_cell, plain
from kpi_helpers.opening import read_text
from kpi_helpers.scorecard.outline import read_outline
from kpi_helpers.scorecard.scheme import Curve, Line, Scheme, check_line, check_owner, problems_of

COLUMNS = {
    "owner": N_("Owner"), "bonus": N_("Bonus"), "kpi": N_("KPI"), "scope": N_("Scope"), "weight": N_("Weight"),
    "target": N_("Target"), "base": N_("Base"), "curve": N_("Curve"), "threshold": N_("Threshold"), "cap": N_("Cap"),
    "at_threshold": N_("Points at the threshold"), "at_cap": N_("Points at the cap"),
}  # fmt: skip
REQUIRED = ("owner", "kpi", "weight")
SHAPES = {"linear": N_("linear"), "step": N_("all or nothing")}
SCOPES = {"company": N_("company"), **CHANNELS}
YAML = (".yaml", ".yml")
NEAR = 0.75  # likeness of a heading to one that it was surely meant to be
LARGEST = 2_000_000  # bytes: far more than any file of schemes
MOST_SHARE = 10  # a cap of 120 is meant as 120 %
DELIMITERS = ";\t,"
Row = Mapping[str, str]


def read_schemes(path: Path, channels: Collection[str] | None = None) -> list[Scheme]:
    """The schemes in a .csv, .yaml or .yml file, one for each owner; KitError names file and line of what is wrong.

    `channels` are those of the company, beside the kit's: other scopes are refused.
    """
    rows, lines = read_rows(path)
    return check_schemes(rows, path.name, lines, channels)


def read_rows(path: Path) -> tuple[Sequence[Row], list[int]]:
    """The rows of a file of schemes as text, a KPI each, and the line each begins on. KitError where it holds none."""
    text = read_text(path, LARGEST, _("it is too large for a file of schemes."))
    return read_outline(text, path.name) if path.suffix.casefold() in YAML else _read_csv(text, path.name)


def name_columns(row: Row) -> Row:
    """A row with the names of COLUMNS in the place of their translations; other headings as they are."""
    return {find_key(name, COLUMNS): value for name, value in row.items()}


def check_schemes(
    rows: Sequence[Row],
    where: str = "schemes.csv",
    lines: Sequence[int] | None = None,
    channels: Collection[str] | None = None,
) -> list[Scheme]:
    """Schemes from rows of text, one KPI a row with the names of COLUMNS in any language, in the order of the owners.

    The bonus stands in any row of its owner, the same in all where it stands in several. An empty curve is linear with
    a threshold of 80 % and a cap of 120 %, "step" pays all from 100 % on; "no" is no threshold or no cap. An empty
    target is the goal of each month. `lines` are the rows' lines in the file, from 2 on where it is left out. Scopes
    other than the company, the kit's channels and `channels` are refused, unless that is left out. KitError
    names the line and what is wrong with it; KitErrors where several are wrong. Weights that do not make 100 % are
    named with their sum.
    """
    named = [name_columns(row) for row in rows]
    if named:
        _check_headings(named[0], where)
    schemes: dict[str, Scheme] = {}
    errors: list[KitError] = []
    for number, row in zip(range(2, len(named) + 2) if lines is None else lines, named, strict=True):
        try:
            _add(schemes, {name: (row.get(name) or "").strip() for name in COLUMNS}, channels)
        except KitError as error:
            errors.append(KitError(error.found, error.next_step, where=at_line(where, number)))
    if not errors:  # a row that is wrong is missing from the sum
        errors = [_in_file(error, where) for scheme in schemes.values() for error in _of_whole(scheme)]
    if errors:
        raise KitErrors.of(errors)
    return list(schemes.values())


def _check_headings(names: Iterable[str], where: str) -> None:
    """KitError where a heading is lacking, or so near to one that it was surely meant: its values would be lost."""
    names = list(names)
    if lacking := [name for name in REQUIRED if name not in names]:
        found = _("no heading {name}.").format(name=", ".join(lacking))
        raise KitError(found, _("Headings of schemes: {names}.").format(names=", ".join(COLUMNS)), where=where)
    for name in names:
        near = get_close_matches(name, [column for column in COLUMNS if column not in names], 1, NEAR)
        if name not in COLUMNS and near:
            found = _("the heading {name} is not known.").format(name=repr(plain(name)))
            raise KitError(found, did_you_mean(name, near), where=where)


def _add(schemes: dict[str, Scheme], row: Row, channels: Collection[str] | None) -> None:
    """Add a row to the scheme of its owner."""
    owner = find_key(row["owner"], OWNERS)
    if owner not in OWNERS:
        found = _("there is no owner {owner}.").format(owner=repr(plain(row["owner"])))
        raise KitError(found, did_you_mean(row["owner"], OWNERS))
    line, bonus = _line(row), read_amount(row["bonus"], "bonus")
    check_line(line)
    check_owner(owner, line)
    if channels is not None:
        _check_scope(line.scope, {*SCOPES, *channels})
    scheme = schemes.get(owner, Scheme(owner, math.nan, ()))
    if line.key in {known.key for known in scheme.lines}:
        raise KitError(_("{kpi} stands in it twice.").format(kpi=plain(line.key)), _("Leave one of them out."))
    if bonus < 0:
        raise KitError(_("{column} = {value} is below zero.").format(column="bonus", value=repr(plain(row["bonus"]))))
    if not math.isnan(scheme.bonus) and not math.isnan(bonus) and scheme.bonus != bonus:
        said = {"owner": owner_name(owner), "bonus": plain(row["bonus"])}
        raise KitError(_("the bonus of {owner} is {bonus} here and another above.").format(**said), _("Write it once."))
    kept = bonus if math.isnan(scheme.bonus) else scheme.bonus
    schemes[owner] = replace(scheme, bonus=kept, lines=(*scheme.lines, line))


def _check_scope(scope: str, known: Collection[str]) -> None:
    if scope not in known:
        found = _("there is no channel {channel}.").format(channel=repr(plain(scope)))
        raise KitError(found, did_you_mean(scope, known) or _("Leave the scope empty for the company."))


def _line(row: Row) -> Line:
    key = find_key(row["kpi"], {name: known.name for name, known in KPIS.items()})
    if key not in KPIS:
        raise KitError(_("there is no KPI {key}.").format(key=repr(plain(row["kpi"]))), did_you_mean(row["kpi"], KPIS))
    target, base = (read_level(KPIS[key], row[name], name) for name in ("target", "base"))
    weight = read_amount(row["weight"], "weight")
    if math.isnan(weight):
        raise KitError(_("{column} is empty.").format(column="weight"))
    if not 0 <= weight <= 1:
        found = _("{column} = {value}: a weight is a share between 0 and 1.")
        raise KitError(found.format(column="weight", value=repr(plain(row["weight"]))), _("Write it as 0.4 or 40 %."))
    return Line(key, weight, target, _curve(row), base, find_key(from_cell(plain(row["scope"])), SCOPES) or "company")


def read_level(kpi: Kpi, text: str, column: str) -> float:
    """A value of the KPI; what cannot be one is refused."""
    number, named = read_amount(text, column), {"column": column, "value": repr(plain(text)), "kpi": kpi.key}
    if "%" in text and kpi.style != "share":
        raise KitError(_("{column} = {value}: {kpi} is not a share.").format(**named), _("Write it without %."))
    if kpi.interval == "proportion" and not math.isnan(number) and not 0 <= number <= 1:
        found = _("{column} = {value}: {kpi} is a share between 0 and 1.").format(**named)
        raise KitError(found, _("Write it as 0.8 or 80 %."))
    return number


def _curve(row: Row) -> Curve:
    shape = find_key(row["curve"], SHAPES) or "linear"
    if shape not in SHAPES:
        found = _("{column} = {value} is not known.").format(column="curve", value=repr(plain(row["curve"])))
        raise KitError(found, did_you_mean(row["curve"], SHAPES))
    usual = Curve("step", threshold=1.0) if shape == "step" else Curve()
    threshold = _read_share(row, "threshold", nothing=0.0)
    cap = _read_share(row, "cap", nothing=math.inf)
    return Curve(
        cast(Literal["linear", "step"], shape),
        usual.threshold if math.isnan(threshold) else threshold,
        usual.cap if math.isnan(cap) else cap,
        _read_share(row, "at_threshold"),
        _read_share(row, "at_cap"),
    )


def _read_share(row: Row, column: str, nothing: float = math.nan) -> float:
    """An achievement or points: 1.2 or 120 %; 120 without a sign is refused."""
    number = read_amount(row[column], column, nothing)
    if MOST_SHARE < number < math.inf and "%" not in row[column]:
        found = _("{column} = {value} would be {share}.").format(
            column=column, value=repr(plain(row[column])), share=f"{number * 100:.0f} %"
        )
        raise KitError(found, _("Write it as 1.2 or 120 %."))
    return number


def _of_whole(scheme: Scheme) -> list[KitError]:
    """What is wrong with a scheme whose rows are in order each by itself."""
    if math.isnan(scheme.bonus):
        found = _("the bonus of {owner} is not said.").format(owner=owner_name(scheme.owner))
        return [KitError(found, _("Write the bonus of a month in which all targets are reached."))]
    return list(problems_of(scheme))


def _in_file(error: KitError, where: str) -> KitError:
    return KitError(error.found, error.next_step, where=f"{where}, {error.where}" if error.where else where)


@dataclass(frozen=True)
class Dialect:
    """How a CSV file is written: what stands between cells, at the ends of lines, and at the beginning."""

    delimiter: str = ","
    line_end: str = "\n"
    mark: bytes = b""


def dialect_of(content: bytes) -> Dialect:
    """The dialect of a file's content."""
    heading = content.partition(b"\n")[0].decode("utf-8", "replace")
    mark = codecs.BOM_UTF8 if content.startswith(codecs.BOM_UTF8) else b""
    delimiter = max(DELIMITERS, key=heading.count) if heading else ","
    return Dialect(delimiter, "\r\n" if heading.endswith("\r") else "\n", mark)


def _read_csv(text: str, where: str) -> tuple[list[Row], list[int]]:
    """The rows of a table separated by commas, semicolons or tabs, and the line each begins on."""
    table = csv.reader(io.StringIO(text, newline=""), delimiter=dialect_of(text.encode()).delimiter)
    rows: list[Row] = []
    lines: list[int] = []
    try:
        names, before = [name.strip() for name in next(table, [])], table.line_num
        for cells in table:
            if any(cell.strip() for cell in cells[len(names) :]):
                found = _("the row has more cells than there are headings.")
                step = _("Add a heading, or put the text into quotation marks.")
                raise KitError(found, step, where=at_line(where, before + 1))
            if any(cell.strip() for cell in cells):
                rows.append(dict(zip(names, [*cells, *[""] * (len(names) - len(cells))], strict=False)))
                lines.append(before + 1)
            before = table.line_num
        _check_headings(name_columns(dict.fromkeys(names, "")), where)
    except csv.Error as error:
        found = _("the row cannot be read: {reason}.").format(reason=error)
        raise KitError(found, where=at_line(where, table.line_num)) from None
    return rows, lines
