"""The start page without a browser: what is kept of a drop, what is said of a folder, how the report is made."""

import re
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any
from unittest.mock import Mock

import nbformat
import pytest

from kpi_helpers.catalogue import KPIS
from kpi_helpers.checkup import check_folder, next_step
from kpi_helpers.company import read_company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import list_files, read_exports
from kpi_helpers.language import language, use_language
from kpi_helpers.reports import render_report
from kpi_helpers.widgets import start, start_inbox
from kpi_helpers.widgets.start import OTHER, StartPage, open_start
from kpi_helpers.widgets.start_drop import DropZone
from kpi_helpers.widgets.start_folders import list_folders
from kpi_helpers.widgets.start_inbox import Inbox, Kept
from kpi_helpers.widgets.start_links import NOTHING_RUNS, ReportLinks
from kpi_helpers.widgets.start_words import files_words, kpi_words
from tests.folders import copy_files
from tools.msgids import english_notebooks

WIDGET_TYPE = "application/vnd.jupyter.widget-view+json"
HOSTILE = "<img src=x onerror=alert(1)>"
COSTS = "month,kind,channel,amount\n2026-09-01,salaries,,1000\n2026-10-01,salaries,,1200\n"


@pytest.fixture
def company(tmp_path: Path, sample_dir: Path) -> Path:
    """Two exports of the sample company that is paid in dollars."""
    return copy_files(sample_dir / "northlight", tmp_path / "acme", ["company.toml", "costs.csv", "meta_ads.csv"])


@pytest.fixture
def page(tmp_path: Path) -> StartPage:
    return open_start(inbox=tmp_path / "inbox", reports=tmp_path / "reports")


def inbox(folder: Path, **settings: str) -> Inbox:
    return Inbox(folder, **{"name": "Acme", "lang": "en", **settings})


def put(box: Inbox, name: str, data: bytes) -> Kept:
    box.begin(name, len(data))
    for place in range(0, len(data), 4):
        box.add(data[place : place + 4])
    return box.finish(len(data))


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def drop(zone: DropZone, *files: tuple[str, bytes], answers: list[Any] | None = None) -> None:
    """The messages of the page for one drop."""
    zone.send = lambda message: answers.append(message) if answers is not None else None
    for place, (name, data) in enumerate(files):
        zone._answer(zone, {"kind": "file", "name": name, "size": len(data), "id": f"{place}a"}, [])
        zone._answer(zone, {"kind": "part", "id": f"{place}b"}, [memoryview(data)])
        zone._answer(zone, {"kind": "end", "size": len(data), "id": f"{place}c"}, [])
    zone._answer(zone, {"kind": "done"}, [])


# What is kept of a drop


def test_a_dropped_file_is_kept_byte_by_byte_in_a_company_of_its_own(tmp_path: Path) -> None:
    home = tmp_path / "Acme"
    assert put(inbox(home, currency="usd", lang="ru"), "ads.csv", b"a,b\r\n1,2") == Kept("ads.csv", "kept")
    assert (home / "exports" / "ads.csv").read_bytes() == b"a,b\r\n1,2"
    settings = read_company(home)
    assert (settings.name, settings.currency, settings.language) == ("Acme", "USD", "ru")


def test_files_of_one_drop_stand_beside_each_other(tmp_path: Path) -> None:
    box = inbox(tmp_path / "Acme")
    outcomes = [put(box, "ads.csv", data) for data in (b"one", b"one", b"other", b"other", b"third")]
    assert [kept.outcome for kept in outcomes] == ["kept", "same", "beside", "same", "beside"]
    assert [bool(kept.said) for kept in outcomes] == [False, True, True, True, True]
    exports = tmp_path / "Acme" / "exports"
    assert names(exports) == ["ads (2).csv", "ads (3).csv", "ads.csv"]
    assert (exports / "ads.csv").read_bytes() == b"one"


ADS = "Дата;Кампания;Показы;Клики;Расход\n"


