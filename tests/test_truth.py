"""The kit against a second computation (oracle.py) from the same raw files, and against what the sample hides."""

import csv
import io
import json
import math
import shutil
from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path

import oracle
import pandas as pd
import pytest
from oracle_files import SAMPLE

from kpi_helpers import compute_kpis, prepare_month, read_exports, read_goals, score_month, sum_measures, sum_month
from kpi_helpers.catalogue import KPIS
from kpi_helpers.exports import Exports
from kpi_helpers.monthly import Month
from kpi_helpers.traffic import robot_burst, untracked_days

COMPANIES = ("severny_svet", "northlight")
MONTHS = ("2026-10", "2025-12")
CUT = date(2026, 10, 18)
LOWER_IS_BETTER = {"cpl", "cpql", "drr", "missed_calls"}  # of the KPIs that goals.csv names
SUMS = {"leads", "qualified_leads", "orders", "revenue", "new_customers"}  # of them, those that grow with the days
TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))


@dataclass(frozen=True)
class Case:
    """A company's month as the kit sees it, in a folder."""

    company: str
    folder: Path
    month: Month
    card: pd.DataFrame
    channels: pd.DataFrame

    def oracle(self, month: str) -> dict[str, oracle.Result]:
        return oracle.company_kpis(self.company, month, self.month.first_days, self.folder)

    def oracle_channels(self, month: str) -> dict[str, dict[str, float]]:
        return oracle.by_channel(self.company, month, self.month.first_days, self.folder)


@cache
def read(folder: Path) -> Exports:
    return read_exports(folder)


@cache
def case(company: str, month: str, folder: Path) -> Case:
    """The cells of the monthly report's notebook."""
    exports = read(folder)
    goals = read_goals(exports)
    this = prepare_month(exports, month)
    card = score_month(compute_kpis(sum_month(this)), goals, this)
    by_channel = compute_kpis(sum_month(this, by="channel"), oracle.BY_CHANNEL)
    return Case(company, folder, this, card, score_month(by_channel, goals, this))


@pytest.fixture(scope="module", params=[(company, month) for company in COMPANIES for month in MONTHS], ids="-".join)
def whole(request: pytest.FixtureRequest) -> Case:
    company, month = request.param
    return case(company, month, SAMPLE / company)


