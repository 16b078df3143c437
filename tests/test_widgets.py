"""The views to explore and to set goals, driven without a browser: what they show, what they save."""

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import nbformat
import pandas as pd
import pytest

from kpi_helpers.catalogue import KPIS
from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports
from kpi_helpers.history import COMPANY, NOT_ADDED, History
from kpi_helpers.language import language, use_language
from kpi_helpers.monthly import read_goals
from kpi_helpers.widgets import GoalSetter, explore_channels, set_goals
from kpi_helpers.widgets.goal_rows import Goal, place_goal
from kpi_helpers.widgets.target import slider_range
from kpi_helpers.widgets.view import STILL_TYPE, Picture
from tests.frames import ZONE, table

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
HOSTILE = "<img src=x onerror=alert(1)>"
MONTHS = pd.date_range("2025-01-01", "2026-02-01", freq="MS")


@pytest.fixture(autouse=True)
def english() -> Any:
    use_language("en")
    yield
    use_language("en")


def made_exports(folder: Path, last: str = "2026-02-28") -> Exports:
    """Two paid channels and e-mail: in month n (from 1) Direct spends 100 n for 10 leads, VK 300 for n leads; e-mail
    brings 4. Three of four leads are qualified. The last month may end early."""
    ads, leads = [], []
    for n, month in enumerate(MONTHS, 1):
        ads += [(month, "yandex_direct", 100.0 * n), (month, "vk_ads", 300.0)]
        for channel, count in (("yandex_direct", 10), ("vk_ads", n), ("email", 4)):
            leads += [(month + pd.Timedelta(hours=10), channel, place % 4 > 0) for place in range(count)]
    end = pd.Timestamp(last)
    ads.append((end, "yandex_direct", 0.0))
    dates, channels, spend = zip(*ads, strict=True)
    created, lead_channels, qualified = zip(*leads, strict=True)
    tables = {
        "ads": table("ads", date=list(dates), channel=list(channels), spend=list(spend)),
        "leads": table("leads", lead_id=[str(n) for n in range(len(leads))], created_at=list(created),
                       channel=list(lead_channels), qualified=list(qualified)),
        "audience": table("audience", start=list(MONTHS), end=list(MONTHS + pd.offsets.MonthEnd()),
                          visitors=[500.0] * len(MONTHS)),
    }  # fmt: skip
    reading: Any = SimpleNamespace(table="ads", start=MONTHS[0].date(), end=end.date())
    files: Any = (SimpleNamespace(file="ads.csv", tables=(reading,)),)
    return Exports(folder, Company(name="Test", currency="RUB", timezone=ZONE), "RUB", tables, files)


@pytest.fixture
def exports(tmp_path: Path) -> Exports:
    return made_exports(tmp_path)


def setter(exports: Exports, **choices: Any) -> GoalSetter:
    view = set_goals(exports)
    for name, value in choices.items():
        getattr(view, name).value = value
    return view


def goals_file(exports: Exports, *lines: str) -> Path:
    path = exports.folder / "goals.csv"
    path.write_text("\n".join(("kpi,scope,baseline,target,start,deadline,owner,weight", *lines, "")), encoding="utf-8")
    return path


# What is computed


def test_a_period_is_summed_before_it_is_divided(exports: Exports) -> None:
    rows = History(exports).over("cpl", MONTHS[0], MONTHS[2]).set_index("scope")
    assert rows.at["yandex_direct", "value"] == (100 + 200 + 300) / 30
    assert rows.at["vk_ads", "value"] == 900 / (1 + 2 + 3)  # the mean of the ratios would be 183
    assert rows.at[COMPANY, "value"] == (600 + 900) / (30 + 6 + 12)
    assert pd.isna(rows.at["email", "value"])


def test_only_months_are_summed_in_which_all_is_known(exports: Exports) -> None:
    leads = exports.tables["leads"]
    exports.tables["leads"] = leads[leads["created_at"] >= pd.Timestamp("2025-02-01", tz=ZONE)].reset_index(drop=True)
    rows = History(exports).over("cpl", MONTHS[0], MONTHS[2]).set_index("scope")
    assert rows.at["yandex_direct", "value"] == (200 + 300) / 20
    assert rows.at["yandex_direct", "months"] == 2
    view = explore_channels(exports)
    view.months.index = (0, 2)
    assert "Months of 3" in view.table.value


