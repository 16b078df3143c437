"""What changed between two versions of a report: nothing is missed, nothing is told twice, and the cause is true."""

import json
import re
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import nbformat
import pytest
from composed import SAMPLE, compose
from folders import copy_files
from hypothesis import given
from hypothesis import strategies as st
from test_reports_record import KPI, check_shape
from test_reports_record import PARTS as PARTS_OF_RECORD

from kpi_helpers import catalogue
from kpi_helpers.cli import main
from kpi_helpers.commands import diff
from kpi_helpers.errors import KitError
from kpi_helpers.language import LANGUAGES, speaking, use_language
from kpi_helpers.reports.manifest import manifest_name
from kpi_helpers.reports.order import order_report, record_name
from kpi_helpers.reports.render import render
from kpi_helpers.revisions import Comparison, Version, compare, earlier_version, find_version, words
from kpi_helpers.revisions.causes import CAUSES
from kpi_helpers.revisions.comparing import ORDER, PARTS
from kpi_helpers.revisions.data import as_data
from kpi_helpers.revisions.versions import NUMBERS

FILES = ("company.toml", "goals.csv", "google_ads_campaigns.csv", "hubspot_deals.csv")
CELLS = ("parameters", "use_language(lang)", "read_exports", "score_month", "reports.show_title", "reports.Record")
FIELDS = [name for names in PARTS.values() for name in names]


# Made records: every number that differs is told once, with one cause

VALUES = st.none() | st.integers(-8, 8).map(float)
FORMULAS = st.sampled_from(["spend / leads", "spend / qualified_leads", "leads"])
HASHES = st.sampled_from(["1", "2"])
SETTINGS = ("company.toml", "channels.csv", "goals.csv", "layouts/own.toml", "pay.csv")
EXPORTS = {"ads.csv": ["ads"], "crm.zip/deals.csv": ["leads"], "shop.csv": ["orders", "leads"]}
KEYS = {"cpl": ["ads", "leads"], "leads": ["leads"], "roas": ["orders", "ads"], "close_rate": ["leads"], "own": ["ads"]}


@st.composite
def kpi_rows(draw: st.DrawFn) -> dict[str, Any]:
    key = draw(st.sampled_from(sorted(KEYS)))
    row = {
        "key": key, "scope": draw(st.sampled_from(["company", "google_ads", "mine"])), "tables": KEYS[key],
        "unit": draw(st.sampled_from(["money", "count", "share"])), "status": draw(st.sampled_from(["met", "missed"])),
        "owner": draw(st.sampled_from(["marketing", "sales"])), "norm": draw(st.booleans()),
        "formula": draw(FORMULAS), **{name: draw(VALUES) for name in NUMBERS},
    }  # fmt: skip
    lost = draw(st.sampled_from([(), (), ("formula", "goal_full", "norm", "tables")]))  # of an older kit
    return {name: value for name, value in row.items() if name not in lost}


@st.composite
def versions(draw: st.DrawFn) -> Version:
    rows = draw(st.lists(kpi_rows(), max_size=6, unique_by=lambda row: (row["key"], row["scope"])))
    files = {name: draw(HASHES) for name in draw(st.sets(st.sampled_from(sorted(EXPORTS))))}
    sources = [{"file": name, "sha256": sha, "rows": 5, "tables": EXPORTS[name]} for name, sha in files.items()]
    record = {"client": "Acme", "month": draw(st.sampled_from(["2026-09", "2026-10"])), "kpis": rows,
              "currency": draw(st.sampled_from(["USD", "EUR"])), "sources": sources,
              "version": draw(st.sampled_from(["0.1.0", "0.2.0"]))}  # fmt: skip
    beside = {name: draw(HASHES) for name in draw(st.sets(st.sampled_from(SETTINGS)))}
    archives = {name.partition("/")[0]: sha for name, sha in files.items()}
    libraries = {"pandas": draw(st.sampled_from(["3.0.0", "3.0.1"]))}
    prints = {"inputs": {**archives, **beside}, "parameters": {"rate": draw(st.integers(1, 2)), "lang": "en"},
              "code": draw(HASHES), "notebook": draw(HASHES), "libraries": libraries}  # fmt: skip
    manifest = {"rendered_at": "2026-11-01T03:00:00Z", "fingerprint": prints} if draw(st.booleans()) else {}
    return Version(Path("report.json"), record, manifest)


