"""The sample companies: made again byte for byte, in the shapes that their README promises, true to truth.json."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pandas as pd
import pytest

SAMPLE = Path(__file__).parents[1] / "data" / "sample"
SVET, NORTH = SAMPLE / "severny_svet", SAMPLE / "northlight"
README = (SAMPLE / "README.md").read_text(encoding="utf-8")
TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))
MONTHS = TRUTH["months"]
DELIMITERS = {"`,`": ",", "`;`": ";", "tab": "\t"}


def promised_tables() -> list[tuple[Path, str, str, int]]:
    """File, encoding, form and lines before the headings, as the README's tables have them."""
    promises, folder = [], SAMPLE
    for line in README.splitlines():
        if line.startswith("## "):
            folder = SAMPLE / line.split()[1].rstrip(":")
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if line.startswith("| `") and len(cells) == 6 and cells[1].count(",") >= 2:
            before = int(re.sub(r"\D", "", cells[2]) or 0)
            promises += [
                (folder / name, cells[1].split(",")[0], cells[1], before) for name in re.findall(r"`(.+?)`", cells[0])
            ]
    return promises


def text_of(path: Path, encoding: str) -> str:
    return path.read_bytes().decode({"UTF-8 BOM": "utf-8-sig", "UTF-16LE BOM": "utf-16"}.get(encoding, encoding))


def table(path: Path, encoding: str = "utf-8", sep: str = ",", **options: object) -> pd.DataFrame:
    return pd.read_csv(path, sep=sep, encoding=encoding, dtype=str, keep_default_na=False, **options)


def number(cells: pd.Series) -> pd.Series:
    """Numbers with a comma or a dot, thousands apart by spaces, marks for nothing as 0."""
    plain = (
        cells.str.replace(r"[\s\u00a0]", "", regex=True).str.replace(",", ".").replace({"-": "0", "—": "0", "": "0"})
    )
    return plain.astype(float)


def by_month(moments: pd.Series, values: pd.Series | None = None) -> list[float]:
    months = pd.to_datetime(moments).dt.strftime("%Y-%m")
    sums = months.value_counts() if values is None else values.groupby(months).sum()
    return [round(float(sums.get(month, 0)), 2) for month in MONTHS]


def dotted(cells: pd.Series) -> pd.Series:
    return pd.to_datetime(cells.str[:10], format="%d.%m.%Y")


def assert_months(found: list[float], company: str, measure: str, channel: str | None = None) -> None:
    truth = TRUTH[company]["channels"][channel] if channel else TRUTH[company]["company"]
    assert found == pytest.approx(truth[measure], abs=0.02), (company, measure, channel)
    assert sum(found) > 0


@pytest.fixture(scope="module")
def sources() -> pd.DataFrame:
    return table(SVET / "metrika_istochniki-20241101-20261031.csv")


@pytest.fixture(scope="module")
def deals() -> pd.DataFrame:
    return table(SVET / "amocrm_sdelki.csv")


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    rows = table(SVET / "zakazy.csv", "cp1251", ";")
    return rows.assign(
        day=dotted(rows["Дата заказа"]),
        revenue=number(rows["Сумма, руб."]),
        margin=number(rows["Валовая прибыль, руб."]),
    )


@pytest.fixture(scope="module")
def shopify() -> pd.DataFrame:
    rows = table(NORTH / "shopify_orders.csv")
    return rows[~rows["Financial Status"].isin(["", "voided"])]


