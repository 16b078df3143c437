"""`kpi goals check`: goals with their letters, what is doubtful below them, what is refused on the error side."""

import json
import re
from pathlib import Path

import pytest

from tests.commands import Kpi
from tests.folders import copy_files

SAMPLE = Path(__file__).parents[1] / "data" / "sample" / "northlight"
GOALS = """\
kpi,final_goal,target,counts,start,deadline,owner
leads,turnover,60,each_month,2026-11-01,2027-01-31,marketing
revenue,turnover,90000,each_month,2026-11-01,2027-01-31,marketing
leads,,40,,2026-01-01,2026-01-31,marketing
"""


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company with leads alone."""
    home = copy_files(SAMPLE, tmp_path_factory.mktemp("goals") / "acme", ["company.toml", "hubspot_deals.csv"])
    (home / "goals.csv").write_text(GOALS, encoding="utf-8")
    return home


def test_goals_of_a_folder_are_held_against_its_exports(kpi: Kpi, company: Path) -> None:
    code, out, err = kpi("goals", "check", company)
    assert (code, err) == (0, "")
    lines = out.splitlines()
    assert lines[0].split() == ["Goal", "S", "M", "A", "R", "T"]
    leads, revenue = lines[1], lines[2]
    assert leads.startswith("Leads, the company: 60 in each month") and leads.split()[-5:-3] == ["●", "●"]
    assert revenue.startswith("Revenue") and revenue.split()[-5:] == ["●", "▲", "?", "▲", "●"]
    assert "  M ▲ Revenue cannot be measured: no export: orders. Add the list of orders from the shop" in out
    assert "  R ▲ Revenue is a result of many and no lever of marketing. What marketing moves: leads" in out
    assert lines[-1] == "1 goal is over and is not shown."


def test_without_exports_it_says_what_only_they_can_say(kpi: Kpi, tmp_path: Path) -> None:
    (tmp_path / "mine.csv").write_text(GOALS, encoding="utf-8")
    code, out, _err = kpi("goals", "check", tmp_path / "mine.csv")
    assert code == 0
    assert "There are no exports at hand to measure it by. Name the folder of the exports: --data DIR." in out


def test_the_exports_can_be_named(kpi: Kpi, company: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.yml").write_text(
        "- {kpi: leads, target: +20 %, baseline_period: 2025-10, start: 2026-11-01, deadline: 2026-11-30}\n"
    )
    code, out, _err = kpi("goals", "check", tmp_path / "mine.yml", "--data", company)
    assert code == 0
    assert "Leads, the company: 64" in out  # 53 in October 2025, and a fifth more: 63.6


def test_what_is_refused_is_named_line_by_line_and_the_others_are_checked(kpi: Kpi, tmp_path: Path) -> None:
    path = tmp_path / "goals.csv"
    path.write_text("kpi,target,baseline\nleads,60,\ncpll,5,\nctr,+5 %,10 %\n", encoding="utf-8")
    code, out, err = kpi("goals", "check", path)
    assert code == 1
    assert "Leads, the company: 60" in out
    assert err.splitlines() == [
        "kpi: goals.csv, line 3: there is no KPI 'cpll'. Did you mean cpl, cpql?",
        "kpi: goals.csv, line 4: the baseline 10.0% and +5 %: 10.5% or 15.0%? "
        "Write relative (10.5%) or points (15.0%) into the column change.",
    ]  # fmt: skip


def test_json_holds_every_goal_with_its_checks(kpi: Kpi, company: Path) -> None:
    code, out, _err = kpi("goals", "check", company, "--json")
    found = json.loads(out)
    assert code == 0 and found["errors"] == [] and len(found["goals"]) == 3
    first = found["goals"][0]
    assert (first["kpi"], first["target"], first["deadline"], first["baseline"]) == ("leads", 60, "2027-01-31", None)
    assert [check["letter"] for check in first["checks"]] == list("SMART")
    assert {check["verdict"] for check in first["checks"]} <= {"yes", "no", "unsure"}


@pytest.mark.parametrize(("name", "words"), [
    ("nowhere", "there is no folder"), ("empty", "there is no goals file in .*empty. Write one: kpi new"),
])  # fmt: skip
def test_where_there_is_no_file_it_says_so(kpi: Kpi, tmp_path: Path, name: str, words: str) -> None:
    (tmp_path / "empty").mkdir()
    code, _out, err = kpi("goals", "check", tmp_path / name)
    assert code == 1 and re.search(words, err) and len(err.splitlines()) == 1


def test_hostile_goals_cannot_steer_the_terminal(kpi: Kpi, tmp_path: Path) -> None:
    (tmp_path / "g.csv").write_text("kpi,scope,final_goal,target\nleads,\x1b[2J=1+1,<b>\u202ex</b>,60\n\x1b[31m,,,1\n")
    code, out, err = kpi("goals", "check", tmp_path / "g.csv")
    assert code == 1 and "\x1b" not in out + err and "\u202e" not in out + err


def test_a_report_of_a_company_with_several_wrong_goals_names_them_all(kpi: Kpi, company: Path, tmp_path: Path) -> None:
    home = copy_files(company, tmp_path / "wrong", ["company.toml", "hubspot_deals.csv"])
    (home / "goals.csv").write_text("kpi,target\ncpll,5\nleads,x\n", encoding="utf-8")
    code, out, _err = kpi("check", home)
    assert code == 1
    assert "goals.csv, line 2: there is no KPI" in out and "goals.csv, line 3: target = 'x'" in out