@given(versions())
def test_a_version_does_not_differ_from_itself(version: Version) -> None:
    comparison = compare(version, replace(version, path=Path("other.json")))
    assert comparison.changes == ()
    assert (comparison.causes.inputs, comparison.causes.parameters, comparison.causes.kit) == ((), {}, {})


@given(versions(), versions())
def test_every_value_that_differs_is_told_once_with_one_cause(before: Version, after: Version) -> None:
    comparison = compare(before, after)
    told = Counter((one.key, one.scope, name) for one in comparison.changes for name in one.numbers)
    assert told == Counter(differing(before, after))
    for one in comparison.changes:
        assert one.cause in CAUSES and one.part in ORDER
        for name, pair in one.numbers.items():
            ends = [version.rows.get((one.key, one.scope), {}).get(name) for version in (before, after)]
            assert list(pair) == ends


def differing(before: Version, after: Version) -> Iterator[tuple[str, str, str]]:
    """The fields that differ, told by comparing them one by one."""
    for key, scope in {*before.rows, *after.rows}:
        one, other = before.rows.get((key, scope)), after.rows.get((key, scope))
        if one is None or other is None:
            there = one or other or {}
            yield from ((key, scope, name) for name in NUMBERS if there.get(name) is not None)
        else:
            yield from ((key, scope, name) for name in FIELDS if name in one and name in other
                        and one[name] != other[name])  # fmt: skip


@given(versions(), versions())
def test_the_way_back_tells_the_same_the_other_way_round(before: Version, after: Version) -> None:
    turned = {"new": "gone", "gone": "new"}
    there = {(one.key, one.scope, turned.get(one.part, one.part)): one for one in compare(before, after).changes}
    back = {(one.key, one.scope, one.part): one for one in compare(after, before).changes}
    assert there.keys() == back.keys()
    for name, one in back.items():
        assert (one.cause, one.because) == (there[name].cause, there[name].because)
        assert one.numbers == {field: pair[::-1] for field, pair in there[name].numbers.items()}
        assert one.size == there[name].size


@given(versions(), versions())
def test_a_cause_names_only_what_differs(before: Version, after: Version) -> None:
    comparison = compare(before, after)
    causes = comparison.causes
    known = {*(one.name for one in causes.inputs), *causes.parameters, *causes.kit}
    for one in comparison.changes:
        assert set(one.because) <= known
        if one.cause == "data":
            assert one.because and all(name in EXPORTS for name in one.because)
        if one.cause in ("data", "settings", "kit", "unknown", "goal"):
            assert before.month == after.month
        if one.cause == "formula":
            assert not one.is_comparable
        if one.cause == "unknown":
            assert not causes.settings and not causes.kit
            assert all(each.kind != "export" or each.change in ("read", "unread") for each in causes.inputs)


@given(versions(), versions(), st.sampled_from(LANGUAGES))
def test_any_two_versions_can_be_told(before: Version, after: Version, lang: str) -> None:
    comparison = compare(before, after)
    use_language(lang)
    lines = list(diff._lines(comparison, True))
    assert len(lines) > len(comparison.changes)
    json.dumps(as_data(comparison), allow_nan=False)


# Causes worked out by hand


def version(record: dict[str, Any] | None = None, *, inputs: dict[str, str] | None = None, **changes: Any) -> Version:
    """A version with one KPI; `changes` are fields of it."""
    row = {
        "key": "cpl", "scope": "company", "unit": "money", "value": 50.0, "low": None, "high": None, "numerator": 500.0,
        "denominator": 10.0, "previous": 40.0, "year_ago": 30.0, "goal": 45.0, "goal_full": 45.0, "status": "missed",
        "owner": "marketing", "norm": False, "formula": "spend / leads", "tables": ["ads", "leads"],
    }  # fmt: skip
    sources = [{"file": "ads.csv", "sha256": "1", "rows": 5, "tables": ["ads"]},
               {"file": "shop.csv", "sha256": "1", "rows": 7, "tables": ["orders"]}]  # fmt: skip
    whole = {"client": "Acme", "month": "2026-10", "currency": "USD", "version": "0.1.0", "sources": sources,
             "kpis": [{**row, **changes}], **(record or {})}  # fmt: skip
    known = {"ads.csv": "1", "shop.csv": "1", "company.toml": "1", "goals.csv": "1", **(inputs or {})}
    manifest = {"rendered_at": "2026-11-01T03:00:00Z", "fingerprint": {"inputs": known, "parameters": {"lang": "en"}}}
    return Version(Path("report.json"), whole, manifest)


