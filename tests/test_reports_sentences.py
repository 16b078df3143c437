"""The findings in words, in both languages: signs, percent, goals, changes, and which findings come first."""

import math
import re
import shutil
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from composed import SAMPLE, Composed, compose, sample
from folders import cut_file
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.catalogue import KPIS
from kpi_helpers.language import LANGUAGES, use_language
from kpi_helpers.reports.sentences import change_words, find_headlines, kpi_sentence, row_of

NAN = math.nan
ODD = re.compile(r"nan|inf\b|None|−0[.,]0|\+0[.,]0(?!\d)|—|\{|  |,,|\.\.", re.IGNORECASE)


def row(kpi: str, value: float, **given: Any) -> dict[str, Any]:
    nothing = {"goal": NAN, "previous": NAN, "year_ago": NAN, "change_verdict": "unknown", "year_verdict": "unknown"}
    said = {"kpi": kpi, "scope": "company", "value": value, "status": "no_goal", "owner": KPIS[kpi].owner}
    return {**said, **nothing, **given}


SENTENCES: list[tuple[dict[str, Any], str, str]] = [
    (row("leads", 412, goal=380, previous=400, change_verdict="noise"),
     "Leads: 412, 8.4% above goal, +3.0% on last month (within noise).",
     "Лиды: 412, на 8,4 % выше цели, +3,0 % к прошлому месяцу (в пределах случайных колебаний)."),
    (row("leads", 300, goal=400, previous=200, change_verdict="better"),
     "Leads: 300, 25% below goal, +50% on last month.",
     "Лиды: 300, на 25 % ниже цели, +50 % к прошлому месяцу."),
    (row("leads", 400, goal=400.5, previous=400, change_verdict="noise"),
     "Leads: 400, on goal, the same as last month.",
     "Лиды: 400, на уровне цели, как в прошлом месяце."),
    (row("cpl", 1180, goal=1000, previous=1180.2, change_verdict="noise"),
     "Cost per lead (CPL): ₽1,180, 18% over plan, the same as last month.",
     "Стоимость лида (CPL): 1 180 ₽, на 18 % дороже плана, как в прошлом месяце."),
    (row("cpl", 900, goal=1000), "Cost per lead (CPL): ₽900, 10% under plan.",
     "Стоимость лида (CPL): 900 ₽, на 10 % дешевле плана."),
    (row("spend", 900, goal=1000), "Ad spend: ₽900, 10% below goal.", "Расход на рекламу: 900 ₽, на 10 % ниже цели."),
    (row("qualification_rate", 0.608, goal=0.8, previous=0.62, year_ago=0.725, change_verdict="noise",
         year_verdict="worse"),
     "Qualification rate: 60.8%, goal 80.0%, −11.7 pp on last year.",
     "Конверсия из лида в КЛ: 60,8 %, цель 80,0 %, −11,7 п.п. к прошлому году."),
    (row("nps", -4, goal=30, previous=-4), "NPS: −4.0, goal 30.0, the same as last month.",
     "NPS: −4,0, цель 30,0, как в прошлом месяце."),
    (row("revenue", 3_703_507, previous=NAN), "Revenue: ₽3.7M.", "Выручка: 3,7 млн ₽."),
    (row("revenue", -5000, goal=10_000, previous=4000, change_verdict="worse"),
     "Revenue: −₽5,000, goal ₽10,000.", "Выручка: −5 000 ₽, цель 10 000 ₽."),
    (row("payback_months", 2.4, previous=2.0, change_verdict="worse"), "Payback: 2.4 mo., +20% on last month.",
     "Срок окупаемости: 2,4 мес., +20 % к прошлому месяцу."),
    (row("drr", 0.0004, previous=0.00041), "Ad cost share: 0.04%, the same as last month.",
     "Доля рекламных расходов (ДРР): 0,04 %, как в прошлом месяце."),
]  # fmt: skip


@pytest.mark.parametrize(("given", "in_english", "in_russian"), SENTENCES, ids=[each[1][:40] for each in SENTENCES])
def test_a_sentence(given: dict[str, Any], in_english: str, in_russian: str) -> None:
    assert kpi_sentence(given, "RUB").replace("\u00a0", " ") == in_english
    use_language("ru")
    assert kpi_sentence(given, "RUB").replace("\u00a0", " ") == in_russian


def test_a_sentence_of_an_unfinished_month_says_that_the_days_are_the_same() -> None:
    leads = row("leads", 113, goal=107.4, previous=109, change_verdict="noise")
    assert kpi_sentence(leads, "RUB", to_date=True) == (
        "Leads: 113, 5.2% above the plan to date, +3.7% on the same days of last month (within noise)."
    )
    assert kpi_sentence(row("leads", 50, goal=50), "RUB", to_date=True) == "Leads: 50, on plan to date."
    price = row("cpl", 1335, goal=1350)  # the whole goal: a ratio has no plan to date
    assert kpi_sentence(price, "RUB", to_date=True) == "Cost per lead (CPL): ₽1,335, 1.1% under plan."
    use_language("ru")
    assert kpi_sentence(leads, "RUB", to_date=True).replace("\u00a0", " ") == (
        "Лиды: 113, на 5,2 % выше плана на дату, +3,7 % к тем же дням прошлого месяца (в пределах случайных колебаний)."
    )


