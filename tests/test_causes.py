"""Who moved what: worked examples, the sample's planted fall, and properties of the split."""

import math
from dataclasses import replace
from pathlib import Path

import matplotlib.colors
import pandas as pd
import pytest
from composed import SAMPLE, Composed, compose, markup, sample, text
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from small_company import exports_of

from kpi_helpers.causes import (
    MONTH_AGO,
    RATE,
    YEAR_AGO,
    Causes,
    Unexplained,
    confirm_channels,
    confirmed_in,
    evidence_for,
    explain_leads,
    explain_rate,
    telling_month,
)
from kpi_helpers.causes_words import change_words, finding_words, leads_sentence, noise_words, owned_words
from kpi_helpers.charts.waterfall import plot_waterfall
from kpi_helpers.company_tree import CompanyTree, explain_tree
from kpi_helpers.company_tree.standing import without_robots
from kpi_helpers.drivers import read_tree
from kpi_helpers.history import history_of
from kpi_helpers.language import use_language
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month, prepare_month
from kpi_helpers.palette import owner_colour
from kpi_helpers.reports import show_causes
from kpi_helpers.reports.causes import _bars

Counts = dict[str, tuple[int, int]]  # channel -> leads, and those of them qualified
THEN, NOW = "2026-01-01", "2026-02-01"
CARD = pd.DataFrame({name: [] for name in ("kpi", "scope", "change_verdict", "year_verdict", "goal_full")})


def evidence_of(month: Month, norm: float) -> pd.DataFrame:
    sums = sum_measures(month.tables, "month", "channel", keys=["leads", "qualified_leads"])
    return confirm_channels(sums, pd.Timestamp(THEN), norm)


def company(folder: Path, months: dict[str, Counts], last: str = "2026-02-28", *, backwards: bool = False) -> Month:
    """A company with so many leads by month and channel; the last month is the report's."""
    leads = [
        (pd.Timestamp(month) + pd.Timedelta(days=place % 28, hours=10), channel, place < qualified)
        for month, counts in months.items()
        for channel, (number, qualified) in counts.items()
        for place in range(number)
    ]
    first = pd.Timestamp(min(months))
    ads = [(first, "yandex_direct", 1.0)]
    exports = exports_of(folder, ads, leads[::-1] if backwards else leads, first, pd.Timestamp(last))
    return prepare_month(exports, last[:7])


def effects(causes: Causes) -> dict[tuple[str, str], tuple[str, float]]:
    """(driver, channel) -> (owner, effect)."""
    rows = causes.effects.to_dict("records")
    return {(row["driver"], row["channel"]): (row["owner"], row["effect"]) for row in rows}


# Worked examples


def test_the_example_of_the_catalogue_is_marketing_plus_37_and_sales_minus_22(tmp_path: Path) -> None:
    """200 x 80 % -> 250 x 70 %: +37.5 and -22.5 (Shapley; kpis of the trade)."""
    month = company(tmp_path, {THEN: {"email": (200, 160)}, NOW: {"email": (250, 175)}})
    causes = explain_leads(month, ["email"])
    assert effects(causes) == {("leads", "email"): ("marketing", 37.5), (RATE, "email"): ("sales", -22.5)}
    assert (causes.before, causes.after, causes.change) == (160, 175, 15)
    assert owned_words(causes) == "Marketing brought 37.5, sales lost 22.5"
    assert change_words(causes, month) == "Qualified leads: 175, a month ago 160 (+15)."
    use_language("ru")
    assert "маркетинг" in owned_words(causes).lower() and "37,5" in owned_words(causes)


def test_the_rate_of_a_channel_that_is_not_confirmed_is_shared(tmp_path: Path) -> None:
    month = company(tmp_path, {THEN: {"email": (200, 160)}, NOW: {"email": (250, 175)}})
    assert effects(explain_leads(month, []))[RATE, "email"] == ("shared", -22.5)


def test_a_new_channel_and_a_lost_one_change_leads_alone(tmp_path: Path) -> None:
    month = company(tmp_path, {THEN: {"email": (28, 14)}, NOW: {"vk_ads": (56, 28)}})
    found = effects(explain_leads(month, ["email", "vk_ads"]))
    assert {key: effect for key, (_owner, effect) in found.items()} == {
        ("leads", "email"): -14, (RATE, "email"): 0, ("leads", "vk_ads"): 28, (RATE, "vk_ads"): 0,
    }  # fmt: skip