def restated(name: str, sha256: str = "2") -> dict[str, Any]:
    """Sources of which one has another content."""
    sources = version().record["sources"]
    return {"sources": [{**one, "sha256": sha256} if one["file"] == name else one for one in sources]}


def causes_of(after: Version, before: Version | None = None) -> dict[str, tuple[str, tuple[str, ...]]]:
    """The causes by part."""
    return {one.part: (one.cause, one.because) for one in compare(before or version(), after).changes}


WORSE: dict[str, Any] = {"value": 60.0, "numerator": 600.0}


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (version(restated("ads.csv"), **WORSE), {"value": ("data", ("ads.csv",))}),
        (version(restated("shop.csv"), **WORSE), {"value": ("data", ("shop.csv",))}),
        (version(restated("shop.csv"), inputs={"company.toml": "2"}, **WORSE),
         {"value": ("settings", ("company.toml",))}),
        (version(restated("ads.csv"), inputs={"company.toml": "2"}, **WORSE), {"value": ("data", ("ads.csv",))}),
        (version(inputs={"layouts/own.toml": "1"}, **WORSE), {"value": ("settings", ("layouts/own.toml",))}),
        (version({"version": "0.2.0"}, **WORSE), {"value": ("kit", ("version",))}),
        (version(**WORSE), {"value": ("unknown", ())}),
        (version(restated("ads.csv"), formula="spend / qualified_leads", **WORSE), {"formula": ("formula", ())}),
        (version({"currency": "EUR"}, **WORSE), {"value": ("currency", ())}),
        (version({"currency": "EUR"}, unit="count", **WORSE), {"formula": ("formula", ())}),
        (version({"currency": "EUR"}, owner="sales"), {"owner": ("unknown", ())}),
        (version({"month": "2026-11"}, **WORSE), {"value": ("month", ())}),
        (version(inputs={"goals.csv": "2"}, goal=50.0, goal_full=50.0, status="met"),
         {"goal": ("goal", ("goals.csv",)), "status": ("goal", ("goals.csv",))}),
        (version(restated("ads.csv"), goal=50.0, goal_full=50.0), {"goal": ("data", ("ads.csv",))}),
        (version(restated("ads.csv"), goal=44.0), {"goal": ("data", ("ads.csv",))}),
        (version(restated("ads.csv"), inputs={"goals.csv": "2"}, goal=44.0), {"goal": ("data", ("ads.csv",))}),
        (version(restated("ads.csv"), value=45.0, status="met"),
         {"value": ("data", ("ads.csv",)), "status": ("data", ("ads.csv",))}),
        (version(restated("ads.csv"), inputs={"goals.csv": "2"}, value=51.0, goal=60.0, goal_full=60.0, status="met"),
         {"value": ("data", ("ads.csv",)), "goal": ("goal", ("goals.csv",)), "status": ("goal", ("goals.csv",))}),
        (version(restated("ads.csv"), inputs={"goals.csv": "2"}, value=30.0, goal=44.0, goal_full=44.0, status="met"),
         {"value": ("data", ("ads.csv",)), "goal": ("goal", ("goals.csv",)), "status": ("data", ("ads.csv",))}),
        (version(inputs={"goals.csv": "2"}, owner="sales"), {"owner": ("goal", ("goals.csv",))}),
        (version(restated("ads.csv"), low=1.0, high=2.0), {"interval": ("data", ("ads.csv",))}),
        (version(restated("ads.csv"), numerator=505.0), {"counts": ("data", ("ads.csv",))}),
        (version(restated("ads.csv"), previous=41.0), {"previous": ("data", ("ads.csv",))}),
    ],
    ids=["its file", "another file", "settings before another file", "its file before settings", "layout", "kit",
         "nothing known", "formula before data", "currency", "another unit", "currency and owner", "month", "goal",
         "goal worked out from data", "goal to date", "goal to date beside another goal", "status by data",
         "status by the goal",
         "status by data beside a goal", "owner", "interval", "counted from", "month before"],
)  # fmt: skip
def test_the_cause_of_a_change(after: Version, told: dict[str, Any]) -> None:
    assert causes_of(after) == told


