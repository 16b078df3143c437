"""The goal studio, driven without a browser: what it shows, what follows a move, and that what it saves is reported."""

import csv
import re
from datetime import date
from html import unescape
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from matplotlib.axes import Axes

from kpi_helpers import compute_kpis, prepare_month, score_month, sum_month
from kpi_helpers.catalogue import KPIS
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.forecast import Forecast, forecast_kpi
from kpi_helpers.goals import FINAL_GOALS
from kpi_helpers.history import History
from kpi_helpers.language import language, use_language
from kpi_helpers.monthly import read_goals
from kpi_helpers.reports import show_goals
from kpi_helpers.widgets import GoalStudio, set_goals, show_smart
from kpi_helpers.widgets.goal_rows import Goal, place_goal
from kpi_helpers.widgets.live_chart import LiveChart
from kpi_helpers.widgets.target import slider_range
from kpi_helpers.widgets.view import STILL_TYPE
from tests.composed import text
from tests.small_company import MONTHS, daily_exports, leads_between, made_exports, write_goals

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
HOSTILE = "<img src=x onerror=alert(1)>"
CYRILLIC = re.compile("[а-яё]", re.IGNORECASE)
NEXT = pd.Timestamp("2026-03-01")
YEAR_ON = date(2027, 2, 28)  # the last day of twelve months from NEXT
FORECASTS: dict[tuple[str, str, int], Forecast] = {}
ALL_TOGETHER: dict[str, Any] = {"month": NEXT, "deadline": YEAR_ON, "counts": "total"}


@pytest.fixture(autouse=True)
def forecast_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same sums give the same forecast, so that the tests need each only once."""

    def remembered(sums: pd.DataFrame, key: str, ahead: int) -> Forecast:
        known = (sums.to_csv(), key, ahead)
        if known not in FORECASTS:
            FORECASTS[known] = forecast_kpi(sums, key, ahead)
        return FORECASTS[known]

    monkeypatch.setattr("kpi_helpers.outlook.forecast_kpi", remembered)


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return made_exports(tmp_path)


def studio(exports: Exports, target: float | None = None, **choices: Any) -> GoalStudio:
    """The studio after these choices in the form, in their order, and a number typed as the target."""
    view = set_goals(exports)
    for name, value in choices.items():
        getattr(view.form, name).value = value
    if target is not None:
        view.form.target.number.value = target
    return view


def words(markup: str) -> str:
    """What a reader reads."""
    bare = re.sub(r"<style.*?</style>|<svg.*?</svg>", "", markup, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", bare)).split())


def written(exports: Exports) -> list[dict[str, str]]:
    with (exports.folder / "goals.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def read_months(exports: Exports) -> dict[str, float]:
    """The report's goals by their first day."""
    goals = read_goals(exports)
    return {str(start): target for start, target in zip(goals["start"], goals["target"], strict=True)}


# What is saved is what the report reads


def test_a_goal_for_each_month_is_what_the_report_reads(exports: Exports) -> None:
    view = studio(exports, kpi="leads", scope="vk_ads", month=MONTHS[-2], deadline=date(2026, 3, 31), owner="sales")
    view.form.target.slider.value = 25
    view.save.click()
    (goal,) = read_goals(exports).to_dict("records")
    assert (goal["kpi"], goal["scope"], goal["target"], goal["owner"]) == ("leads", "vk_ads", 25, "sales")
    assert (str(goal["start"]), str(goal["deadline"]), goal["counts"]) == ("2026-01-01", "2026-03-31", "each_month")
    assert goal["baseline"] == 12  # the December before
    assert "Saved" in view.said.value and "goals.csv" in view.said.value
    assert "VK Ads" in view.table.value


@pytest.mark.parametrize(("profile", "kept"), [("last_year", ""), ("equal", "equal"), ("growth", "growth")])
def test_a_total_reaches_the_report_as_the_months_that_the_studio_showed(
    exports: Exports, profile: str, kept: str
) -> None:
    view = studio(exports, kpi="leads", **ALL_TOGETHER, profile=profile, target=480)
    shown = re.findall(r"<tr><td>\w+ \d{4}</td><td[^>]*>([\d,]+)</td>", view.months.value)
    view.save.click()
    read = read_months(exports)
    assert len(read) == 12 and sum(read.values()) == 480
    assert list(read)[0] == "2026-03-01" and list(read)[-1] == "2027-02-01"
    assert (written(exports)[0]["counts"], written(exports)[0].get("profile", "")) == ("total", kept)
    if profile == "equal":
        assert set(read.values()) == {40} and shown == []  # every month the same: no table
    else:
        assert [float(cell) for cell in shown] == list(read.values())
        assert "Together 480" in words(view.months.value)


