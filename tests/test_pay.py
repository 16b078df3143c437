"""Pay: schemes of a company held against its months, recomputed from its tables, and the section of the report."""

import csv
import math
import re
import shutil
from dataclasses import replace
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from kpi_helpers import read_exports
from kpi_helpers.charts.pay import move_pay, plot_pay
from kpi_helpers.company import Company, read_company
from kpi_helpers.errors import KitError
from kpi_helpers.history import History
from kpi_helpers.language import use_language
from kpi_helpers.monthly import read_goals
from kpi_helpers.pay import Ledger, Pay, Unripe, both_sides, read_pay, unripe
from kpi_helpers.pay.pieces import score_table, sides_table
from kpi_helpers.pay.words import curve_words
from kpi_helpers.reports.pay import show_pay
from kpi_helpers.reports.workbook import write_workbook
from kpi_helpers.scorecard import Curve, Line, Scheme, Simulation, check_schemes, read_schemes, score, simulate, tally
from tests.composed import SAMPLE, Composed, compose, markup, sample, sheets, text
from tests.folders import cut_file, cut_folder
from tests.frames import ZONE
from tests.small_company import daily_exports, made_exports

HOSTILE = "<img src=x onerror=alert(1)>"
HEAD = "owner,bonus,kpi,weight,target"
PERCENT = re.compile(r"-?[\d.]+")


@pytest.fixture(scope="module")
def svet() -> Ledger:
    month = sample("severny_svet").month
    return Ledger(History(month.exports, month), sample("severny_svet").goals)


def section(composed: Composed) -> Any:
    found = show_pay(composed.month, composed.card, composed.channels, composed.goals)
    assert found is not None
    return found


def company_with(tmp_path: Path, pay: str, name: str = "pay.csv") -> Path:
    """A company of the sample with few exports and other schemes."""
    for file in ("company.toml", "goals.csv", "hubspot_deals.csv", "meta_ads.csv"):
        shutil.copy(SAMPLE / "northlight" / file, tmp_path / file)
    (tmp_path / name).write_text(pay, encoding="utf-8")
    return tmp_path


# Recomputed

def marketing_by_hand(exports: Any, month: str) -> float:
    """The index of marketing in a month of 2026, from the tables and goals.csv in plain pandas."""
    def of_month(table: str, day: str) -> pd.DataFrame:
        rows = exports.tables[table]
        return rows[rows[day].dt.strftime("%Y-%m") == month]

    with open(SAMPLE / "severny_svet" / "goals.csv", encoding="utf-8") as file:
        goals = {row["kpi"]: float(row["target"]) for row in csv.DictReader(file)
                 if row["scope"] == "company" and row["start"].startswith(month)}
    leads, orders = of_month("leads", "created_at"), of_month("orders", "ordered_at")
    spend = of_month("ads", "date")["spend"].sum()
    cpql = spend / leads["qualified"].fillna(False).sum()
    romi = (orders["margin"].sum() - spend) / spend
    achieved = np.array([2 - cpql / goals["cpql"], len(leads) / goals["leads"], romi / goals["romi"]])
    points = np.where(achieved < 0.5, 0, np.minimum(achieved, 1.2))
    return float((points * [0.4, 0.3, 0.3]).sum())


def test_months_of_the_sample_come_out_as_in_plain_pandas(svet: Ledger) -> None:
    exports = svet.history.month.exports
    pay = svet.hold(read_pay(exports)[0])
    months = [f"2026-{month:02d}" for month in range(1, 11)]
    by_hand = [marketing_by_hand(exports, month) for month in months]
    assert pay.score.index == pytest.approx(by_hand[-1]) and pay.score.bonus == pytest.approx(40_000 * by_hand[-1])
    found = pay.seen.months["index"]
    assert found.tail(10).tolist()[:9] == pytest.approx(by_hand[:9]) and found.head(14).isna().all(), "2025: no goals"
    assert pay.left_out == (pd.Timestamp("2026-10-01"),) and math.isnan(found.iloc[-1]), "its leads wait for verdicts"
    months, by_hand = months[:9], by_hand[:9]
    assert pay.seen.cost == pytest.approx(1.3 * 40_000 * sum(by_hand)), "charges of 30 %"
    margin = [float(rows["margin"].sum()) for month, rows in
              exports.tables["orders"].groupby(exports.tables["orders"]["ordered_at"].dt.strftime("%Y-%m"))
              if month in months]
    full = [value for value, index in zip(margin, by_hand, strict=True) if index >= 1]
    sides = both_sides(pay)
    assert sides.share == pytest.approx(pay.seen.cost / sum(margin)) and sides.months == 9
    assert sides.full == len(full) > 0 and sides.margin_full == pytest.approx(sum(full) / len(full))
    assert sides.ceiling == pytest.approx(1.3 * 1.2 * 40_000)


