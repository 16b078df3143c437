"""Brand and market: waves with weights, shares of the market, networks, and the section of the report."""

import json
import math
import re
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE, Composed, compose, markup, sample, sheets, text, unfinished
from frames import table

from kpi_helpers import explore_brand, read_exports
from kpi_helpers.brand import (
    Waves,
    comparable_months,
    compare_two,
    describe_networks,
    has_wholes,
    lacking_companies,
    market_every,
    market_shares,
    read_waves,
    row_of_wave,
    segments_of,
    unanswered,
    whole_market,
)
from kpi_helpers.brand.market import MOST_LINES, OTHERS, gather_small
from kpi_helpers.brand.waves import wave_plan
from kpi_helpers.brand.words import reputation_readings, verdict_word, weights_words
from kpi_helpers.company import Company, read_company
from kpi_helpers.kpis import nps_interval
from kpi_helpers.labels import write_value
from kpi_helpers.language import LANGUAGES, use_language
from kpi_helpers.reports.brand import show_brand
from kpi_helpers.reputation import describe_reviews
from kpi_helpers.surveys import answers_needed, compare_waves, describe_survey

TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
HOSTILE = "<img src=x onerror=alert(1)>"
HEAD = "Timestamp,Know us?,Recommend?,Sex,Age,Weight,Buyer?"
SETTINGS = """currency = "USD"
[survey]
aware_aided = "Know us?"
recommend = "Recommend?"
target_audience = "Buyer?"
"""


@cache
def sample_waves(company: str) -> Waves:
    exports = read_exports(SAMPLE / company)
    return read_waves(exports.tables["survey"], exports.company)


def write_survey(folder: Path, rows: list[str], settings: str = SETTINGS) -> Path:
    (folder / "company.toml").write_text(settings, encoding="utf-8")
    (folder / "survey.csv").write_text("\n".join([HEAD, *rows, ""]), encoding="utf-8")
    return folder


def answers_of(day: str, knows: int, number: int, sex: str, age: str = "18-34", weight: str = "") -> list[str]:
    marks = ["Yes"] * knows + ["No"] * (number - knows)
    return [f"{day} 10:{place // 60:02}:{place % 60:02},{mark},9,{sex},{age},{weight},Yes"
            for place, mark in enumerate(marks)]  # fmt: skip


def waves_in(folder: Path) -> Waves:
    exports = read_exports(folder)
    return read_waves(exports.tables["survey"], exports.company)


# Waves


@pytest.mark.parametrize("company", ["severny_svet", "northlight"])
def test_the_waves_are_those_that_the_simulation_drew(company: str) -> None:
    waves, true = sample_waves(company), TRUTH[company]["survey"]
    assert [f"{wave:%Y-%m}" for wave in sorted(waves.names)] == true["waves"] and waves.weighted is None
    rows = waves.plain[waves.plain["population"] == "all"].set_index(["measure", "wave"])
    for place, wave in enumerate(sorted(waves.names)):
        for measure, counted, asked in (("awareness_unaided", "aware_unaided", "respondents"),
                                        ("awareness_aided", "aware_aided", "respondents"),
                                        ("csat", "satisfied_top_two", "asked_to_recommend")):  # fmt: skip
            assert rows.at[(measure, wave), "value"] == pytest.approx(true[counted][place] / true[asked][place])
        nps = 100 * (true["promoters"][place] - true["detractors"][place]) / true["asked_to_recommend"][place]
        assert rows.at[("nps", wave), "value"] == pytest.approx(nps)


def test_what_the_simulation_planted_lies_in_the_intervals() -> None:
    """Chances of the generator: aided .36, unaided .10, more by each wave and in the target audience (60 %)."""
    rows = sample_waves("severny_svet").plain
    hits = []
    for measure, first, more, in_target in (("awareness_aided", 0.36, 0.015, 0.12),
                                            ("awareness_unaided", 0.10, 0.01, 0.06)):  # fmt: skip
        for population, part in (("all", 0.6), ("target", 1.0)):
            told = rows[(rows["measure"] == measure) & (rows["population"] == population)].sort_values("wave")
            for place, row in enumerate(told.to_dict("records")):
                hits.append(row["low"] <= first + more * place + in_target * part <= row["high"])
    nps = rows[(rows["measure"] == "nps") & (rows["population"] == "all")].sort_values("wave")
    hits += [row["low"] <= 100 * (0.46 + 0.012 * place - 0.20 + 0.006 * place) <= row["high"]
             for place, row in enumerate(nps.to_dict("records"))]  # fmt: skip
    assert len(hits) == 40 and sum(hits) >= 34  # 38 are to be expected of 40 alone, these overlap