def test_a_total_by_last_year_s_shape_by_hand(exports: Exports) -> None:
    studio(exports, kpi="leads", **ALL_TOGETHER, target=528).save.click()
    before = [14 + n for n in range(3, 15)]  # March 2025 to February 2026: 17 to 28, together 270
    assert list(read_months(exports).values()) == pytest.approx([528 * count / sum(before) for count in before], abs=1)


def test_an_exit_rate_climbs_to_its_last_month(exports: Exports) -> None:
    view = studio(exports, kpi="leads", month=NEXT, deadline=date(2026, 8, 31), counts="exit", target=40)
    view.save.click()
    assert list(read_months(exports).values()) == [30, 32, 34, 36, 38, 40]  # from February's 28
    assert "38" in words(view.months.value)


def test_eighty_on_the_slider_is_a_fraction_in_the_file(exports: Exports) -> None:
    view = studio(exports, kpi="qualification_rate")
    assert view.form.target.slider.description == "Target, %"
    view.form.target.slider.value = 80
    view.save.click()
    assert written(exports)[0]["target"] == "0.8"
    assert read_goals(exports)["target"].tolist() == [0.8]


def test_the_report_s_section_shows_the_saved_goals(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2025-01-01", "2026-02-28")
    view = studio(exports, kpi="leads", month=pd.Timestamp("2026-01-01"), deadline=date(2026, 12, 31), counts="total",
                  target=624, owner="sales")  # fmt: skip
    view.save.click()
    plan = read_months(exports)
    month = prepare_month(exports, "2026-02")
    goals = read_goals(exports)
    card = score_month(compute_kpis(sum_month(month)), goals, month)
    said = text(show_goals(month, card, card.iloc[:0], goals))
    done = leads_between("2026-02-01", "2026-02-28")
    assert f"Leads company {done} {plan['2026-02-01']:.0f}" in said
    assert f"Leads 624 {leads_between('2026-01-01', '2026-02-28')}" in said.split("The year 2026")[1]
    assert "sales" in said


def test_a_total_saved_earlier_is_shown_again_with_its_span(exports: Exports) -> None:
    studio(exports, kpi="leads", **ALL_TOGETHER, profile="equal", target=480, final="sales", owner="sales").save.click()
    view = studio(exports, kpi="leads", month=pd.Timestamp("2026-05-01"))
    form = view.form
    assert (form.month.value, form.deadline.value, form.counts.value) == (NEXT, YEAR_ON, "total")
    assert (form.profile.value, form.target.value) == ("equal", 480)
    assert (form.owner.value, form.final.value) == ("sales", "sales")
    before = written(exports)
    view.save.click()
    assert written(exports) == before
    assert "Saved in" in view.said.value


def test_a_month_of_a_total_is_not_changed_alone(exports: Exports) -> None:
    write_goals(exports, "leads,company,480,total,2026-03-01,2027-02-28,sales")
    view = studio(exports, kpi="leads")
    view.form.deadline.value = date(2026, 3, 31)
    before = written(exports)
    view.save.click()
    assert "Not saved" in view.said.value and "Set the goal for the whole time." in view.said.value
    assert written(exports) == before


def test_other_goals_stay_as_they_are_written(exports: Exports) -> None:
    head = "kpi,scope,baseline,target,start,deadline,owner,weight"
    others = ["cpl,company,,90,,,,0.3", "leads,email,,5,2026-02-01,2026-02-28,,", "csat,company,,80 %,,,,"]
    mine = "leads,company,20,30,2026-02-01,2026-02-28,marketing,0.5"
    path = write_goals(exports, *others, mine, head=head)
    view = studio(exports, kpi="leads", month=MONTHS[-1])
    assert view.form.target.value == 30
    view.form.target.number.value = 31
    view.save.click()
    names = head.split(",")
    kept = [dict(zip(names, line.split(","), strict=True)) for line in [*others, mine.replace("30", "31", 1)]]
    assert [{name: row[name] for name in names} for row in written(exports)] == kept
    assert path.read_text(encoding="utf-8").splitlines()[0].startswith("kpi,scope")


def test_comments_in_the_goals_file_are_kept(exports: Exports) -> None:
    path = write_goals(exports, "cpl,90,the board", head="kpi,target,agreed with")
    studio(exports, kpi="leads").save.click()
    assert "the board" in path.read_text(encoding="utf-8")


def test_a_goal_for_some_months_leaves_the_others_theirs() -> None:
    year = {"kpi": "leads", "scope": "company", "target": "30", "counts": "each_month", "start": "2026-01-01",
            "deadline": "2026-12-31"}  # fmt: skip
    goal = Goal("leads", "company", 40, date(2026, 3, 1), date(2026, 4, 30), "sales")
    placed = place_goal([year], goal)
    assert [(row["start"], row["deadline"], row["target"]) for row in placed] == [
        ("2026-01-01", "2026-02-28", "30"), ("2026-03-01", "2026-04-30", "40"), ("2026-05-01", "2026-12-31", "30"),
    ]  # fmt: skip


def test_what_hinders_saving_is_said_in_one_line(exports: Exports) -> None:
    view = set_goals(exports, exports.folder / "no folder" / "goals.csv")
    view.save.click()
    assert "Not saved" in view.said.value and "Traceback" not in view.said.value
    book = set_goals(exports, exports.folder / "goals.xlsx")
    book.save.click()
    assert "Not saved" in book.said.value and not (exports.folder / "goals.xlsx").exists()


def test_a_goals_file_with_a_fault_is_named_at_once(exports: Exports) -> None:
    write_goals(exports, "cpll,90", head="kpi,target")
    with pytest.raises(KitError, match="line 2: .*Did you mean"):
        set_goals(exports)


# The form


@pytest.mark.parametrize("final", FINAL_GOALS)
def test_a_final_goal_suggests_its_kpis_first_and_marks_them(exports: Exports, final: str) -> None:
    view = studio(exports, final=final)
    options = {key: name for name, key in view.form.kpi.options}
    known = History(exports).keys()
    serving = [key for key in FINAL_GOALS[final].kpis if key in known]
    assert list(options)[: len(serving)] == serving
    assert [key for key, name in options.items() if name.startswith("★")] == serving
    assert view.form.kpi.value in serving or not serving
    view.form.final.value = ""
    assert not [name for name, _key in view.form.kpi.options if name.startswith("★")]
    assert sorted(key for _name, key in view.form.kpi.options) == sorted(options)


def test_only_what_can_be_chosen_is_offered(exports: Exports) -> None:
    form = studio(exports, kpi="leads").form
    assert (form.counts.layout.display, form.profile.layout.display) == ("none", "none")
    form.deadline.value = date(2026, 5, 31)
    assert (form.counts.layout.display, form.profile.layout.display) == ("", "none")
    form.counts.value = "total"
    assert form.profile.layout.display == ""
    form.kpi.value = "cpl"
    assert form.goal().counts == "" and form.profile.layout.display == "none"


def test_another_deadline_offers_a_range_of_the_new_size(exports: Exports) -> None:
    view = studio(exports, kpi="leads", **ALL_TOGETHER)
    slider = view.form.target.slider
    assert slider.min <= 270 <= slider.max and view.form.target.value == pytest.approx(270, abs=slider.step)
    view.form.deadline.value = date(2026, 5, 31)
    assert view.form.target.value == 26 + 27 + 28  # the last three months together
    view.form.counts.value = "each_month"
    assert view.form.target.value == 28 and slider.max < 81


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [("leads", [20, 30], (5, 45, 1)), ("qualification_rate", [70, 95], (22.5, 100, 0.5)), ("leads", [0], (0, 1, 1))],
)
def test_the_slider_reaches_around_what_was_reached(key: str, values: list[float], expected: Any) -> None:
    assert slider_range(values, KPIS[key]) == expected


