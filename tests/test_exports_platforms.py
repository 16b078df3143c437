"""The platform of a plain table of advertising, told by the name of its file or sheet alone."""

from pathlib import Path

import pytest

from kpi_helpers.account import notes_in_words
from kpi_helpers.company import Company
from kpi_helpers.exports import FileReading, big, read_exports, read_file
from kpi_helpers.exports.platforms import find_platform
from kpi_helpers.labels import CHANNELS

TABLE = "Дата;Кампания;Показы;Клики;Расход\n01.10.2026;Весна;1000;10;15,5\n"


def read(folder: Path, name: str, text: str = TABLE) -> FileReading:
    (folder / name).write_text(text, encoding="utf-8")
    return read_file(folder / name, Company())


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        ("Яндекс Директ октябрь.xlsx", "yandex_direct"), ("Яндекс.Директ_2026.csv", "yandex_direct"),
        ("vk_ads_2026-10.csv", "vk_ads"), ("ВК-реклама.csv", "vk_ads"), ("vk 2026-10.csv", "vk_ads"),
        ("Google Ads", "google_ads"), ("adwords.csv", "google_ads"), ("Facebook+Instagram.csv", "meta_ads"),
        ("metadata.csv", ""), ("google sheets.csv", ""), ("direct mail.csv", ""), ("вклад.csv", ""), ("Лист1", ""),
        ("vk и директ.csv", ""), ("october.csv", ""), ("", ""),
    ],
)  # fmt: skip
def test_one_known_word_tells_it(name: str, channel: str) -> None:
    assert find_platform(name) == channel and (not channel or channel in CHANNELS)


def test_the_name_of_the_file_is_taken_and_said(tmp_path: Path) -> None:
    table = read(tmp_path, "Яндекс Директ октябрь.csv").tables[0]
    assert table.frame[["platform", "channel"]].to_numpy().tolist() == [["yandex_direct", "yandex_direct"]]
    assert notes_in_words(table) == ["Yandex Direct: taken from the file's name"]
    assert notes_in_words(read(tmp_path, "октябрь.csv").tables[0]) == []


@pytest.mark.parametrize(
    "text",
    [TABLE.replace("Кампания", "Площадка"), TABLE.replace("Кампания", "Канал"), TABLE.replace("Кампания", "Источник")],
)
def test_a_table_that_names_its_channels_is_believed(text: str, tmp_path: Path) -> None:
    table = read(tmp_path, "vk_ads.csv", text).tables[0]
    assert table.frame["channel"].tolist() == ["paid_other"] and notes_in_words(table) == []


def test_an_export_of_a_platform_is_believed(tmp_path: Path) -> None:
    text = "Campaign,Day,Currency code,Clicks,Impr.,Cost\nA,2026-10-01,USD,1,10,2.50\n"
    assert read(tmp_path, "vk_ads.csv", text).tables[0].frame["channel"].tolist() == ["google_ads"]


def test_the_sheet_comes_before_the_file(tmp_path: Path) -> None:
    import pandas as pd

    frame = pd.DataFrame({"Дата": ["01.10.2026"], "Кампания": ["Весна"], "Показы": [1000], "Расход": [15.5]})
    with pd.ExcelWriter(tmp_path / "vk.xlsx", engine="xlsxwriter") as book:
        frame.to_excel(book, sheet_name="Google Ads", index=False)
        frame.assign(Расход=7).to_excel(book, sheet_name="Прочее", index=False)
    tables = read_exports(tmp_path).files[0].tables
    assert [table.frame["channel"].tolist() for table in tables] == [["google_ads"], ["vk_ads"]]
    assert [table.platform_from for table in tables] == ["sheet", "file"]


def test_tables_of_two_platforms_are_no_repeats_of_one_another(tmp_path: Path) -> None:
    for name, cost in (("vk.csv", "15,5"), ("tiktok.csv", "15,6")):
        (tmp_path / name).write_text(TABLE.replace("15,5", cost), encoding="utf-8")
    frame = read_exports(tmp_path).tables["ads"]
    assert sorted(zip(frame["channel"], frame["spend"], strict=True)) == [("tiktok_ads", 15.6), ("vk_ads", 15.5)]


def test_a_large_table_is_named_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("duckdb")
    path = tmp_path / "vk_ads.csv"
    path.write_text(TABLE + "".join(f"02.10.2026;Лето {n};1;1;1,5\n" for n in range(50)), encoding="utf-8")
    monkeypatch.setattr(big, "LARGE", 100)
    large = read_file(path, Company()).tables[0]
    monkeypatch.setattr(big, "LARGE", path.stat().st_size)
    small = read_file(path, Company()).tables[0]
    assert large.frame["channel"].unique().tolist() == small.frame["channel"].unique().tolist() == ["vk_ads"]
    assert large.platform_from == small.platform_from == "file"
