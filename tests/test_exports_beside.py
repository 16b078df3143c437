"""Own tables of advertising beside what the platforms export: the same spend counts once, other spend is told."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import pytest

from kpi_helpers.exports import Exports, beside, read_exports
from kpi_helpers.goals import check_goals
from kpi_helpers.language import use_language
from kpi_helpers.notices import notices

DIRECT = "День;№ кампании;Название кампании;Показы;Клики;Расход, ₽ с НДС\n"
OWN = "Дата;Канал;Клики;Расход\n"


def fill(folder: Path, **files: str) -> Exports:
    for name, text in files.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return read_exports(folder)


def direct(days: Iterable[int] = range(1, 11), month: int = 10) -> str:
    spring = (f"{day:02}.{month}.2026;1;Весна;1000;10;{100 + day},50\n" for day in days)
    return DIRECT + "".join([*spring, *(f"{day:02}.{month}.2026;2;Лето;500;5;10,25\n" for day in days)])


def own(*amounts: str, channel: str = "Яндекс Директ") -> str:
    return OWN + "".join(f"{day:02}.10.2026;{channel};15;{amount}\n" for day, amount in enumerate(amounts, 1))


def spend(exports: Exports) -> float:
    return round(float(exports.tables["ads"]["spend"].sum()), 2)


def added(exports: Exports) -> list[str]:
    return [text for text in notices(exports, check_goals([])) if "are added up" in text]


ALONE = sum(100 + day + 0.5 + 10.25 for day in range(1, 11))


@pytest.mark.parametrize(
    ("amounts", "repeated"),
    [
        (("111,75", "112,75", "113,75"), 3),  # to the kopeck
        (("112", "113", "114"), 3),  # rounded to roubles
        (("111,75", "112,05", "300"), 1),
        (("111,35", "112", "114,75"), 0),
    ],
)
def test_where_channel_day_and_spend_agree_the_platforms_export_counts(
    amounts: tuple[str, ...], repeated: int, tmp_path: Path
) -> None:
    exports = fill(tmp_path, own=own(*amounts), platform=direct())
    ours = exports.files[0].tables[0]
    assert (ours.used, ours.yielded, len(ours.frame)) == (3, repeated, 3 - repeated)
    kept = [float(amount.replace(",", ".")) for amount in amounts][repeated:]
    assert spend(exports) == round(ALONE + sum(kept), 2)
    assert len(added(exports)) == (repeated < 3)
    assert not repeated or "in another export of the same days" in ours.repeats


def test_other_spend_of_the_same_channel_and_days_is_said_with_both_amounts(tmp_path: Path) -> None:
    exports = fill(tmp_path, own=own("200", "200,50", "250"), platform=direct())
    assert added(exports) == [
        "own.csv and platform.csv both tell of Yandex Direct, 1–3 October 2026: ₽650.50 and ₽338.25 of ad spend are "
        "added up. If these are the same ads, leave one of the two in the folder."
    ]
    assert spend(exports) == ALONE + 650.5


@pytest.mark.parametrize(
    "text", [own("111,75", channel="vk"), own("500", channel="vk"), own("500").replace(".10.", ".09.")]
)
def test_other_channels_and_other_days_are_nothing_to_tell(text: str, tmp_path: Path) -> None:
    exports = fill(tmp_path, own=text, platform=direct())
    assert added(exports) == [] and exports.files[0].tables[0].yielded == 0


def test_campaigns_are_known_by_their_names(tmp_path: Path) -> None:
    rows = "01.10.2026;весна ;10;101,5\n01.10.2026;Лето;5;99\n01.10.2026;Осень;5;10,25\n"
    exports = fill(tmp_path, own="Дата;Кампания;Клики;Расход\n" + rows, platform=direct())
    assert exports.files[0].tables[0].frame["campaign"].tolist() == ["Лето", "Осень"]
    assert [" ₽99.00 and ₽111.75" in text for text in added(exports)] == [True]


def test_a_month_of_an_own_table_is_held_against_all_its_days_in_several_files(tmp_path: Path) -> None:
    month = "Месяц;Канал;Клики;Расход\nоктябрь 2026;Яндекс Директ;150;{}\nсентябрь 2026;Яндекс Директ;9;50\n"
    halves = {"first": direct(range(1, 6)), "second": direct(range(6, 11))}
    same = fill(tmp_path, own=month.format("1162,5"), **halves)
    assert ALONE == 1162.5 and spend(same) == ALONE + 50
    other = fill(tmp_path, own=month.format("1300"), **halves)
    assert spend(other) == ALONE + 1300 + 50
    [text] = added(other)
    assert "first.csv, second.csv" in text and "₽1,300.00 and ₽1,162.50" in text


def test_nothing_of_it_is_said_of_a_single_table(tmp_path: Path) -> None:
    assert added(fill(tmp_path, own=own("5", "6"))) == []


def test_the_sentence_is_russian_for_russian_readers(tmp_path: Path) -> None:
    exports = fill(tmp_path, own=own("200"), platform=direct())
    use_language("ru")
    try:
        assert any("own.csv" in text and "platform.csv" in text for text in notices(exports, check_goals([])))
    finally:
        use_language("en")


VK = "Дата;Название кампании;Показы;Клики;Потрачено всего, ₽\n"


@pytest.mark.parametrize("names", [("a", "b"), ("b", "a")])
def test_a_campaign_of_two_platforms_is_found_in_the_one_that_agrees(names: tuple[str, str], tmp_path: Path) -> None:
    ours = "".join(f"{day:02}.10.2026;Весна;{300 + day},25\n" for day in range(1, 11))
    vk = VK + "".join(f"{day:02}.10.2026;Весна;20;2;{300 + day},25\n" for day in range(1, 11))
    found = fill(tmp_path, **{names[0]: direct(), names[1]: vk, "own": "Дата;Кампания;Расход\n" + ours})
    assert spend(found) == ALONE + sum(300.25 + day for day in range(1, 11))
    assert set(found.tables["ads"]["channel"]) == {"yandex_direct", "vk_ads"}


def test_days_without_spend_are_told_once_too(tmp_path: Path) -> None:
    free = DIRECT + "".join(f"{day:02}.10.2026;1;Весна;1000;10;{day % 2 * 100},00\n" for day in range(1, 11))
    ours = OWN + "".join(f"{day:02}.10.2026;Яндекс Директ;10;{day % 2 * 100}\n" for day in range(1, 12))
    found = fill(tmp_path, direct=free, own=ours)
    assert found.tables["ads"]["clicks"].sum() == 110  # ten days of both, and one of the own table


def test_many_tables_of_both_kinds_take_little_time(tmp_path: Path) -> None:
    channels = {f"own{at}": own(*map(str, range(100 * at, 100 * at + 9))) for at in range(1, 25)}
    exported = direct().replace(";10,25", ";{at},75").replace("Весна", "Весна {at}")
    platform = {f"direct{at}": exported.format(at=at) for at in range(24)}
    readings = [table for file in fill(tmp_path, **channels, **platform).files for table in file.tables]
    calls = Counter[str]()
    with pytest.MonkeyPatch.context() as patched:
        real = beside._Spent.of
        patched.setattr(beside._Spent, "of", classmethod(lambda _cls, rows: calls.update(["of"]) or real(rows)))
        beside.leave_to_platforms(readings)
    assert calls["of"] <= 2 * 24  # not once for each campaign of the platforms and each own table