@pytest.mark.parametrize(("zero", "other"), [(0.0, 5.8e-17), (-3e-15, 0.0), (0.1 + 0.2, 0.3)])
def test_what_the_order_of_a_sum_leaves_is_no_difference(zero: float, other: float) -> None:
    assert compare(version(value=zero, numerator=zero), version(value=other, numerator=other)).changes == ()
    assert causes_of(version(value=other + 1e-6), version(value=zero)) == {"value": ("unknown", ())}


@pytest.mark.parametrize(
    ("unit", "lang", "before", "after", "said"),
    [
        ("money", "en", 0.17376611246, 0.173331403204, ["0.174", "0.173"]),
        ("share", "en", 0.0410, 0.0411, ["4.10%", "4.11%"]),
        ("share", "ru", 0.041003, 0.041004, ["4,1003\u00a0%", "4,1004\u00a0%"]),
        ("count", "en", 1_234_567.01, 1_234_567.02, ["1,234,567.01", "1,234,567.02"]),
    ],
)
def test_numbers_that_look_alike_are_written_with_as_many_digits_as_tell_them_apart(
    unit: str, lang: str, before: float, after: float, said: list[str]
) -> None:
    ends = [version(unit=unit, value=value) for value in (before, after)]
    with speaking(lang):
        assert words.change_row(compare(*ends).changes[0], *ends)[1:3] == said


def test_without_a_manifest_the_goal_itself_is_the_cause() -> None:
    before, after = (replace(one, manifest={}) for one in (version(), version(goal=50.0, goal_full=50.0, status="met")))
    assert causes_of(after, before) == {"goal": ("goal", ()), "status": ("goal", ())}


def test_an_old_record_is_compared_by_what_it_knows() -> None:
    old = version()
    row = {name: value for name, value in old.record["kpis"][0].items()
           if name not in ("formula", "tables", "goal_full", "norm")}  # fmt: skip
    before = replace(version({"kpis": [row]}), manifest={})
    assert causes_of(version(restated("ads.csv"), **WORSE), before) == {"value": ("data", ("ads.csv",))}
    assert any("formulas are not known" in line for line in diff._lines(compare(before, version()), False))


def test_an_export_that_is_the_same_file_and_is_no_longer_counted_is_not_restated() -> None:
    gone = {"sources": [one for one in version().record["sources"] if one["file"] != "ads.csv"]}
    comparison = compare(version(), version(gone, inputs={"layouts/own.toml": "1"}, value=None))
    assert [(one.name, one.change) for one in comparison.causes.inputs] == [
        ("ads.csv", "unread"), ("layouts/own.toml", "new"),
    ]  # fmt: skip
    assert [one.cause for one in comparison.changes] == ["settings"]


@pytest.mark.parametrize(
    ("after", "also"),
    [
        (version(restated("ads.csv"), **WORSE), ""),
        (version(restated("ads.csv"), inputs={"company.toml": "2"}, **WORSE), "settings"),
        (version({**restated("ads.csv"), "version": "0.2.0"}, **WORSE), "the kit"),
        (version({"version": "0.2.0"}, inputs={"company.toml": "2"}, **WORSE), "the kit"),
        (version({**restated("ads.csv"), "version": "0.2.0"}, inputs={"company.toml": "2"}, **WORSE),
         "settings and the kit"),
        (version({"version": "0.2.0"}, **WORSE), ""),
    ],
)  # fmt: skip
def test_what_else_may_have_a_part_is_said(after: Version, also: str) -> None:
    said = [line for line in diff._lines(compare(version(), after), False) if "may have a part" in line]
    assert [line.endswith(f"a part in it: {also}.") for line in said] == ([True] if also else [])


def test_two_companies_are_refused() -> None:
    with pytest.raises(KitError, match="two companies: Acme and Beta. Compare two reports of one company"):
        compare(version(), version({"client": "Beta"}))