def test_most_changes_of_the_sample_are_noise_and_many_comparisons_are_adjusted() -> None:
    compared = sample_waves("severny_svet").compared(weighted=False)
    assert set(compared["family"]) == {8}  # four questions, of all and of the target audience
    assert (compared["verdict"] == "within_noise").mean() > 0.9
    alone = compared[compared["reason"] == "many_comparisons"]
    assert len(alone) and (alone["p_value"] < 0.05).all() and (alone["p_adjusted"] >= 0.05).all()
    assert verdict_word("within_noise", "many_comparisons") != verdict_word("within_noise")


@pytest.mark.parametrize(("days", "said", "plan"), [
    (["2026-01-05", "2026-04-05"], "", ("month", [])), (["2026-01-05", "2026-02-05"], "", ("quarter", [])),
    (["2026-01-05", "2026-02-05"], "month", ("month", [])), (["2026-01-05"], "year", ("year", [])),
    (["2026-01-05"], {"A": date(2026, 1, 1)}, ("", [date(2026, 1, 1)])),
])  # fmt: skip
def test_how_waves_are_cut(days: list[str], said: Any, plan: tuple[str, list[date]]) -> None:
    answers = table("survey", answered_at=days, aware_aided=[True] * len(days))
    assert wave_plan(answers["answered_at"], Company(survey={"waves": said} if said else {})) == plan


def test_waves_have_the_owners_names(tmp_path: Path) -> None:
    rows = [*answers_of("2026-03-30", 5, 10, "f"), *answers_of("2026-04-02", 6, 10, "m")]
    named = SETTINGS + '[survey.waves]\n"Spring" = 2026-03-25\n"Before" = "2026-01-01"\n'
    waves = waves_in(write_survey(tmp_path, rows, named))
    assert list(waves.names.values()) == ["Spring"]
    assert row_of_wave(waves.plain, "awareness_aided", "all", pd.Timestamp("2026-03-25"))["value"] == 0.55


def test_a_wave_that_is_not_over_says_so(tmp_path: Path) -> None:
    write_survey(tmp_path, answers_of("2026-07-10", 5, 10, "f") + answers_of("2026-08-10", 5, 10, "f"))
    exports = read_exports(tmp_path)
    waves = read_waves(exports.tables["survey"], exports.company, date(2026, 8, 31))
    assert list(waves.names.values()) == ["Q3 2026, so far"]
    early = read_waves(exports.tables["survey"], exports.company, date(2026, 7, 31))
    assert row_of_wave(early.plain, "awareness_aided", "all", pd.Timestamp("2026-07-01"))["answers"] == 10


def test_two_waves_are_held_against_one_another() -> None:
    waves = sample_waves("severny_svet")
    first, *_others, last = sorted(waves.names)
    found = compare_two(waves.plain, "awareness_unaided", "target", last, first)
    assert found is not None and found["low"] < found["difference"] < found["high"] and found["family"] == 1
    assert compare_two(waves.plain, "awareness_unaided", "target", last, last) is None


# Weights


def test_a_column_of_weights_moves_the_share_and_says_what_it_costs(tmp_path: Path) -> None:
    rows = answers_of("2026-01-05", 20, 20, "f", weight="3") + answers_of("2026-01-06", 0, 60, "m", weight="1")
    waves = waves_in(write_survey(tmp_path, rows, SETTINGS + 'weight = "Weight"\n'))
    assert waves.source == "column"
    wave = next(iter(waves.names))
    plain, heavy = (row_of_wave(told, "awareness_aided", "all", wave) for told in (waves.plain, waves.weighted))
    assert (plain["value"], plain["effective"]) == (0.25, 80)
    assert heavy["value"] == pytest.approx(0.5) and heavy["effective"] == pytest.approx(120**2 / (20 * 9 + 60))
    assert "80 answers of the last wave are worth 60 of equal weight" in weights_words(waves)
    assert waves.described(weighted=False) is waves.plain


def test_each_wave_is_weighed_to_the_known_population(tmp_path: Path) -> None:
    """Women know us, men do not: the plain share follows who answered, the weighted one does not."""
    rows = [*answers_of("2026-01-05", 30, 30, "F "), *answers_of("2026-01-06", 0, 70, "M", "35+"),
            *answers_of("2026-04-05", 80, 80, "f"), *answers_of("2026-04-06", 0, 20, "m", "35+"),
            "2026-04-07 10:00:00,Yes,9,,18-34,,Yes"]  # fmt: skip
    known = SETTINGS + '[survey.population]\n"Sex" = { f = 0.54, m = 0.46 }\n'
    waves = waves_in(write_survey(tmp_path, rows, known))
    assert waves.trouble is None and waves.source == "population" and waves.left_out == 1
    values = [row_of_wave(waves.weighted, "awareness_aided", "all", wave)["value"] for wave in sorted(waves.names)]
    assert values == pytest.approx([0.54, 0.54], abs=1e-4)
    assert waves.compared(weighted=True)["verdict"].eq("within_noise").any()
    moved = waves.compared(weighted=False)
    assert moved.loc[moved["measure"] == "awareness_aided", "verdict"].eq("higher").all()
    assert "1 answer without such a trait is left out." in weights_words(waves)


