"""What platforms claim and what rules credit, against a recount of the raw files; the mix planted in the sample."""

import json
from collections import Counter, defaultdict
from math import sqrt
from pathlib import Path

import pandas as pd
import pytest
from composed import SAMPLE, markup, sample, sheets, text

from kpi_helpers.claimed import Credit, claims_of, count_touched, credit_of
from kpi_helpers.exports import read_exports
from kpi_helpers.language import LANGUAGES, use_language
from kpi_helpers.monthly import Month, prepare_month
from kpi_helpers.reports.sources import show_sources

TRUTH = json.loads((SAMPLE / "truth.json").read_text(encoding="utf-8"))["northlight"]
PLANTED = TRUTH["planted"]["touches"]
CHANNELS = {("google", "cpc"): "google_ads", ("facebook", "paid_social"): "meta_ads", ("google", "organic"):
            "organic_search", ("(direct)", "(none)"): "direct", ("newsletter", "email"): "email",
            ("tiktok", "social"): "social", ("coffee-guide.example", "referral"): "referral"}  # fmt: skip
HOSTILE = "<img src=x onerror=alert(1)>"


def raw(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLE / "northlight" / name, dtype=str, keep_default_na=False)


def paths() -> dict[str, list[str]]:
    """The channels before each deal, oldest first."""
    found = defaultdict(list)
    for row in raw("touches.csv").sort_values("Touched at", kind="stable").itertuples():
        found[row[5]].append(CHANNELS[row.Source, row.Medium])
    return found


def credited(rule: str, path: list[str]) -> Counter:
    """One deal's credit by a rule, touch by touch."""
    last = len(path) - 1
    if rule in ("first", "last"):
        return Counter({path[0 if rule == "first" else last]: 1.0})
    ends = rule == "position" and last > 1
    parts = [0.4 if place in (0, last) else 0.2 / (last - 1) for place in range(last + 1)] if ends else [
        1 / len(path)] * len(path)  # fmt: skip
    total: Counter = Counter()
    for channel, part in zip(path, parts, strict=True):
        total[channel] += part
    return total


def of_northlight() -> Credit:
    [credit] = credit_of(sample("northlight").month)
    return credit


# Rules of attribution


def test_every_rule_credits_as_a_recount_of_the_raw_file() -> None:
    deals = raw("hubspot_deals.csv").set_index("Record ID")
    own = {deal: path for deal, path in paths().items() if deals.at[deal, "Create Date"] >= "2025-11"}
    credit = of_northlight()
    assert (credit.kind, credit.records) == ("leads", len(own))
    assert credit.all == (deals["Create Date"] >= "2025-11").sum()
    for rule in credit.shares:
        expected: Counter = Counter()
        for path in own.values():
            expected.update(credited(rule, path))
        for channel, share in credit.shares[rule].items():
            assert share == pytest.approx(expected[channel] / len(own), abs=1e-12)
        assert credit.shares[rule].sum() == pytest.approx(1)
    won = {deal: float(deals.at[deal, "Amount"]) for deal in own if deals.at[deal, "Deal Stage"] == "Closed Won"}
    money: Counter = Counter()
    for deal, amount in won.items():
        money[own[deal][0]] += amount / sum(won.values())
    assert credit.value is not None
    assert credit.value["first"].to_dict() == pytest.approx({name: money[name] for name in credit.value.index})


def test_the_touches_are_those_that_the_truth_counts() -> None:
    found = paths()
    assert (len(found), sum(map(len, found.values()))) == (TRUTH["touches"]["deals_with_touches"],
                                                          TRUTH["touches"]["touches"])  # fmt: skip
    for name, place in (("first", 0), ("last", -1)):
        assert Counter(path[place] for path in found.values()) == TRUTH["touches"][name]


def test_the_planted_mix_that_opens_the_way_is_recovered() -> None:
    longer = [path for deal, path in paths().items() if len(path) > 1 and deal > "9200300"]
    for channel, share in PLANTED["opens"].items():
        found = sum(path[0] == channel for path in longer) / len(longer)
        assert found == pytest.approx(share, abs=3 * sqrt(share * (1 - share) / len(longer)))
    moved = of_northlight().moved
    assert moved.index[0] == "meta_ads" and moved["meta_ads"] < -0.2 and moved["google_ads"] > 0.1


def test_the_crm_is_known_to_write_down_the_last_touch() -> None:
    assert of_northlight().named == ("last", 1.0)
    deals = raw("hubspot_deals.csv").set_index("Record ID")["Original Traffic Source"]
    named = {"Paid Search": "google_ads", "Paid Social": "meta_ads", "Organic Search": "organic_search",
             "Direct Traffic": "direct", "Email Marketing": "email", "Organic Social": "social",
             "Referrals": "referral"}  # fmt: skip
    assert all(path[-1] == named[deals[deal]] for deal, path in paths().items())


def test_without_touches_no_rule_is_named() -> None:
    assert credit_of(sample("severny_svet").month) == []


# Small companies from files