def test_without_the_other_month_nothing_is_explained(tmp_path: Path) -> None:
    month = company(tmp_path, {THEN: {"email": (10, 5)}, NOW: {"email": (20, 8)}})
    with pytest.raises(Unexplained, match="the leads of February 2025 are not known"):
        explain_leads(month, [], YEAR_AGO)


def test_a_month_that_the_export_holds_in_part_is_no_month_to_compare_with(tmp_path: Path) -> None:
    leads = [(pd.Timestamp("2026-01-20") + pd.Timedelta(days=day), "email", True) for day in range(39)]
    first, last = pd.Timestamp("2026-01-20"), pd.Timestamp("2026-02-28")
    exports = exports_of(tmp_path, [(first, "email", 1.0)], leads, first, last)
    with pytest.raises(Unexplained, match="the leads of January 2026 are not known"):
        explain_leads(prepare_month(exports, "2026-02"), [])


def test_a_month_without_a_lead_is_the_worst_month_and_no_lack_of_data(tmp_path: Path) -> None:
    leads = [(pd.Timestamp(THEN) + pd.Timedelta(hours=place), "email", place < 80) for place in range(100)]
    first, last = pd.Timestamp(THEN), pd.Timestamp("2026-02-28")
    exports = exports_of(tmp_path, [(first, "email", 1.0)], leads, first, last)
    month = prepare_month(exports, "2026-02")
    try:
        causes = explain_leads(month, ["email"])
    except Unexplained as unexplained:  # an export that ends in January says nothing of February
        assert "end on" in str(unexplained)
    else:
        assert causes.by_owner.to_dict() == {"marketing": -80, "sales": 0}


def test_leads_of_a_channel_without_any_verdict_are_not_called_marketing_s_loss(tmp_path: Path) -> None:
    counts = {"email": (10, 8), "vk_ads": (100, 60)}
    month = company(tmp_path, {THEN: counts, NOW: counts})
    leads = month.tables["leads"]
    blank = (leads["channel"] == "vk_ads") & (leads["created_at"].dt.month == 2)
    month.tables["leads"] = leads.assign(qualified=leads["qualified"].mask(blank))
    with pytest.raises(Unexplained, match="Which leads of VK Ads qualified is not known"):
        explain_leads(month, ["email", "vk_ads"])
    assert "Which leads of VK Ads qualified is not known" in text(show_causes(month, CARD))


def test_where_many_leads_have_no_verdict_yet_nobody_is_named(tmp_path: Path) -> None:
    """Half of February's leads wait; the others qualify as in January: nothing is known against sales."""
    counts = {"email": (200, 160)}
    month = company(tmp_path, {THEN: counts, NOW: counts})
    leads = month.tables["leads"]
    waiting = (leads["created_at"].dt.month == 2) & (leads["qualified"].eq(False) | (leads.index % 2 == 0))
    month.tables["leads"] = leads.assign(qualified=leads["qualified"].mask(waiting))
    causes = explain_leads(month, ["email"])
    number = int(waiting.sum())
    assert causes.open_leads == (number, 0) and causes.by_owner["sales"] < 0 and causes.unripe
    assert "no verdict yet" in finding_words(causes)
    assert f"{number} leads have no verdict yet" in text(show_causes(month, CARD))
    assert leads_sentence(month, CARD) == ""


def test_simpsons_paradox_is_shown(tmp_path: Path) -> None:
    """Both channels qualify better and the total is worse: the weaker one grew. 82 of 100 -> 160 of 300."""
    before, after = {"email": (80, 72), "vk_ads": (20, 10)}, {"email": (60, 55), "vk_ads": (240, 125)}
    month = company(tmp_path, {THEN: before, NOW: after})
    cells = explain_rate(month)
    assert cells is not None
    assert (cells["rate"] > 0).all() and cells["mix"].sum() < 0
    assert math.fsum(cells.to_numpy().ravel()) == pytest.approx(180 / 300 - 82 / 100, abs=1e-15)
    assert "Simpson's paradox" in text(show_causes(month, CARD))