def test_a_mended_file_takes_the_place_of_the_broken_one(tmp_path: Path) -> None:
    home = tmp_path / "Acme"
    broken, mended = (f"{ADS}01.10.2026;A;100;{clicks};5\n02.10.2026;A;1;1;1\n".encode() for clicks in ("1O", "10"))
    put(inbox(home), "ads.csv", broken)
    assert read_exports(home).files[0].tables[0].problems
    kept = put(inbox(home), "ads.csv", mended)
    assert (kept.name, kept.outcome) == ("ads.csv", "replaced") and "older file" in kept.said
    (reading,) = read_exports(home).files
    assert reading.file == "exports/ads.csv" and not reading.tables[0].problems and reading.tables[0].used == 2
    assert (home / "__replaced" / "ads.csv").read_bytes() == broken
    put(inbox(home), "ads.csv", mended + b"03.10.2026;A;1;1;1\n")
    assert names(home / "__replaced") == ["ads (2).csv", "ads.csv"] and names(home / "exports") == ["ads.csv"]


@pytest.mark.parametrize("other", [f"{ADS}01.11.2026;A;100;10;5\n", COSTS, "no,export\nat,all\n"])
def test_what_a_file_alone_says_keeps_its_place(tmp_path: Path, other: str) -> None:
    home = tmp_path / "Acme"
    first = f"{ADS}01.10.2026;A;100;10;5\n".encode()
    put(inbox(home), "report.csv", first)
    assert put(inbox(home), "report.csv", other.encode()).outcome == "beside"
    assert names(home / "exports") == ["report (2).csv", "report.csv"]
    assert (home / "exports" / "report.csv").read_bytes() == first


def test_a_period_that_the_name_states_is_known_before_a_file_is_replaced(tmp_path: Path) -> None:
    name, home = "ads 2026-10-01 2026-10-31.csv", tmp_path / "Acme"
    table = ADS.removeprefix("Дата;")
    put(inbox(home), name, f"{table}A;1OO;10;5\nB;1;1;1\n".encode())
    assert put(inbox(home), name, f"{table}A;100;10;5\nB;1;1;1\n".encode()).outcome == "replaced"


def test_an_export_called_campaigns_is_kept_and_the_company_s_own_table_of_that_name_stays(tmp_path: Path) -> None:
    home, export = tmp_path / "Acme", f"{ADS}01.10.2026;A;100;10;5\n".encode()
    assert put(inbox(home), "campaigns.csv", export) == Kept("campaigns.csv", "kept")
    tags = (home / "campaigns.csv").read_bytes()
    with pytest.raises(KitError, match="is no export and was not kept"):
        put(inbox(home), "Campaigns.csv", tags)
    assert names(home / "exports") == ["campaigns.csv"]
    (home / "exports" / "campaigns.csv").unlink()
    (home / "exports").rmdir()
    assert put(inbox(home), "campaigns.csv", export).name == "campaigns (2).csv"
    assert (home / "campaigns.csv").read_bytes() == tags


@pytest.mark.parametrize(
    "name", [".DS_Store", "~$ads.xlsx", "._ads.csv", "__x.csv", ".hidden.csv", "dir/Thumbs.db", "desktop.ini", ".."]
)
def test_what_is_not_read_is_not_kept(tmp_path: Path, name: str) -> None:
    with pytest.raises(KitError, match="hidden file"):
        inbox(tmp_path / "Acme").begin(name, 1)
    assert not (tmp_path / "Acme").exists()
    place = tmp_path / "read" / name.rpartition("/")[2]
    place.parent.mkdir()
    if name != "..":
        place.write_bytes(b"")
        assert list_files(place.parent) == []


def test_names_that_make_one_folder_name_are_different_companies(page: StartPage) -> None:
    places: list[str] = []
    for name in ("Acme & Co", "Acme, Co.", "Acme Co", "Acme, Co.", "acme  & co"):
        page.name.value = name
        drop(page.zone, (f"{len(places)}.csv", COSTS.replace("1000", f"{len(places)}000").encode()))
        assert page.zone.inbox
        places.append(page.zone.inbox.home.name)
    assert places == ["Acme_Co", "Acme_Co_2", "Acme_Co_3", "Acme_Co_2", "Acme_Co"]
    assert names(page._inbox / "Acme_Co_2" / "exports") == ["1.csv", "3.csv"]


def test_a_folder_that_is_there_is_taken_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "ads.csv").write_bytes(b"mine")
    assert put(inbox(tmp_path), "more.csv", b"x").outcome == "kept"
    assert names(tmp_path) == ["ads.csv", "more.csv"]