NUMBER = st.one_of(st.just(0.0), st.just(NAN), st.floats(-1e9, 1e9, allow_subnormal=False))


@given(
    st.sampled_from(sorted(KPIS)), NUMBER.filter(math.isfinite), NUMBER, NUMBER, NUMBER, st.sampled_from(LANGUAGES),
    st.sampled_from(["better", "worse", "noise", "unknown", "changed"]), st.booleans(),
)  # fmt: skip
def test_no_sentence_is_odd(
    key: str, value: float, goal: float, previous: float, year_ago: float, lang: str, verdict: str, to_date: bool
) -> None:
    use_language(lang)
    given = row(key, value, goal=goal, previous=previous, year_ago=year_ago, year_verdict=verdict)
    sentence = kpi_sentence(given, "USD", to_date=to_date)
    assert sentence.endswith(".")
    assert not ODD.search(sentence), sentence


# Which findings, and in which order


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("company", ["severny_svet", "northlight"])
def test_the_sample_has_three_to_five_findings_that_read_well(company: str, lang: str) -> None:
    use_language(lang)
    composed = sample(company)
    findings = find_headlines(composed.month, composed.card)
    assert 3 <= len(findings) <= 6
    for finding in findings:
        assert finding.anchor
        assert len(finding.text) < 220
        assert not ODD.search(finding.text.replace(" — ", " ").replace("\u00a0— ", " ")), finding.text
    assert len({finding.text for finding in findings}) == len(findings)


def test_a_change_that_was_not_compared_is_no_headline() -> None:
    row = row_of(sample("severny_svet").card, "qualification_rate") or {}
    assert change_words({**row, "change_verdict": "not_compared", "year_verdict": "not_compared"}) == ""
    assert change_words({**row, "change_verdict": "not_compared", "year_verdict": "worse"}).endswith(" on last year")


def headlines(composed: Composed) -> list[str]:
    return [finding.text for finding in find_headlines(composed.month, composed.card)]


def test_the_planted_events_are_headlines() -> None:
    told = headlines(sample("severny_svet"))
    assert told[0].startswith("Revenue: ") and told[1].startswith("Leads: ")
    missed = "Qualification rate: 60.8%, goal 80.0%, −2.0 pp on last month (within noise). Owner: sales."
    assert told[2] == missed  # 12 leads without a verdict may still turn the fall since last year
    assert told[3].startswith("9–15 October 2026: robots made 42.5% of the visits, ")
    empty = r"Partner network: ₽[\d,]+ bought visits that never qualify \(visits of people: [\d,]+\)\."
    assert re.fullmatch(empty, told[4])


def test_the_planted_fall_is_a_headline_of_its_month_with_its_owner() -> None:
    assert headlines(compose(SAMPLE / "severny_svet", "2026-09"))[2] == (
        "Qualification rate: 62.9%, goal 80.0%, −11.8 pp on last month. "
        "Qualified leads: marketing brought 40.5 (within noise), sales lost 21.5."
    )


def test_a_late_export_is_the_first_headline(tmp_path: Path) -> None:
    folder = tmp_path / "late"
    shutil.copytree(SAMPLE / "northlight", folder)
    cut_file(SAMPLE / "northlight" / "meta_ads.csv", folder / "meta_ads.csv", date(2026, 9, 30))
    composed = compose(folder)
    told = headlines(composed)
    assert told[0] == "meta_ads.csv ends on 30 September 2026: every number that uses it lacks the days after."
    missing = [part for part in composed.record()["missing"] if part["kind"] == "late"]
    assert [part["what"] for part in missing] == ["meta_ads.csv"]
    assert missing[0]["next_step"] == "It ends on 30 September 2026: export it again."


def test_an_empty_channel_that_qualifies_is_not_called_empty() -> None:
    composed = sample("severny_svet")
    assert any("never qualify" in told for told in headlines(composed))
    tables = composed.month.tables
    leads = tables["leads"].assign(
        qualified=tables["leads"]["qualified"] | (tables["leads"]["channel"] == "partner_network")
    )
    month = replace(composed.month, tables={**tables, "leads": leads})
    assert not any("never qualify" in told for told in headlines(replace(composed, month=month)))


def test_little_is_said_where_little_is_known() -> None:
    composed = sample("northlight")
    nothing = composed.card.assign(value=np.nan, status="no_goal")
    few = nothing.copy()
    few.loc[few["kpi"].isin(["spend", "clicks"]), "value"] = [10.0, 20.0]
    told = [finding.text.split(":")[0] for finding in find_headlines(composed.month, few)]
    assert told == ["Ad spend", "Clicks"]
    only = find_headlines(composed.month, nothing)
    assert [(finding.text, finding.anchor) for finding in only] == [("No KPI has a value for this month.", "missing")]
