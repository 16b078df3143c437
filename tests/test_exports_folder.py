"""A folder of exports: nothing counted twice, nothing stopped by a broken file, what is left out is said."""

import io
import os
import zipfile
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpi_helpers.company import Company
from kpi_helpers.errors import KitError
from kpi_helpers.exports import Exports, read_exports, read_file, unknown_channels
from kpi_helpers.exports.channels import default_channels, find_channels, read_channels
from kpi_helpers.labels import CHANNELS

ADS = "Campaign,Day,Currency code,Clicks,Impr.,Cost\n"
ORDERS = "Order number,Order date,Customer,Source,Medium,Deal ID,Amount,Status\n"
DEALS = "Record ID,Deal Name,Deal Stage,Create Date,Original Traffic Source\n"


def fill(folder: Path, **files: str) -> Exports:
    for name, text in files.items():
        path = folder / (name.replace("__", "/") + (".toml" if name == "company" else ".csv"))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return read_exports(folder)


def ads(*rows: tuple[str, str, int], currency: str = "USD") -> str:
    return ADS + "".join(f"{name},{day},{currency},{clicks},{clicks * 10},{clicks}.5\n" for name, day, clicks in rows)


def test_a_broken_file_never_stops_the_rest(tmp_path: Path) -> None:
    good = ads(("A", "2026-10-01", 1))
    exports = fill(tmp_path, a=good, b="<html>", c="", d="x,y\n1,2\n", goals="kpi\n", README="text")
    assert {file.file: bool(file.reason) for file in exports.files} == {
        "a.csv": False, "b.csv": True, "c.csv": True, "d.csv": True,
    }  # fmt: skip
    assert exports.tables["ads"]["clicks"].tolist() == [1]


def test_the_same_bytes_count_once(tmp_path: Path) -> None:
    exports = fill(tmp_path, a=ads(("A", "2026-10-01", 1)), sub__copy=ads(("A", "2026-10-01", 1)))
    assert [(file.file, file.reason) for file in exports.files] == [
        ("a.csv", ""), ("sub/copy.csv", "the same as a.csv, which is counted once."),
    ]  # fmt: skip
    assert len(exports.tables["ads"]) == 1


def test_days_exported_twice_count_once_and_the_later_export_wins(tmp_path: Path) -> None:
    early = ads(("A", "2026-10-01", 1), ("B", "2026-10-01", 2), ("A", "2026-10-02", 7), ("B", "2026-10-02", 4))
    late = ads(("A", "2026-10-02", 3), ("B", "2026-10-02", 5), ("A", "2026-10-03", 6))
    exports = fill(tmp_path, early=early, late=late)
    frame = exports.tables["ads"]
    assert frame["clicks"].tolist() == [1, 2, 3, 5, 6]
    account = {file.file: file.tables[0] for file in exports.files}
    assert (account["early.csv"].used, account["early.csv"].repeated, account["early.csv"].sums["clicks"]) == (4, 2, 3)
    assert account["late.csv"].repeated == 0


def test_two_accounts_of_one_platform_both_count(tmp_path: Path) -> None:
    exports = fill(tmp_path, one=ads(("A", "2026-10-01", 1), ("B", "2026-10-02", 2)),
                   two=ads(("C", "2026-10-01", 7), ("D", "2026-10-02", 8)))  # fmt: skip
    assert exports.tables["ads"]["clicks"].sum() == 18
    assert [file.tables[0].repeats for file in exports.files] == ["", ""]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_a_month_exported_again_with_restated_numbers_counts_once(tmp_path: Path, names: tuple[str, str]) -> None:
    days = [f"2026-10-{day:02}" for day in range(1, 32)]
    early = ads(*[(name, day, 10) for day in days[:20] for name in "AB"])
    late = ads(*[(name, day, 11) for day in days for name in "AB"])
    exports = fill(tmp_path, **dict(zip(names, (early, late), strict=True)))
    assert exports.tables["ads"]["clicks"].sum() == 31 * 2 * 11
    [reading] = [file.tables[0] for file in exports.files if file.tables[0].repeated]
    assert (reading.used, reading.sums) == (40, {})
    assert reading.repeats == f"40 rows repeated: the later export counts ({names[1]}.csv)"