def test_a_typed_target_may_lie_beyond_the_slider(exports: Exports) -> None:
    target = studio(exports, kpi="leads", target=1000).form.target
    assert target.value == target.slider.value == target.slider.max == 1000


@pytest.mark.parametrize("typed", [28.5, 0.3, 41])
def test_a_typed_target_lies_on_a_step_of_the_slider(exports: Exports, typed: float) -> None:
    target = studio(exports, kpi="leads", target=typed).form.target  # else the page would round it, and save that
    slider = target.slider
    assert ((slider.value - slider.min) / slider.step) % 1 == pytest.approx(0, abs=1e-6)
    assert slider.min <= slider.value == target.value == typed


def test_a_goal_that_was_over_with_the_last_day_of_the_data_is_not_still_to_come(exports: Exports) -> None:
    for month in (NEXT - pd.DateOffset(months=1), NEXT):
        view = studio(exports, target=300)
        view.form.kpi.value, view.form.month.value = "leads", month
        view.save.click()
    check = show_smart(exports)
    assert (check.over, [goal["start"] for _words, goal, _checks in check.checks]) == (1, [NEXT.date()])


def test_what_is_counted_cannot_be_wished_below_zero(exports: Exports) -> None:
    view = studio(exports, kpi="leads", target=-5)
    assert view.form.target.number.value == 0
    assert "_" not in words(view.backward.words.value)  # no key of the catalogue
    box = view.backward.boxes[1]
    box.value = -5
    assert box.value == 0