def test_ahead_is_what_the_paths_pay(svet: Ledger) -> None:
    scheme = read_pay(svet.history.month.exports)[0]
    pay = svet.hold(scheme)
    achieved = []
    for line in scheme.lines:
        paths = svet.paths(line.kpi, "company")
        goals = [svet.goal(line.kpi, "company", month) for month in svet.ahead]
        assert paths is not None and math.isnan(goals[2]), "goals end with the year"
        ratio = paths[:, :2] / goals[:2]
        achieved.append(2 - ratio if line.kpi == "cpql" else ratio)
    points = [np.where(np.round(part, 12) < 0.5, 0, np.minimum(part, 1.2)) for part in achieved]
    bonus = 40_000 * (0.4 * points[0] + 0.3 * points[1] + 0.3 * points[2])
    assert pay.seen.ahead["mean"][:2].tolist() == pytest.approx(bonus.mean(axis=0).tolist())
    assert pay.seen.ahead["low"][:2].tolist() == pytest.approx(np.quantile(bonus, 0.1, axis=0).tolist())
    assert both_sides(pay).chance == pytest.approx((bonus >= 40_000 - 1e-6).mean())
    assert pay.seen.ahead["mean"].isna().tolist() == [False, False, True]


def test_a_report_of_the_past_knows_nothing_of_later_months() -> None:
    exports = sample("severny_svet").month.exports
    early = compose(SAMPLE / "severny_svet", "2026-06")
    ledger = Ledger(History(early.month.exports, early.month), early.goals)
    assert ledger.last == pd.Timestamp("2026-06-01") and ledger.ahead[0] == pd.Timestamp("2026-07-01")
    pay = ledger.hold(read_pay(exports)[0])
    assert pay.score.index == pytest.approx(marketing_by_hand(exports, "2026-06"))
    assert len(pay.seen.months) == 20 and len(ledger.past("leads", "company")) == 20


def test_the_score_is_that_of_the_reports_scorecard(svet: Ledger) -> None:
    card = sample("severny_svet").card.set_index("kpi")
    for scheme in read_pay(svet.history.month.exports):
        rows = svet.hold(scheme).score.rows.set_index("kpi")
        assert rows["value"].to_dict() == pytest.approx(card["value"].reindex(rows.index).to_dict())


# The documentation

@pytest.mark.parametrize("name", ["pay.md", "pay.ru.md"])
def test_the_examples_of_the_documentation_are_read(root: Path, tmp_path: Path, name: str) -> None:
    said = (root / "docs" / name).read_text(encoding="utf-8")
    blocks = dict(re.findall(r"```(csv|yaml|toml)\n(.*?)```", said, re.DOTALL))
    (tmp_path / "pay.csv").write_text(blocks["csv"], encoding="utf-8")
    (tmp_path / "pay.yml").write_text(blocks["yaml"], encoding="utf-8")
    schemes = read_schemes(tmp_path / "pay.csv")
    assert repr(schemes) == repr(read_schemes(tmp_path / "pay.yml")), "nan is not nan"
    assert [scheme.owner for scheme in schemes] == ["marketing", "sales"]
    assert blocks["toml"] == "[pay]\ncharges = 0.3\n"
    rows = [[cell.strip() for cell in line.strip("| \n").split(" | ")]
            for line in said.splitlines() if re.match(r"\| (cpql|leads|romi) ", line)]
    targets = {row[0]: number(row[2]) for row in rows}
    values = [number(row[1]) for row in rows]
    month = pd.DataFrame({"kpi": list(targets), "value": values, "goal": list(targets.values())})
    found = score(schemes[0], month)
    for row, made in zip(rows, found.rows.to_dict("records"), strict=True):
        columns = ("value", "target", "achievement", "points", "weight", "contribution", "bonus")
        assert [made[column] for column in columns] == pytest.approx([number(cell) for cell in row[1:]])
    total = next(line for line in said.splitlines() if line.startswith(("| together", "| вместе")))
    assert [number(cell) for cell in total.split("|") if PERCENT.search(cell)] == pytest.approx(
        [1, found.index, found.bonus])