def test_the_company_stands_first_and_the_largest_change_before_the_others() -> None:
    kpis = [
        {**version().record["kpis"][0], "key": key, "scope": scope, "value": value}
        for key, scope, value in (
            ("cpl", "google_ads", 500.0),
            ("cpl", "company", 55.0),
            ("cpc", "company", 100.0),
            ("cpm", "company", None),
        )
    ]
    before = [{**row, "value": 50.0} for row in kpis]
    changes = compare(version({"kpis": before}), version({"kpis": kpis, **restated("ads.csv")})).changes
    assert [(one.key, one.scope) for one in changes] == [
        ("cpm", "company"), ("cpc", "company"), ("cpl", "company"), ("cpl", "google_ads"),
    ]  # fmt: skip


# Real reports, rendered one after the other into the same folder


@pytest.fixture(scope="module")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """October of a small company: first; leads restated; a goal raised; a rule of channels added; nothing changed."""
    root = tmp_path_factory.mktemp("revisions")
    folder = copy_files(SAMPLE / "northlight", root / "small", FILES)
    notebook = short_notebook(root / "notebooks" / "monthly_report.ipynb")

    def make() -> Path:
        return render(replace(order_report(folder, "2026-10", root / "out"), notebook=notebook))

    make()
    lose_last_leads(folder / "hubspot_deals.csv", 26)
    make()
    raise_goal(folder / "goals.csv")
    make()
    (folder / "channels.csv").write_text("source,medium,campaign,channel\nOrganic Search,*,*,email\n", encoding="utf-8")
    make()
    return make()


def short_notebook(path: Path) -> Path:
    """The monthly report with its first section alone."""
    notebook = nbformat.read(order_report(SAMPLE / "northlight", "2026-10").notebook, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.cell_type == "code" and (
        "parameters" in cell.metadata.get("tags", []) or any(word in cell.source for word in CELLS))]  # fmt: skip
    path.parent.mkdir()
    nbformat.write(notebook, path)
    return path


def lose_last_leads(path: Path, count: int) -> None:
    """The export as it was before the last leads of October."""
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    last = [place for place, line in enumerate(lines) if "2026-10" in line][-count:]
    path.write_text("".join(line for place, line in enumerate(lines) if place not in last), encoding="utf-8")