def mixed_survey(folder: Path, more: str = "") -> Path:
    """Women know us more often than men; in the second wave more women answered, and nothing else changed."""
    rows = [*answers_of("2026-01-05", 140, 200, "f"), *answers_of("2026-01-06", 40, 200, "m", "35+"),
            *answers_of("2026-04-05", 210, 300, "f"), *answers_of("2026-04-06", 20, 100, "m", "35+")]  # fmt: skip
    return write_survey(folder, rows, SETTINGS + '[survey.population]\n"Sex" = { f = 0.5, m = 0.5 }\n' + more)


def test_with_weights_the_report_and_the_view_judge_the_weighted_waves(tmp_path: Path) -> None:
    exports = read_exports(mixed_survey(tmp_path))
    waves = read_waves(exports.tables["survey"], exports.company)
    last = max(waves.names)
    plain, heavy = (row_of_wave(waves.compared(weighted=known), "awareness_aided", "all", last)
                    for known in (False, True))  # fmt: skip
    assert (plain["verdict"], heavy["verdict"]) == ("higher", "within_noise")
    seen = compose(tmp_path, "2026-04")
    words, page = text(show_brand(seen.month, seen.card)), markup(show_brand(seen.month, seen.card))
    assert "Aided awareness (all respondents): with weights within noise, without them really higher" in words
    assert page.count("really higher") == 2 and "within noise" in words  # the notices alone
    assert "Changes: those of the weighted values." in words
    assert "Aided awareness, April 2026, so far: 45.0%, 0.0 pp: within noise" in page
    view = explore_brand(exports).survey
    assert "within noise" in view.words.value and "really" not in view.words.value


def test_the_wave_before_has_the_same_verdict_in_the_view_and_in_the_report(tmp_path: Path) -> None:
    """Alone the change would be real, among the questions of the wave it is not."""
    rows = answers_of("2026-01-05", 80, 200, "f") + answers_of("2026-04-05", 101, 200, "f")
    exports = read_exports(write_survey(tmp_path, rows))
    waves = read_waves(exports.tables["survey"], exports.company)
    first, last = sorted(waves.names)
    alone = compare_two(waves.plain, "awareness_aided", "all", last, first)
    among = row_of_wave(waves.compared(weighted=False), "awareness_aided", "all", last)
    assert alone is not None and alone["verdict"] == "higher" and among["reason"] == "many_comparisons"
    view = explore_brand(exports).survey
    view.question.value = "awareness_aided"
    assert "within noise, as several questions were compared" in view.words.value
    assert "adjusted for the 4 comparisons of the wave" in view.words.value
    seen = compose(tmp_path, "2026-04")
    words = text(show_brand(seen.month, seen.card))
    assert "really" not in words and "adjusted for the 4 comparisons of the wave" in words


def test_where_nothing_changed_one_report_in_twenty_finds_something() -> None:
    chance = np.random.default_rng(6)
    alarms = 0
    for _round in range(120):
        answers = pd.concat([unchanged(chance, day) for day in ("2026-01-15", "2026-04-15")], ignore_index=True)
        found = compare_waves(describe_survey(answers, "quarter"))
        alarms += bool(found["verdict"].isin(["higher", "lower"]).any())
        assert set(found["family"]) == {8}
    assert alarms <= 12  # unadjusted: about 30; 12 or more of 120 at one in twenty: 1 in 50


def unchanged(chance: np.random.Generator, day: str, number: int = 200) -> pd.DataFrame:
    return table("survey", answered_at=[day] * number, segment=[*chance.choice(["target", "other"], number)],
                 aware_unaided=[*(chance.random(number) < 0.2)], aware_aided=[*(chance.random(number) < 0.5)],
                 recommend=[*chance.integers(0, 11, number).astype(float)],
                 satisfied=[*chance.integers(1, 6, number).astype(float)])  # fmt: skip