def number(cell: str) -> float:
    return float(PERCENT.search(cell)[0]) / (100 if "%" in cell else 1)  # type: ignore[index]


@pytest.mark.parametrize("name", ["pay.md", "pay.ru.md"])
def test_the_curves_of_the_documentation_are_the_kits(root: Path, name: str) -> None:
    said = (root / "docs" / name).read_text(encoding="utf-8").splitlines()
    head = next(place for place, line in enumerate(said) if "| 70 % |" in line)
    achieved = [number(cell) for cell in said[head].split("|")[2:-1]]
    rows = [line.split("|")[1:-1] for line in said[head + 2 :] if line.startswith("| `")][:4]
    for words, *points in rows:
        shape, *settings = [part.strip(" `") for part in words.split(",")]
        row = {"owner": "marketing", "bonus": "1", "kpi": "leads", "weight": "1", "target": "1", "curve": shape}
        row |= dict(setting.split(" ", 1) for setting in settings)
        curve = check_schemes([row])[0].lines[0].curve
        assert curve.points(achieved).tolist() == pytest.approx([number(cell) for cell in points])
    assert len(rows) == 4


# Files

def test_where_there_is_no_file_there_is_no_section(tmp_path: Path) -> None:
    (company_with(tmp_path, "") / "pay.csv").unlink()
    composed = compose(tmp_path)
    assert show_pay(composed.month, composed.card, composed.channels, composed.goals) is None
    with pytest.raises(KitError, match=r"no file of schemes .*other\.csv"):
        read_pay(composed.month.exports, tmp_path / "other.csv")


@pytest.mark.parametrize(("name", "pay", "lines"), [
    ("pay.csv", f"{HEAD}\nmarketing,5,leads,1,500\nmarketing,,cplx,0,3\nboss,1,leads,1,5\n",
     ["pay.csv, line 3: there is no KPI 'cplx'. Did you mean", "pay.csv, line 4: there is no owner 'boss'."]),
    ("pay.csv", f"{HEAD}\nmarketing,5,leads,90 %,500\n", ["pay.csv, marketing: the weights add up to 90.0%."]),
    ("pay.yml", "- owner: marketing\n  bonus: 5\n  kpis:\n  - {kpi: leads, weight: x}\n",
     ["pay.yml, line 4: weight = 'x' is not a number."]),
    ("pay.csv", f"{HEAD}\n", ["The file of schemes holds none."]),
    ("pay.csv", f"{HEAD}\nmarketing,5,{HOSTILE},1,5\n", ["pay.csv, line 2: there is no KPI '<img"]),
    ("pay.yaml", "- [1", ["pay.yaml, line 1: it is no YAML"]),
])  # fmt: skip
def test_a_wrong_file_is_named_and_the_report_goes_on(tmp_path: Path, name: str, pay: str, lines: list[str]) -> None:
    composed = compose(company_with(tmp_path, pay, name))
    assert name not in {file.file for file in composed.month.exports.files}, "it is no export"
    found = section(composed)
    assert len(found.parts) == len(lines)
    assert all(line in text(found) for line in lines)
    assert "<img src=x" not in markup(found)


def test_several_files_are_refused(tmp_path: Path) -> None:
    company_with(tmp_path, "")
    (tmp_path / "pay.yml").write_text("", encoding="utf-8")
    assert "several files of schemes: pay.csv, pay.yml. Leave one" in text(section(compose(tmp_path)))


