"""Which tree a company has, and what its nodes are: held against sums made by hand."""

import math
import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from kpi_helpers import read_exports
from kpi_helpers.company import Company
from kpi_helpers.company_tree import (
    CompanyTree,
    finding_of,
    list_choices,
    notes_of,
    tree_cards,
    write_effect,
)
from kpi_helpers.company_tree.cards import joining_signs
from kpi_helpers.drivers import evaluate, read_tree
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.folders import list_files
from kpi_helpers.language import use_language
from kpi_helpers.monthly import past_of
from kpi_helpers.past import Past
from kpi_helpers.tables import tree_html
from tests.frames import ZONE, table

SEPTEMBER, OCTOBER = pd.Timestamp("2026-09-01"), pd.Timestamp("2026-10-01")
HOSTILE = "<img src=x onerror=alert(1)>"
Month = dict[str, Any]
USUAL: Month = {"visits": 1000.0, "robots": 0.0, "leads": 20, "qualified": 16, "won": 8, "orders": 10, "linked": 9,
                "revenue": 500.0, "open": 0}  # fmt: skip


def company(folder: Path, *months: Month) -> Past:
    """The past of a company of made months up to October 2026, each as USUAL but for what is said of it."""
    rows = [{**USUAL, **month} for month in months]
    starts = list(pd.date_range(end=OCTOBER, periods=len(rows), freq="MS"))
    last = pd.Timestamp("2026-10-31")
    tables = {"traffic": table("traffic", date=[*starts, last], channel=["direct"] * (len(rows) + 1),
                               visits=[*(row["visits"] for row in rows), 0.0],
                               robot_visits=[*(row["robots"] for row in rows), rows[-1]["robots"] * 0])}  # fmt: skip
    leads = [
        (f"{start:%m}-{n}", start + pd.Timedelta(days=3), n < row["qualified"], None if n >= row["leads"] - row["open"]
         else n < row["won"])
        for start, row in zip(starts, rows, strict=True) for n in range(row["leads"])
    ]  # fmt: skip
    if leads:
        ids, created, qualified, won = zip(*leads, strict=True)
        tables["leads"] = table("leads", lead_id=list(ids), created_at=list(created), channel=["direct"] * len(ids),
                                qualified=list(qualified), won=list(won))  # fmt: skip
    orders = [
        (f"{start:%m}-{n}", start + pd.Timedelta(days=4), row["revenue"] / row["orders"],
         f"{start:%m}-{n}" if n < row["linked"] else None)
        for start, row in zip(starts, rows, strict=True) for n in range(row["orders"])
    ]  # fmt: skip
    if orders:
        ids, ordered, revenue, lead_ids = zip(*orders, strict=True)
        tables["orders"] = table("orders", order_id=list(ids), ordered_at=list(ordered), revenue=list(revenue),
                                 lead_id=list(lead_ids))  # fmt: skip
    spans = [SimpleNamespace(table=key, layout=key, start=starts[0].date(), end=last.date()) for key in tables]
    files: Any = (SimpleNamespace(file="made.csv", modified=0.0, tables=tuple(spans)),)
    return past_of(Exports(folder, Company(name="Test", currency="RUB", timezone=ZONE), "RUB", tables, files))


@pytest.fixture(scope="module")
def severny(sample_dir: Path) -> Exports:
    return read_exports(sample_dir / "severny_svet")


# Which tree


@pytest.mark.parametrize(("month", "chosen", "top", "said"), [
    ({}, "lead_business", "revenue", "90% of the orders of the last 12 months come from leads"),
    ({"linked": 1}, "lead_business", "qualified_leads", "Only 10% of the orders"),
    ({"linked": 0}, "lead_business", "revenue", "80% of the orders"),  # no order names a lead: 8 leads won, 10 orders
    ({"linked": 0, "won": 3}, "lead_business", "qualified_leads", "Only 30% of the orders"),
    ({"leads": 0}, "shop", "revenue", "hold no leads"),
    ({"orders": 0}, "lead_business", "qualified_leads", "leads and no revenue"),
])  # fmt: skip
def test_the_tree_is_the_one_that_the_data_support(
    tmp_path: Path, month: Month, chosen: str, top: str, said: str
) -> None:
    choice = list_choices(company(tmp_path, month, month))[0]
    assert (choice.source, choice.top) == (chosen, top)
    assert said in choice.reason