def test_the_generator_writes_the_same_bytes_again(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-B", SAMPLE / "generate.py", tmp_path], check=True)
    made = {file.relative_to(tmp_path): file.read_bytes() for file in tmp_path.rglob("*.*")}
    kept = {file.relative_to(SAMPLE): file.read_bytes() for folder in (SVET, NORTH) for file in folder.iterdir()}
    kept[Path("truth.json")] = (SAMPLE / "truth.json").read_bytes()
    assert sorted(made) == sorted(kept)
    assert [str(name) for name, content in made.items() if content != kept[name]] == []


def test_the_samples_are_small() -> None:
    caches = {"__pycache__", ".mypy_cache", ".ruff_cache"}
    files = [file for file in SAMPLE.rglob("*") if file.is_file() and not caches & set(file.parts)]
    assert len(files) > 30
    assert sum(file.stat().st_size for file in files) < 6 * 2**20


def test_the_readme_speaks_of_every_table() -> None:
    tables = {file for folder in (SVET, NORTH) for file in folder.glob("*.csv")}
    assert {path for path, *_ in promised_tables()} == tables


@pytest.mark.parametrize(
    ("path", "encoding", "form", "before"), promised_tables(), ids=lambda value: getattr(value, "name", "")
)
def test_a_table_has_the_promised_form(path: Path, encoding: str, form: str, before: int) -> None:
    first = path.read_bytes()[:3]
    assert (first == b"\xef\xbb\xbf") == (encoding == "UTF-8 BOM")
    assert (first[:2] == b"\xff\xfe") == (encoding == "UTF-16LE BOM")
    text = text_of(path, encoding)
    assert ("\r\n" in text) == ("CRLF" in form)
    delimiter = next(sign for name, sign in DELIMITERS.items() if name in form)
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))[before:]
    if "survey" in path.name or "opros" in path.name or path.name == "shopify_orders.csv":
        filled = [heading for heading, *cells in zip(*rows, strict=True) if any(cells)]
        assert [heading for heading in filled if heading not in README] == []
    else:
        assert text.splitlines()[before].replace("\t", "|") in README
    assert len(rows) > 3
    assert {len(row) for row in rows} == {len(rows[0])}
    if "every cell quoted" in form:
        assert all(line.startswith('"') and line.endswith('"') for line in text.splitlines())


def test_no_real_person() -> None:
    for path, encoding, *_ in promised_tables():
        text = text_of(path, encoding)
        assert all(address.endswith("@example.com") for address in re.findall(r"\S+@[\w.]+", text.replace(",", " ")))
        assert all(phone.startswith("+7000") for phone in re.findall(r"\+7\d+", text))


def test_visits_bounces_and_goals_of_metrica(sources: pd.DataFrame, deals: pd.DataFrame) -> None:
    total, days = sources.iloc[0], sources.iloc[1:]
    visits = number(days["Визиты"])
    assert visits.sum() == int(total["Визиты"])
    assert_months(by_month(days["Дата визита"], visits), "severny_svet", "visits_tracked")
    bounces = (number(days["Отказы"]) * visits).round()
    assert_months(by_month(days["Дата визита"], bounces), "severny_svet", "bounces_tracked")
    assert days["Дата визита"].is_monotonic_decreasing
    requests = number(days["Достижения цели (Заявка)"]).sum()
    assert 0.95 * len(deals) < requests < 0.99 * len(deals)


def test_visits_by_channel(sources: pd.DataFrame) -> None:
    days = sources.iloc[1:]
    details = {
        "Яндекс: Директ": "yandex_direct",
        "ВКонтакте: реклама": "vk_ads",
        "Партнёрская сеть": "partner_network",
        "Рассылка": "email",
    }
    for detail, channel in details.items():
        rows = days[days["Источник трафика (детально)"] == detail]
        assert_months(by_month(rows["Дата визита"], number(rows["Визиты"])), "severny_svet", "visits_tracked", channel)


def test_tracking_is_missing_and_robots_come(sources: pd.DataFrame) -> None:
    planted = TRUTH["severny_svet"]["planted"]
    days = pd.date_range("2024-11-01", "2026-10-31").strftime("%Y-%m-%d")
    assert (
        sorted(set(days) - set(sources["Дата визита"])) == planted["missing_tracking"] == ["2026-06-17", "2026-06-18"]
    )
    robots = table(SVET / "metrika_roboty-20260601-20261031.csv").iloc[1:]
    robots["Визиты"] = robots["Визиты"].astype(int)
    key = ["Дата визита", "Источник трафика (детально)"]
    whole = sources.iloc[1:].assign(Визиты=number(sources["Визиты"]).iloc[1:]).set_index(key)["Визиты"]
    assert (
        robots.groupby(key)["Визиты"]
        .sum()
        .equals(whole[whole.index.get_level_values(0) >= "2026-06-01"].sort_index().astype(int))
    )
    only = robots[robots["Роботность"] == "Роботы"]
    assert by_month(only["Дата визита"], only["Визиты"])[-4:] == TRUTH["severny_svet"]["company"]["robot_visits"][-4:]
    burst = only[only["Источник трафика (детально)"] == planted["robot_burst"]["source"]]
    assert (burst["Дата визита"].min(), burst["Дата визита"].max()) == ("2026-10-09", "2026-10-15")
    assert len(burst) == 7 and burst["Визиты"].min() > 400