def test_a_channel_with_a_hostile_name_does_no_harm(tmp_path: Path) -> None:
    pay = f"owner,bonus,kpi,scope,weight,target\nmarketing,100,leads,company,1,50\nmarketing,,leads,{HOSTILE},0,5\n"
    company_with(tmp_path, pay)
    (tmp_path / "channels.csv").write_text(f"source,medium,campaign,channel\nx,*,*,{HOSTILE}\n", encoding="utf-8")
    found = section(compose(tmp_path))
    assert "&lt;img src=x" in markup(found) and "<img src=x" not in markup(found)
    assert "shown, not paid — 5 — —" in text(found), "no value, the target, no achievement, no points"


# Both sides

def pay_of(index: list[float], margin: list[float], ahead: dict[str, list[float]], charges: float = 0.5) -> Pay:
    """A scheme of 100 a month with these results."""
    months = pd.date_range("2026-01-01", periods=len(index), freq="MS")
    back = pd.DataFrame({"index": index, "bonus": [100 * one for one in index], "set_aside": 0.0}, index=months)
    lines = pd.DataFrame({"chance": [math.nan]}, index=["leads"])
    scheme = Scheme("marketing", 100, (Line("leads", 1, 5),))
    cost = (1 + charges) * sum(100 * one for one in index if not math.isnan(one))
    seen = Simulation(back, lines, pd.DataFrame(ahead), 0, cost, 0, 0, 150)
    empty = tally(scheme, pd.DataFrame({"kpi": ["leads"], "value": [5.0]}))
    return Pay(scheme, months[-1], True, empty, seen, [], {}, {}, (), months, pd.Series(margin, index=months), charges)


def test_both_sides_by_hand() -> None:
    ahead = {"mean": [80.0, 100.0], "low": [60.0, 70.0], "high": [110.0, 120.0], "chance": [0.2, 0.5],
             "set_aside": [0.0, 0.0]}  # fmt: skip
    pay = pay_of([1.2, 0.5, 1.0 - 1e-14, math.nan], [1000, 400, 2000, 9000], ahead)
    found = both_sides(pay)
    assert (found.months, found.full) == (3, 2) and found.paid == pytest.approx(90)
    assert found.share == pytest.approx(1.5 * (120 + 50 + 100) / 3400)
    assert (found.margin_full, found.margin_other) == (1500, 400)
    assert found.chance == pytest.approx(0.35) and found.expected == 90 and found.expected_cost == 135
    assert "Margin a month" not in sides_table(pay, "USD"), "two months and one are an anecdote"
    more = pay_of([1.2, 1, 1, 0.5, 0.5, 0.5], [1000, 2000, 1500, 400, 400, 400], ahead)
    assert "$1,500 in the months with a full bonus (3), $400 in the others (3)" in sides_table(more, "USD")
    gap = both_sides(pay_of([1.0] * 10, [math.nan] * 9 + [1000.0], ahead))
    assert math.isnan(gap.share), "the cost of ten months is no share of the margin of one"


def test_what_is_not_known_is_not_said() -> None:
    nothing: dict[str, list[float]] = {"mean": [], "low": [], "high": [], "chance": [], "set_aside": []}
    pay = pay_of([1.0, 1.0], [math.nan, math.nan], nothing, charges=0)
    found = both_sides(pay)
    assert math.isnan(found.share) and math.isnan(found.chance) and math.isnan(found.margin_other)
    said = sides_table(pay, "USD")
    assert "Margin a month" not in said and "write pay.charges into company.toml" in said and "nan" not in said


def test_without_a_cap_there_is_no_most(svet: Ledger) -> None:
    scheme = Scheme("marketing", 100, (Line("leads", 1, 150, Curve(cap=math.inf)),))
    assert math.isinf(both_sides(svet.hold(scheme)).ceiling)
    assert "no limit" in sides_table(svet.hold(scheme), "RUB")


# What is not final

def leads_table(*rows: tuple[str, bool | None, bool | None, bool]) -> pd.DataFrame:
    """Leads of October: stage, qualified, won, closed."""
    days = pd.Series(pd.to_datetime(["2026-10-05"] * len(rows)).tz_localize(ZONE))
    stage, qualified, won, closed = zip(*rows, strict=True)
    return pd.DataFrame({
        "created_at": days, "channel": "email", "stage": stage, "qualified": pd.array(qualified, dtype="boolean"),
        "won": pd.array(won, dtype="boolean"), "closed_at": days.where(pd.Series(closed)),
    })  # fmt: skip