def test_weights_before_the_first_wave_are_no_error(tmp_path: Path) -> None:
    later = '[survey.waves]\n"Autumn" = 2026-09-01\n'
    waves = waves_in(mixed_survey(tmp_path, later))
    assert waves.names == {} and waves.measures == [] and waves.weighted is None and waves.trouble is None
    seen = compose(tmp_path, "2026-04")
    assert "The survey," not in text(show_brand(seen.month, seen.card))


@pytest.mark.parametrize("name", ["weight", "segment", "recommend", "answered_at", "trait_1"])
def test_a_question_may_be_called_as_the_kit_calls_its_columns(tmp_path: Path, name: str) -> None:
    folder = mixed_survey(tmp_path)
    for file in ("survey.csv", "company.toml"):
        said = (folder / file).read_text("utf-8").replace("Sex", name)
        (folder / file).write_text(said, "utf-8")
    waves = waves_in(folder)
    assert waves.trouble is None and waves.source == "population"
    last = max(waves.names)
    assert row_of_wave(waves.weighted, "awareness_aided", "target", last)["value"] == pytest.approx(0.45)
    assert row_of_wave(waves.weighted, "nps", "all", last)["value"] == 100


@pytest.mark.parametrize(("more", "said"), [
    ('weight = "Wight"\n', "no answers to the question “Wight”"),
    ('[survey.population]\n"Gender" = { f = 0.5, m = 0.5 }\n', "no answers to the question “Gender”"),
    ('[survey.population]\n"Sex" = { f = 0.5, m = 0.4, x = 0.1 }\n', "nobody has 'x' of 'Sex'"),
    ('[survey.population]\n"Age" = { "18-34" = 0.5, "35-54" = 0.5 }\n', "'35+' of 'Age' has no share"),
    ('weight = "Weight"\n', "some answers have no weight"),
])  # fmt: skip
def test_weights_that_cannot_be_had_are_said_and_the_report_goes_on(tmp_path: Path, more: str, said: str) -> None:
    rows = [*answers_of("2026-01-05", 5, 10, "f"), *answers_of("2026-01-06", 5, 10, "m", "35+", "2")]
    seen = compose(write_survey(tmp_path, rows, SETTINGS + more), "2026-01")
    assert said in str(waves_in(tmp_path).trouble)
    words = text(show_brand(seen.month, seen.card))
    assert "The survey is shown without weights" in words and said in words and "Aided awareness 50.0%" in words


def test_weights_stand_beside_the_plain_numbers_in_the_report(tmp_path: Path) -> None:
    rows = answers_of("2026-01-05", 20, 20, "f", weight="3") + answers_of("2026-01-06", 0, 60, "m", weight="1")
    seen = compose(write_survey(tmp_path, rows, SETTINGS + 'weight = "Weight"\n'), "2026-01")
    section = show_brand(seen.month, seen.card)
    assert "Aided awareness 25.0% 17–35% 80 50.0% (38–62%) 60" in text(section)
    assert seen.value("awareness_aided") == 0.25  # the KPI stays the sum
    row = sheets(section)["sheets"][-1]["rows"][0]
    assert row[4] == 0.25 and row[11] == pytest.approx(0.5) and row[12] == pytest.approx(60)


def test_a_question_that_nobody_answered_is_named(tmp_path: Path) -> None:
    wrong = SETTINGS.replace("Recommend?", "Recomend?")
    seen = compose(write_survey(tmp_path, answers_of("2026-01-05", 5, 10, "f"), wrong), "2026-01")
    assert "The survey has no answers to the question “Recomend?”" in text(show_brand(seen.month, seen.card))
    exports = read_exports(SAMPLE / "severny_svet")
    assert unanswered(exports.tables["survey"], exports.company) == []


# The market


def test_shares_and_growth_of_the_sample() -> None:
    market, true = read_exports(SAMPLE / "severny_svet").tables["market"], TRUTH["severny_svet"]["market"]
    shares = market_shares(market)
    own = shares[shares["own"]]
    expected = [mine / whole for mine, whole in zip(true["own_millions"], true["market_millions"], strict=True)]
    assert own["share"].tolist() == pytest.approx(expected)
    assert own["growth"].iloc[-1] == pytest.approx(true["own_millions"][-1] / true["own_millions"][-5] - 1)
    assert own["share_change"].iloc[-1] == pytest.approx(expected[-1] - expected[-5])
    assert shares.groupby("period")["share"].sum().tolist() == pytest.approx([1] * 7)
    whole = whole_market(shares).iloc[-1]
    assert whole["point"] == pytest.approx(true["market_millions"][-1] * 1e4)
    others = [all_ - mine for all_, mine in zip(true["market_millions"], true["own_millions"], strict=True)]
    assert whole["others"] == pytest.approx(others[-1] / others[-5] - 1)