def composed(folder: Path, **files: list[str]) -> Month:
    folder.mkdir(exist_ok=True)
    for name, lines in files.items():
        (folder / f"{name}.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    return prepare_month(read_exports(folder), "2026-10")


def ads_of(**claims: int) -> list[str]:
    """A row a channel on 31 October that claims so many conversions of 100 each."""
    heads = "date,platform,channel,campaign,impressions,clicks,spend,platform_conversions,platform_revenue"
    return [heads, *(f"2026-10-31,{name},{name},a,1000,10,50,{count},{100 * count}" for name, count in claims.items())]


def orders_of(*channels: str) -> list[str]:
    return ["Order number,Date,Source,Amount", *(f"{n},2026-10-{n + 1:02},{name},100"
                                                 for n, name in enumerate(channels, 1))]  # fmt: skip


def test_two_platforms_that_claim_the_same_orders(tmp_path: Path) -> None:
    month = composed(tmp_path, ads=ads_of(vk_ads=8, google_ads=9), orders=orders_of(*["vk_ads"] * 3, *["email"] * 7))
    claims = claims_of(month)
    assert claims is not None
    rows = claims.set_index("channel")
    assert rows.loc["", ["conversions", "orders", "conversions_excess", "conversions_verdict", "revenue",
                         "revenue_recorded", "revenue_excess"]].tolist() == [17, 10, 7, "more_than_all", 1700, 1000,
                                                                             700]  # fmt: skip
    assert rows.loc["vk_ads", ["orders", "conversions_excess", "conversions_verdict"]].tolist() == [
        3, 5, "more_than_own"]  # fmt: skip
    assert rows["leads"].isna().all()
    section = show_sources(month, pd.DataFrame())
    assert section is not None
    words = text(section)
    assert "claim 17 conversions, the books hold 10 leads and orders: at least 7 are counted twice" in words
    assert "Leads recorded" not in words and "is not known without touches" in words
    assert "notice" not in markup(section)


def test_a_lead_and_its_order_are_one_result(tmp_path: Path) -> None:
    leads = ["Lead ID,Created at,Channel,Stage", *(f"{n},2026-10-0{n} 10:00,vk_ads,New" for n in range(1, 5))]
    orders = ["Order number,Date,Source,Amount,Deal ID", "a,2026-10-20,vk_ads,100,1", "b,2026-10-20,vk_ads,100,"]
    claims = claims_of(composed(tmp_path, ads=ads_of(vk_ads=5), leads=leads, orders=orders))
    assert claims is not None
    row = claims.set_index("channel").loc["vk_ads"]
    assert row[["leads", "orders", "conversions_ratio", "revenue_recorded"]].tolist() == [4, 1, 1.0, 200]


def test_orders_of_the_month_whose_leads_came_before_are_no_false_claims(tmp_path: Path) -> None:
    leads = ["Lead ID,Created at,Channel,Stage", *(f"{n},2026-09-1{n} 10:00,vk_ads,New" for n in range(6)),
             "9,2026-10-02 10:00,vk_ads,New"]  # fmt: skip
    orders = ["Order number,Date,Source,Amount,Deal ID", *(f"o{n},2026-10-1{n},vk_ads,100,{n}" for n in range(6))]
    claims = claims_of(composed(tmp_path, ads=ads_of(vk_ads=6), leads=leads, orders=orders))
    assert claims is not None
    row = claims.set_index("channel").loc["vk_ads"]
    assert row[["leads", "orders", "recorded", "conversions_verdict"]].tolist() == [1, 6, 7, "fits"]


def test_orders_of_the_channel_count_where_they_are_more_than_its_leads(tmp_path: Path) -> None:
    """The CRM gives the leads to another channel than the shop: the claim is held against the shop's orders."""
    leads = ["Lead ID,Created at,Channel,Stage", *(f"{n},2026-10-0{n} 10:00,email,New" for n in range(1, 5))]
    orders = ["Order number,Date,Source,Amount,Deal ID", *(f"o{n},2026-10-20,vk_ads,100,{n}" for n in range(1, 5))]
    claims = claims_of(composed(tmp_path, ads=ads_of(vk_ads=4), leads=leads, orders=orders))
    assert claims is not None
    row = claims.set_index("channel").loc["vk_ads"]
    assert row[["leads", "orders", "recorded", "conversions_verdict"]].tolist() == [0, 0, 4, "fits"]


def test_touches_that_fit_no_lead_are_named_as_such(tmp_path: Path) -> None:
    files = touched(40)
    files["touches"] = [files["touches"][0], *(f"{line}x" for line in files["touches"][1:])]
    month = composed(tmp_path, **files)
    assert count_touched(month) == 0
    section = show_sources(month, pd.DataFrame())
    assert section is not None
    assert "Touches are exported, but none of them belongs to a lead or an order." in text(section)
    assert "without touches" not in text(section)
    assert count_touched(composed(tmp_path / "fit", **touched(40))) == 40


def test_claims_of_the_sample_are_those_of_the_raw_files() -> None:
    claims = claims_of(sample("northlight").month)
    assert claims is not None
    rows = claims.set_index("channel")
    meta = raw("meta_ads.csv")
    meta = meta[meta["Day"].str.startswith("2026-10") & (meta["Campaign name"] != "")]
    assert rows.at["meta_ads", "conversions"] == pd.to_numeric(meta["Purchases"]).sum()
    assert rows.at["meta_ads", "revenue"] == pytest.approx(pd.to_numeric(meta["Purchases conversion value"]).sum())
    every = raw("hubspot_deals.csv")
    social = every.loc[every["Original Traffic Source"] == "Paid Social", "Record ID"]
    deals = every[every["Create Date"].str.startswith("2026-10")]
    assert rows.at["meta_ads", "leads"] == (deals["Original Traffic Source"] == "Paid Social").sum()
    orders = raw("shopify_orders.csv")
    orders = orders[orders["Created at"].str.startswith("2026-10") & ~orders["Financial Status"].isin(["", "voided"])]
    deal = orders["Note Attributes"].str.extract(r"hubspot_deal_id:\s*(\w+)")[0]
    free = ~deal.isin(deals["Record ID"])
    assert rows.at["", "orders"] == free.sum() and rows.at["", "leads"] == len(deals)
    paid = free & (orders["Note Attributes"].str.contains("facebook") | deal.isin(social))
    assert rows.at["meta_ads", "orders"] == paid.sum()
    assert rows.at["", "revenue_recorded"] == pytest.approx(TRUTH["company"]["revenue"][-1])


def touched(number: int, channel: str = "vk_ads") -> dict[str, list[str]]:
    """Orders on the twentieth, each with a touch of e-mail, one of the channel and one after the order."""
    orders = [f"{n},2026-10-20 12:00,{channel},10" for n in range(number)]
    touches = [f"2026-10-{day} 10:00,{source},{n}" for n in range(number)
               for day, source in ((1, "email"), (19, channel), (21, "social"))]  # fmt: skip
    return {"orders": ["Order number,Date,Source,Amount", *orders],
            "touches": ["Touched at,Source,Order number", *touches]}  # fmt: skip


def test_orders_have_touches_too_and_later_ones_do_not_count(tmp_path: Path) -> None:
    [credit] = credit_of(composed(tmp_path, **touched(40)))
    assert (credit.kind, credit.records, credit.all, credit.named) == ("orders", 40, 40, ("last", 1.0))
    assert credit.shares.to_dict() == {
        "first": {"vk_ads": 0, "email": 1}, "position": {"vk_ads": 0.5, "email": 0.5},
        "linear": {"vk_ads": 0.5, "email": 0.5}, "last": {"vk_ads": 1, "email": 0},
    }  # fmt: skip
    section = show_sources(composed(tmp_path / "more", **touched(40)), pd.DataFrame())
    assert section is not None and "VK Ads: 0% of the orders by the first touch, 100% by the last" in text(section)


def test_few_touches_say_nothing(tmp_path: Path) -> None:
    month = composed(tmp_path, **touched(29))
    assert credit_of(month) == [] and show_sources(month, pd.DataFrame()) is None


def test_the_order_of_touches_changes_nothing(tmp_path: Path) -> None:
    files = touched(40)
    mixed = {**files, "touches": [files["touches"][0], *files["touches"][:0:-1]]}
    [here], [there] = (credit_of(composed(tmp_path / name, **rows)) for name, rows in (("a", files), ("b", mixed)))
    pd.testing.assert_frame_equal(here.shares, there.shares)
    assert here.named == there.named


def test_values_from_files_are_escaped(tmp_path: Path) -> None:
    month = composed(tmp_path, ads=ads_of(**{HOSTILE: 5}), **touched(40, HOSTILE))
    section = show_sources(month, pd.DataFrame())
    assert section is not None and "<img src=x" not in markup(section)


# The section


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_section_names_the_rule_and_what_changes_by_rule(lang: str) -> None:
    use_language(lang)
    seen = sample("northlight")
    section = show_sources(seen.month, seen.card)
    assert section is not None
    claims, shares, money = sheets(section)["sheets"]
    assert [row[1:4] for row in claims["rows"]] == [[14, 23, 15], [14, 2, 7], [28, 54, 243]]
    assert [row[1] for row in shares["rows"]] == pytest.approx(of_northlight().shares["first"].tolist())
    assert len(money["rows"]) == 7
    if lang == "en":
        words = text(section)
        assert "In 100% of the cases with touches it is that of the last touch" in words
        assert "Meta Ads: 33% of the leads by the first touch, 8% by the last" in words
        assert "Of 120 recorded results the channel is not known" in words


def test_where_nothing_is_claimed_there_is_no_section(tmp_path: Path) -> None:
    (tmp_path / "ads.csv").write_text("Date,Campaign,Impressions,Clicks,Spend\n2026-10-31,a,10,1,5\n", "utf-8")
    month = prepare_month(read_exports(tmp_path), "2026-10")
    assert claims_of(month) is None and show_sources(month, pd.DataFrame()) is None