@pytest.fixture(scope="module", params=COMPANIES)
def unfinished(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Case:
    """October 2026 on the evening of the 18th."""
    folder = tmp_path_factory.mktemp("cut") / request.param
    cut_folder(SAMPLE / request.param, folder)
    return case(request.param, "2026-10", folder)


def neighbours(month: date) -> dict[str, str]:
    """The months that the columns of the scorecard speak of."""
    before = (month - timedelta(days=1)).strftime("%Y-%m")
    return {"value": f"{month:%Y-%m}", "previous": before, "year_ago": f"{month.year - 1}-{month:%m}"}


def is_same(kit: float, second: float) -> bool:
    """Equal; the kit adds amounts to the millionth, which shows in a small ratio of two large ones (ROI near 0)."""
    if math.isnan(kit) or math.isnan(second):
        return math.isnan(kit) and math.isnan(second)
    return math.isclose(kit, second, rel_tol=1e-9, abs_tol=1e-9)


def differences(kit: dict[str, float], second: dict[str, float]) -> list[str]:
    """What one side says and the other does not say, or says otherwise; a missing value is NaN or not there at all."""
    keys = sorted(set(kit) | set(second))
    pairs = [(key, kit.get(key, math.nan), second.get(key, math.nan)) for key in keys]
    return [
        f"{key}: kit {ours!r}, second computation {theirs!r}"
        for key, ours, theirs in pairs
        if not is_same(ours, theirs)
    ]


# The kit against the second computation


@pytest.mark.parametrize("column", ["value", "numerator", "denominator", "low", "high"])
def test_company_equals_second_computation(whole: Case, column: str) -> None:
    results = whole.oracle(f"{whole.month.start:%Y-%m}")
    assert set(whole.card["kpi"]) == set(KPIS)
    said = whole.card[whole.card["value"].notna()]
    assert set(said["kpi"]) == set(results)
    assert not differences(
        dict(zip(said["kpi"], said[column], strict=True)),
        {key: getattr(result, column) for key, result in results.items()},
    )


@pytest.mark.parametrize("column", ["previous", "year_ago"])
def test_company_before_equals_second_computation(whole: Case, column: str) -> None:
    results = whole.oracle(neighbours(whole.month.start)[column])
    assert not differences(
        dict(zip(whole.card["kpi"], whole.card[column], strict=True)),
        {key: result.value for key, result in results.items()},
    )


@pytest.mark.parametrize("column", ["value", "previous", "year_ago"])
def test_channels_equal_second_computation(whole: Case, column: str) -> None:
    assert not channel_differences(whole, column)


def channel_differences(case: Case, column: str) -> list[str]:
    results = case.oracle_channels(neighbours(case.month.start)[column])
    second = {f"{key} {scope}": value for key, scopes in results.items() for scope, value in scopes.items()}
    scopes = {scope for found in results.values() for scope in found}
    kit = {f"{row.kpi} {row.scope}": getattr(row, column) for row in case.channels.itertuples() if row.scope in scopes}
    others = case.channels[~case.channels["scope"].isin(scopes)]  # a channel that only the chats know
    nothing = others[column].isna() | (others[column] == 0)
    return differences(kit, second) + others.loc[~nothing, "scope"].tolist()


def test_missing_says_why(whole: Case) -> None:
    missing = whole.card["value"].isna()
    assert whole.card.loc[missing, "reason"].ne("").all()
    assert whole.card.loc[~missing, "reason"].eq("").all()


def test_company_without_an_export_has_no_values_from_it() -> None:
    card = case("northlight", "2026-10", SAMPLE / "northlight").card.set_index("kpi")
    absent = {
        "robot_share": "traffic", "missed_calls": "calls", "missed_chats": "chats", "chat_in_time": "chats",
        "market_share": "market", "on_time_share": "tasks", "acceptance_rate": "tasks", "work_rating": "tasks",
        "research_done": "tasks", "creatives_made": "tasks", "cooperation_done": "tasks", "follower_growth": "social",
    }  # fmt: skip
    assert card.loc[list(absent), "value"].isna().all()
    tables = {key for key, table in absent.items() if table not in ("traffic", "social")}
    assert {key: card.loc[key, "reason"] for key in tables} == {key: f"no_export:{absent[key]}" for key in tables}


# Goals


def goals_of(company: str, month: date) -> dict[tuple[str, str], float]:
    with (SAMPLE / company / "goals.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["start"] <= month.isoformat() <= row["deadline"]]
    return {(row["kpi"], row["scope"]): float(row["target"]) for row in rows}


def status(key: str, value: float, target: float, low: float, high: float) -> str:
    """5 % of the goal is close; a wide interval that holds the goal proves nothing."""
    if math.isnan(value):
        return "no_data"
    if low < target < high and high - low > 0.1 * abs(target):
        return "not_enough"
    ahead = target - value if key in LOWER_IS_BETTER else value - target
    return "met" if ahead >= 0 else "close" if ahead >= -0.05 * abs(target) else "missed"


def planned(goal: float, evenly: float) -> float:
    """The plan to date weighs weekdays and holidays (tests/test_pace.py), which is near the even one and not it."""
    return goal if abs(goal / evenly - 1) < 0.15 else evenly


def goal_differences(case: Case) -> list[str]:
    start, days = case.month.start, case.month.first_days
    part = 1.0 if days is None else days / monthrange(start.year, start.month)[1]
    goals = goals_of(case.company, start)
    company, channels = case.oracle(f"{start:%Y-%m}"), case.oracle_channels(f"{start:%Y-%m}")
    wrong = []
    for row in pd.concat([case.card, case.channels]).itertuples():
        full = goals.get((row.kpi, row.scope), math.nan)
        target = planned(row.goal, full * part) if row.kpi in SUMS and part < 1 else full
        result = company.get(row.kpi, oracle.Result(math.nan))
        if row.scope != "company":
            result = oracle.Result(channels[row.kpi].get(row.scope, math.nan))
        expected = "no_goal" if math.isnan(full) else status(row.kpi, result.value, target, result.low, result.high)
        if not (is_same(row.goal, target) and is_same(row.goal_full, full) and row.status == expected):
            wrong.append(f"{row.kpi} {row.scope}: {row.status}, {expected} expected; goal {row.goal}, not {target}")
    return wrong


def test_goals_and_status(whole: Case) -> None:
    assert not goal_differences(whole)


def test_every_goal_of_the_month_is_on_a_card() -> None:
    for company in COMPANIES:
        seen = case(company, "2026-10", SAMPLE / company)
        rows = pd.concat([seen.card, seen.channels])
        scored = rows[rows["status"] != "no_goal"]
        assert set(zip(scored["kpi"], scored["scope"], strict=True)) == set(goals_of(company, date(2026, 10, 1)))


# The second computation, and the kit, against the simulation's own books


BOOKS = {
    "visits": "visits_tracked", "page_views": "page_views_tracked", "visitors": "visitors", "clicks": "clicks",
    "impressions": "impressions", "spend": "spend", "marketing_cost": "marketing_cost", "leads": "leads",
    "qualified_leads": "qualified_leads", "orders": "orders", "new_customers": "new_customers", "revenue": "revenue",
}  # fmt: skip
PARTS = {
    "close_rate": "leads_won_so_far", "bounce_rate": "bounces_tracked", "missed_calls": "missed_calls",
    "missed_chats": "missed_chats", "chat_in_time": "chats_within_15_seconds", "on_time_share": "tasks_on_time",
}  # fmt: skip


@pytest.mark.parametrize("company", COMPANIES)
def test_history_equals_the_simulation(company: str) -> None:
    """Thirteen months of the kit's history, and the second computation of the oldest and newest."""
    seen = case(company, "2026-10", SAMPLE / company)
    card, books = seen.card.set_index("kpi"), TRUTH[company]["company"]
    for key, series in BOOKS.items():
        if series in books:
            assert card.loc[key, "history"] == pytest.approx(books[series][-13:], rel=1e-9), key
    for key, series in PARTS.items():
        if series in books:
            assert card.loc[key, "numerator"] == books[series][-1], key
    for place, month in ((-13, "2025-10"), (-1, "2026-10")):
        second = seen.oracle(month)
        assert {key: second[key].value for key, series in BOOKS.items() if series in books} == pytest.approx(
            {key: books[series][place] for key, series in BOOKS.items() if series in books}, rel=1e-9
        )


@pytest.mark.parametrize("company", COMPANIES)
def test_answers_in_time_equal_the_simulation(company: str) -> None:
    """Of every whole month the simulation knows how many requests were answered in time, late and never."""
    book, books = oracle.book_of(company), TRUTH[company]["company"]
    leads = book.tables["leads"]
    second = oracle.in_time(leads, book.country, book.closes, book.as_of).groupby(leads["at"].dt.strftime("%Y-%m"))
    months = TRUTH["months"][:-1]  # of the last one some may still be answered
    assert second.sum()[months].tolist() == books["answers_in_time"][:-1]
    due = zip(books["answers_in_time"], books["answers_late"], books["answers_never"], strict=True)
    assert second.count()[months].tolist() == [sum(ways) for ways in due][:-1]


def test_survey_equals_the_simulation() -> None:
    for company in COMPANIES:
        survey, card = TRUTH[company]["survey"], case(company, "2026-10", SAMPLE / company).card.set_index("kpi")
        assert card.loc["awareness_unaided", ["numerator", "denominator"]].tolist() == [
            survey["aware_unaided"][-1], survey["respondents"][-1]]  # fmt: skip
        assert card.loc["nps", "numerator"] == 100 * (survey["promoters"][-1] - survey["detractors"][-1])
        assert card.loc["csat", "numerator"] == survey["satisfied_top_two"][-1]


# What the sample hides


def planted(company: str = "severny_svet") -> dict:
    return TRUTH[company]["planted"]


@pytest.fixture(scope="module")
def severny() -> Case:
    return case("severny_svet", "2026-10", SAMPLE / "severny_svet")


def test_burst_of_robots(severny: Case) -> None:
    burst = planted()["robot_burst"]
    first, last = date.fromisoformat(burst["first"]), date.fromisoformat(burst["last"])
    traffic = severny.month.tables["traffic"]
    daily = sum_measures({"traffic": traffic}, "day", "channel", keys=["visits", "robot_visits"])
    october = daily[(daily["channel"] == burst["channel"]) & (daily["period"] >= "2026-10-01")].set_index("period")
    share = october["robot_visits"] / october["visits"]
    assert share[share > 0.5].index.date.tolist() == [first + timedelta(days=n) for n in range((last - first).days + 1)]
    assert october["robot_visits"][share > 0.5].mean() == pytest.approx(burst["visits_a_day"], rel=0.1)
    found = robot_burst(traffic, severny.month.start, severny.month.end)
    assert found is not None
    assert (pd.Timestamp(found.first).date(), pd.Timestamp(found.last).date()) == (first, last)


def test_share_of_robots(severny: Case) -> None:
    books, card = TRUTH["severny_svet"]["company"], severny.card.set_index("kpi")
    share = card.loc["robot_share"]
    assert (share["numerator"], share["denominator"]) == (books["robot_visits"][-1], books["visits_tracked"][-1])
    assert share["change_verdict"] == "worse"
    assert math.isnan(share["year_ago"]), "robots are exported from June 2026 on: before that unknown, not none"


def test_empty_channel(severny: Case) -> None:
    empty = planted()["empty_traffic"]["channel"]
    rate = severny.channels[severny.channels["kpi"] == "qualification_rate"].set_index("scope")
    assert rate.loc[empty, "value"] == 0.0
    assert rate.loc[empty, "denominator"] == TRUTH["severny_svet"]["channels"][empty]["leads"][-1] > 0
    assert (rate.drop(index=empty)["value"].dropna() > 0).all()
    assert [value for value in rate.loc[empty, "history"] if not math.isnan(value)] == [0.0] * 13


def test_fall_of_the_qualification_rate(severny: Case) -> None:
    law, leads = planted()["qualification"], severny.month.tables["leads"]
    judged = leads[leads["qualified"].notna() & (leads["channel"] != planted()["empty_traffic"]["channel"])]
    since = judged["created_at"].dt.tz_localize(None) >= pd.Timestamp(law["falls_on"])
    for rows, rate, other in ((judged[~since], "rate", "rate_after"), (judged[since], "rate_after", "rate")):
        low, high = oracle.wilson(float(rows["qualified"].sum()), len(rows))
        assert low < law[rate] < high
        assert not low < law[other] < high
    card = severny.card.set_index("kpi")
    assert card.loc["qualification_rate", ["year_verdict", "year_reason"]].tolist() == ["too_early", "open"]
    september = case("severny_svet", "2026-09", SAMPLE / "severny_svet").card.set_index("kpi")
    assert september.loc["qualification_rate", ["change_verdict", "year_verdict"]].tolist() == ["worse", "worse"]
    assert card.loc["leads", "value"] > card.loc["leads", "year_ago"]
    assert card.loc["qualified_leads", "value"] < card.loc["qualified_leads", "year_ago"]


@pytest.mark.parametrize(("company", "month"), [("severny_svet", 6), ("northlight", 3)])
def test_untracked_days_are_unknown(company: str, month: int) -> None:
    missing = [date.fromisoformat(day) for day in planted(company)["missing_tracking"]]
    start, end = date(2026, month, 1), date(2026, month, monthrange(2026, month)[1])
    traffic = case(company, "2026-10", SAMPLE / company).month.tables["traffic"]
    assert untracked_days(traffic, start, end) == missing
    daily = sum_measures({"traffic": traffic}, "day", keys=["visits"]).set_index("period")["visits"]
    assert daily[daily.isna()].index.date.tolist() == missing
    books, place = TRUTH[company]["company"], TRUTH["months"].index(f"2026-{month:02}")
    assert daily[f"2026-{month:02}"].sum() == books["visits_tracked"][place] < books["visits"][place]


# An unfinished month


@dataclass(frozen=True)
class Dates:
    """Where a sample file keeps its dates: `column` places a row in time.

    `later` holds the column of the answer's date, and then the columns that are filled together with it.
    """

    encoding: str
    delimiter: str
    preamble: int
    column: int
    form: str
    later: tuple[int, ...] = ()

    def day(self, row: list[str]) -> date | None:
        """The row's day; None for headings, totals and the like."""
        try:
            text = row[self.column].rpartition(" - ")[2]  # a range ends on its last day
            return datetime.strptime(text[: 8 if self.form == "%Y%m%d" else 10], self.form).date()
        except (ValueError, IndexError):
            return None


DATES = {
    "metrika_istochniki-20241101-20261031.csv": Dates("utf-8", ",", 0, 0, "%Y-%m-%d"),
    "metrika_roboty-20260601-20261031.csv": Dates("utf-8", ",", 0, 0, "%Y-%m-%d"),
    "metrika_poseshchaemost_mesyacy.csv": Dates("utf-8", ",", 0, 0, "%Y-%m-%d"),
    "direct_kampanii.csv": Dates("cp1251", ";", 4, 0, "%d.%m.%Y"),
    "vk_ads.csv": Dates("utf-8-sig", ";", 0, 0, "%d.%m.%Y"),
    "amocrm_sdelki.csv": Dates("utf-8", ",", 0, 4, "%d.%m.%Y", (15,)),
    "zakazy.csv": Dates("cp1251", ";", 0, 1, "%d.%m.%Y"),
    "zvonki.csv": Dates("cp1251", ";", 0, 0, "%d.%m.%Y"),
    "chaty_jivo.csv": Dates("utf-8-sig", ";", 0, 0, "%d.%m.%Y"),
    "vk_soobshchestvo.csv": Dates("utf-8-sig", ";", 0, 0, "%d.%m.%Y"),
    "zadachi.csv": Dates("utf-8", ";", 0, 3, "%d.%m.%Y", (4, 5, 6)),
    "otzyvy.csv": Dates("utf-8", ";", 0, 0, "%d.%m.%Y"),
    "reviews.csv": Dates("utf-8", ",", 0, 0, "%Y-%m-%d"),
    "ga4_traffic_acquisition.csv": Dates("utf-8", ",", 9, 0, "%Y%m%d"),
    "google_ads_campaigns.csv": Dates("utf-16", "\t", 2, 2, "%Y-%m-%d"),
    "meta_ads.csv": Dates("utf-8", ",", 0, 1, "%Y-%m-%d"),
    "hubspot_deals.csv": Dates("utf-8", ",", 0, 4, "%Y-%m-%d", (10,)),
    "shopify_orders.csv": Dates("utf-8", ",", 0, 15, "%Y-%m-%d"),
    "tiktok_overview.csv": Dates("utf-8-sig", ",", 0, 0, "%Y-%m-%d"),
    "touches.csv": Dates("utf-8", ",", 0, 0, "%Y-%m-%d"),
}
UNTIL = {"31.10.2026": "18.10.2026", "October 31, 2026": "October 18, 2026", "20261031": "20261018"}


def cut_folder(source: Path, target: Path) -> None:
    """A copy of the folder as it would have been exported on the evening of CUT; tables by month stay as they are."""
    shutil.copytree(source, target)
    for name, dates in DATES.items():
        if (target / name).exists():
            cut_file(target / name, dates)


def cut_file(path: Path, dates: Dates) -> None:
    lines = path.read_bytes().decode(dates.encoding).splitlines(keepends=True)
    preamble = "".join(lines[: dates.preamble])
    for old, new in UNTIL.items():
        preamble = preamble.replace(old, new)
    rows = csv.reader(io.StringIO("".join(lines[dates.preamble :]), newline=""), delimiter=dates.delimiter)
    body = io.StringIO(newline="")
    end = "\r\n" if lines[0].endswith("\r\n") else "\n"
    quoting = csv.QUOTE_ALL if lines[dates.preamble].startswith('"') else csv.QUOTE_MINIMAL
    writer = csv.writer(body, delimiter=dates.delimiter, lineterminator=end, quoting=quoting)
    writer.writerows(known_by_then(rows, dates))
    path.write_bytes((preamble + body.getvalue()).encode(dates.encoding))


def known_by_then(rows: Iterator[list[str]], dates: Dates) -> Iterator[list[str]]:
    """The rows up to CUT, without the answers that came after it."""
    for row in rows:
        day = dates.day(row)
        if day and day > CUT:
            continue
        for place in dates.later[:1]:
            answered = Dates(dates.encoding, dates.delimiter, 0, place, dates.form).day(row)
            if answered and answered > CUT:
                row = ["" if n in dates.later else cell for n, cell in enumerate(row)]
        yield row


def test_unfinished_month_is_seen(unfinished: Case) -> None:
    assert (unfinished.month.days, unfinished.month.first_days, unfinished.month.end) == (18, 18, CUT)


@pytest.mark.parametrize("column", ["value", "previous", "year_ago"])
def test_unfinished_month_compares_the_same_days(unfinished: Case, column: str) -> None:
    results = unfinished.oracle(neighbours(unfinished.month.start)[column])
    assert not differences(
        dict(zip(unfinished.card["kpi"], unfinished.card[column], strict=True)),
        {key: result.value for key, result in results.items()},
    )
    assert not channel_differences(unfinished, column)


def test_unfinished_month_has_goals_to_date(unfinished: Case) -> None:
    assert not goal_differences(unfinished)


def test_first_days_are_fewer_than_the_month(unfinished: Case) -> None:
    """The days compared are really 18: the same months, whole, give more."""
    whole = case(unfinished.company, "2026-10", SAMPLE / unfinished.company).card.set_index("kpi")
    part = unfinished.card.set_index("kpi")
    for key in ("visits", "spend", "leads", "orders", "revenue"):
        for column in ("value", "previous", "year_ago"):
            assert 0 < part.loc[key, column] < whole.loc[key, column], (key, column)