def made_market(**columns: Any) -> pd.DataFrame:
    return table("market", **columns)


def test_months_are_added_to_whole_quarters_and_years_stay_years() -> None:
    months = ["2026-04-30", "2026-05-31", "2026-06-30", "2026-07-31"]
    market = made_market(period=months, company=["we"] * 4, sales=[1.0, 2.0, 3.0, 9.0], own=[True] * 4)
    shares = market_shares(market)
    assert shares["period"].tolist() == [pd.Timestamp("2026-04-01")] and shares["sales"].tolist() == [6]
    years = made_market(period=["2025-12-31", "2026-12-31"], company=["we"] * 2, sales=[4.0, 5.0], own=[True] * 2)
    assert market_every(years) == "year" and market_shares(years)["growth"].iloc[-1] == pytest.approx(0.25)


def test_segments_add_up_and_other_companies_make_growth_unknown() -> None:
    market = made_market(
        period=["2025-03-31"] * 3 + ["2026-03-31"] * 4, company=["we", "they", "they", "we", "they", "they", "new"],
        segment=["a", "a", "b", "a", "a", "b", "b"], sales=[10.0, 30.0, 60.0, 20.0, 20.0, 50.0, 10.0],
        own=[True, False, False, True, False, False, False])  # fmt: skip
    assert segments_of(market) == ["a", "b"]
    assert market_shares(market, "a")["share"].tolist() == [0.75, 0.25, 0.5, 0.5]
    whole = whole_market(market_shares(market))
    assert whole["sales"].tolist() == [100, 100] and whole["growth"].isna().all() and whole["own"].iloc[-1] == 1
    assert whole_market(market_shares(market, "a"))["growth"].iloc[-1] == 0
    assert math.isnan(market_shares(market.assign(sales=0.0))["share"].iloc[0])
    assert market_shares(market.iloc[:0]).empty


def test_small_companies_are_drawn_together_but_never_the_own() -> None:
    names = [f"c{place:02}" for place in range(12)]
    market = made_market(period=["2026-03-31"] * 12, company=names, sales=[float(100 - place) for place in range(12)],
                         own=[False] * 11 + [True])  # fmt: skip
    told = gather_small(market_shares(market), MOST_LINES)
    assert len(told) == MOST_LINES + 1 and told["share"].sum() == pytest.approx(1)
    assert {"c00", "c11", OTHERS} <= set(told["company"]) and told.set_index("company").at["c11", "own"]


def months_of_two(lacking: str = "") -> pd.DataFrame:
    """Us with 100 and the rival with 900 a month since 2025, without the rival's row of the month `lacking`."""
    days = pd.date_range("2025-01-31", "2026-09-30", freq="ME")
    rows = [(day, name, sales) for day in days for name, sales in (("us", 100.0), ("rival", 900.0))
            if not (name == "rival" and f"{day:%Y-%m}" == lacking)]  # fmt: skip
    period, company, sales = (list(column) for column in zip(*rows, strict=True))
    return made_market(period=period, company=company, sales=sales, own=[name == "us" for name in company])


def test_a_missing_row_is_no_month_without_sales() -> None:
    """Without the rival's September its quarter is not told: as zero it would give us 14 % of the market."""
    assert market_shares(months_of_two())["period"].nunique() == 7
    shares = market_shares(months_of_two("2026-09"))
    assert shares["period"].max() == pd.Timestamp("2026-04-01")
    assert shares.loc[shares["own"], "share"].tolist() == pytest.approx([0.1] * 6)
    assert lacking_companies(months_of_two("2026-09")) == ("Q3 2026", ["rival"])
    assert lacking_companies(months_of_two()) == ("", []) == lacking_companies(months_of_two("2025-02"))
    no_rival = months_of_two().query("company == 'us' or period < '2026-07-01'")
    assert lacking_companies(no_rival) == ("Q3 2026", ["rival"])


def test_the_kpi_of_a_month_without_a_company_is_not_known(tmp_path: Path) -> None:
    for lacking, share in (("2026-08", 0.1), ("2026-09", math.nan)):
        rows = months_of_two(lacking)
        lines = [f"{day:%Y-%m},{name},{sales}" for day, name, sales in
                 zip(rows["period"], rows["company"], rows["sales"], strict=True)]  # fmt: skip
        (tmp_path / "market.csv").write_text("\n".join(["period,company,sales", *lines, ""]), "utf-8")
        (tmp_path / "company.toml").write_text('currency = "USD"\n[market]\ncompany = "us"\n', "utf-8")
        seen = compose(tmp_path, "2026-07" if lacking == "2026-08" else "2026-09")
        assert seen.value("market_share") == pytest.approx(share, nan_ok=True)
    words = text(show_brand(seen.month, seen.card))
    assert "The market of Q3 2026 cannot be compared: months are missing of rival." in words
    assert "100%" not in words and "+90" not in words and "The market, Q2 2026" in words