def test_channels_that_went_different_ways_are_no_paradox(tmp_path: Path) -> None:
    before, after = {"email": (100, 80), "vk_ads": (100, 40)}, {"email": (40, 36), "vk_ads": (160, 59)}
    month = company(tmp_path, {THEN: before, NOW: after})
    assert "Simpson's paradox" not in text(show_causes(month, CARD))


# Who is confirmed


@pytest.mark.parametrize(
    ("leads", "qualified", "confirmed"),
    [
        (50, 39, False),  # 78 %, but anything from 65 % to 87 % fits
        (500, 400, True),  # 80 %: from 76 % to 83 %
        (500, 360, False),  # 72 %: from 68 % to 76 %, below the norm
        (60, 50, True),  # 83 %: from 72 % to 91 %
        (500, 0, False),
    ],
)
def test_a_channel_is_confirmed_by_its_own_history(
    tmp_path: Path, leads: int, qualified: int, confirmed: bool
) -> None:
    month = company(tmp_path, {THEN: {"email": (leads, qualified)}, NOW: {"email": (10, 0)}})
    evidence = evidence_of(month, 0.8)
    assert (evidence.at["email", "leads"], bool(evidence.at["email", "confirmed"])) == (leads, confirmed)
    assert confirmed_in(evidence) == (["email"] if confirmed else [])


def test_the_month_itself_is_no_evidence(tmp_path: Path) -> None:
    month = company(tmp_path, {THEN: {"email": (4, 4)}, NOW: {"email": (5000, 4500), "vk_ads": (90, 80)}})
    evidence = evidence_of(month, 0.8)
    assert evidence["leads"].to_dict() == {"email": 4}


# The sample: what was planted


@pytest.fixture(scope="module", params=["2026-09"])
def september(request: pytest.FixtureRequest) -> Composed:
    return compose(SAMPLE / "severny_svet", request.param)


def test_the_planted_fall_is_given_to_sales_and_to_no_one_else(september: Composed) -> None:
    """Against plain pandas over the raw list of deals: the rate of every channel fell from 82 % to 68 %."""
    month = september.month
    ago = telling_month(september.card, RATE, "qualified_leads")
    evidence = evidence_for(month, september.card, ago)
    causes = explain_leads(month, confirmed_in(evidence), ago, september.card)
    leads = month.exports.tables["leads"]
    period = leads["created_at"].dt.tz_localize(None).dt.to_period("M")
    counts = leads["qualified"].eq(True).groupby([leads["channel"], period]).agg(["size", "sum"]).unstack().fillna(0)
    then, now = (counts.xs(pd.Period(name), axis=1, level=-1) for name in ("2026-08", "2026-09"))
    rates = [state["sum"] / state["size"] for state in (then, now)]
    marketing = ((now["size"] - then["size"]) * (rates[0] + rates[1]) / 2).sum()
    sales = ((rates[1] - rates[0]) * (then["size"] + now["size"]) / 2).sum()
    assert causes.by_owner["marketing"] == pytest.approx(marketing, abs=1e-9)
    assert causes.by_owner["sales"] == pytest.approx(sales, abs=1e-9)
    assert causes.by_owner["sales"] < -15
    assert causes.by_owner.get("shared", 0) == 0
    assert math.fsum(causes.effects["effect"]) == causes.change
    assert confirmed_in(evidence) and "partner_network" not in confirmed_in(evidence)
    real = september.card.set_index("kpi").at[RATE, "change_verdict"]
    assert real == "worse"
    assert finding_words(causes) == "Marketing brought 40.5 (within noise), sales lost 21.5"
    early = replace(causes, verdicts={**causes.verdicts, "leads": "too_early"})
    assert owned_words(early).startswith("Marketing brought 40.5 (too early to tell), ")


@pytest.mark.parametrize("name", ["2026-08", "2026-10"])
def test_in_no_other_month_does_a_fall_of_the_rate_stand_above_noise(name: str) -> None:
    found = compose(SAMPLE / "severny_svet", name)
    assert found.value(RATE, "change_verdict") == "noise"
    evidence = evidence_for(found.month, found.card, MONTH_AGO)
    causes = explain_leads(found.month, confirmed_in(evidence), MONTH_AGO, found.card)
    assert causes.within_noise and finding_words(causes) == "Qualified leads: the change is within noise"