def test_the_chart_says_what_is_to_come(exports: Exports) -> None:
    assert re.search(r"Leads: forecast \d+ \(\d+–\d+\) for \w+ 20\d\d", words(studio(exports, kpi="leads").still()))


# What follows the target


def test_sliding_moves_words_picture_months_check_and_plan(exports: Exports) -> None:
    view = studio(exports, kpi="leads", **ALL_TOGETHER, target=300)
    pieces = {name: getattr(view, name) for name in ("status", "smart", "months")}
    before = {name: piece.value for name, piece in pieces.items()}
    picture, counted = view.picture.widget.value, view.backward.words.value
    view.form.target.slider.value = 400
    assert view.form.target.number.value == 400
    assert [name for name, piece in pieces.items() if piece.value == before[name]] == []
    assert view.picture.widget.value != picture and "the goal 400" in view.picture.widget.value
    assert view.backward.words.value != counted
    assert "Together 400" in words(view.months.value)


def test_a_month_that_is_over_is_held_against_the_goal(exports: Exports) -> None:
    view = studio(exports, kpi="leads", month=MONTHS[-1])
    assert view.form.target.value == 28
    assert "February 2026: 28, the goal is 28." in words(view.status.value) and "met" in words(view.status.value)
    view.form.target.slider.value = 40
    assert "▲" in view.status.value and "0 would have met this goal" in view.status.value
    assert "chance" not in view.status.value


def test_a_month_to_come_says_what_the_goal_asks_for_and_how_likely_it_is(exports: Exports) -> None:
    view = studio(exports, kpi="leads", month=NEXT, target=35)
    said = words(view.status.value)
    assert "March 2026: no data yet." in said
    assert "February 2026 gave 28; the goal is 35 (+25%)." in said
    chance = view._outlook().chance(35, NEXT)
    assert 0 <= chance <= 1 and f"March 2026: chance {'< 1%' if chance < 0.01 else f'{chance:.0%}'}" in said


def test_a_month_under_way_says_its_chance_and_what_a_day_needs(tmp_path: Path) -> None:
    exports = daily_exports(tmp_path, "2025-01-01", "2026-02-10")
    done = leads_between("2026-02-01", "2026-02-10")
    view = studio(exports, kpi="leads", target=done + 36)
    said = words(view.status.value)
    assert f"February 2026, first 10 days: {done}, the plan for these days is" in said
    assert "the 18 days left need 2 a day" in said
    landing = leads_between("2026-02-01", "2026-02-28")
    chances = {}
    for target in (done, landing - 10, landing + 10):
        view.form.target.number.value = target
        found = re.search(r"February 2026: chance ([<>] )?(\d+)%", words(view.status.value))
        assert found
        chances[target] = int(found.group(2))
    assert chances[done] >= 99 and chances[landing - 10] > 80 and chances[landing + 10] < 20


