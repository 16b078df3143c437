"""campaigns.csv: which tag of the CRM is which campaign of the ad account."""

from pathlib import Path

import pandas as pd
import pytest

from kpi_helpers.errors import KitError
from kpi_helpers.exports import read_exports
from kpi_helpers.exports.campaigns import name_campaigns, read_campaigns, unknown_campaigns
from kpi_helpers.goals import check_goals
from kpi_helpers.notices import notices
from kpi_helpers.returns import Returns

OCTOBER = pd.Timestamp("2026-10-01")
HEAD = "channel,utm_campaign,campaign\n"
LEADS = "Lead ID,Created,Source,Medium,Campaign\n"
HOSTILE = '=HYPERLINK("javascript:1")<b>,;'


def rules(folder: Path, text: str) -> Path:
    path = folder / "campaigns.csv"
    path.write_text(text, encoding="utf-8")
    return path


def named(folder: Path, text: str, *leads: tuple[str | None, str | None]) -> tuple[list[str | None], tuple[int, ...]]:
    frame = pd.DataFrame(leads, columns=["channel", "campaign"], dtype="str")
    found, idle = name_campaigns(frame, read_campaigns(rules(folder, text)))
    assert found["campaign"].dtype == frame["campaign"].dtype
    return [None if pd.isna(name) else name for name in found["campaign"]], idle


def test_the_first_row_that_fits_names_the_campaign_whatever_the_case(tmp_path: Path) -> None:
    text = HEAD + "vk_ads,lamps*,Lamps | VK\n,lamps_search,Lamps - search\n*,old,Old\n"
    found, idle = named(tmp_path, text, ("vk_ads", "Lamps_Search "), ("yandex_direct", "lamps_search"),
                        (None, "lamps_search"), ("yandex_direct", "brand"), ("vk_ads", None))  # fmt: skip
    assert found == ["Lamps | VK", "Lamps - search", "Lamps - search", "brand", None]
    assert idle == (4,)


def test_a_row_for_all_tags_names_no_lead_without_a_tag(tmp_path: Path) -> None:
    assert named(tmp_path, HEAD + "vk_ads,,All\n", ("vk_ads", None), ("vk_ads", "x"))[0] == [None, "All"]
    assert named(tmp_path, HEAD + "vk_ads,-,None\n", ("vk_ads", None), ("vk_ads", "x")) == ([None, "x"], (2,))


def test_a_russian_spreadsheet_s_file_is_read_and_any_name_is_only_a_name(tmp_path: Path) -> None:
    text = f'\ufeff{HEAD.replace(",", ";")}vk_ads;лампы;"{HOSTILE.replace(chr(34), chr(34) * 2)}"\n;;\n'
    assert named(tmp_path, text, ("vk_ads", "Лампы"))[0] == [HOSTILE]