@pytest.mark.parametrize(
    "name",
    ["../../evil.csv", "..\\..\\evil.csv", "/etc/passwd", "C:\\ads.csv", "", "CON.csv",
     "a\x00b\n.csv", "x" * 300 + ".csv", "я" * 300 + ".csv", "\u202evsc.exe", HOSTILE + ".csv",
     "a:b?.csv"],
)  # fmt: skip
def test_no_name_leaves_the_folder_or_is_passed_over(tmp_path: Path, name: str) -> None:
    put(inbox(tmp_path / "home" / "Acme"), name, b"data")
    (kept,) = [path for path in tmp_path.rglob("*") if path.is_file() and path.read_bytes() == b"data"]
    assert kept.parent == tmp_path / "home" / "Acme" / "exports"
    assert not kept.name.startswith((".", "~$", "__")) and not re.search(r'[\x00-\x1f\u202e<>:"|?*\\]', kept.name)
    assert len(kept.name.encode()) <= 255 and not kept.name.lower().startswith("con.")


@pytest.mark.parametrize("name", ["company.toml", "Goals.csv", "channels.csv", "README.md"])
def test_settings_are_not_taken_for_exports(tmp_path: Path, name: str) -> None:
    with pytest.raises(KitError, match=f"{name}: is no export"):
        inbox(tmp_path / "Acme").begin(name, 1)
    assert not (tmp_path / "Acme").exists()


def test_what_is_too_large_or_incomplete_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    box = inbox(tmp_path)
    with pytest.raises(KitError, match="1024 MB"):
        box.begin("ads.csv", (1 << 30) + 1)
    monkeypatch.setattr(start_inbox, "MOST_BYTES", 5)
    box.begin("ads.csv", 4)
    box.add(b"1234")
    with pytest.raises(KitError, match="larger than"):  # the page said less than it sent
        box.add(b"56")
    box.begin("ads.csv", 4)
    box.add(b"12")
    with pytest.raises(KitError, match="did not arrive whole"):
        box.finish(4)
    box.give_up()
    assert names(tmp_path / "exports") == []


def test_a_small_file_comes_in_one_message(tmp_path: Path) -> None:
    zone, answers = DropZone(lambda: inbox(tmp_path / "Acme")), []
    zone.send = answers.append
    zone._answer(zone, {"kind": "whole", "name": "a.csv", "size": 3, "id": "1"}, [memoryview(b"a,b")])
    zone._answer(zone, {"kind": "whole", "name": "empty.csv", "size": 0, "id": "2"}, [])
    zone._answer(zone, {"kind": "whole", "name": "cut.csv", "size": 9, "id": "3"}, [memoryview(b"a,b")])
    zone._answer(zone, {"kind": "done"}, [])
    assert [kept.outcome for kept in zone.kept] == ["kept", "kept", "refused"] and len(answers) == 3
    assert names(tmp_path / "Acme" / "exports") == ["a.csv", "empty.csv"]
    zone._answer(zone, {"kind": "many", "most": 10_000}, [])
    assert "more than 10000 files" in zone.kept[0].said and zone.value == 2


def test_every_message_is_answered_once_and_the_drop_is_counted(tmp_path: Path) -> None:
    zone, answers = DropZone(lambda: inbox(tmp_path / "Acme")), []
    drop(zone, ("a.csv", b"1"), ("goals.csv", b"2"), ("b.zip", b"3"), answers=answers)
    assert [(answer["id"], answer["more"]) for answer in answers] == [
        ("0a", True), ("0b", True), ("0c", False), ("1a", False), ("1b", False), ("1c", False),
        ("2a", True), ("2b", True), ("2c", False),
    ]  # fmt: skip
    assert zone.value == 1
    assert [kept.outcome for kept in zone.kept if kept.name != "goals.csv"] == ["kept", "kept"]
    assert "goals.csv: is no export" in [kept.said for kept in zone.kept if kept.name == "goals.csv"][0]


@pytest.mark.parametrize("message", [{}, {"kind": "part"}, {"kind": "end", "size": 1}, {"kind": "file"}, {"kind": 7}])
def test_messages_out_of_turn_keep_nothing(tmp_path: Path, message: dict[str, Any]) -> None:
    zone = DropZone(lambda: inbox(tmp_path / "Acme"))
    zone._answer(zone, message, [memoryview(b"x")])
    assert not (tmp_path / "Acme").exists()


def test_a_disk_that_refuses_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    zone = DropZone(lambda: inbox(tmp_path / "file" / "Acme"))
    drop(zone, ("a.csv", b"1"))
    assert "a.csv" in zone.kept[0].said and zone.kept[0].outcome == "refused"