def test_unique_visitors_are_fewer_than_the_days_add_up_to(sources: pd.DataFrame) -> None:
    months = table(SVET / "metrika_poseshchaemost_mesyacy.csv").iloc[:0:-1]
    assert number(months["Посетители"]).tolist() == TRUTH["severny_svet"]["company"]["visitors"]
    assert number(months["Визиты"]).tolist() == TRUTH["severny_svet"]["company"]["visits_tracked"]
    summed = by_month(sources.iloc[1:]["Дата визита"], number(sources.iloc[1:]["Посетители"]))
    assert all(unique < added for unique, added in zip(number(months["Посетители"]), summed, strict=True))


def test_spend_of_direct_and_vk() -> None:
    direct = table(SVET / "direct_kampanii.csv", "cp1251", ";", skiprows=4)
    spend = number(direct["Расход, руб. с НДС"])
    assert direct.loc[0, "День"] == "Итого" and spend[0] == pytest.approx(spend[1:].sum())
    assert_months(by_month(dotted(direct["День"][1:]), spend[1:]), "severny_svet", "spend", "yandex_direct")
    assert direct["Название кампании"].str.contains(";").any()
    vk = table(SVET / "vk_ads.csv", "utf-8-sig", ";")
    assert vk.iloc[-1]["Дата"] == "Итого"
    vk = vk.iloc[:-1]
    spend, partner = number(vk["Потрачено всего, ₽"]), vk["Название кампании"].str.startswith("partnerka_")
    assert_months(by_month(dotted(vk["Дата"])[partner], spend[partner]), "severny_svet", "spend", "partner_network")
    assert_months(by_month(dotted(vk["Дата"])[~partner], spend[~partner]), "severny_svet", "spend", "vk_ads")


def test_leads_and_their_qualification(deals: pd.DataFrame) -> None:
    created, qualified = dotted(deals["Дата создания сделки"]), deals["Квалификация"]
    assert deals["ID"].is_unique
    assert_months(by_month(created), "severny_svet", "leads")
    assert_months(by_month(created[qualified == "Да"]), "severny_svet", "qualified_leads")
    assert_months(by_month(created[qualified == ""]), "severny_svet", "pending_leads")
    assert_months(by_month(created[deals["Этап сделки"] == "Успешно реализовано"]), "severny_svet", "leads_won_so_far")
    partner = deals["utm_source"] == "partnerka"
    assert partner.sum() > 100 and not (qualified[partner] == "Да").any()
    decided = deals[~partner & (qualified != "")]
    after = dotted(decided["Дата создания сделки"]) >= "2026-09-01"
    rate = (decided["Квалификация"] == "Да").groupby(after).mean()
    assert rate[False] == pytest.approx(0.82, abs=0.02) and rate[True] == pytest.approx(0.68, abs=0.04)
    b2b = decided[(decided["Теги"] == "B2B") & (decided["Квалификация"] == "Да")]
    b2b = b2b[dotted(b2b["Дата создания сделки"]) < "2026-04-01"]
    cycle = (dotted(b2b["Дата закрытия"]) - dotted(b2b["Дата создания сделки"])).dt.days
    assert cycle.median() == pytest.approx(45, abs=5)