def test_months_of_one_company_beside_quarters_of_another_are_not_compared() -> None:
    days = ["2026-01-31", "2026-02-28", "2026-03-31", "2026-03-31"]
    market = made_market(period=days, company=["us"] * 3 + ["rival"],
                         sales=[100.0] * 3 + [2700.0], own=[True] * 3 + [False])  # fmt: skip
    assert market_shares(market).empty and comparable_months(market).empty
    assert len(comparable_months(months_of_two())) == 42


def parts_and(whole: float) -> pd.DataFrame:
    """Two segments of the rival and of us, 100 and 50, beside rows without one."""
    names, segments = ["us", "us", "rival", "rival", "us"], ["a", "b", "a", "b", None]
    return made_market(period=["2026-03-31"] * 5, company=names, segment=segments,
                       sales=[100.0, 50.0, 100.0, 750.0, whole], own=[name == "us" for name in names])  # fmt: skip


def test_a_whole_is_not_added_to_its_parts() -> None:
    whole, rest = parts_and(150.0), parts_and(20.0)
    assert market_shares(whole).set_index("company")["sales"].to_dict() == {"rival": 850, "us": 150}
    assert comparable_months(whole)["sales"].sum() == 1000 and has_wholes(whole) is True
    assert market_shares(whole, "b").set_index("company")["share"].to_dict() == {"rival": 750 / 800, "us": 50 / 800}
    assert market_shares(rest).set_index("company").at["us", "sales"] == 170 and has_wholes(rest) is False
    assert has_wholes(whole.dropna(subset=["segment"])) is None


def test_shares_are_not_held_against_a_table_of_other_companies() -> None:
    """A rival that is new in the table is not one that is new in the market."""
    market = made_market(period=["2025-03-31", "2025-03-31", *["2026-03-31"] * 3], company=["we", "they", "we", "they",
                         "new"], sales=[30.0, 70.0, 30.0, 70.0, 100.0], own=[True, False] * 2 + [False])  # fmt: skip
    now = (
        market_shares(market).set_index(["period", "company"]).loc[pd.Timestamp("2026-03-31").to_period("Q").start_time]
    )
    assert now["share_change"].isna().all() and now.at["we", "share"] == 0.15 and now.at["we", "growth"] == 0


# Networks and reviews


def test_followers_net_of_losses_and_engagement_by_each_denominator() -> None:
    social = table("social", date=["2026-10-01", "2026-10-02"], network=["vk"] * 2, followers_before=[1000.0, 1010.0],
                   new_followers=[15.0, 5.0], lost_followers=[5.0, 5.0], reach=[100.0, 300.0], views=[1000.0, 1000.0],
                   reactions=[10.0, 6.0], comments=[2.0, 0.0], shares=[1.0, 1.0])  # fmt: skip
    row = describe_networks(social, date(2026, 10, 1), date(2026, 10, 31)).iloc[0]
    assert row[["start", "new", "lost", "net", "growth", "new_rate", "lost_rate"]].tolist() == [
        1000, 20, 10, 10, 0.01, 20, 10]  # fmt: skip
    assert row[["engaged", "by_views", "by_reach", "by_followers"]].tolist() == [20, 0.01, 0.05, 0.02]
    bare = describe_networks(social.assign(reach=math.nan, followers_before=math.nan), date(2026, 10, 1),
                             date(2026, 10, 31)).iloc[0]  # fmt: skip
    assert bare[["growth", "by_reach", "by_followers"]].isna().all() and bare["net"] == 10
    assert describe_networks(social, date(2026, 9, 1), date(2026, 9, 30)).empty


def test_a_rate_takes_the_days_of_which_both_its_numbers_are_known(tmp_path: Path) -> None:
    days = [f"2026-10-{day:02}" for day in range(1, 31)]
    social = table("social", date=days, network=["vk"] * 30, followers_before=[1000.0] * 30, new_followers=[2.0] * 30,
                   lost_followers=[1.0] * 5 + [math.nan] * 25, reactions=[10.0] * 30, views=[50.0] * 30,
                   reach=[100.0] * 15 + [math.nan] * 15)  # fmt: skip
    row = describe_networks(social, date(2026, 10, 1), date(2026, 10, 31)).iloc[0]
    assert row[["by_reach", "by_views", "engaged", "by_followers"]].tolist() == [0.1, 0.2, 300, 0.3]
    assert row[["new", "lost", "net", "growth", "days", "both"]].tolist() == [60, 5, 5, 0.005, 30, 5]
    seen = write_hostile(tmp_path)
    seen.month.tables["social"].loc[3:, "lost_followers"] = math.nan
    assert "Net growth: of the days of which both" in text(show_brand(seen.month, seen.card))