# The folders offered


def test_folders_with_exports_are_offered_and_reports_are_not(tmp_path: Path) -> None:
    for file in ("acme/company.toml", "data/a/company.toml", "data/a/exports/x.csv", "data/b/y.XLSX", "data/.c/z.csv",
                 "data/deep/er/z.zip", "data/none/x.py", "reports/acme/2026-10/report.json", "reports/own/k.csv",
                 "reports/acme/2026-10/monthly_report.xlsx", "kpi/x.csv"):  # fmt: skip
        (tmp_path / file).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / file).write_bytes(b"")
    offered = [folder.relative_to(tmp_path).as_posix() for folder in list_folders(tmp_path)]
    assert offered == ["acme", "data/a", "data/b", "data/deep/er", "reports/own"]


# What is said of a folder


def test_a_dropped_export_is_recognised_and_summed(page: StartPage, sample_dir: Path) -> None:
    assert [step.layout.display for step in page._steps] == ["none"] * 3
    page.name.value = "Acme & Co"
    assert "Acme_Co" in page.zone.words["hint"]
    drop(page.zone, ("meta.csv", (sample_dir / "northlight" / "meta_ads.csv").read_bytes()), ("x.csv", b"a,b\n1,2\n"))
    assert page.found and page.found.exports
    (reading,) = [file for file in page.found.exports.files if file.tables]
    spend = reading.tables[0].sums["spend"]
    assert "Meta Ads" in page.files.value and f"${spend:,.0f}" in page.files.value
    assert "1 of 2 files are used" in page.files.value
    assert "x.csv" in page.files.value and "Files that were not used" in page.files.value
    assert "2 new files" in page.said.value
    assert [step.layout.display for step in page._steps] == [None] * 3
    assert page.currency.value == "USD" and page.folder.value == str(page._home)
    drop(page.zone, ("x.csv", b"a,b\n1,2\n"))
    assert "x.csv was there already" in page.said.value and "new file" not in page.said.value


def test_a_typed_path_is_read(page: StartPage, company: Path) -> None:
    assert page.read.disabled and page.path.layout.display == "none"
    page.folder.value = OTHER
    assert page.path.layout.display is None
    page.path.value = f" {company} "
    assert not page.read.disabled
    page.read.click()
    assert "Meta Ads" in page.files.value and page.speech.value == "en"
    page.path.value = str(company / "nowhere")
    page.read.click()
    assert "there is no folder" in page.said.value


def test_reading_says_how_far_it_is(page: StartPage, company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[int, int, str]] = []
    monkeypatch.setattr(page.reading, "show", lambda *told: said.append(told))
    page._take(str(company))
    assert [told[:2] for told in said] == [(0, 2), (1, 2)]
    assert [told[2] for told in said] == ["Reading 1 of 2: costs.csv", "Reading 2 of 2: meta_ads.csv"]
    assert page.reading.widget.layout.display == "none"


def test_two_currencies_are_asked_about_and_the_answer_is_taken(page: StartPage, tmp_path: Path) -> None:
    folder = tmp_path / "mixed"
    folder.mkdir()
    for code in ("USD", "EUR"):
        head = f"Campaign name,Day,Impressions,Clicks (all),Amount spent ({code}),Reporting starts,Reporting ends\n"
        row = "spring,2026-10-01,100,10,5.00,2026-10-01,2026-10-01\n"
        (folder / f"{code}.csv").write_text(head + row, encoding="utf-8")
    page._take(str(folder))
    assert "several currencies: EUR, USD" in page.files.value and "typed above" in page.files.value
    assert [step.layout.display for step in page._steps] == [None, "none", "none"]
    page.currency.value = "eur"
    assert page.found and page.found.exports and page.found.exports.currency == "EUR"
    assert "EUR.csv" in page.files.value and [step.layout.display for step in page._steps] == [None] * 3


def test_the_currency_of_one_folder_is_not_that_of_the_next(page: StartPage, company: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "company.toml").write_text('currency = "RUB"\nlanguage = "ru"\n', encoding="utf-8")
    (other / "costs.csv").write_text(COSTS, encoding="utf-8")
    page._take(str(company))
    page._take(str(other))
    assert (page.currency.value, page.speech.value) == ("RUB", "ru")
    assert page.found and page.found.exports and not [file for file in page.found.exports.files if file.reason]