def test_orders_of_the_shop_and_of_deals(shop: pd.DataFrame, deals: pd.DataFrame) -> None:
    assert shop["Номер заказа"].iloc[0] == "000001" and shop["Номер заказа"].is_unique
    kept = shop[shop["Статус"] == "Выполнен"]
    for measure, found in {
        "orders": by_month(kept.day),
        "revenue": by_month(kept.day, kept.revenue),
        "margin": by_month(kept.day, kept.margin),
    }.items():
        assert_months(found, "severny_svet", measure)
    assert_months(by_month(kept.day[~kept["ID клиента"].duplicated()]), "severny_svet", "new_customers")
    assert_months(by_month(shop.day[shop["Статус"] == "Отменён"]), "severny_svet", "cancelled_orders")
    of_deal = kept[kept["ID сделки"] != ""]
    assert (of_deal["Источник"] == "").all()
    won = deals[deals["Этап сделки"] == "Успешно реализовано"]
    assert sorted(of_deal["ID сделки"]) == sorted(won["ID"])
    source = (
        kept["ID сделки"]
        .map(won.set_index("ID")["utm_source"] + " / " + won.set_index("ID")["utm_medium"])
        .fillna(kept["Источник"])
    )
    vk = kept[source == "vk / cpc"]
    assert_months(by_month(vk.day, vk.margin), "severny_svet", "margin", "vk_ads")


def test_smaller_files_of_severny_svet() -> None:
    calls = table(SVET / "zvonki.csv", "cp1251", ";")
    assert_months(by_month(dotted(calls["Дата и время"])), "severny_svet", "calls")
    assert_months(
        by_month(dotted(calls["Дата и время"])[calls["Статус"] == "Пропущенный"]), "severny_svet", "missed_calls"
    )
    chats = table(SVET / "chaty_jivo.csv", "utf-8-sig", ";")
    seconds = pd.to_numeric(chats["Первый ответ, сек"])
    assert_months(by_month(dotted(chats["Дата"])[seconds <= 15]), "severny_svet", "chats_within_15_seconds")
    costs = table(SVET / "zatraty.csv", sep=";")
    monthly = number(costs["Сумма, руб."]).groupby(costs["Месяц"], sort=False).sum().tolist()
    assert monthly == TRUTH["severny_svet"]["company"]["other_marketing_cost"]
    community = table(SVET / "vk_soobshchestvo.csv", "utf-8-sig", ";")
    members = number(community["Участники"])
    assert (
        members.diff()[1:] == (number(community["Новые участники"]) - number(community["Вышедшие участники"]))[1:]
    ).all()
    survey = table(SVET / "opros_google_forms.csv")
    names_us = survey.iloc[:, 1].str.lower().str.contains("северный свет")
    waves = TRUTH["severny_svet"]["survey"]
    assert names_us.groupby(survey["Отметка времени"].str[:7]).sum().tolist() == waves["aware_unaided"]
    assert (pd.to_numeric(survey.iloc[:, 3]) >= 9).groupby(survey["Отметка времени"].str[:7]).sum().tolist() == waves[
        "promoters"
    ]
    market = table(SVET / "rynok.csv", sep=";")
    own = market[market["Компания"] == "Северный свет"]
    assert number(own["Продажи, млн руб."]).tolist() == TRUTH["severny_svet"]["market"]["own_millions"]
    tasks = table(SVET / "zadachi.csv", sep=";")
    on_time = (tasks["Выполнено"] != "") & (dotted(tasks["Выполнено"]) <= dotted(tasks["Срок"]))
    assert_months(by_month(dotted(tasks["Срок"])[on_time]), "severny_svet", "tasks_on_time")