@pytest.mark.parametrize(("rows", "said"), [
    (["2025,Us,1200", "2025,Rival,10800"], "The market, 2025 "),
    (["2024,Us,1000", "2024,Rival,9000", "2025 г.,Us,1200", "2025 г.,Rival,10800"], "The market, 2025 "),
    (["Q4 2025,Us,1200", "Q4 2025,Rival,10800"], "The market, Q4 2025 "),
    (["2024,Us,1200", "2024,Rival,10800", "Q4 2025,Us,300", "Q4 2025,Rival,2700"], "The market, Q4 2025 "),
])  # fmt: skip
def test_a_year_is_no_quarter(tmp_path: Path, rows: list[str], said: str) -> None:
    (tmp_path / "market.csv").write_text("\n".join(["Year,Company,Sales", *rows, ""]), "utf-8")
    (tmp_path / "company.toml").write_text('currency = "USD"\n[market]\ncompany = "Us"\n', "utf-8")
    seen = compose(tmp_path, "2025-12")
    words = text(show_brand(seen.month, seen.card))
    assert said in words and seen.value("market_share") == pytest.approx(0.1)
    assert ("same quarter" in words) == ("Q4" in words) == ("Q4" in said)
    assert "-75" not in words and "−75" not in words


def test_a_market_without_sales_has_no_chart(tmp_path: Path) -> None:
    rows = [f"Q3 {year},{name},0" for year in (2025, 2026) for name in ("us", "rival")]
    (tmp_path / "market.csv").write_text("\n".join(["Period,Company,Sales", *rows, ""]), "utf-8")
    (tmp_path / "company.toml").write_text('currency = "USD"\n[market]\ncompany = "us"\n', "utf-8")
    seen = compose(tmp_path, "2026-09")
    section = show_brand(seen.month, seen.card)
    assert "The market, Q3 2026" in text(section) and "<img" not in markup(section) and "100" not in text(section)
    assert "<img" not in explore_brand(read_exports(tmp_path)).still()


def test_the_network_agrees_with_the_kpis() -> None:
    seen = sample("severny_svet")
    row = describe_networks(seen.month.tables["social"], seen.month.start, seen.month.end).iloc[0]
    assert row["by_views"] == pytest.approx(seen.value("engagement_rate"))
    assert row["growth"] == pytest.approx(seen.value("follower_growth"))


def test_the_fall_of_the_ratings_is_found_and_planted_averages_lie_in_the_intervals() -> None:
    reviews, true = read_exports(SAMPLE / "severny_svet").tables["reviews"], TRUTH["severny_svet"]["reviews"]
    before = describe_reviews(reviews, "", None, date(2026, 8, 31), by_source=True).set_index("source")
    since = describe_reviews(reviews, "", date(2026, 9, 1), None, by_source=True).set_index("source")
    for told, planted in ((before, true["mean_before"]), (since, true["mean_since"])):
        for source, mean in planted.items():
            assert told.at[source, "low"] <= mean <= told.at[source, "high"]
    northlight = read_exports(SAMPLE / "northlight").tables["reviews"]
    told = describe_reviews(northlight, by_source=True).set_index("source")
    for source, mean in TRUTH["northlight"]["reviews"]["mean"].items():
        assert told.at[source, "low"] <= mean <= told.at[source, "high"]


def test_a_rating_changes_by_stars(tmp_path: Path) -> None:
    """From 4 to 3 is one star less, not a quarter: stars have no zero to reckon percent from."""
    rows = [f"2026-{month:02}-{day:02},maps,{12 - month}" for month in (8, 9) for day in range(1, 21)]
    (tmp_path / "reviews.csv").write_text("\n".join(["Date,Source,Rating", *rows, ""]), "utf-8")
    seen = compose(tmp_path, "2026-09")
    words = text(show_brand(seen.month, seen.card))
    assert "Average rating 3.00" in words and "−1.00" in words and "−25%" not in words


def test_a_goal_on_reputation_has_several_meanings() -> None:
    row = {"mean": 4.0, "good_share": 0.9, "bad_share": 0.2}
    assert [*reputation_readings(row)] == [
        "average rating from 4.00 to 4.60",
        "share of 4 and 5 stars from 90.0% to 104%, beyond 100% (times 1.15) or to 105%, beyond 100% (15 points more)",
        "15% fewer reviews of 1 and 2 stars: their share from 20.0% down to 17.0%",
    ]
    assert "beyond the 5" in reputation_readings({**row, "mean": 4.6})[0]