def test_old_orders_do_not_count_in_the_choice(tmp_path: Path) -> None:
    months = [{"linked": 10}] * 12 + [{"linked": 0}] * 11 + [{"linked": 6}]
    assert "Only 5% of the orders" in list_choices(company(tmp_path, *months))[0].reason


@pytest.mark.parametrize("name", ["northlight", "severny_svet"])
def test_the_samples_do_not_claim_that_leads_make_the_orders(sample_dir: Path, name: str) -> None:
    past = past_of(read_exports(sample_dir / name))
    orders = past.exports.tables["orders"]
    recent = orders[orders["ordered_at"] > orders["ordered_at"].max() - pd.DateOffset(months=12)]
    assert recent["lead_id"].notna().mean() < 0.15
    assert [(choice.source, choice.top) for choice in list_choices(past)] == [
        ("lead_business", "qualified_leads"), ("shop", "revenue"),
    ]  # fmt: skip


def test_the_companys_own_tree_comes_first_and_is_no_export(tmp_path: Path) -> None:
    past = company(tmp_path, {}, {})
    file = tmp_path / "tree.yml"
    file.write_bytes((Path(__file__).resolve().parent.parent / "kpi_helpers/trees/shop.yml").read_bytes())
    assert list_choices(past)[0].source == str(file)
    assert len(list_choices(past)) == 3
    assert list_choices(past, "shop")[0].source == "shop"
    assert list_choices(past, file)[0].source == str(file)
    assert list_files(tmp_path) == []
    (tmp_path / "tree.yaml").write_text("")
    with pytest.raises(KitError, match="several files of trees: tree.yml, tree.yaml"):
        list_choices(past)
    with pytest.raises(KitError, match="no tree 'shops'. Did you mean shop"):
        list_choices(past, "shops")


# What its nodes are


def test_the_nodes_are_what_plain_pandas_counts(severny: Exports) -> None:
    past = past_of(severny)
    tree = CompanyTree(past, read_tree("lead_business"))
    nodes = tree.compare(OCTOBER, 12).nodes
    for column, month in (("value", "2026-10"), ("before", "2025-10")):
        leads, orders, traffic, ads = (severny.tables[key] for key in ("leads", "orders", "traffic", "ads"))
        lead = leads[leads["created_at"].dt.strftime("%Y-%m") == month]
        order = orders[orders["ordered_at"].dt.strftime("%Y-%m") == month]
        visits = traffic.loc[traffic["date"].dt.strftime("%Y-%m") == month, "visits"].sum()
        spend = ads.loc[ads["date"].dt.strftime("%Y-%m") == month, "spend"].sum()
        qualified, won = int(lead["qualified"].fillna(False).sum()), int(lead["won"].fillna(False).sum())
        expected = {
            "visits": visits, "leads": len(lead), "qualified_leads": qualified, "won_leads": won, "orders": len(order),
            "revenue": order["revenue"].sum(), "visit_to_lead": len(lead) / visits, "close_rate": won / qualified,
            "qualification_rate": qualified / len(lead), "aov": order["revenue"].sum() / len(order), "spend": spend,
            "orders_per_won_lead": len(order) / won, "drr": spend / order["revenue"].sum(),
        }  # fmt: skip
        for key, value in expected.items():
            assert nodes.at[key, column] == pytest.approx(value, rel=1e-9), key