def test_the_smart_line_has_its_five_letters_and_follows(exports: Exports) -> None:
    view = studio(exports, kpi="leads", month=NEXT, target=29)
    letters = re.findall(r"<li><b>(\w)</b>", view.smart.value)
    assert letters == list("SMART")
    assert "10.0 times" not in words(view.smart.value)
    view.form.target.number.value = 280
    achievable = re.findall(r"<li><b>A</b>.*?</li>", view.smart.value)[0]
    assert "10.0 times" in achievable and "chance" in achievable.lower()
    relevant = re.findall(r"<li><b>R</b>.*?</li>", view.smart.value)[0]
    view.form.final.value = "sales"
    assert "no final goal is named" in relevant
    assert "no final goal is named" not in view.smart.value and "sales" in view.smart.value


def test_naming_the_final_goal_last_keeps_the_goal_in_hand(exports: Exports) -> None:
    view = studio(exports, kpi="leads", **ALL_TOGETHER, target=480, owner="sales", final="turnover")
    goal = view.form.goal()
    assert (goal.kpi, goal.target, goal.deadline, goal.counts) == ("leads", 480, YEAR_ON, "total")
    assert (goal.owner, goal.final_goal) == ("sales", "turnover")
    view.form.final.value = "loyalty"  # leads do not serve it: another KPI, another goal
    assert view.form.kpi.value in FINAL_GOALS["loyalty"].kpis or view.form.kpi.value == "leads"


def test_goals_that_cannot_hold_together_are_said_while_the_slider_moves(exports: Exports) -> None:
    write_goals(exports, "leads,company,30,,2026-03-01,2026-03-31,marketing")
    view = studio(exports, kpi="qualified_leads", month=NEXT, target=24)
    assert "cannot hold together" not in view.conflicts.value
    view.form.target.number.value = 33
    said = words(view.conflicts.value)
    assert "These goals cannot hold together" in said and "110%" in said  # 33 of 30
    view.form.month.value = pd.Timestamp("2026-04-01")  # no goal is saved for April
    view.form.target.number.value = 33
    assert "cannot hold together" not in view.conflicts.value


def test_a_goal_just_saved_counts_among_the_others(exports: Exports) -> None:
    view = studio(exports, kpi="leads", month=NEXT, target=30)
    view.save.click()
    view.form.kpi.value = "qualified_leads"
    view.form.target.number.value = 33
    assert "110%" in words(view.conflicts.value)


def test_the_goal_is_counted_back_to_leads_and_budget(exports: Exports) -> None:
    view = studio(exports, kpi="qualified_leads", month=NEXT, target=160)
    rate, cost = view.backward.boxes
    rate.value, cost.value = 80, 50
    said = words(view.backward.words.value)
    assert "Leads 200" in said and "Ad spend ₽10,000" in said  # 160 / 0.8 = 200, at 50 each
    rate.value = 40
    assert "Leads 400" in words(view.backward.words.value)
    rate.value = 1000  # no rate is above 100 %
    assert "Leads 160" in words(view.backward.words.value)
    rate.value = 0
    assert "Traceback" not in view.backward.words.value and "inf" not in view.backward.words.value


# The picture


