"""Exports that overlap: one account counts once, two accounts both count, and nothing is dropped in silence."""

from pathlib import Path

import pytest

from kpi_helpers.exports import Exports, read_exports
from kpi_helpers.goals import check_goals
from kpi_helpers.notices import notices

ADS = "Campaign,Day,Currency code,Clicks,Impr.,Cost\n"
KEYWORDS = "Keyword,Campaign,Ad group,Day,Currency code,Clicks,Impr.,Cost\n"


def fill(folder: Path, **files: str) -> Exports:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_exports(folder)


def rows(campaigns: str, days: range, factor: int = 1) -> str:
    return "".join(f"{name},2026-10-{day:02},USD,{factor * day},{factor * 100 * day},{factor * day}.50\n"
                   for name in campaigns for day in days)  # fmt: skip


def spend(exports: Exports) -> float:
    return float(exports.tables["ads"]["spend"].sum())


def total(campaigns: str, days: range, factor: int = 1) -> float:
    return sum(factor * day + 0.5 for _name in campaigns for day in days)


def test_a_later_export_of_fewer_campaigns_leaves_the_others_alone(tmp_path: Path) -> None:
    exports = fill(tmp_path, all=ADS + rows("ABCDEFGHIJ", range(1, 6)), some=ADS + rows("ABCDEF", range(1, 7)))
    assert spend(exports) == pytest.approx(total("ABCDEFGHIJ", range(1, 6)) + total("ABCDEF", range(6, 7)))
    assert [file.tables[0].repeated for file in exports.files] == [30, 0]
    assert "some.csv" in exports.files[0].tables[0].repeats


def test_two_accounts_with_campaigns_of_the_same_names_both_count_and_it_is_said(tmp_path: Path) -> None:
    one, two = rows("AB", range(1, 8)), rows("AB", range(1, 8), factor=7)
    exports = fill(tmp_path, one=ADS + one, two=ADS + two)
    assert spend(exports) == pytest.approx(total("AB", range(1, 8)) + total("AB", range(1, 8), 7))
    [said] = [text for text in notices(exports, check_goals([])) if "with other numbers: both count" in text]
    assert "one.csv" in said and "two.csv" in said


def test_a_file_of_keywords_in_two_parts_keeps_every_row(tmp_path: Path) -> None:
    lines = [f"word {n},A,Group,2026-10-01,USD,1,10,2.25\n" for n in range(20)]
    exports = fill(tmp_path, a=KEYWORDS + "".join(lines[::2]), b=KEYWORDS + "".join(lines[1::2]))
    assert spend(exports) == 45
    overlapping = fill(tmp_path, a=KEYWORDS + "".join(lines[:15]), b=KEYWORDS + "".join(lines[5:]))
    assert spend(overlapping) == 45


def test_answers_of_a_survey_in_two_files_all_count(tmp_path: Path) -> None:
    answers = [f"2026-10-{1 + n // 10:02},{n % 3 + 8}\n" for n in range(40)]
    head = "date,recommend\n"
    halves = fill(tmp_path, a=head + "".join(answers[::2]), b=head + "".join(answers[1::2]))
    assert len(halves.tables["survey"]) == 40
    again = fill(tmp_path, a=head + "".join(answers[:30]), b=head + "".join(answers))
    assert len(again.tables["survey"]) == 40


def test_payments_of_one_month_in_two_files_are_added(tmp_path: Path) -> None:
    costs = "month,kind,channel,amount\n2026-10,design,,{}\n"
    assert fill(tmp_path, a=costs.format(50), b=costs.format(70)).tables["costs"]["amount"].sum() == 120


def test_headings_that_come_again_with_more_columns_lose_nothing_in_silence(tmp_path: Path) -> None:
    second = "Campaign,Day,Currency code,Clicks,Impr.,Cost,Conversions\nB,2026-10-30,USD,1,10,2.00,1\n"
    table = fill(tmp_path, a=ADS + rows("A", range(1, 29)) + second).files[0].tables[0]
    assert table.sums["spend"] == pytest.approx(total("A", range(1, 29)))
    assert (table.rows_in, table.used, table.rejected) == (30, 28, 2)