def test_the_section_and_the_headline_say_it_in_both_languages(september: Composed) -> None:
    said = text(show_causes(september.month, september.card))
    assert "Marketing brought 40.5 (within noise), sales lost 21.5" in said and "Partner network (0.0% of 122)" in said
    assert "sales lost 21.5" in text(september.section("summary"))
    use_language("ru")
    said = text(show_causes(september.month, september.card))
    assert "Маркетинг принёс 40,5" in said and "Партнёрская сеть" in said


def test_where_all_is_noise_nobody_is_named() -> None:
    found = sample("northlight")
    head = markup(show_causes(found.month, found.card)).split("<img")[0]
    assert "Qualified leads: the change is within noise" in head and "lost" not in head


# The revenue by a tree


def test_the_revenue_of_a_shop_is_split_over_visits_conversion_and_average_order() -> None:
    found = sample("northlight")
    tree = CompanyTree(history_of(found.month).past, read_tree("shop"))
    causes = explain_tree(tree.compare(pd.Timestamp("2026-10-01"), MONTH_AGO))
    sums = sum_measures(found.month.exports.tables, "month").set_index("period")
    then, now = sums.loc["2026-09-01"], sums.loc["2026-10-01"]
    assert (causes.before, causes.after) == (pytest.approx(then["revenue"]), pytest.approx(now["revenue"]))
    assert math.fsum(causes.effects["effect"]) == sum(causes.effects["effect"]) == causes.change
    assert causes.change == pytest.approx(now["revenue"] - then["revenue"], abs=1e-9)
    assert set(causes.by_owner.index) == {"marketing", "shared"}


def test_a_branch_that_really_moved_proves_its_owner_though_no_leaf_does() -> None:
    """Orders +61 % are real and all marketing's; neither the visits nor the orders of each visit are by themselves."""
    found = sample("northlight")
    standing = CompanyTree(history_of(found.month).past, read_tree("shop")).compare(pd.Timestamp("2026-10-01"), 12)
    assert standing.verdicts["orders"] == "better"
    causes = explain_tree(standing)
    assert causes.verdicts["visits"] == causes.verdicts["orders_per_visit"] == "noise"
    marketing, shared = finding_words(causes, "USD").split(", a ")
    assert marketing.startswith("Marketing brought $") and "noise" not in marketing
    assert shared.endswith("(within noise)")
    assert noise_words(causes) == "Within noise: visits, orders for each visit, and average order value."


def test_the_rate_in_a_tree_is_shared_where_the_channels_are_not_confirmed(tmp_path: Path) -> None:
    """20 % and then 10 %: nobody has seen these leads qualify."""
    month = company(tmp_path, {THEN: {"email": (100, 20)}, NOW: {"email": (100, 10)}})
    tree = read_tree("lead_business").at("qualified_leads")
    standing = CompanyTree(history_of(month).past, tree).compare(pd.Timestamp(NOW), MONTH_AGO)
    assert standing.tree.nodes[RATE].owner == "shared"
    good = company(tmp_path / "good", {THEN: {"email": (100, 85)}, NOW: {"email": (100, 10)}})
    standing = CompanyTree(history_of(good).past, tree).compare(pd.Timestamp(NOW), MONTH_AGO)
    assert standing.tree.nodes[RATE].owner == "sales"


OWN = """name: Good leads
top: good_leads
nodes:
  good_leads: {name: Good leads <b>, unit: lead, formula: leads * good_share}
  leads: {owner: marketing, lever: Pages, cost: Time, speed: month}
  good_share: {name: Share of good leads, unit: "1", measured: qualified_leads / leads, owner: sales, lever: Calls,
               cost: Time, speed: day, high: 1}
"""


def test_a_company_s_own_tree_is_shown_also_where_its_top_is_not_of_the_catalogue(tmp_path: Path) -> None:
    months = {f"2025-{place:02}-01": {"email": (50, 40)} for place in range(1, 13)}
    month = company(tmp_path, {**months, THEN: {"email": (100, 80)}, NOW: {"email": (50, 40)}})
    (month.exports.folder / "tree.yml").write_text(OWN, encoding="utf-8")
    said = markup(show_causes(month, CARD))
    assert "Good leads &lt;b&gt;: 40" in said and "Good leads <b>" not in said