@pytest.mark.parametrize("top", ["revenue", "won_leads", "qualified_leads", "leads", "drr"])
@pytest.mark.parametrize("months_ago", [1, 12])
def test_the_effects_of_the_leaves_add_up_to_the_last_digit(severny: Exports, top: str, months_ago: int) -> None:
    tree = CompanyTree(past_of(severny), read_tree("lead_business").at(top))
    standing = tree.compare(OCTOBER, months_ago)
    leaves = sorted(tree.tree.leaves_below(top))
    assert sum(standing.nodes.loc[leaves, "effect"]) == standing.change == standing.nodes.at[top, "effect"]
    value, before = standing.nodes.loc[top, ["value", "before"]]
    assert standing.change == pytest.approx(value - before, rel=1e-9)


def test_a_branch_moved_the_top_by_what_its_leaves_did(severny: Exports) -> None:
    nodes = CompanyTree(past_of(severny), read_tree("lead_business").at("won_leads")).compare(OCTOBER, 1).nodes
    assert nodes.at["leads", "effect"] == nodes.at["visits", "effect"] + nodes.at["visit_to_lead", "effect"]
    assert math.isnan(nodes.at["spend", "effect"]) and math.isnan(nodes.at["spend_per_visit", "effect"])


def test_an_effect_on_the_top_is_told_below_the_top_alone(severny: Exports) -> None:
    standing = CompanyTree(past_of(severny), read_tree("lead_business").at("qualified_leads")).compare(OCTOBER, 1)
    top, beside = tree_cards(standing, "RUB")
    told, spent = ({card.key: card.effect for card in each.walk()} for each in (top, beside[0]))
    assert told["visits"] and spent["visits"] == ""


def test_bounces_are_not_compared_as_if_each_visit_were_a_person(tmp_path: Path, severny: Exports) -> None:
    said = "{owner: marketing, lever: Pages, cost: Work, speed: day}"
    file = tmp_path / "tree.yml"
    file.write_text("name: Bounces\ntop: bounces\nnodes:\n  bounces: {formula: visits * bounce_rate}\n"
                    f"  visits: {said}\n  bounce_rate: {said}\n")  # fmt: skip
    standing = CompanyTree(past_of(severny), read_tree(file)).compare(OCTOBER, 1)
    assert standing.of("bounce_rate")["verdict"] == "not_compared"


def test_robots_are_left_out_where_both_months_know_them(tmp_path: Path) -> None:
    lead = read_tree("lead_business").at("leads")
    known = CompanyTree(company(tmp_path, {"robots": 100.0}, {"visits": 2000.0, "robots": 500.0}), lead)
    standing = known.compare(OCTOBER, 1)
    assert standing.nodes.loc["visits", ["value", "before"]].tolist() == [1500, 900]
    assert standing.nodes.at["visit_to_lead", "value"] == 20 / 1500
    assert "500 visits of robots in October 2026 are left out" in notes_of(standing)[0]
    assert known.line("visits", people=True).tolist() == [900, 1500]
    unknown = CompanyTree(company(tmp_path, {"robots": math.nan}, {"visits": 2000.0, "robots": 500.0}), lead)
    standing = unknown.compare(OCTOBER, 1)
    assert standing.nodes.loc["visits", ["value", "before"]].tolist() == [2000, 1000]
    assert "Visits include robots (500 in October 2026)" in notes_of(standing)[0]
    neither = CompanyTree(company(tmp_path, *[{"robots": math.nan}] * 2), lead)
    assert notes_of(neither.compare(OCTOBER, 1)) == []


def test_leads_without_an_outcome_are_counted(tmp_path: Path) -> None:
    past = company(tmp_path, {"open": 2}, {"open": 7, "won": 5})
    standing = CompanyTree(past, read_tree("lead_business").at("won_leads")).compare(OCTOBER, 1)
    assert standing.open_leads == {"won_leads": [(7, 20), (2, 20)]}
    said = "Leads won will still grow: of the leads of October 2026, 7 of 20 have no outcome yet"
    assert f"{said} (September 2026: 2 of 20)." in notes_of(standing)
    at_leads = CompanyTree(past, read_tree("lead_business").at("qualified_leads")).compare(OCTOBER, 1)
    assert at_leads.open_leads == {}