def test_problems_of_one_kind_stand_together_with_their_remedy(company: Path) -> None:
    rows = "".join(f"2026-10-{day:02},salaries,,abc\n" for day in range(1, 9))
    (company / "more_costs.csv").write_text("date,kind,channel,amount\n2026-10-09,rent,,5\n" + rows, encoding="utf-8")
    found = check_folder(company)
    said = files_words(found)
    assert found.exports
    (reading,) = [file for file in found.exports.files if file.file == "more_costs.csv"]
    problems = reading.tables[0].problems
    assert len(problems) == 8
    assert said.count('<td class="file">more_costs.csv</td>') == 1
    assert f"lines {problems[0].line}, {problems[1].line}, " in said and "and 3 more" in said
    assert problems[0].remedy in said
    assert "9 = 1 used + 8 rejected" in said


def test_a_totals_row_that_differs_is_to_be_mended(company: Path) -> None:
    text = (company / "meta_ads.csv").read_text(encoding="utf-8-sig")
    lines = text.splitlines(keepends=True)
    (company / "meta_ads.csv").write_text("".join(lines[:-5]), encoding="utf-8")
    found = check_folder(company)
    assert found.exports
    checks = [check for file in found.exports.files for table in file.tables for check in table.checks]
    assert any(not check.agrees for check in checks)
    said = files_words(found)
    assert "What to mend" in said and "the totals row says" in said and "rows may be missing" in said


def test_nothing_from_a_file_is_taken_for_markup(page: StartPage, tmp_path: Path) -> None:
    folder = tmp_path / "hostile"
    folder.mkdir()
    (folder / "company.toml").write_text(f'name = "{HOSTILE}"\n', encoding="utf-8")
    (folder / "headings.csv").write_text(f"{HOSTILE},b\n1,2\n", encoding="utf-8")
    (folder / f"{HOSTILE}.csv").write_text(COSTS + f"2026-10-01,{HOSTILE},,{HOSTILE}\n", encoding="utf-8")
    page._take(str(folder))
    drop(page.zone, (f"{HOSTILE}.csv", b"a,b\n1,2\n"), ("goals.csv", b"x"))
    shown = page.files.value + page.kpis.value + page.said.value + page.still()
    page._take(str(folder))
    shown += page.files.value + page.kpis.value + page.still()
    assert shown.count("&lt;img src=x onerror=alert(1)&gt;") >= 2
    assert "<img" not in shown


def test_kpis_with_data_and_what_would_wake_the_others(company: Path) -> None:
    found = check_folder(company)
    assert {*found.alive, *found.asleep} == set(KPIS) and not set(found.alive) & set(found.asleep)
    assert {"cpc", "spend", "marketing_cost"} <= set(found.alive)
    assert found.asleep["leads"] == "no_export:leads"
    said = kpi_words(found)
    assert f"KPIs with data: {len(found.alive)} of {len(KPIS)}." in said
    (cause,) = [row for row in said.split("<tr>") if next_step("no_export:leads") in row]
    assert "Cost per lead (CPL)" in cause and "amoCRM &gt; Deals" in cause and "Missed calls" not in cause