def test_open_deals_and_verdicts_are_counted() -> None:
    leads = leads_table(
        ("offer", True, None, False), ("offer", True, False, False), ("won", True, True, True),
        ("lost", True, False, True), ("lost", True, None, False), ("new", None, None, False),
    )  # fmt: skip
    company, month = Company(name="Test", lost_stages=("lost",)), pd.Timestamp("2026-10-01")

    def found(key: str, scope: str = "company", when: pd.Timestamp = month) -> Unripe | None:
        return unripe(key, scope, leads, company, when)

    assert found("close_rate") == Unripe("deals", 2, 5) == found("close_rate", "email")
    assert found("qualification_rate") == Unripe("verdicts", 1, 6) == found("cpql")
    assert found("romi") == Unripe("money", 2, 5)
    assert found("leads") is found("revenue") is found("ctr") is None
    counts = pd.DataFrame({**{name: [leads[name].iloc[0]] for name in ("created_at", "channel")}, "leads": [500.0]})
    leads = pd.concat([leads.assign(leads=math.nan), counts], ignore_index=True).astype(leads.dtypes)
    assert found("cpql") == Unripe("verdicts", 1, 506), "a count holds no lead that could wait"
    leads.loc[5, "stage"] = "lost"
    assert found("cpql") is None, "what is lost waits for nothing"
    leads = leads.assign(stage="won").loc[leads.index[:6]]
    assert found("close_rate", "vk_ads") is found("close_rate", when=pd.Timestamp("2026-09-01")) is None
    assert unripe("close_rate", "company", None, company, month) is None


def test_what_is_not_final_is_marked_in_the_section() -> None:
    said = text(section(sample("severny_svet")))
    leads = sample("severny_svet").month.exports.tables["leads"]
    october = leads[leads["created_at"].dt.strftime("%Y-%m") == "2026-10"]
    qualified = october[october["qualified"].fillna(False)]
    still_open = int((qualified["closed_at"].isna()).sum())
    assert f"not final: {still_open} qualified leads of {len(qualified)} are still open deals" in said
    waiting = int((october["qualified"].isna() & october["closed_at"].isna()).sum())
    assert waiting and f"not final: {waiting} leads of {len(october)} still wait for a verdict" in said
    assert "Left out here and of the forecasts, as their results are not final: October 2026." in said


def cut_exports(folder: Path, *names: str) -> Path:
    """Severny Svet whose files of these names end on 15 October."""
    cut_folder(SAMPLE / "severny_svet", folder, date(2026, 10, 31))
    for name in names:
        cut_file(SAMPLE / "severny_svet" / name, folder / name, date(2026, 10, 15))
    return folder


def test_no_bonus_is_stated_where_an_export_ends_early(tmp_path: Path) -> None:
    composed = compose(cut_exports(tmp_path, "direct_kampanii.csv", "vk_ads.csv"))
    said = text(section(composed))
    assert "October 2026: the exports of a paid KPI end before the month does, so neither index nor bonus" in said
    assert said.count("its export ends on 15 October 2026: export it again") == 2, "cpql and romi, not leads"
    ledger = Ledger(History(composed.month.exports, composed.month), composed.goals)
    marketing, sales = (ledger.hold(scheme) for scheme in read_pay(composed.month.exports))
    rows = marketing.score.rows.set_index("kpi")
    assert math.isnan(marketing.score.bonus) and math.isnan(marketing.score.index) and rows["bonus"].isna().all()
    assert rows["value"].isna().to_dict() == {"cpql": True, "leads": False, "romi": True}
    assert math.isnan(marketing.seen.months["bonus"].iloc[-1]) and marketing.is_cut and not sales.is_cut
    assert sales.score.bonus == pytest.approx(svet_bonus("sales")), "nothing of sales hangs on ads"


def svet_bonus(owner: str) -> float:
    composed = sample("severny_svet")
    ledger = Ledger(History(composed.month.exports, composed.month), composed.goals)
    return next(ledger.hold(one).score.bonus for one in read_pay(composed.month.exports) if one.owner == owner)