def test_of_exports_that_end_on_the_same_day_the_one_written_later_counts(tmp_path: Path) -> None:
    for old, new in (("a", "b"), ("b", "a")):
        fill(tmp_path, **{old: ads(("A", "2026-10-01", 1)), new: ads(("A", "2026-10-01", 2))})
        os.utime(tmp_path / f"{old}.csv", (1, 1))
        assert read_exports(tmp_path).tables["ads"]["clicks"].tolist() == [2]


def test_a_campaign_that_was_renamed_counts_under_its_new_name_alone(tmp_path: Path) -> None:
    early = ads(*[(name, "2026-10-01", 1) for name in "ABC"])
    late = ads(*[(name, "2026-10-01", 1) for name in "ABD"], ("A", "2026-10-02", 1))
    frame = fill(tmp_path, early=early, late=late).tables["ads"]
    assert frame["campaign"].tolist() == ["A", "B", "D", "A"]


def test_the_newest_date_in_any_column_says_which_export_is_later(tmp_path: Path) -> None:
    deals = "Record ID,Deal Name,Deal Stage,Create Date,Close Date\n1,a,{stage},2026-10-01 10:00,{closed}\n"
    closed = deals.format(stage="Closed Lost", closed="2026-10-05")
    fill(tmp_path, b=deals.format(stage="Contract Sent", closed=""), a=closed)
    os.utime(tmp_path / "a.csv", (1, 1))
    assert read_exports(tmp_path).tables["leads"]["stage"].tolist() == ["Closed Lost"]


def test_one_campaign_exported_alone_replaces_only_itself(tmp_path: Path) -> None:
    whole = ads(*[(name, "2026-10-01", 1) for name in "ABC"])
    exports = fill(tmp_path, whole=whole, one=ads(("A", "2026-10-01", 5), ("A", "2026-10-02", 5)))
    assert sorted(exports.tables["ads"]["clicks"]) == [1, 1, 5, 5]


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_an_order_that_a_newer_export_cancels_is_gone(tmp_path: Path, names: tuple[str, str]) -> None:
    early = ORDERS + "1,2026-10-05,c,,,,5,Done\n2,2026-10-20,c,,,,7,Done\n"
    late = ORDERS + "1,2026-10-05,c,,,,6,Done\n2,2026-10-20,c,,,,7,Cancelled\n3,2026-10-21,c,,,,1,Cancelled\n"
    exports = fill(tmp_path, **dict(zip(names, (early, late), strict=True)))
    assert exports.tables["orders"]["revenue"].tolist() == [6]


def test_order_numbers_that_begin_anew_each_year_are_other_orders(tmp_path: Path) -> None:
    old, new = (ORDERS + f"1,{year}-10-05,c,,,,5,Done\n" for year in (2025, 2026))
    assert len(fill(tmp_path, old=old, new=new).tables["orders"]) == 2


def test_calls_and_tasks_without_an_id_count_once(tmp_path: Path) -> None:
    tasks = "Kind,Assignee,Due,Done,Accepted,Rating\nResearch,Ann,2026-10-30,{done},,\n"
    exports = fill(tmp_path, early=tasks.format(done=""), late=tasks.format(done="2026-10-29"))
    assert exports.tables["tasks"]["done_at"].notna().tolist() == [True]