# The section


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_section_has_its_parts_in_both_languages(lang: str) -> None:
    use_language(lang)
    seen = sample("severny_svet")
    section = show_brand(seen.month, seen.card)
    words = text(section)
    parts = {"en": ("The survey, October 2026", "Target audience", "The market, Q3 2026", "Reviews, 1–31 October 2026",
                    "Followers, 1–31", "really lower", "by views"),
             "ru": ("Опрос, октябрь 2026", "Целевая аудитория", "Рынок, 3 кв. 2026", "Отзывы, 1–31 октября 2026",
                    "Подписчики, 1–31", "действительно ниже", "по просмотрам")}  # fmt: skip
    assert all(part in words for part in parts[lang])
    assert markup(section).count("<img") == 2
    assert {"nan", "None", "NaT"}.isdisjoint(words.split())
    nps = TRUTH["severny_svet"]["survey"]
    low, high = nps_interval(*(pd.Series([float(nps[name][-1])]) for name in
                               ("promoters", "detractors", "asked_to_recommend")))  # fmt: skip
    assert write_value(low.item(), "points") in words and write_value(high.item(), "points") in words


def test_a_company_without_a_market_and_a_month_that_is_not_over() -> None:
    seen = sample("northlight")
    words = text(show_brand(seen.month, seen.card))
    assert "No export" not in words.replace("no export", "") and "The market, " not in words
    half = unfinished("severny_svet")
    told = text(show_brand(half.month, half.card))
    assert "Reviews, 1–18 October 2026" in told and "the month before" not in told


def test_a_month_before_the_first_wave_says_nothing_of_waves() -> None:
    seen = compose(SAMPLE / "severny_svet", "2024-12")
    words = text(show_brand(seen.month, seen.card))
    assert "The survey" not in words and "The market, " not in words and "Reviews, " in words


def write_hostile(folder: Path) -> Composed:
    (folder / "market.csv").write_text("Period,Company,Segment,Sales\n" + "".join(
        f"{quarter},{name},{HOSTILE} s,{sales}\n" for quarter in ("Q3 2025", "Q3 2026")
        for name, sales in ((HOSTILE, 5), ("Us & Co", 4), ("$a_b$ \\frac", 3))), "utf-8")  # fmt: skip
    (folder / "reviews.csv").write_text("Date,Source,Rating\n" + "".join(
        f"2026-09-{day:02},{HOSTILE} {day % 2},{1 + day % 5}\n" for day in range(1, 21)), "utf-8")  # fmt: skip
    heads = "Date,Network,Followers,New followers,Lost followers,Reach,Views,Likes\n"
    (folder / "social.csv").write_text(heads + "".join(
        f"2026-09-{day:02},{HOSTILE},100,5,1,50,70,9\n" for day in range(1, 31)), "utf-8")  # fmt: skip
    settings = SETTINGS + f'[market]\ncompany = "Us & Co"\n[survey.waves]\n"{HOSTILE}" = 2026-01-01\n'
    rows = answers_of("2026-09-05", 5, 10, "f")
    return compose(write_survey(folder, rows, settings), "2026-09")


def test_names_from_files_are_escaped(tmp_path: Path) -> None:
    seen = write_hostile(tmp_path)
    page = markup(show_brand(seen.month, seen.card))
    assert HOSTILE not in page and page.count("&lt;img src=x") >= 4
    assert "Own share by segment" in page and "Us &amp; Co" in page


def test_a_market_without_our_company_is_told_without_us(tmp_path: Path) -> None:
    seen = write_hostile(tmp_path)
    market = seen.month.exports.tables["market"].assign(own=False)
    assert "no company in it is yours" in _market_words(seen, market)


def _market_words(seen: Composed, market: pd.DataFrame) -> str:
    seen.month.exports.tables["market"] = market
    return text(show_brand(seen.month, seen.card))


@pytest.mark.parametrize("name", ["brand.md", "brand.ru.md"])
def test_the_settings_in_the_documents_can_be_read(root: Path, tmp_path: Path, name: str) -> None:
    said = (root / "docs" / name).read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(.*?)```", said, re.DOTALL)
    for block in blocks:
        (tmp_path / "company.toml").write_text(block, encoding="utf-8")
        assert read_company(tmp_path).survey
    assert len(blocks) == 5
    needed = answers_needed(0.5, math.nan, 0.05)
    assert re.sub(r"\D", "", re.search(r"1.560", said)[0]) == str(round(needed, -1))  # type: ignore[index]