@pytest.mark.parametrize(("leads", "qualified", "status"), [(50, 39, "not_enough"), (550, 390, "missed"),
                                                            (50, 48, "met")])  # fmt: skip
def test_a_norm_is_judged_by_its_interval(tmp_path: Path, leads: int, qualified: int, status: str) -> None:
    past = company(tmp_path, {}, {"leads": leads, "qualified": qualified})
    standing = CompanyTree(past, read_tree("lead_business")).compare(OCTOBER, 1)
    assert standing.nodes.at["qualification_rate", "norm_status"] == status
    assert standing.nodes.at["visits", "norm_status"] == ""


def test_what_is_not_known_says_why(tmp_path: Path) -> None:
    tree = CompanyTree(company(tmp_path, {"leads": 0}, {"leads": 0}), read_tree("lead_business"))
    standing = tree.compare(OCTOBER, 1)
    top, _beside = tree_cards(standing, "RUB")
    assert standing.split_reason.startswith("no_values") and math.isnan(standing.change)
    assert any(note.startswith("What moved the top cannot be told: ") for note in notes_of(standing))
    assert {card.key: card.reason for card in top.walk()}["visit_to_lead"] == "the exports do not hold: leads"


def test_the_month_before_all_exports_is_not_known(tmp_path: Path) -> None:
    tree = CompanyTree(company(tmp_path, {}, {}), read_tree("lead_business"))
    standing = tree.compare(SEPTEMBER, 1)
    assert standing.nodes["before"].isna().all() and math.isnan(standing.change)
    assert finding_of(standing, "RUB") == "Revenue: ₽500"


def test_more_leaves_than_can_be_told_apart_are_shown_without_effects(tmp_path: Path) -> None:
    leaf = "{name: Part, unit: visit, measured: visits, owner: shared, lever: a, cost: b, speed: day}"
    parts = [f"part{n}" for n in range(11)]
    nodes = "".join(f"  {name}: {leaf}\n" for name in parts)
    file = tmp_path / "many.yml"
    top = f"  whole: {{name: Whole, unit: visit, formula: {' + '.join(parts)}}}"
    file.write_text(f"name: Many\ntop: whole\nnodes:\n{top}\n{nodes}")
    standing = CompanyTree(company(tmp_path, {}, {"visits": 2000.0}), read_tree(file)).compare(OCTOBER, 1)
    assert standing.nodes.at["whole", "value"] == 22_000 and standing.nodes["effect"].isna().all()
    assert notes_of(standing) == ["11 drivers changed; at most 10 can be told apart. Split the formula into steps."]


def test_exports_without_a_whole_month_have_no_tree(tmp_path: Path) -> None:
    past = company(tmp_path, {})
    past.exports.tables["traffic"] = past.exports.tables["traffic"].iloc[:0]
    past.exports.files[0].tables[0].end = pd.Timestamp("2026-10-20").date()
    short = past_of(past.exports)
    short.__dict__["last"] = pd.Timestamp("2026-10-20").date()
    with pytest.raises(KitError, match="the exports hold no whole month. Add exports"):
        CompanyTree(short, read_tree("shop"))


# In words


def test_the_finding_names_what_each_owner_moved(tmp_path: Path) -> None:
    months = [{"visits": 1000.0, "leads": 200, "qualified": 160}, {"visits": 1000.0, "leads": 250, "qualified": 175}]
    tree = CompanyTree(company(tmp_path, *months), read_tree("lead_business").at("qualified_leads"))
    said = "Qualified leads: 175 (September 2026: 160, +9.4%). By owner: marketing +37.5 and sales −22.5"
    assert finding_of(tree.compare(OCTOBER, 1), "RUB") == said