def test_what_judges_rows_is_read_and_a_second_amount_is_not(tmp_path: Path) -> None:
    (tmp_path / "orders.csv").write_text("Order ID,Order date,Total,Status,Currency,Note\n1,2026-10-01,10,Done,USD,x\n")
    (tmp_path / "ads.csv").write_text("Date,Campaign,Platform,Clicks,Cost,Spend\n2026-10-01,A,Bing,3,5.5,6.6\n")
    (tmp_path / "calls.csv").write_text("Call date,Call time,Source,Status,Wait\n2026-10-01,10:05,google,Answered,7\n")
    not_read = {file.file: file.tables[0].not_read for file in read_exports(tmp_path).files}
    assert not_read == {"orders.csv": ("Note",), "ads.csv": ("Cost",), "calls.csv": ()}


def test_headings_that_are_not_read_are_named_and_a_plain_table_that_knows_more_wins(tmp_path: Path) -> None:
    table = fill(tmp_path, a="date,source,medium,sessions,bounces,mood\n2026-10-01,google,cpc,100,10,good\n")
    reading = table.files[0].tables[0]
    assert (reading.layout, reading.not_read) == ("traffic_table", ("mood",))
    assert reading.sums == {"visits": 100, "bounces": 10}


def test_an_export_with_a_further_column_of_words_counts_once_with_one_without(tmp_path: Path) -> None:
    plain = rows("AB", range(1, 11))
    with_status = "Campaign status," + ADS + "".join(f"Enabled,{line}\n" for line in plain.splitlines()[:14])
    exports = fill(tmp_path, later=ADS + plain, earlier=with_status)
    assert spend(exports) == pytest.approx(total("AB", range(1, 11)))
    assert sorted(file.tables[0].repeated for file in exports.files) == [0, 14]


def test_exports_in_two_languages_count_once(tmp_path: Path) -> None:
    german = "Kampagne,Tag,Währungscode,Klicks,Impressionen,Kosten\n"
    exports = fill(tmp_path, a=ADS + rows("AB", range(1, 6)), b=german + rows("AB", range(1, 8)))
    assert {file.tables[0].layout for file in exports.files} == {"google_ads"}
    assert spend(exports) == pytest.approx(total("AB", range(1, 8)))


def test_the_same_visits_split_by_two_things_count_once(tmp_path: Path) -> None:
    head = "# Start date: 20261001\n# End date: 20261031\n"
    channels = "Session default channel group,Sessions,Engaged sessions\nDirect,100,50\nOrganic Search,230,90\n"
    sources = "Session source / medium,Sessions,Engaged sessions\n(direct) / (none),100,50\n" \
              "google / organic,200,80\nbing / organic,30,10\n"  # fmt: skip
    exports = fill(tmp_path, a=head + channels, b=head + sources)
    assert exports.tables["traffic"]["visits"].sum() == 330
    [repeated] = [file.tables[0].repeats for file in exports.files if file.tables[0].repeated]
    assert ".csv" in repeated
    other = fill(tmp_path, b=head + sources.replace("30,10", "31,10"))
    assert other.tables["traffic"]["visits"].sum() == 661


def test_calls_that_another_export_holds_with_one_more_column_count_once(tmp_path: Path) -> None:
    calls = [f"2026-10-{1 + at // 3:02} 1{at % 3}:0{at % 3},google,Answered,{at}" for at in range(15)]
    head = "Date and time,Source,Status,Wait"
    longer = "".join(f"{call},5{at}\n" for at, call in enumerate(calls[6:]))
    exports = fill(tmp_path, a="\n".join([head, *calls, ""]), b=f"{head},Seconds talked\n{longer}")
    assert len(exports.tables["calls"]) == 15
    unlike = fill(tmp_path, b=head + ",Seconds talked\n" + "".join(f"{call}9,5\n" for call in calls[6:]))
    assert len(unlike.tables["calls"]) == 24