def test_an_unreadable_cell_that_no_measure_sums_does_not_cost_the_row(tmp_path: Path) -> None:
    deals = "Record ID,Deal Name,Deal Stage,Create Date,Close Date,Amount\n"
    deals += "1,a,Contract Sent,2026-10-01 10:00,не закрыта,many\n2,b,Closed Lost,2026-10-01 10:00,soon,5\n"
    table = fill(tmp_path, deals=deals).files[0].tables[0]
    assert (table.used, table.rejected, len(table.frame)) == (2, 0, 2)
    assert table.frame["closed_at"].isna().all() and table.frame["amount"].fillna(-1).tolist() == [-1, 5]
    assert [(problem.line, problem.column, problem.value) for problem in table.problems] == [
        (2, "Amount", "many"), (3, "Close Date", "soon"),
    ]  # fmt: skip
    assert table.problems[1].reason == "is not a date; the row counts without this cell"
    broken = ORDERS + "1,2026-10-02,c,,,,much,Done\n"
    assert fill(tmp_path, orders=broken).files[1].tables[0].rejected == 1


def test_a_won_deal_is_qualified_and_an_open_one_is_not_known(tmp_path: Path) -> None:
    stages = ("Closed Won", "Contract Sent", "Met")
    deals = DEALS + "".join(f"{number},a,{stage},2026-10-01 10:00,\n" for number, stage in enumerate(stages))
    settings = '[leads]\nqualified = ["Met"]'
    assert fill(tmp_path, company=settings, deals=deals).tables["leads"]["qualified"].tolist() == [True, pd.NA, True]


def test_without_settings_nobody_is_qualified_and_nobody_is_not(tmp_path: Path) -> None:
    stages = ("Closed Won", "Closed Lost", "Met")
    deals = "".join(f"{number},a,{stage},2026-10-01 10:00,\n" for number, stage in enumerate(stages))
    leads = fill(tmp_path, deals=DEALS + deals).tables["leads"]
    assert leads["qualified"].isna().all() and leads["won"].tolist() == [True, False, pd.NA]
    entered = 'Record ID,Deal Name,Deal Stage,Create Date,"Date entered ""Qualified"""\n' + deals
    leads = fill(tmp_path, deals=entered).tables["leads"]
    assert leads["qualified"].tolist() == [True, False, pd.NA]


def test_sources_that_no_rule_knows_are_counted(tmp_path: Path) -> None:
    orders = ORDERS + "1,2026-10-02,c,yandex,,,5,Done\n2,2026-10-02,c,yandex,,,5,Done\n3,2026-10-02,c,Radio,,,5,Done\n"
    assert unknown_channels(fill(tmp_path, orders=orders)) == {"yandex": 2, "Radio": 1}
    (tmp_path / "channels.csv").write_text("source,medium,campaign,channel\nyandex,-,,organic_search\nRadio,,,radio\n")
    exports = read_exports(tmp_path)
    assert exports.tables["orders"]["channel"].tolist() == ["organic_search", "organic_search", "radio"]
    assert unknown_channels(exports) == {}


def test_a_medium_of_nothing_leaves_the_other_mediums_to_the_kit(tmp_path: Path) -> None:
    (tmp_path / "channels.csv").write_text("source;medium;campaign;channel\nyandex;-;;organic_search\n")
    rules = (*read_channels(tmp_path / "channels.csv"), *default_channels())
    mediums = pd.Series(["", "cpc"])
    found = find_channels(pd.Series(["yandex"] * 2), mediums, pd.Series(["", ""]), rules)
    assert found.tolist() == ["organic_search", "yandex_direct"]


def test_a_file_with_headings_alone_is_known_and_says_so(tmp_path: Path) -> None:
    [table] = fill(tmp_path, a=ADS).files[0].tables
    assert (table.layout, table.rows_in) == ("google_ads", 0)
    assert [(problem.line, problem.reason) for problem in table.problems] == [(1, "0 rows under the headings")]


def test_what_a_system_leaves_behind_is_no_export(tmp_path: Path) -> None:
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store"):
        (tmp_path / name).write_bytes(b"\x00\x01")
    assert [file.file for file in fill(tmp_path, a=ads(("A", "2026-10-01", 1))).files] == ["a.csv"]


def test_exports_show_themselves_in_one_line(tmp_path: Path) -> None:
    exports = fill(tmp_path / "acme", a=ads(("A", "2026-10-01", 1)))
    assert repr(exports) == "<Exports acme: 1 files, 1 tables, USD>"