def test_planned_values_stand_beside_what_is(tmp_path: Path) -> None:
    tree = CompanyTree(company(tmp_path, {}, {}), read_tree("lead_business"))
    standing = tree.compare(OCTOBER, 1)
    planned = evaluate(tree.tree, standing.now, {"visits": 2000}).to_dict()
    cards = {card.key: card for card in tree_cards(standing, "RUB", planned)[0].walk()}
    assert (cards["leads"].value, cards["leads"].planned, cards["leads"].verdict) == ("20", "40", "better")
    assert (cards["qualification_rate"].planned, cards["leads"].change) == ("", "+100%")


@pytest.mark.parametrize(("formula", "signs"), [
    ("a * b * c", {"a": "", "b": "×", "c": "×"}), ("a / b", {"a": "", "b": "÷"}),
    ("a - b + c", {"a": "", "b": "−", "c": "+"}),
    ("(a - b) / a", {}), ("(a - b) / c", {}), ("a + b * c", {}), ("a * a", {}), ("2 * a", {}), ("", {}),
])  # fmt: skip
def test_signs_join_only_what_needs_no_brackets(formula: str, signs: dict[str, str]) -> None:
    assert joining_signs(formula) == signs


def test_effects_are_written_in_the_unit_of_the_top() -> None:
    tree = read_tree("shop")
    assert write_effect(-54321.0, tree, "RUB") == "−₽54K"
    assert write_effect(-0.0123, tree.at("romi"), "RUB") == "−1.23 pp"
    assert write_effect(3.25, tree.at("orders"), "RUB") == "+3.2"
    assert write_effect(0.0, tree.at("orders"), "RUB") == "0"
    assert write_effect(math.nan, tree, "RUB") == ""


def test_what_a_tree_file_says_is_escaped(tmp_path: Path) -> None:
    text = (Path(__file__).resolve().parent.parent / "kpi_helpers/trees/shop.yml").read_text(encoding="utf-8")
    file = tmp_path / "tree.yml"
    file.write_text(text.replace("Orders for each visit", f'"{HOSTILE}"').replace("name: Shop", f'name: "{HOSTILE}"'))
    past = company(tmp_path, {}, {})
    standing = CompanyTree(past, list_choices(past)[0].tree).compare(OCTOBER, 1)
    top, beside = tree_cards(standing, "RUB")
    page = tree_html(top, beside, finding=finding_of(standing, "RUB"), subtitle=HOSTILE, notes=[HOSTILE])
    assert HOSTILE not in page and page.count("&lt;img src=x") == 3
    assert "<script" not in page


def test_a_node_that_stands_twice_is_opened_once(tmp_path: Path) -> None:
    standing = CompanyTree(company(tmp_path, {}, {}), read_tree("shop")).compare(OCTOBER, 1)
    top, beside = tree_cards(standing, "RUB")
    assert [card.key for card in beside] == ["romi"]
    revenue = next(card for card in beside[0].walk() if card.key == "revenue")
    assert revenue.again and not revenue.children and not top.again
    assert [card.key for card in top.walk()] == ["revenue", "orders", "visits", "orders_per_visit", "aov"]


# The documents


@pytest.mark.parametrize(("name", "lang"), [("kpi_trees.md", "en"), ("kpi_trees.ru.md", "ru")])
def test_the_documents_show_a_tree_that_can_be_read_and_the_true_message(
    root: Path, tmp_path: Path, name: str, lang: str
) -> None:
    whole, broken, message = re.findall(r"```(?:yaml)?\n(.*?)```", (root / "docs" / name).read_text("utf-8"), re.DOTALL)
    file = tmp_path / "tree.yml"
    file.write_text(whole, encoding="utf-8")
    tree = read_tree(file)
    assert evaluate(tree, {"orders": 20, "revenue": 60_000})["revenue"] == 5 * 40 * 0.1 * 3000
    use_language(lang)
    formula = re.compile(r"  revenue:\n    formula: .*\n")
    assert formula.search(whole)
    file.write_text(formula.sub(lambda _found: broken, whole), encoding="utf-8")
    with pytest.raises(KitError) as caught:
        read_tree(file)
    assert str(caught.value) == message.strip()