def test_months_whose_leads_still_wait_teach_nothing(svet: Ledger) -> None:
    """As October was exported on its last day most of its deals are open: its close rate says nothing of November's."""
    scheme = Scheme("sales", 1000, (Line("close_rate", 1, 0.25),))
    pay = svet.hold(scheme)
    assert pd.Timestamp("2026-10-01") in pay.left_out and math.isnan(pay.seen.months["index"].iloc[-1])
    assert len(pay.left_out) < 6, "some deals are never closed: old months are as final as they get"
    final = svet.past("close_rate", "company").set_index("period")["value"].drop(list(pay.left_out)).dropna()
    paths = svet.paths("close_rate", "company")
    assert paths is not None and final.min() <= np.median(paths) <= final.max()
    assert "not final" in score_table(pay, "RUB") and "Left out here" in sides_table(pay, "RUB")


def test_what_cannot_be_forecast_is_named_beside_the_chance(svet: Ledger) -> None:
    pay = svet.hold(Scheme("marketing", 100, (Line("leads", 0.2, 150), Line("cpql", 0.8, math.nan))))
    named = replace(pay, seen=simulate(pay.scheme, svet.past("leads", "company"), {"leads": np.full((9, 3), 200.0)}))
    said = re.sub("<.*?>", " ", sides_table(named, "RUB"))
    assert "No chance and no bonus ahead are stated: Cost per qualified lead" in said
    assert math.isnan(both_sides(named).chance) and math.isnan(both_sides(named).expected)


def test_a_channel_named_company_does_not_end_the_report(tmp_path: Path) -> None:
    cut_folder(SAMPLE / "severny_svet", tmp_path, date(2026, 10, 18))
    with open(tmp_path / "channels.csv", "a", encoding="utf-8") as file:
        file.write("\nvk,*,*,company\n")
    composed = compose(tmp_path)
    assert "company" in set(composed.channels["scope"]), "the test tests nothing otherwise"
    assert "index so far" in text(section(composed))


# The section

def test_the_flaw_of_the_sample_is_named_and_no_other() -> None:
    for company, flaws in (("severny_svet", 0), ("northlight", 1)):
        composed = sample(company)
        ledger = Ledger(History(composed.month.exports, composed.month), composed.goals)
        faults = [fault for scheme in read_pay(composed.month.exports) for fault in ledger.hold(scheme).faults]
        assert len(faults) == flaws
    assert (faults[0].code, faults[0].line) == ("noise_decides", "qualification_rate")
    assert "month-to-month swings decide over 60% of the bonus" in text(section(sample("northlight")))


def test_what_is_written_can_be_counted_again(svet: Ledger) -> None:
    """Every row: weight times points is the contribution, to the digits shown; the bonuses add up exactly."""
    for scheme in read_pay(svet.history.month.exports):
        table = score_table(svet.hold(scheme), "RUB")
        rows = [[re.sub("<.*?>", " ", cell) for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.DOTALL)]
                for row in re.findall(r"<tr>(.*?)</tr>", table, re.DOTALL)]
        paid = [row for row in rows if len(row) == 8 and "—" not in row[7]]
        *parts, total = [[float(PERCENT.search(cell.replace(",", "").replace("₽", ""))[0])  # type: ignore[index]
                          for cell in row[-4:] if PERCENT.search(cell)] for row in paid]
        for points, weight, contribution, bonus in parts:
            assert contribution == pytest.approx(points * weight / 100, abs=0.011)
            assert bonus == pytest.approx(contribution / 100 * scheme.bonus, abs=scheme.bonus * 0.0001 + 1)
        assert sum(row[3] for row in parts) == total[2]
        assert total[0] == 100 and sum(row[2] for row in parts) == pytest.approx(total[1], abs=0.02)