def test_a_deal_exported_twice_counts_once_as_it_is_now(tmp_path: Path) -> None:
    early = DEALS + "1,a,Contract Sent,2026-10-01 10:00,\n"
    late = DEALS + "1,a,Closed Won,2026-10-01 10:00,\n2,b,Contract Sent,2026-10-20 10:00,\n"
    leads = fill(tmp_path, early=early, late=late).tables["leads"]
    assert leads["stage"].tolist() == ["Closed Won", "Contract Sent"]


def test_files_in_another_currency_are_left_out_and_said(tmp_path: Path) -> None:
    files = {"a": ads(("A", "2026-10-01", 1)), "b": ads(("B", "2026-10-01", 2), currency="EUR")}
    with pytest.raises(KitError, match="several currencies: EUR, USD"):
        fill(tmp_path, **files)
    exports = fill(tmp_path, company='currency = "EUR"')
    assert exports.currency == "EUR" and exports.tables["ads"]["clicks"].tolist() == [2]
    assert exports.files[0].reason == "it is in USD, the company's currency is EUR. Export it in that currency."
    assert read_exports(tmp_path, currency="usd").tables["ads"]["clicks"].tolist() == [1]


def test_a_file_with_two_currencies_is_not_added_up(tmp_path: Path) -> None:
    mixed = ads(("A", "2026-10-01", 1)) + "B,2026-10-01,EUR,2,20,2.5\n"
    assert "several currencies: EUR, USD" in fill(tmp_path, a=mixed).files[0].reason


def test_a_shared_sign_is_the_companys_own_currency(tmp_path: Path) -> None:
    orders = ORDERS + "1,2026-10-01,c,,,,$5.00,Done\n"
    assert fill(tmp_path, orders=orders).currency == "USD"
    assert fill(tmp_path, company='currency = "CAD"').tables["orders"]["revenue"].tolist() == [5]


def test_orders_take_their_channel_from_their_deal_and_only_where_they_have_none(tmp_path: Path) -> None:
    deals = DEALS + "7,a,Closed Won,2026-10-01 10:00,Email Marketing\n8,b,Closed Won,2026-10-01 10:00,Referrals\n"
    orders = ORDERS + "1,2026-10-02,c,,,7,5,Done\n2,2026-10-02,c,google,cpc,8,5,Done\n3,2026-10-02,c,,,9,5,Done\n"
    frame = fill(tmp_path, deals=deals, orders=orders).tables["orders"]
    assert frame["channel"].tolist() == ["email", "google_ads", "unknown"]


def test_a_line_item_without_an_order_above_it_is_rejected(tmp_path: Path) -> None:
    text = "Name,Email,Financial Status,Total,Created at,Lineitem quantity\n"
    text += ",,,,,1\n#1,c,paid,5,2026-10-02,1\n#1,,,,,2\n"
    table = fill(tmp_path, shop=text).files[0].tables[0]
    assert (table.used, table.rejected, table.continued) == (1, 1, 1)


def test_the_margin_follows_from_the_share_where_the_export_gives_none(tmp_path: Path) -> None:
    order = ORDERS + "1,2026-10-02,c,,,,5,Done\n"
    frame = fill(tmp_path, company="[margin]\nshare = 0.4", orders=order).tables["orders"]
    assert frame["margin"].tolist() == [2.0]
    own = "Order number,Order date,Amount,Margin\n1,2026-10-02,5,3\n2,2026-10-02,5,\n"
    assert fill(tmp_path, orders=own).tables["orders"]["margin"].tolist() == [3, 2]
    margin = fill(tmp_path, company="", orders=own).tables["orders"]["margin"]
    assert margin[0] == 3 and pd.isna(margin[1])