def test_visitors_are_not_added_over_months(exports: Exports) -> None:
    history = History(exports)
    two, one = (history.over("visitors", MONTHS[0], MONTHS[last]).set_index("scope") for last in (1, 0))
    assert pd.isna(two.at[COMPANY, "value"]) and two.at[COMPANY, "reason"] == NOT_ADDED
    assert one.at[COMPANY, "value"] == 500


def test_kpis_without_any_value_are_not_offered(exports: Exports) -> None:
    keys = History(exports).keys()
    assert {"cpl", "leads", "visitors", "qualification_rate"} <= set(keys)
    assert not {"nps", "revenue", "ctr"} & set(keys)


# The explorer


def test_the_explorer_compares_and_follows(exports: Exports) -> None:
    view = explore_channels(exports)
    assert [words for words, _key in view.kpi.options if _key == "cpl"] == ["Cost per lead (CPL) · marketing"]
    view.months.index = (0, 2)
    assert all(words in view.table.value for words in ("Yandex Direct", "VK Ads", "20.00", "150"))
    compared = view.picture.widget.value
    view.scope.value = "vk_ads"
    assert view.picture.widget.value != compared
    assert "March 2025" in view.table.value and "April 2025" not in view.table.value


def test_another_kpi_keeps_the_channel_where_it_has_one_and_is_drawn_once(
    exports: Exports, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = explore_channels(exports)
    view.kpi.value = "leads"
    view.scope.value = "email"
    drawn: list[str] = []
    monkeypatch.setattr(Picture, "show", lambda _self, _ax, alt: drawn.append(alt))
    view.kpi.value = "qualified_leads"
    assert view.scope.value == "email"
    view.kpi.value = "cpl"  # nothing is spent on e-mail
    assert view.scope.value == "*"
    assert len(drawn) == 2


def test_overlapping_intervals_are_not_ranked(exports: Exports) -> None:
    view = explore_channels(exports)
    view.kpi.value = "qualification_rate"
    assert "within noise" in view.still()


def test_answers_come_in_the_language_of_the_view(exports: Exports) -> None:
    use_language("ru")
    view = explore_channels(exports)
    use_language("en")
    view.kpi.value = "leads"
    assert language() == "ru"
    assert "<th" in view.table.value and "Канал" in view.table.value


def test_names_from_files_are_escaped(exports: Exports) -> None:
    leads = exports.tables["leads"]
    exports.tables["leads"] = leads.assign(channel=leads["channel"].replace("email", HOSTILE))
    view = explore_channels(exports)
    view.kpi.value = "leads"
    assert "&lt;img src=x" in view.table.value
    assert HOSTILE not in view.table.value + view.still()


@pytest.mark.parametrize("open_view", [explore_channels, set_goals])
def test_a_view_leaves_a_still_picture(exports: Exports, open_view: Any) -> None:
    bundle = open_view(exports)._repr_mimebundle_()
    assert {WIDGET_TYPE, STILL_TYPE, "text/plain"} <= set(bundle)
    assert 'alt="' in bundle[STILL_TYPE] and "data:image/png;base64," in bundle[STILL_TYPE]
    assert "<script" not in bundle[STILL_TYPE]


# Goals


def test_what_is_saved_is_what_the_report_reads(exports: Exports) -> None:
    view = setter(exports, kpi="leads", scope="vk_ads", month=MONTHS[-2])
    view.deadline.value = pd.Timestamp("2026-03-31").date()
    view.owner.value = "sales"
    view.target.slider.value = 25
    view.save.click()
    (goal,) = read_goals(exports).to_dict("records")
    assert (goal["kpi"], goal["scope"], goal["target"], goal["owner"]) == ("leads", "vk_ads", 25, "sales")
    assert (str(goal["start"]), str(goal["deadline"])) == ("2026-01-01", "2026-03-31")
    assert goal["baseline"] == 12  # the December before
    assert "Saved" in view.said.value and "goals.csv" in view.said.value
    assert "VK Ads" in view.table.value


def test_eighty_on_the_slider_is_a_fraction_in_the_file(exports: Exports) -> None:
    view = setter(exports, kpi="qualification_rate")
    assert view.target.slider.description == "Target, %"
    view.target.slider.value = 80
    view.save.click()
    lines = (exports.folder / "goals.csv").read_text(encoding="utf-8").splitlines()
    assert dict(zip(lines[0].split(","), lines[1].split(","), strict=True))["target"] == "0.8"


def test_other_goals_stay_as_they_are_written(exports: Exports) -> None:
    others = ["cpl,company,,90,,,,0.3", "leads,email,,5,2026-02-01,2026-02-28,,", "csat,company,,80 %,,,,"]
    path = goals_file(exports, *others, "leads,company,20,30,2026-02-01,2026-02-28,marketing,0.5")
    view = setter(exports, kpi="leads")
    assert view.target.value == 30
    view.target.number.value = 31
    view.save.click()
    saved = path.read_text(encoding="utf-8").splitlines()
    assert saved[1:] == [*others, "leads,company,20,31,2026-02-01,2026-02-28,marketing,0.5"]


def test_comments_in_the_goals_file_are_kept(exports: Exports) -> None:
    path = exports.folder / "goals.csv"
    path.write_text("kpi,target,agreed with\ncpl,90,the board\n", encoding="utf-8")
    setter(exports, kpi="leads").save.click()
    assert "the board" in path.read_text(encoding="utf-8")


def test_a_goal_for_some_months_leaves_the_others_theirs() -> None:
    year = {"kpi": "leads", "scope": "company", "target": "30", "start": "2026-01-01", "deadline": "2026-12-31"}
    goal = Goal("leads", "company", 40, pd.Timestamp("2026-03-01").date(), pd.Timestamp("2026-04-30").date(), "sales")
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
    goals_file(exports, "cpll,company,,90,,,,")
    with pytest.raises(KitError, match="line 2: .*Did you mean"):
        set_goals(exports)


def test_moving_the_target_moves_the_status_and_the_picture(exports: Exports) -> None:
    view = setter(exports, kpi="leads")
    assert view.target.value == 28
    words, picture = view.status.value, view.picture.widget.value
    assert "met" in words
    view.target.slider.value = 40
    assert view.target.number.value == 40
    assert "▲" in view.status.value and "0 would have met this goal" in view.status.value
    assert view.picture.widget.value != picture


def test_a_typed_target_may_lie_beyond_the_slider(exports: Exports) -> None:
    view = setter(exports, kpi="leads")
    view.target.number.value = 1000
    assert view.target.value == view.target.slider.value == view.target.slider.max == 1000


@pytest.mark.parametrize("typed", [28.5, 0.3, 41])
def test_a_typed_target_lies_on_a_step_of_the_slider(exports: Exports, typed: float) -> None:
    view = setter(exports, kpi="leads")  # else the page would round it, and the rounded one would be saved
    view.target.number.value = typed
    slider = view.target.slider
    assert ((slider.value - slider.min) / slider.step) % 1 == pytest.approx(0, abs=1e-6)
    assert slider.min <= slider.value == view.target.value == typed


def test_an_unfinished_month_is_held_against_its_days(tmp_path: Path) -> None:
    view = setter(made_exports(tmp_path, last="2026-02-10"), kpi="leads")
    view.target.number.value = 56
    assert "first 10 days: 28, the plan for these days is 20 of 56" in view.status.value
    assert "the 18 days left need 1.6 a day; so far it was 2.8" in view.status.value


def test_a_month_to_come_says_what_the_goal_asks_for(exports: Exports) -> None:
    view = setter(exports, kpi="leads", month=pd.Timestamp("2026-03-01"))
    view.target.number.value = 35
    assert "March 2026: no data yet." in view.status.value
    assert "February 2026 gave 28; the goal is 35 (+25%)." in view.status.value


@pytest.mark.parametrize(
    ("key", "values", "expected"),
    [("leads", [20, 30], (5, 45, 1)), ("qualification_rate", [70, 95], (22.5, 100, 0.5)), ("leads", [0], (0, 1, 1))],
)
def test_the_slider_reaches_around_what_was_reached(key: str, values: list[float], expected: Any) -> None:
    assert slider_range(values, KPIS[key]) == expected


# The notebooks


@pytest.mark.slow
@pytest.mark.parametrize("name", ["channels", "set_goals"])
def test_the_notebooks_run_and_show_a_still_picture(root: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(root), os.environ.get("PYTHONPATH", ""))))
    path = root / "notebooks" / "explore" / f"{name}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells), "outputs are not committed"
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    shown = [output for output in data if WIDGET_TYPE in output]
    assert len(shown) == 1
    assert [output for output in shown if STILL_TYPE not in output] == []