def test_the_picture_follows_inside_the_paper_and_is_drawn_anew_outside(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = studio(exports, kpi="leads", month=NEXT, target=30)
    drawn: list[str] = []
    show = LiveChart.show

    def noted(chart: LiveChart, ax: Axes, alt: str) -> None:
        drawn.append(alt)
        show(chart, ax, alt)

    monkeypatch.setattr(LiveChart, "show", noted)
    seen = {view.picture.widget.value}
    for place, target in enumerate((27, 28, 29), 2):
        view.form.target.slider.value = target
        seen.add(view.picture.widget.value)
        assert len(seen) == place and drawn == []
    view.form.target.number.value = 90
    assert len(drawn) == 1 and "the goal 90" in drawn[0]
    assert view.picture.widget.value not in seen


def test_the_still_view_holds_what_stands_now(exports: Exports) -> None:
    view = studio(exports, kpi="leads", **ALL_TOGETHER, target=450)
    view.save.click()
    bundle = view._repr_mimebundle_()
    still = bundle[STILL_TYPE]
    assert {WIDGET_TYPE, STILL_TYPE, "text/plain"} <= set(bundle)
    assert re.search(r'<img alt="[^"]*the goal 450[^"]*"', still) and "data:image/png;base64," in still
    assert re.findall(r"<li><b>(\w)</b>", still) == list("SMART")
    assert "The goal by month" in still and "Goals saved for March 2026" in still
    assert "<script" not in still


def test_a_chart_that_has_followed_is_still_drawn_whole(exports: Exports) -> None:
    moved, fresh = (studio(exports, kpi="leads", month=NEXT, target=target) for target in (27, 29))
    moved.form.target.slider.value = 29
    assert moved.picture.still() == fresh.picture.still()


# Hostile and thin data


def test_names_from_files_are_escaped(exports: Exports) -> None:
    leads = exports.tables["leads"]
    exports.tables["leads"] = leads.assign(channel=leads["channel"].replace("email", HOSTILE))
    view = studio(exports, kpi="leads", scope=HOSTILE, **ALL_TOGETHER, target=60)
    view.save.click()
    pieces = (view.status, view.picture.widget, view.smart, view.months, view.conflicts, view.said, view.table,
              view.backward.words)  # fmt: skip
    shown = "".join(piece.value for piece in pieces) + view.still()
    assert "&lt;img src=x" in shown and HOSTILE not in shown
    assert sum(read_months(exports).values()) == 60


@pytest.mark.parametrize(
    ("first", "expected"),
    [("2025-12-01", "No forecast: it takes 4 months at least."), ("2025-06-01", "under 13 months no season")],
)
def test_a_short_history_is_said(tmp_path: Path, first: str, expected: str) -> None:
    exports = daily_exports(tmp_path, first, "2026-02-28")
    view = studio(exports, kpi="leads", month=NEXT, target=50)
    said = words(view.status.value)
    assert expected in said
    assert not re.search(r"\b(nan|inf)\b", words(view.still()))
    view.form.deadline.value, view.form.counts.value = YEAR_ON, "total"
    view.form.target.number.value = 605
    assert "Last year's months are not known: the total is broken down equally." in words(view.months.value)
    view.save.click()
    months = read_months(exports)
    assert sum(months.values()) == 605 and set(months.values()) == {50, 51}


def test_what_cannot_be_broken_down_is_said_and_not_saved(exports: Exports) -> None:
    leads = exports.tables["leads"]
    exports.tables["leads"] = leads[leads["channel"] != "vk_ads"].reset_index(drop=True)
    view = studio(exports, kpi="leads", scope="vk_ads", **ALL_TOGETHER, target=120, profile="growth")
    reason = words(view.months.value)
    assert "growth" in reason.lower()
    view.save.click()
    assert "Not saved" in view.said.value and not (exports.folder / "goals.csv").exists()
    assert not re.search(r"\b(nan|inf)\b", words(view.still()))
    view.form.profile.value = "equal"
    view.form.target.number.value = 120
    view.save.click()
    assert set(read_months(exports).values()) == {10}


def test_a_kpi_without_any_month_can_still_be_looked_at(exports: Exports) -> None:
    leads = exports.tables["leads"]
    exports.tables["leads"] = leads[leads["channel"] != "email"].reset_index(drop=True)
    write_goals(exports, "leads,email,12,,2026-03-01,2026-03-31,marketing")
    view = studio(exports, kpi="leads", month=NEXT)
    assert "email" not in [scope for _name, scope in view.form.scope.options]
    assert "E-mail" in words(view.table.value)
    view = studio(daily_exports(exports.folder, "2026-02-01", "2026-02-10"), kpi="cpl", target=60)  # no whole month
    assert not re.search(r"\b(nan|inf)\b", words(view.still()))


# Russian


def test_the_studio_speaks_russian_and_goes_on_doing_so(exports: Exports) -> None:
    use_language("ru")
    view = studio(exports, kpi="leads", **ALL_TOGETHER, target=450, final="sales")
    use_language("en")
    view.form.target.slider.value = 300
    assert language() == "ru"
    view.save.click()
    shown = words(view.still())
    assert "Лиды" in shown and "Сохранённые цели" in shown and "вероятность" in shown
    rest = re.sub(r"SMART|KPI|CPL|VK Ads|goals\.csv|Q[1-4]|http\S+|\b[SMART]\b", "", shown)
    assert not re.search(r"[A-Za-z]{3,}", rest), re.findall(r"[A-Za-z]{3,}", rest)
    descriptions = [control.description for row in view.form.rows for control in row.children]
    assert all(CYRILLIC.search(description) or description == "KPI" for description in descriptions)
    assert "Сохранено" in words(view.said.value)