def test_the_main_action_is_the_named_one_or_the_only_one(tmp_path: Path) -> None:
    text = '"Дата визита","Источник трафика","Визиты","Достижения цели (Заявка)"\n'
    text += '"2026-10-01","Прямые заходы","5","1"\n'
    assert fill(tmp_path, m=text).tables["actions"]["main"].tolist() == [True]
    two = text.replace('Заявка)"', 'Заявка)","Достижения цели (Чат)"').replace('"1"\n', '"1","2"\n')
    assert fill(tmp_path, m=two).tables["actions"]["main"].isna().all()
    assert fill(tmp_path, company='[actions]\nmain = "purchase"').tables["actions"]["main"].isna().all()
    assert fill(tmp_path, company='[actions]\nmain = "чат"').tables["actions"]["main"].tolist() == [False, True]


def test_a_companys_channels_go_before_the_kits(tmp_path: Path) -> None:
    orders = ORDERS + "1,2026-10-02,c,google,cpc,,5,Done\n2,2026-10-02,c,tv,spot,,5,Done\n"
    assert fill(tmp_path, orders=orders).tables["orders"]["channel"].tolist() == ["google_ads", "tv"]
    (tmp_path / "channels.csv").write_text("source,medium,campaign,channel\ngoogle,*,,search\n", encoding="utf-8-sig")
    assert read_exports(tmp_path).tables["orders"]["channel"].tolist() == ["search", "tv"]


@pytest.mark.parametrize("key", CHANNELS)
def test_a_channels_own_key_means_the_channel(key: str) -> None:
    nothing = pd.Series([""])
    assert find_channels(pd.Series([key]), nothing, nothing, default_channels()).tolist() == [key]


@pytest.mark.parametrize(
    ("source", "medium", "channel"),
    [
        ("yandex", "cpc", "yandex_direct"), ("Яндекс: Директ", "Переходы по рекламе", "yandex_direct"),
        ("yandex", "organic", "organic_search"), ("VK", "CPC", "vk_ads"), ("vk", "social", "social"),
        ("facebook / paid_social", "", "meta_ads"), ("google / organic", "", "organic_search"),
        ("(direct)", "(none)", "direct"), ("Неизвестная сеть", "Переходы по рекламе", "paid_other"),
        ("не определено", "Прямые заходы", "direct"), ("newsletter", "email", "email"), ("Radio", "", "Radio"),
    ],
)  # fmt: skip
def test_usual_sources(source: str, medium: str, channel: str) -> None:
    found = find_channels(pd.Series([source]), pd.Series([medium]), pd.Series([""]), default_channels())
    assert found.tolist() == [channel]


@pytest.mark.parametrize(
    ("text", "said"), [("a,b\n", "needs the headings"), ("source,medium,campaign,channel\nx,,,\n", "line 2")]
)
def test_a_wrong_table_of_channels_is_named(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "channels.csv").write_text(text)
    with pytest.raises(KitError, match=f"channels.csv: .*{said}"):
        read_channels(tmp_path / "channels.csv")


def test_folders_that_hold_nothing(tmp_path: Path) -> None:
    with pytest.raises(KitError, match="there are no exports in the folder"):
        read_exports(tmp_path)
    with pytest.raises(KitError, match="there is no folder nowhere"):
        read_exports("nowhere")
    with pytest.raises(KitError, match="there is no folder"):
        read_exports(" ")
    (tmp_path / "a.csv").write_text("")
    with pytest.raises(KitError, match="a.csv is a file, not a folder. Name the folder it lies in."):
        read_exports(tmp_path / "a.csv")
    with pytest.raises(KitError, match="currency = 'РУБ' is not allowed. Expected: a currency code of three Latin"):
        read_exports(tmp_path, currency="РУБ")
    with pytest.raises(KitError, match="there is no such file"):
        read_file(tmp_path / "no.csv", Company())


def test_a_folder_may_be_named_from_the_kits_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert read_exports("data/sample/northlight").company.name == "Northlight"


def test_tables_have_the_contracts_columns_in_order(tmp_path: Path) -> None:
    from kpi_helpers.terms import TABLES

    exports = fill(tmp_path, a=ads(("A", "2026-10-02", 1), ("A", "2026-10-01", 2)))
    assert list(exports.tables) == ["ads"] and list(exports.tables["ads"]) == list(TABLES["ads"].columns)
    assert exports.tables["ads"]["date"].is_monotonic_increasing


