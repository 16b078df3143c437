import pytest

from kpi_helpers.catalogue import KPIS, Kpi, expanded, kpi, tables_of
from kpi_helpers.errors import KitError
from kpi_helpers.formula import check_unit, read_unit
from kpi_helpers.terms import MEASURES, TABLES

WANTED = """
    visits page_views leads qualified_leads orders new_customers revenue margin spend marketing_cost visitors reach
    conversion_rate visit_to_lead bounce_rate robot_share page_depth ctr cpm cpc cpl cpql cpo cac roas drr revenue_roi
    romi roi qualification_rate close_rate aov retention_rate churn_rate repeat_rate purchase_frequency clv ltv_to_cac
    payback_months engagement_rate follower_growth awareness_aided awareness_unaided nps csat market_share
    answered_in_time missed_calls missed_chats chat_in_time on_time_share acceptance_rate research_done creatives_made
    cooperation_done work_rating search_clicks search_ctr search_position
""".split()  # noqa: SIM905
LOWER_IS_BETTER = {"bounce_rate", "robot_share", "cpm", "cpc", "cpl", "cpql", "cpo", "cac", "drr", "churn_rate",
                   "payback_months", "missed_calls", "missed_chats", "search_position"}
MONEY_STYLE = {key for key, row in KPIS.items() if row.style == "money"}

rows = pytest.mark.parametrize("row", KPIS.values(), ids=list(KPIS))


def units_of(others: dict[str, Kpi]) -> dict[str, str]:
    return {**{key: row.unit for key, row in others.items()}, **{key: row.unit for key, row in MEASURES.items()}}


@pytest.mark.parametrize("key", WANTED)
def test_every_kpi_asked_for_is_a_row(key):
    assert kpi(key).key == key


@rows
def test_the_formula_has_the_unit_that_the_row_states(row):
    check_unit(row.text, row.unit, units_of(KPIS))
    check_unit(expanded(row.key).text, row.unit, {key: measure.unit for key, measure in MEASURES.items()})


@rows
def test_the_style_fits_the_unit(row):
    unit = read_unit(row.unit)
    assert (unit.get("money") == 1) == (row.style == "money")
    if row.style in ("multiple", "points"):
        assert not unit
    if row.style == "months":
        assert unit == {"month": 1}
    if row.style == "count":
        assert list(unit.values()) == [1]


@rows
def test_only_shares_of_a_whole_have_the_interval_of_a_proportion(row):
    if row.interval == "proportion":
        assert row.style == "share" and row.formula.is_ratio and row.source
        assert "-" not in row.text and "+" not in row.text


@rows
def test_the_numbers_of_a_row_are_of_one_kind(row):
    assert row.name and row.owner in ("marketing", "sales", "service", "shared")
    assert (row.better == "lower") == (row.key in LOWER_IS_BETTER)
    assert (row.better == "neither") == (row.key in {"spend", "marketing_cost"})
    assert set(expanded(row.key).names) <= set(MEASURES)
    assert set(tables_of(row.key)) <= set(TABLES)


def test_names_are_not_used_twice():
    names = [row.name for row in KPIS.values()]
    assert len(names) == len(set(names))


def test_sums_grow_with_the_days_and_ratios_and_uniques_do_not():
    sums = {key for key, row in KPIS.items() if row.is_sum}
    assert sums == {"visits", "page_views", "impressions", "clicks", "spend", "marketing_cost", "leads",
                    "qualified_leads", "orders", "new_customers", "revenue", "margin", "research_done",
                    "creatives_made", "cooperation_done", "search_clicks"}


def test_a_kpi_over_kpis_is_a_formula_over_measures():
    assert expanded("ltv_to_cac").names == ("margin_12m", "lost_12m", "spend", "other_costs", "new_customers")
    assert tables_of("cac") == ["ads", "costs", "first_orders"]


def test_a_misspelt_kpi_is_refused_with_the_near_names():
    with pytest.raises(KitError, match="no KPI 'qualifcation_rate'. Did you mean qualification_rate"):
        kpi("qualifcation_rate")