def test_the_workbook_holds_steps_and_months_as_numbers() -> None:
    import openpyxl

    data = sheets(section(sample("northlight")))
    book = openpyxl.load_workbook(BytesIO(write_workbook([data], "Report")))
    rows = [[cell for cell in row if cell is not None] for row in book.active.iter_rows(values_only=True)]
    leads = next(row for row in rows if row and row[0] == "Leads")
    card = sample("northlight").card.set_index("kpi")
    assert leads[2:4] == [card.at["leads", "value"], card.at["leads", "goal_full"]]
    september = [row for row in rows if row and row[0] == "September 2026"]
    ledger = Ledger(History(sample("northlight").month.exports, sample("northlight").month), sample("northlight").goals)
    paid = [ledger.hold(scheme).seen.months.at[pd.Timestamp("2026-09-01"), "bonus"]
            for scheme in read_pay(sample("northlight").month.exports)]
    assert [row[2] for row in september] == pytest.approx(paid)
    assert sum(row[0] == "November 2026" for row in rows if row) == 2


def test_a_month_that_is_not_over_pays_nothing_yet(tmp_path: Path) -> None:
    composed = compose(cut_folder(SAMPLE / "severny_svet", tmp_path, date(2026, 10, 18)))
    found = section(composed)
    said = text(found)
    assert "October 2026, first 18 days: index so far" in said
    assert "The bonus is computed when the month is over" in said and "Index and bonus" not in said
    assert all(row[-1] is None for sheet in sheets(found)["sheets"][::2] for row in sheet["rows"])
    ledger = Ledger(History(composed.month.exports, composed.month), composed.goals)
    assert ledger.last == pd.Timestamp("2026-09-01") and ledger.ahead[0] == pd.Timestamp("2026-10-01")
    card = composed.card.set_index("kpi")
    pay = ledger.hold_to_date(read_pay(composed.month.exports)[0], composed.card)
    rows = pay.score.rows.set_index("kpi")
    assert rows["target"].to_dict() == pytest.approx(card["goal"].reindex(rows.index).to_dict())
    assert rows.at["leads", "target"] < card.at["leads", "goal_full"]
    sales = ledger.hold_to_date(read_pay(composed.month.exports)[1], composed.card).score.rows.set_index("kpi")
    assert sales.at["missed_calls", "target"] == 0.07, "what the scheme says stands; a ratio has no part of it"