def test_northlight_traffic_and_ads() -> None:
    traffic = table(NORTH / "ga4_traffic_acquisition.csv", skiprows=9)
    days, sessions = pd.to_datetime(traffic["Date"], format="%Y%m%d"), traffic["Sessions"].astype(int)
    assert_months(by_month(days, sessions), "northlight", "visits_tracked")
    paid = traffic["Session default channel group"] == "Paid Social"
    assert_months(by_month(days[paid], sessions[paid]), "northlight", "visits_tracked", "meta_ads")
    missing = sorted(set(pd.date_range("2024-11-01", "2026-10-31")) - set(days))
    assert [f"{day:%Y-%m-%d}" for day in missing] == TRUTH["northlight"]["planted"]["missing_tracking"]
    assert (
        table(NORTH / "ga4_users_by_month.csv", skiprows=9)["Total users"].astype(int).tolist()
        == TRUTH["northlight"]["company"]["visitors"]
    )
    google = table(NORTH / "google_ads_campaigns.csv", "utf-16", "\t", skiprows=2)
    cost, totals = google["Cost"].astype(float), google["Campaign status"].str.startswith("Total: ")
    assert totals.tolist()[-4:] == [False, True, True, True]
    assert cost[totals].tolist() == pytest.approx([cost[~totals].sum()] * 3, abs=0.01)
    assert_months(by_month(google["Day"][~totals], cost[~totals]), "northlight", "spend", "google_ads")
    meta = table(NORTH / "meta_ads.csv")
    spend = meta["Amount spent (USD)"].astype(float)
    assert meta.loc[0, "Campaign name"] == "" and spend[0] == pytest.approx(spend[1:].sum(), abs=0.01)
    assert_months(by_month(meta["Day"][1:], spend[1:]), "northlight", "spend", "meta_ads")


def test_northlight_leads_and_orders(shopify: pd.DataFrame) -> None:
    deals = table(NORTH / "hubspot_deals.csv")
    qualified = deals['Date entered "Qualified To Buy (Sales Pipeline)"'] != ""
    assert_months(by_month(deals["Create Date"]), "northlight", "leads")
    assert_months(by_month(deals["Create Date"][qualified]), "northlight", "qualified_leads")
    assert_months(
        by_month(deals["Create Date"][deals["Deal Stage"] == "Appointment Scheduled"]), "northlight", "pending_leads"
    )
    days, total = shopify["Created at"].str[:10], shopify["Total"].astype(float)
    assert_months(by_month(days), "northlight", "orders")
    assert_months(by_month(days, total - shopify["Refunded Amount"].astype(float)), "northlight", "revenue")
    first = ~shopify[::-1]["Email"].duplicated()[::-1]
    assert_months(by_month(days[first]), "northlight", "new_customers")
    noted = shopify["Note Attributes"].str.extract(r"hubspot_deal_id: (\d+)")[0].dropna()
    assert sorted(noted) == sorted(deals["Record ID"][deals["Deal Stage"] == "Closed Won"])
    assert shopify["Note Attributes"].str.contains("utm_source: .+\nutm_medium: ").any()
    costs = table(NORTH / "costs.csv")
    assert_months(
        by_month(costs["Month"] + "-01", costs["Amount (USD)"].astype(float)), "northlight", "other_marketing_cost"
    )


def test_line_items_add_up_to_the_order() -> None:
    rows = table(NORTH / "shopify_orders.csv")
    goods = (rows["Lineitem price"].astype(float) * rows["Lineitem quantity"].astype(int)).groupby(rows["Name"]).sum()
    heads = rows[rows["Financial Status"] != ""].set_index("Name")
    assert len(heads.columns) + 1 == 79 and len(heads) < len(rows)
    discount = number(heads["Discount Amount"])
    assert (goods[heads.index] - discount - heads["Subtotal"].astype(float)).abs().max() < 0.011


@pytest.mark.parametrize("folder", [SVET, NORTH], ids=lambda folder: folder.name)
def test_goals_are_of_the_months_of_2026(folder: Path) -> None:
    goals = table(folder / "goals.csv")
    assert not goals.duplicated(["kpi", "scope", "start"]).any()
    assert set(goals["owner"]) <= {"marketing", "sales", "service", "shared"}
    starts = pd.to_datetime(goals["start"])
    assert (pd.to_datetime(goals["deadline"]) == starts + pd.offsets.MonthEnd()).all() and starts.nunique() == 12
    assert (goals["target"].astype(float) > 0).all()
    weights = goals[(goals["start"] == "2026-10-01")]["weight"].astype(float)
    assert weights.sum() == pytest.approx(1)