def test_a_wrong_tree_is_named_and_the_rest_stays(tmp_path: Path) -> None:
    month = company(tmp_path, {THEN: {"email": (100, 80)}, NOW: {"email": (50, 40)}})
    wrong = OWN.replace("leads * good_share", "leads / good_share / leads")
    (month.exports.folder / "tree.yml").write_text(wrong, encoding="utf-8")
    said = text(show_causes(month, CARD))
    assert "tree.yml" in said and "Qualified leads by channel" in said


# The picture


def test_the_waterfall_leads_from_the_first_total_to_the_second() -> None:
    rows = pd.DataFrame({"label": ["a", "b"], "owner": ["marketing", "sales"], "effect": [37.5, -22.5]})
    ax = plot_waterfall(rows, [("before", 160.0), ("after", 175.0)])
    bars = {round(bar.get_y() + bar.get_height() / 2): bar for bar in ax.patches}
    ends = {place: (bar.get_x(), bar.get_x() + bar.get_width()) for place, bar in bars.items()}
    assert ends[1] == (160, 197.5) and ends[2] == (197.5, 175)
    assert bars[2].get_hatch() and not bars[1].get_hatch()
    colours = [matplotlib.colors.to_hex(bars[place].get_facecolor()).upper() for place in (1, 2)]
    assert colours == [owner_colour("marketing"), owner_colour("sales")]
    written = [part.get_text() for part in ax.texts]
    assert "+37.5" in written and "−22.5" in written and "marketing" in written


def test_channels_beyond_six_stand_together(tmp_path: Path) -> None:
    names = ["email", "vk_ads", "direct", "referral", "social", "organic_search", "yandex_direct", "messenger"]
    month = company(tmp_path, {
        THEN: dict.fromkeys(names, (100, 80)), NOW: {name: (100 + 10 * n, 80) for n, name in enumerate(names, 1)},
    })  # fmt: skip
    causes = explain_leads(month, names)
    bars = _bars(causes).set_index("label")["effect"]
    assert len(bars) == 8 and "Leads: other channels" in bars
    assert math.fsum(bars) == pytest.approx(causes.change, abs=1e-9)


def test_robots_are_taken_out_where_both_months_know_them() -> None:
    known, unknown = pd.Series({"visits": 100.0, "robot_visits": 30.0}), pd.Series({"visits": 90.0})
    assert [state["visits"] for state in without_robots(known, known)] == [70, 70]
    assert [state["visits"] for state in without_robots(known, unknown)] == [100, 90]


# Properties

part = st.integers(0, 40).flatmap(lambda leads: st.tuples(st.just(leads), st.integers(0, leads)))
months_of = st.dictionaries(st.sampled_from(["email", "vk_ads", "direct", "referral"]), part, min_size=1)
quick = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(before=months_of, after=months_of)
def test_the_effects_are_the_change_in_any_order(tmp_path: Path, before: Counts, after: Counts) -> None:
    one, other = {"unknown": (28, 28), **before}, {"unknown": (28, 28), **after}  # a lead on every day
    causes = explain_leads(company(tmp_path, {THEN: one, NOW: other}), ["email"])
    assert math.fsum(causes.effects["effect"]) == causes.change
    assert sum(causes.effects["effect"]) == sum(causes.effects["effect"][::-1]) == causes.change
    assert math.fsum(causes.by_owner) == causes.change
    assert causes.change == sum(part[1] for part in other.values()) - sum(part[1] for part in one.values())
    shuffled = explain_leads(company(tmp_path, {THEN: one, NOW: other}, backwards=True), ["email"])
    assert effects(shuffled) == effects(causes)


@quick
@given(before=months_of, after=months_of)
def test_the_way_back_has_the_opposite_effects(tmp_path: Path, before: Counts, after: Counts) -> None:
    one, other = {"unknown": (28, 28), **before}, {"unknown": (28, 28), **after}
    there = effects(explain_leads(company(tmp_path, {THEN: one, NOW: other}), []))
    back = effects(explain_leads(company(tmp_path, {THEN: other, NOW: one}), []))
    assert {key: -effect for key, (_owner, effect) in there.items()} == pytest.approx(
        {key: effect for key, (_owner, effect) in back.items()}
    )