def test_a_target_of_the_scheme_is_planned_by_day_too(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2025-09-01", "2026-01-15")
    (tmp_path / "goals.csv").write_text("kpi,target\n", encoding="utf-8")
    history = History(exports)
    ledger = Ledger(history, read_goals(exports))
    results = pd.DataFrame({"kpi": ["leads"], "scope": ["company"], "value": [20.0]})
    target = ledger.hold_to_date(Scheme("marketing", 1, (Line("leads", 1, 310),)), results).score.rows["target"].item()
    assert 120 < target < 190
    line = Line("leads", 1, 310, base=155)
    row = ledger.hold_to_date(Scheme("marketing", 1, (line,)), results).score.rows.iloc[0]
    assert row["base"] == pytest.approx(target / 2), "half of the target is half of the target to date"


def test_before_any_month_is_over_nothing_breaks(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2026-01-01", "2026-01-15")
    ledger = Ledger(History(exports), read_goals(exports))
    scheme = Scheme("marketing", 100, (Line("leads", 1, 50),))
    with pytest.raises(KitError, match="no month is over yet"):
        ledger.hold(scheme)
    pay = ledger.hold_to_date(scheme, pd.DataFrame({"kpi": ["leads"], "scope": ["company"], "value": [20.0]}))
    assert pay.score.index > 0 and pay.seen.months.empty
    assert "nan" not in sides_table(pay, "").lower() + score_table(pay, "").lower()


def test_a_small_company_pays_what_its_leads_say(tmp_path: Path) -> None:
    """In month n there are 14 + n leads; 20 are asked for: month 1 is 15 of 20, month 10 is at the cap."""
    exports = made_exports(tmp_path)
    pay = Ledger(History(exports), read_goals(exports)).hold(Scheme("marketing", 1000, (Line("leads", 1, 20),)))
    by_hand = [0 if n < 2 else min((14 + n) / 20, 1.2) * 1000 for n in range(1, 15)]
    assert pay.seen.months["bonus"].tolist() == pytest.approx(by_hand)
    assert pay.month == pd.Timestamp("2026-02-01") and pay.score.bonus == 1200


# Words and chart

@pytest.mark.parametrize(("curve", "words"), [
    (Curve(), "paid from 80% on, at most 120%"),
    (Curve(threshold=0, cap=math.inf), "paid from the beginning, without a cap"),
    (Curve(at_threshold=0.5, at_cap=1.6), "paid from 80% on, there 50%, at 120% and beyond 160%"),
    (Curve("step", threshold=0.9), "all or nothing at 90%"),
    (Curve(threshold=0, at_threshold=0.5), "paid from the beginning, there already 50%, at most 120%"),
    (Curve(threshold=1, at_threshold=0), "paid from 100% on, there 100%, at most 120%"),
    (Curve(threshold=0.825), "paid from 82.5% on, at most 120%"),
])  # fmt: skip
def test_curves_in_words(curve: Curve, words: str) -> None:
    assert curve_words(curve) == words


def frames(bonus: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    months = pd.date_range("2026-01-01", periods=3, freq="MS")
    back = pd.DataFrame({"bonus": [bonus, math.nan, bonus / 2], "set_aside": [0, 1, 0.4]}, index=months)
    later = pd.date_range("2026-04-01", periods=2, freq="MS")
    ahead = pd.DataFrame({"mean": [bonus, bonus / 2], "low": [bonus / 2, 0], "high": [bonus * 1.2, bonus]}, index=later)
    return back, ahead.assign(set_aside=0.0)


def test_bars_are_the_bonuses_and_move_as_if_drawn_anew() -> None:
    ax = plot_pay(*frames(90.0), 100.0, owner="sales", finding="F")
    bars = ax.containers[0].patches
    assert [bar.get_height() for bar in bars if bar.get_visible()] == [90, 45, 90, 45] and not bars[1].get_visible()
    assert bars[2].get_facecolor() != bars[0].get_facecolor(), "hollow where weights were set aside"
    assert bars[3].get_hatch() and not bars[0].get_hatch()
    assert move_pay(ax, *frames(80.0), 80.0)
    other = plot_pay(*frames(80.0), 80.0, owner="sales", finding="F")
    for one, two in zip(ax.containers[0].patches, other.containers[0].patches, strict=True):
        assert (one.get_height(), one.get_facecolor(), one.get_visible()) == (
            two.get_height(), two.get_facecolor(), two.get_visible())
    whiskers, fresh = (axes.collections[0].get_segments() for axes in (ax, other))
    assert [segment.tolist() for segment in whiskers] == [segment.tolist() for segment in fresh]
    assert not move_pay(ax, *frames(500.0), 500.0), "it leaves the paper"
    assert not move_pay(ax, frames(80.0)[0].head(2), frames(80.0)[1], 80.0), "other months"


def test_the_section_is_in_russian_where_the_reader_is() -> None:
    use_language("ru")
    said = text(section(sample("severny_svet")))
    assert "Карта показателей и премия" in said and "Октябрь 2026: индекс" in said
    assert not re.findall(r"\b(bonus|weight|paid|month|target)\b", said)


@pytest.mark.parametrize("wrong", ["30", "-0.1", "true", '"a third"', "nan", "[0.3]"])
def test_charges_that_are_none_are_refused(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "company.toml").write_text(f"[pay]\ncharges = {wrong}\n", encoding="utf-8")
    with pytest.raises(KitError, match="pay.charges = .* is not allowed. Expected: a fraction between 0 and 1"):
        read_company(tmp_path)


def test_charges_are_a_setting(tmp_path: Path) -> None:
    company_with(tmp_path, f"{HEAD}\nmarketing,100,leads,1,50\n")
    with open(tmp_path / "company.toml", encoding="utf-8") as file:
        settings = file.read()
    (tmp_path / "company.toml").write_text(settings.replace("charges = 0.0765", "charges = 0.2"), encoding="utf-8")
    exports = read_exports(tmp_path)
    assert exports.company.pay_charges == 0.2
    pay = Ledger(History(exports), read_goals(exports)).hold(read_pay(exports)[0])
    assert pay.seen.cost == pytest.approx(1.2 * pay.seen.paid) and pay.charges == 0.2
    assert pay.month.date() == date(2026, 10, 1)
