"""The record: the report as data, in one fixed shape, its numbers unrounded."""

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from composed import SAMPLE, compose, sample, unfinished
from folders import copy_files

from kpi_helpers.catalogue import KPIS
from kpi_helpers.formula import parse
from kpi_helpers.reports import BY_CHANNEL
from kpi_helpers.terms import MEASURES, TABLES

PARTS = ["client", "month", "language", "currency", "kpis", "sources", "missing", "version"]
KPI = [
    "key", "scope", "value", "low", "high", "numerator", "denominator", "previous", "year_ago", "goal", "goal_full",
    "unit", "status", "owner", "norm", "formula", "tables",
]  # fmt: skip
TEXTS = ("key", "scope", "unit", "status", "owner", "formula")
LISTED = ("norm", "tables")
DERIVED = {"first_orders", "customer_base"}  # tables that the kit makes of the orders
STATUSES = {"met", "close", "missed", "no_data", "not_enough", "no_goal"}


def check_shape(record: dict[str, Any]) -> None:
    """The shape of report.json: its keys and their types, and nothing beside them."""
    assert set(record) == set(PARTS)
    assert all(isinstance(record[name], str) for name in ("client", "month", "language", "currency", "version"))
    for kpi in record["kpis"]:
        assert set(kpi) == set(KPI)
        assert all(isinstance(kpi[name], str) for name in TEXTS)
        assert all(kpi[name] is None or type(kpi[name]) is float for name in KPI if name not in TEXTS + LISTED)
        assert type(kpi["norm"]) is bool and kpi["tables"] and set(kpi["tables"]) <= set(TABLES)
        assert {MEASURES[name].table for name in parse(kpi["formula"]).names} - DERIVED <= set(kpi["tables"])
        assert kpi["status"] in STATUSES and kpi["unit"] == KPIS[kpi["key"]].style
    for source in record["sources"]:
        assert {name: type(value) for name, value in source.items()} == {
            "file": str, "sha256": str, "layout": str, "rows": int, "tables": list,
        }  # fmt: skip
        assert source["tables"] and set(source["tables"]) <= set(TABLES) - DERIVED
    for part in record["missing"]:
        assert set(part) == {"kind", "what", "kpis", "next_step"}
        assert part["kind"] in ("export", "file", "late", "days") and part["next_step"]
        assert set(part["kpis"]) <= set(KPIS)
    json.dumps(record, allow_nan=False)


def check_formulas(kpis: dict[str, dict[str, Any]]) -> None:
    """The formula that stands there is the one that was counted: over sums that are KPIs themselves it gives the value.

    Checked for at least ten of them.
    """
    sums = {key: kpi["value"] for key, kpi in kpis.items() if kpi["formula"] == key and kpi["value"] is not None}
    known = {key: parse(kpi["formula"]) for key, kpi in kpis.items() if kpi["formula"] != key}
    counted = {key: formula.evaluate(sums) for key, formula in known.items() if set(formula.names) <= set(sums)}
    assert len(counted) >= 10
    assert {key: kpis[key]["value"] for key in counted} == pytest.approx(counted)


@pytest.mark.parametrize("company", ["severny_svet", "northlight"])
def test_the_record_of_the_sample(company: str) -> None:
    composed, folder = sample(company), SAMPLE / company
    record = composed.record()
    check_shape(record)
    of_company = {kpi["key"]: kpi for kpi in record["kpis"] if kpi["scope"] == "company"}
    assert list(of_company) == list(KPIS)
    assert {kpi["key"] for kpi in record["kpis"] if kpi["scope"] != "company"} == set(BY_CHANNEL)
    assert of_company["revenue"]["value"] == composed.value("revenue")
    assert of_company["cpl"]["value"] == of_company["spend"]["value"] / of_company["leads"]["value"]
    assert of_company["cpl"]["value"] != round(of_company["cpl"]["value"], 2)
    assert of_company["cac"]["formula"] == "(spend + other_costs) / new_customers"
    assert of_company["cac"]["tables"] == ["ads", "costs", "orders"]
    check_formulas(of_company)
    for source in record["sources"]:
        assert source["sha256"] == sha256((folder / source["file"]).read_bytes()).hexdigest()
    assert len(record["sources"]) == len(composed.month.exports.files)
    assert (record["month"], record["language"]) == ("2026-10", "en")


def test_what_is_missing_is_named_with_its_next_step(tmp_path: Path) -> None:
    folder = copy_files(SAMPLE / "northlight", tmp_path / "x", ["costs.csv", "google_ads_campaigns.csv"])
    (folder / "login.csv").write_text("<!doctype html><html><body>Sign in as anna@example.com</body></html>")
    record = compose(folder).record()
    check_shape(record)
    assert [source["file"] for source in record["sources"]] == ["costs.csv", "google_ads_campaigns.csv"]
    by_kind = {
        kind: [part["what"] for part in record["missing"] if part["kind"] == kind] for kind in ("export", "file")
    }
    assert {"traffic", "leads", "orders", "survey"} <= set(by_kind["export"])
    assert not {"ads", "costs"} & set(by_kind["export"])
    assert by_kind["file"] == ["login.csv"]
    assert "anna@example.com" not in json.dumps(record)


def test_an_unfinished_month_is_missing_its_days() -> None:
    record = unfinished("northlight").record()
    check_shape(record)
    assert [part["what"] for part in record["missing"] if part["kind"] == "days"] == ["2026-10-18"]