@pytest.mark.parametrize(
    ("text", "said"),
    [("a,b\n", "needs the headings channel, utm_campaign, campaign"),
     (HEAD + "vk_ads,x,\n", "line 2 names no campaign"),
     (HEAD + "\nvk_ads,x,Offices, schools\n", "line 3 has more cells than there are headings")],
)  # fmt: skip
def test_a_wrong_file_is_named_with_its_line(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(KitError, match=f"campaigns.csv: {said}"):
        read_campaigns(rules(tmp_path, text))


def test_spare_delimiters_at_the_end_of_a_line_say_nothing(tmp_path: Path) -> None:
    assert [rule.campaign for rule in read_campaigns(rules(tmp_path, HEAD + "vk_ads,x,X,,\n"))] == ["X"]


def test_tags_that_no_ad_account_of_their_channel_has_are_counted() -> None:
    leads = pd.DataFrame({"channel": ["vk_ads"] * 3 + ["email", None], "campaign": ["x", "x", "LAMPS", "digest", "x"]})
    ads = pd.DataFrame({"channel": ["vk_ads", "google_ads"], "campaign": ["Lamps", "x"]})
    assert unknown_campaigns({"leads": leads, "ads": ads}) == {("vk_ads", "x"): 2}
    assert unknown_campaigns({"leads": leads}) == {}


def company(folder: Path) -> Path:
    """Two deals of 500 and 300 by tags, and 200 spent in the ad account on a campaign of another name."""
    (folder / "company.toml").write_text('currency = "USD"\n[margin]\nshare = 0.5\n', encoding="utf-8")
    (folder / "ads.csv").write_text(
        "Campaign,Day,Currency code,Impr.,Clicks,Cost\nLamps - search,2026-10-05,USD,1000,100,200.00\n",
        encoding="utf-8",
    )
    (folder / "leads.csv").write_text(
        LEADS + "1,2026-10-06 10:00,google,cpc,lamps_a\n2,2026-10-07 10:00,google,cpc,lamps_b\n"
        "3,2026-10-08 10:00,google,cpc,stray\n", encoding="utf-8")  # fmt: skip
    (folder / "orders.csv").write_text(
        "Order ID,Order date,Source,Medium,Revenue,Lead ID\nA,2026-10-09,google,cpc,500,1\n"
        "B,2026-10-09,google,cpc,300,2\n", encoding="utf-8")  # fmt: skip
    return folder


def test_return_by_campaign_is_known_once_the_names_are_told(tmp_path: Path) -> None:
    folder = company(tmp_path)
    before = read_exports(folder)
    assert {"leads", "orders", "ads"} <= set(before.tables)
    table = Returns(before.tables).table("campaign", OCTOBER, OCTOBER).set_index("campaign")
    assert not table.at["Lamps - search", "revenue"] > 0
    rules(folder, HEAD + "google_ads,lamps_*,Lamps - search\nvk_ads,*,Nothing\n")
    exports = read_exports(folder)
    table = Returns(exports.tables).table("campaign", OCTOBER, OCTOBER).set_index("campaign")
    assert (table.at["Lamps - search", "revenue"], table.at["Lamps - search", "roas"]) == (800, 4)
    said = [text for text in notices(exports, check_goals([])) if "ampaign" in text]
    assert said == [
        "campaigns.csv: 1 row fits no lead, line 3.",
        "1 lead of Google Ads names the campaign 'stray', which its ad account does not have. "
        "Add to campaigns.csv: google_ads,stray,CAMPAIGN",
        "CAMPAIGN is the name that the campaign has in the ad account.",
    ]


def test_an_export_of_that_name_is_an_export(tmp_path: Path) -> None:
    ads = "Campaign,Day,Currency code,Impr.,Clicks,Cost\nLamps,2026-10-05,USD,1000,100,200.00\n"
    rules(tmp_path, ads)
    (tmp_path / "exports").mkdir()
    (tmp_path / "exports" / "campaigns.csv").write_text(ads.replace("-05", "-06"))
    assert read_exports(tmp_path).tables["ads"]["spend"].sum() == 400
    rules(tmp_path, HEAD + "google_ads,lamps,Lamps\n")
    assert [file.file for file in read_exports(tmp_path).files] == ["exports/campaigns.csv"]


def test_an_export_that_only_speaks_of_tags_is_an_export(tmp_path: Path) -> None:
    ads = "Campaign,Day,Currency code,Impr.,Clicks,Cost,Final URL\n" \
          "Lamps,2026-10-05,USD,1000,100,200.00,https://a.example/?utm_campaign=lamps\n"  # fmt: skip
    rules(tmp_path, ads)
    assert read_exports(tmp_path).tables["ads"]["spend"].sum() == 200
    visits = "date,utm_source,utm_medium,utm_campaign,sessions\n2026-10-05,google,cpc,lamps,30\n"
    rules(tmp_path, visits)
    assert read_exports(tmp_path).tables["traffic"]["visits"].sum() == 30


def test_a_table_of_tags_that_cannot_be_opened_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = company(tmp_path)
    closed, opened = rules(folder, HEAD), Path.open

    def refuse(path: Path, *how: object, **further: object) -> object:
        if path == closed:
            raise PermissionError(13, "Permission denied")
        return opened(path, *how, **further)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", refuse)
    [unread] = [file for file in read_exports(folder).files if file.reason]
    assert (unread.file, "Permission denied" in unread.reason) == ("campaigns.csv", True)