def by_day(line: str, days: range = range(1, 21), **words: str) -> str:
    return "".join(line.format(day=f"2026-10-{day:02}", n=day, odd=day % 2, **words) + "\n" for day in days)


def test_two_accounts_that_spend_on_different_days_both_count(tmp_path: Path) -> None:
    one = by_day("A,{day},USD,1,10,5", range(1, 16)) + by_day("A,{day},USD,0,10,0", range(16, 31))
    two = by_day("On,B,{day},USD,0,10,0", range(1, 16)) + by_day("On,B,{day},USD,1,10,7", range(16, 31))
    assert spend(fill(tmp_path, a=ADS + one, b="Campaign status," + ADS + two)) == 15 * 5 + 15 * 7


def test_what_only_the_day_has_in_common_is_not_one_account_by_being_near(tmp_path: Path) -> None:
    bing = "Date,Platform,Impressions,Clicks,Cost\n" + by_day("{day},Bing,1{n},2,1{odd}")
    leaflets = "Date,Campaign,Impressions,Clicks,Cost\n" + by_day("{day},Leaflets,1{n},3,1{odd}.5")
    assert spend(fill(tmp_path, a=bing, b=leaflets)) == pytest.approx(20 * 10.5 + 20 * 11)
    mobile = "Date,Source,Medium,Device,Sessions,Bounces\n" + by_day("{day},google,cpc,mobile,10{odd},20")
    other = "Date,Source,Medium,Sessions,Bounces\n" + by_day("{day},google,cpc,11{odd},21")
    assert fill(tmp_path, a=mobile, b=other).tables["traffic"]["visits"].sum() == 20 * 210 + 20


def test_what_names_other_things_both_counts_though_it_adds_up_to_the_same(tmp_path: Path) -> None:
    bing = "Date,Platform,Clicks,Cost\n" + by_day("{day},Bing,10,100")
    telegram = "Date,Platform,Campaign,Clicks,Cost\n" + by_day("{day},Telegram,C,10,100")
    assert spend(fill(tmp_path, a=bing, b=telegram)) == 4000


def test_goals_of_metrika_in_a_file_each_all_count(tmp_path: Path) -> None:
    goal = "Дата визита,Достижения цели ({})\n"
    signed, called = goal.format("Sign-up") + by_day("{day},3"), goal.format("Call") + by_day("{day},4")
    assert fill(tmp_path, a=signed, b=called).tables["actions"]["count"].sum() == 140
    pair = "Дата визита,Достижения цели ({}),Достижения цели (Call)\n"
    both = fill(tmp_path, a=pair.format("Sign-up") + by_day("{day},3,4"), b=pair.format("Order") + by_day("{day},3,4"))
    assert both.tables["actions"].groupby("action")["count"].sum().to_dict() == {"Call": 80, "Order": 60, "Sign-up": 60}


@pytest.mark.parametrize(
    ("table", "head", "line"),
    [
        ("survey", "date,recommend", "{day},9"),
        ("calls", "Call date,Source,Status", "{day},google,Answered"),
        ("reviews", "date,source,rating", "{day},google,5"),
        ("costs", "month,kind,channel,amount", "{day},design,,50"),
    ],
)
def test_records_that_tell_little_and_are_alike_are_those_of_two_places(
    table: str, head: str, line: str, tmp_path: Path
) -> None:
    more = f"{head},Remark\n" + by_day(f"{line},remark {{n}}")
    assert len(fill(tmp_path, a=f"{head}\n" + by_day(line), b=more).tables[table]) == 40


def test_ad_groups_that_another_export_holds_with_one_more_column_count_once(tmp_path: Path) -> None:
    head = "Ad group,Campaign,Day,Currency code,Clicks,Impr.,Cost"
    group = "G,A,{day},USD,{n},1{n},{n}.50"
    more = by_day(group + ",Enabled")
    exports = fill(tmp_path, a=f"{head}\n" + by_day(group, range(1, 16)), b=f"{head},Ad group status\n" + more)
    assert {file.tables[0].layout for file in exports.files} == {"google_ads_ad_groups"}
    assert spend(exports) == total("A", range(1, 21))