def test_an_empty_folder_says_what_to_do(page: StartPage, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    page._take(str(tmp_path / "empty"))
    assert "there are no exports in the folder" in page.files.value
    assert [step.layout.display for step in page._steps] == [None, "none", "none"]


def test_the_page_speaks_the_language_it_was_opened_in(tmp_path: Path, company: Path) -> None:
    use_language("ru")
    page = open_start(inbox=tmp_path / "inbox", reports=tmp_path / "reports")
    use_language("en")
    page.folder.value = OTHER
    page.path.value = str(company)
    page.read.click()
    assert language() == "ru" and "Файл" in page.files.value and "Учтено строк" in page.files.value
    assert page.month.options[0][0] == "Октябрь 2026"


# The report


def test_the_report_of_the_chosen_month_is_made(
    page: StartPage, company: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}
    made = tmp_path / "reports" / "acme" / "2026-09"

    def render(folder: Path, month: str, out: Path, *, progress: Any, **settings: str) -> Path:
        asked.update(settings, folder=folder, month=month, out=out, busy=(page.make.disabled, page.zone.busy))
        progress(3, 10)
        asked["bar"] = (page.rendering._bar.value, page.rendering._words.value)
        made.mkdir(parents=True)
        (made / "monthly_report.html").write_text("<html><head></head><body>…</body></html>", encoding="utf-8")
        (made / "report.json").write_text("{}", encoding="utf-8")
        use_language("ru")
        return made

    monkeypatch.setattr(start, "render_report", render)
    page._take(str(company))
    assert page.month.options[0] == ("October 2026", date(2026, 10, 1)) and page.month.value == date(2026, 10, 1)
    page.month.value = date(2026, 9, 1)
    page.speech.value = "ru"
    page.make.click()
    assert (asked["folder"], asked["month"], asked["out"]) == (company, "2026-09", tmp_path / "reports")
    assert (asked["lang"], asked["currency"], asked["busy"]) == ("ru", "", (True, True))
    assert asked["bar"][0] == 0.3 and "step 4 of 10" in asked["bar"][1]
    assert "The report is ready" in page.report.value and not page.make.disabled and not page.zone.busy
    assert [link["name"] for link in page.links.files] == ["monthly_report.html"]
    page.month.value = date(2026, 10, 1)
    assert page.links.files == [] and page.report.value == ""


def test_why_there_is_no_report_is_said(page: StartPage, company: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    page._take(str(company))
    failures = {"no. Do this.": KitError("no.", "Do this."), "No space": OSError(28, "No space", HOSTILE),
                "ZeroDivisionError": ZeroDivisionError("x")}  # fmt: skip
    for words, failure in failures.items():
        monkeypatch.setattr(start, "render_report", Mock(side_effect=failure))
        page.make.click()
        assert words in page.report.value and "<img" not in page.report.value and not page.make.disabled
        assert page.rendering.widget.layout.display == "none"


def test_an_unfinished_month_says_its_days(page: StartPage, tmp_path: Path) -> None:
    folder = tmp_path / "short"
    folder.mkdir()
    head = "Campaign name,Day,Impressions,Clicks (all),Amount spent (USD),Reporting starts,Reporting ends\n"
    rows = [f"spring,2026-{day},100,10,5.00,2026-{day},2026-{day}\n" for day in ("09-20", "10-01", "10-18")]
    (folder / "meta.csv").write_text(head + "".join(rows), encoding="utf-8")
    page._take(str(folder))
    assert [words for words, _month in page.month.options] == ["1–18 October 2026", "September 2026"]


def test_in_an_opened_report_nothing_runs(root: Path) -> None:
    links = ReportLinks()
    links.offer(root / "reports" / "example" / "northlight")
    (page,) = [link for link in links.files if link["name"] == "monthly_report.html"]
    head, _closed, rest = page["data"].partition(NOTHING_RUNS)
    assert head.endswith(b"<head>") and b"<style" not in head and b"</html>" in rest
    assert b"script-src" not in NOTHING_RUNS and b"default-src 'none'" in NOTHING_RUNS
    links.offer(None)
    assert links.files == []


@pytest.mark.slow
def test_rendering_tells_its_steps(company: Path, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    made = render_report(company, "2026-10", tmp_path / "out", progress=lambda done, cells: told.append((done, cells)))
    executed = nbformat.read(made / "monthly_report.ipynb", as_version=4)
    assert told == [(place, len(executed.cells)) for place in range(len(executed.cells))]


# The notebook


def test_the_page_leaves_words_where_no_kernel_runs(page: StartPage, company: Path) -> None:
    bundle = page._repr_mimebundle_()
    assert {WIDGET_TYPE, "text/html", "text/plain"} <= set(bundle)
    assert "Run All Cells" in bundle["text/html"] and "<script" not in bundle["text/html"]
    page._take(str(company))
    assert "Meta Ads" in page._repr_mimebundle_()["text/html"]


def test_the_notebook_is_among_those_that_are_translated(root: Path) -> None:
    assert PurePosixPath("start.ipynb") in english_notebooks(root)


@pytest.mark.slow
def test_the_notebook_shows_the_page(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(root))
    path = root / "notebooks" / "start.ipynb"
    notebook = nbformat.read(path, as_version=4)
    assert all(cell.get("outputs", []) == [] for cell in notebook.cells), "outputs are not committed"
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(path.parent)}}).execute()
    data = [output.get("data", {}) for cell in notebook.cells for output in cell.get("outputs", [])]
    assert [set(shown) >= {WIDGET_TYPE, "text/html"} for shown in data] == [True]