@settings(max_examples=60)
@given(st.binary(max_size=200), st.sampled_from([b"", ADS.encode(), ORDERS.encode(), DEALS.encode()]))
def test_any_file_is_read_or_named(tmp_path_factory: pytest.TempPathFactory, data: bytes, start: bytes) -> None:
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_bytes(start + data)
    reading = read_file(path, Company())
    assert bool(reading.reason) != bool(reading.tables) and "\n" not in reading.reason
    for table in reading.tables:
        assert table.rows_in == table.used + table.totals + table.rejected + table.continued
        assert len(table.frame) == table.used - table.set_aside - table.repeated - table.doubled


MONEY = st.integers(0, 10**8).map(lambda cents: cents / 100)


@settings(max_examples=60)
@given(
    rows=st.lists(st.tuples(st.dates(pd.Timestamp("2024-01-01").date(), pd.Timestamp("2026-12-31").date()),
                            st.sampled_from(["Лампы", "Бра; «Свет»", "x, y", '"q"']), st.integers(0, 10**7), MONEY),
                  min_size=1, max_size=20, unique=True),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1251"]),
    delimiter=st.sampled_from([";", "\t", ","]),
    decimal=st.sampled_from([",", "."]),
    group=st.sampled_from(["", " ", "\u00a0"]),
    day=st.sampled_from(["%d.%m.%Y", "%Y-%m-%d", "%Y%m%d"]),
    empty=st.sampled_from(["", "-", "—", "NAN"]),
)  # fmt: skip
def test_a_table_comes_back_from_any_dialect(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple], encoding: str, delimiter: str, decimal: str,
    group: str, day: str, empty: str,
) -> None:  # fmt: skip
    def money(value: float) -> str:
        return f"{value:,.2f}".replace(",", "G").replace(".", decimal).replace("G", group)

    cells = [["День", "Название кампании", "Показы", "Клики", "Расход, руб.", "Доход, руб."]]
    cells += [[when.strftime(day), name, f"{shown:,}".replace(",", group), empty, money(spend), empty]
              for when, name, shown, spend in rows]  # fmt: skip
    text = "\n".join(delimiter.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in cells) + "\n"
    path = tmp_path_factory.mktemp("dialect") / "direct.csv"
    path.write_bytes(text.encode(encoding))
    table = read_file(path, Company()).tables[0]
    assert (table.used, table.rejected, table.currency) == (len(rows), 0, "RUB")
    assert [stamp.date() for stamp in table.frame["date"]] == [when for when, *_rest in rows]
    assert table.frame["campaign"].tolist() == [name for _when, name, *_rest in rows]
    assert table.frame["impressions"].tolist() == [shown for _when, _name, shown, _spend in rows]
    assert table.frame["spend"].tolist() == pytest.approx([spend for *_rest, spend in rows])
    assert table.frame[["clicks", "platform_revenue"]].isna().all(axis=None)


def test_an_archive_in_an_archive_is_named_and_the_rest_is_read(tmp_path: Path) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as inner:
        inner.writestr("b.csv", ads(("B", "2026-10-01", 7)))
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("a.csv", ads(("A", "2026-10-01", 1)))
        archive.writestr("september.zip", packed.getvalue())
    (tmp_path / "only.zip").write_bytes(packed.getvalue())
    with zipfile.ZipFile(tmp_path / "twice.zip", "w") as archive:
        archive.writestr("inner.zip", packed.getvalue().replace(b"B,2026", b"C,2026"))
    exports = read_exports(tmp_path)
    said = {file.file: " ".join((file.reason, *file.left_out)) for file in exports.files}
    assert sorted(exports.tables["ads"]["campaign"]) == ["A", "B"]
    assert said["all.zip/a.csv"] == ""
    assert "september.zip: this is a zip archive" in said["all.zip"] and "Unpack it" in said["all.zip"]
    assert "this is a zip archive" in said["twice.zip/inner.zip"]