def raise_goal(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert text.count("leads,company,turnover,53,58,2026-10-01") == 1
    path.write_text(text.replace("leads,company,turnover,53,58,2026-10-01", "leads,company,turnover,53,28,2026-10-01"))


def steps(folder: Path) -> list[Version]:
    """The versions kept, oldest first, and the one that stands."""
    now = find_version(folder)
    kept = [find_version(path) for path in (folder / "past").iterdir()]
    return [*sorted(kept, key=lambda one: one.rendered_at), now]


def test_each_version_whose_numbers_differ_is_kept(rendered: Path) -> None:
    kept = steps(rendered)
    assert len(kept) == 4
    assert len({one.rendered_at for one in kept}) == 4 and all(one.is_traced for one in kept)
    assert all(check_shape(dict(one.record)) is None for one in kept)
    assert earlier_version(kept[-1]).rendered_at == kept[-2].rendered_at


def test_a_restated_export_is_the_cause_of_its_kpis_alone(rendered: Path) -> None:
    first, second, *_rest = steps(rendered)
    comparison = compare(first, second)
    [leads_file] = comparison.causes.inputs
    rows_before, rows_after = leads_file.rows
    assert (leads_file.name, leads_file.change) == ("hubspot_deals.csv", "changed")
    assert rows_before and rows_after == rows_before - 26
    assert comparison.causes.kit == {}
    assert {(one.cause, one.because) for one in comparison.changes} == {("data", ("hubspot_deals.csv",))}
    assert all("leads" in one.row["tables"] for one in comparison.changes)
    leads = next(one for one in comparison.changes if (one.key, one.scope, one.part) == ("leads", "company", "value"))
    assert leads.numbers["value"] == (54.0, 28.0)
    assert not {one.key for one in comparison.changes} & {"spend", "clicks", "cpc"}


def test_a_changed_goal_turns_its_own_status_and_nothing_else(rendered: Path) -> None:
    _first, second, third, _last = steps(rendered)
    comparison = compare(second, third)
    told = [(one.key, one.scope, one.part, one.cause, one.because, one.numbers) for one in comparison.changes]
    goal = ("goal", ("goals.csv",))
    assert told == [
        ("leads", "company", "goal", *goal, {"goal": (58.0, 28.0), "goal_full": (58.0, 28.0)}),
        ("leads", "company", "status", *goal, {"status": ("missed", "met")}),
    ]


def test_a_changed_table_of_channels_moves_channels_alone(rendered: Path) -> None:
    *_rest, third, last = steps(rendered)
    comparison = compare(third, last)
    assert [(one.name, one.kind, one.change) for one in comparison.causes.inputs] == [
        ("channels.csv", "settings", "new")
    ]
    assert {(one.cause, one.because) for one in comparison.changes} == {("settings", ("channels.csv",))}
    assert {one.scope for one in comparison.changes} == {"organic_search", "email"}


@pytest.fixture(scope="module")
def other_formula(tmp_path_factory: pytest.TempPathFactory) -> Comparison:
    """The cost per lead counted by the catalogue's formula, and by another one."""
    folder = copy_files(SAMPLE / "northlight", tmp_path_factory.mktemp("formula") / "small", FILES)
    before = Version(folder / "report.json", compose(folder).record())
    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(catalogue.KPIS, "cpl", replace(catalogue.KPIS["cpl"], text="spend / qualified_leads"))
        catalogue.expanded.cache_clear()
        try:
            return compare(before, Version(folder / "report.json", compose(folder).record()))
        finally:
            catalogue.expanded.cache_clear()


def test_a_changed_formula_is_not_compared(other_formula: Comparison) -> None:
    comparison = other_formula
    assert {(one.key, one.part, one.cause, one.is_comparable) for one in comparison.changes} == {
        ("cpl", "formula", "formula", False)
    }
    table = list(diff._lines(comparison, False))
    heading = table.index("Formula changed: not comparable")
    assert table[heading + 1].split() == ["KPI", "before", "after", "counted", "from"]
    assert table[heading + 2].endswith("ad spend / leads → ad spend / qualified leads")
    assert "%" not in table[heading + 2] and "pp" not in table[heading + 2]


# The command


@dataclass
class Said:
    code: int
    out: str
    err: str


@pytest.fixture
def kpi(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    monkeypatch.setenv("LANGUAGE", "")
    return lambda *given: Said(main(["diff", *map(str, given)]), *capsys.readouterr())


def test_one_report_alone_is_held_against_the_version_before(rendered: Path, kpi: Callable[..., Said]) -> None:
    said = kpi(rendered)
    assert (said.code, said.err) == (0, "")
    lines = said.out.splitlines()
    assert lines[0] == "Northlight, October 2026"
    assert "  channels.csv  a new file" in lines and "Settings changed: channels.csv" in lines
    first = steps(rendered)[0]
    by_time = kpi(rendered, "--at", first.rendered_at).out
    assert by_time == kpi(first.path.parent, rendered).out == kpi(first.path, rendered / "report.json").out
    assert by_time == kpi(first.path.with_name(manifest_name("monthly_report")), rendered).out
    assert "Data restated: hubspot_deals.csv" in by_time and "Goals changed: goals.csv" in by_time
    assert kpi(rendered, "--at", "2020-01-01").err.startswith("kpi: no version of ")
    assert kpi(rendered, "--at", "2026-11-31").err.startswith("kpi: day '2026-11-31' cannot be read.")
    assert kpi(rendered, "--at", "yesterday").err == "kpi: day 'yesterday' cannot be read. Write it as 2026-11-01.\n"


def test_the_version_that_stood_on_a_day_may_be_the_present_one(tmp_path: Path, kpi: Callable[..., Said]) -> None:
    for day, value, folder in (("01", 1.0, tmp_path / "past" / "x"), ("05", 2.0, tmp_path)):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "report.json").write_text(json.dumps(version(value=value).record), encoding="utf-8")
        manifest = {**version().manifest, "rendered_at": f"2026-11-{day}T03:00:00Z"}
        (folder / manifest_name("monthly_report")).write_text(json.dumps(manifest), encoding="utf-8")
    now = find_version(tmp_path)
    days = ("2026-11-01", "2026-11-04", "2026-11-05T02:59", "2026-11-05T03", "2026-11-05", "2027-01-01")
    assert [earlier_version(now, day).record["kpis"][0]["value"] for day in days] == [1, 1, 1, 2, 2, 2]
    assert kpi(tmp_path, "--at", "2026-11-05", "--exit-code").code == 0
    assert kpi(tmp_path, "--at", "2026-11-04", "--exit-code").code == kpi(tmp_path, "--exit-code").code == 1
    shutil.rmtree(tmp_path / "past")
    assert earlier_version(now, "2026-11-05") is now
    for at in ("", "2026-11-04"):
        with pytest.raises(KitError, match="no earlier version"):
            earlier_version(now, at)


@pytest.mark.parametrize("other", [{"formula": "spend / qualified_leads"}, {"unit": "ratio"}])
def test_another_formula_that_comes_to_the_same_is_told_and_is_no_other_value(
    tmp_path: Path, kpi: Callable[..., Said], other: dict[str, Any]
) -> None:
    for name, one in (("before", version()), ("after", version(**other))):
        (tmp_path / name).mkdir()
        (tmp_path / name / "report.json").write_text(json.dumps(one.record), encoding="utf-8")
    said = kpi(tmp_path / "before", tmp_path / "after", "--exit-code")
    assert (said.code, "Formula changed: not comparable" in said.out) == (0, True)
    assert said.out.splitlines()[-1] == "No value differs. 1 KPI is counted otherwise and has the same values."


def test_exit_codes(rendered: Path, kpi: Callable[..., Said]) -> None:
    assert kpi(rendered, rendered, "--exit-code").code == 0
    assert kpi(rendered, rendered).out.splitlines()[-1] == "No value differs."
    assert (kpi(rendered).code, kpi(rendered, "--exit-code").code) == (0, 1)
    assert kpi(rendered, rendered, "--at", "2026-11-01").code == 2
    assert kpi(rendered.parent).err.endswith("There are: 2026-10.\n")
    assert kpi(rendered / "past").code == kpi("nowhere").code == 1


def test_the_data_for_other_programs(rendered: Path, kpi: Callable[..., Said]) -> None:
    first = steps(rendered)[0]
    data = json.loads(kpi(first.path, rendered, "--json").out)
    comparison = compare(first, find_version(rendered))
    assert [(one["key"], one["scope"], one["part"], one["cause"]) for one in data["changes"]] == [
        (one.key, one.scope, one.part, one.cause) for one in comparison.changes
    ]
    assert data["before"]["rendered_at"] < data["after"]["rendered_at"]
    assert {one["file"]: one["kind"] for one in data["inputs"]} == {
        "hubspot_deals.csv": "export", "channels.csv": "settings", "goals.csv": "goals",
    }  # fmt: skip


def test_few_changes_of_channels_are_shown_unless_all_are_asked_for(rendered: Path, kpi: Callable[..., Said]) -> None:
    first, second, *_rest = steps(rendered)
    short, long = (kpi(first.path, second.path, *more).out for more in ((), ("--all",)))
    changes = compare(first, second).changes
    channels = [one for one in changes if one.scope != "company"]
    assert len(channels) > diff.SHOWN
    assert f"and {len(channels) - diff.SHOWN} changes of channels: --all shows them." in short
    assert "--all" not in long and len(long.splitlines()) == len(short.splitlines()) + len(channels) - diff.SHOWN - 1


# Files that are no reports


DAMAGED = ["", "{", "[]", "null", '{"kpis": 1}', "[" * 100_000]
SPOILED: list[Callable[[dict[str, Any]], Any]] = [
    lambda record: record.pop("client"), lambda record: record.update(month=7),
    lambda record: record.update(kpis={}), lambda record: record["kpis"].append("x"),
    lambda record: record["kpis"][0].update(value="1"), lambda record: record["kpis"][0].update(value=True),
    lambda record: record["kpis"][0].update(value=10**400), lambda record: record["kpis"][0].update(low=float("nan")),
    lambda record: record["kpis"][0].update(status=None), lambda record: record["kpis"][0].update(tables=[1]),
    lambda record: record["kpis"][0].update(key=["cpl"]), lambda record: record["sources"][0].pop("sha256"),
    lambda record: record["sources"][0].update(rows="many"),
]  # fmt: skip


@pytest.mark.parametrize("text", DAMAGED, ids=range(len(DAMAGED)))
def test_what_is_no_record_is_refused(tmp_path: Path, text: str, kpi: Callable[..., Said]) -> None:
    (tmp_path / "report.json").write_text(text, encoding="utf-8")
    said = kpi(tmp_path, tmp_path)
    assert said.code == 1 and said.err.endswith("it is no report of the kit, or it is damaged. Render it again.\n")


@pytest.mark.parametrize("spoil", SPOILED, ids=range(len(SPOILED)))
def test_a_record_of_another_shape_is_refused(tmp_path: Path, spoil: Callable[[dict[str, Any]], Any]) -> None:
    record = json.loads(json.dumps(version().record))
    path = tmp_path / "report.json"
    path.write_text(json.dumps(record), encoding="utf-8")
    assert find_version(path).record == record
    spoil(record)
    path.write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(KitError, match="it is no report of the kit, or it is damaged"):
        find_version(path)


def test_names_that_would_steer_the_terminal_do_not(tmp_path: Path, kpi: Callable[..., Said]) -> None:
    evil = "\x1b[2J\u202eevil\n"
    for name, value in (("a", 1.0), ("b", 2.0)):
        (tmp_path / name).mkdir()
        row = {**version().record["kpis"][0], "key": evil, "scope": evil, "value": value, "owner": evil, "status": evil,
               "formula": evil + name, "unit": evil}  # fmt: skip
        source = {"file": evil, "sha256": name, "rows": 1, "tables": [evil]}
        whole = {**version().record, "client": evil, "version": evil, "kpis": [row], "sources": [source]}
        (tmp_path / name / "report.json").write_text(json.dumps(whole), encoding="utf-8")
    said = kpi(tmp_path / "a", tmp_path / "b", "--all")
    assert said.code == 0 and "evil" in said.out
    assert not any(char in said.out for char in "\x1b\u202e")


def test_a_report_that_is_not_the_monthly_one_is_found_by_its_manifest(tmp_path: Path) -> None:
    record = tmp_path / record_name("weekly")
    record.write_text(json.dumps(version().record), encoding="utf-8")
    (tmp_path / manifest_name("weekly")).write_text(json.dumps(version().manifest), encoding="utf-8")
    assert find_version(tmp_path).path == find_version(tmp_path / manifest_name("weekly")).path == record
    assert find_version(record).rendered_at == "2026-11-01T03:00:00Z"
    shutil.copy(tmp_path / manifest_name("weekly"), tmp_path / manifest_name("daily"))
    with pytest.raises(KitError, match=r"several reports: daily.json, weekly.json. Name one"):
        find_version(tmp_path)


# The pages


@pytest.mark.parametrize(("name", "lang"), [("diff.md", "en"), ("diff.ru.md", "ru")])
def test_the_examples_of_the_page_are_what_the_command_says(
    root: Path, rendered: Path, other_formula: Comparison, name: str, lang: str
) -> None:
    first, second, third, _last = steps(rendered)
    page = (root / "docs" / name).read_text(encoding="utf-8")
    examples = re.findall(r"```text\n(.*?)```", page, re.DOTALL)
    use_language(lang)
    for example, comparison in zip(
        examples, (compare(first, second), compare(second, third), other_formula), strict=True
    ):
        said = [line.replace("\xa0", " ") for line in diff._lines(comparison, False)]
        shown = [line.replace("\xa0", " ") for line in example.splitlines()]
        start = said.index(shown[0])
        kept = said[start : start + 1] + [line for line in said[start + 1 :] if "report.json" not in line]
        assert kept[: len(shown)] == shown


@pytest.mark.parametrize("name", ["diff.md", "diff.ru.md"])
def test_the_page_names_every_key_of_the_data(root: Path, name: str) -> None:
    page = (root / "docs" / name).read_text(encoding="utf-8")
    named = set(re.findall(r"`(\w+)`", page))
    assert {*PARTS_OF_RECORD, *KPI, "file", "sha256", "layout", "rows", "tables"} <= named
    assert set(as_data(compare(version(), version()))) <= named
