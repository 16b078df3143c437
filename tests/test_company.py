from datetime import date, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.company import MIDNIGHT, Company, WorkingHours, read_company
from kpi_helpers.errors import KitError

FULL = """
name = "Северный свет"
currency = "rub"
language = "ru"
timezone = "Europe/Moscow"
vat = "included"
active_days = 120
[customers]
since = 2024-02-29
[actions]
main = "Заявка"
[margin]
share = 0.35
[working_hours]
days = ["mon", "tue", "sat"]
opens = 08:30:00
closes = "17:00"
country = "ru"
near_closing = "before_closing"
[leads]
qualified = ["КЛ", "Договор"]
won = "Успешно реализовано"
[survey]
recommend = "Порекомендуете?"
[market]
company = "Северный свет"
"""


@pytest.fixture
def company_of(tmp_path):
    def read(text: str, encoding: str = "utf-8") -> Company:
        (tmp_path / "company.toml").write_bytes(text.encode(encoding))
        return read_company(tmp_path)

    return read


def test_a_bare_folder_has_defaults_and_its_own_name(tmp_path):
    assert read_company(tmp_path) == Company(name=tmp_path.name)


def test_every_setting_finds_its_place(company_of):
    hours = WorkingHours(("mon", "tue", "sat"), time(8, 30), time(17), "RU", "before_closing")
    assert company_of(FULL) == Company(
        name="Северный свет", currency="RUB", language="ru", timezone="Europe/Moscow", vat="included", active_days=120,
        customers_since=date(2024, 2, 29), main_action="Заявка", margin_share=0.35, hours=hours,
        qualified_stages=("КЛ", "Договор"),
        won_stages=("Успешно реализовано",), survey={"recommend": "Порекомендуете?"}, market_company="Северный свет",
    )


def test_closing_at_the_end_of_the_day_is_written_24_00(company_of):
    hours = company_of('[working_hours]\nopens = "00:00"\ncloses = "24:00"').hours
    assert (hours.opens, hours.closes) == (time(0), MIDNIGHT)


def test_a_byte_order_mark_is_no_part_of_the_first_setting(company_of):
    assert company_of('name = "A"', "utf-8-sig").name == "A"


@pytest.mark.parametrize(("text", "said"), [
    ('currency = "rubles"', 'currency = \'rubles\' is not allowed. Expected: a currency code of three Latin letters'),
    ("currency = 643", "currency code"),
    ('currency = "РУБ"', "currency code"),
    ('language = "de"', '"en" or "ru"'),
    ('timezone = "Moscow"', "time zone"),
    ('timezone = ""', "time zone"),
    ('timezone = "../../etc/passwd"', "time zone"),
    ('timezone = "Europe"', "time zone"),
    ('vat = "yes"', '"included" or "excluded"'),
    ("active_days = 0", "whole number of days"),
    ("active_days = 1.5", "whole number of days"),
    ("active_days = true", "whole number of days"),
    ("active_days = inf", "whole number of days"),
    ("active_days = nan", "whole number of days"),
    ("active_days = 1000000000", "whole number of days"),
    ('active_days = "90"', "whole number of days"),
    ("customers.since = 2024", "a day, such as 2024-01-31"),
    ("customers.since = 2024-02-29T10:00:00", "a day, such as 2024-01-31"),
    ('customers.since = "29.02.2024"', "a day, such as 2024-01-31"),
    ("margin.share = 40", "between 0 and 1"),
    ("margin.share = true", "between 0 and 1"),
    ("margin.share = nan", "between 0 and 1"),
    ("margin.share = [0.4]", "between 0 and 1"),
    ('working_hours.days = ["monday"]', "list of days"),
    ("working_hours.days = []", "list of days"),
    ('working_hours.opens = "25:00"', "a time"),
    ('working_hours.opens = "09:00+03:00"', "a time"),
    ("working_hours.opens = 9", "a time"),
    ('working_hours.country = "Atlantis"', "country code"),
    ('working_hours.near_closing = "closing"', '"next_opening", "before_closing" or "after_hours"'),
    ("working_hours.near_closing = true", '"next_opening", "before_closing" or "after_hours"'),
    ('working_hours.opens = "24:00"', "working_hours.opens = '24:00' is not allowed"),
    ('working_hours.opens = "18:00"\nworking_hours.closes = "09:00"', "must open before they close"),
    ("leads.qualified = 5", "list of stage names"),
    ("leads.won = [5]", "list of stage names"),
    ("name = 5", "text in quotes"),
    ("survey = 5", "unknown setting survey"),
    ('survey.recomend = "?"', "Did you mean survey.recommend"),
    ('survey.wait = "?"', "unknown setting survey.wait"),
    ("survey.weight = 5", "text in quotes"),
    ('survey.waves = "week"', "or the first day of each wave"),
    ('survey.waves = { "Spring" = "soon" }', "the first day of each wave"),
    ('survey.waves = { "A" = 2026-03-25, "B" = 2026-03-25 }', "the first day of each wave"),
    ('survey.population = { "Age" = { "18-34" = 0.5, "35+" = 0.4 } }', "shares that add up to 1"),
    ('survey.population = { "Age" = { "18+" = 1 } }', "shares that add up to 1"),
    ('survey.population = { "Age" = "18-34" }', "shares that add up to 1"),
    ('curency = "RUB"', "unknown setting curency. Did you mean currency"),
    ("leads = 5", "unknown setting leads"),
    ('leads.won.deep = "x"', "list of stage names"),
    ("name = ", "line 1 cannot be read: name ="),
    ('name = "A"\n\ncurrency = “USD”\n', "line 3 cannot be read: currency = “USD”"),
    ('name = "A"\nleads.won = ["x",\n', "line 2 cannot be read"),
])
def test_a_wrong_setting_is_named_with_what_was_expected(company_of, text, said):
    with pytest.raises(KitError) as caught:
        company_of(text)
    assert str(caught.value).startswith("company.toml: ")
    assert said in str(caught.value)


def test_a_file_in_another_encoding_is_refused_in_one_line(company_of):
    with pytest.raises(KitError, match="company.toml: is not saved as UTF-8"):
        company_of('name = "Свет"', "cp1251")


keys = st.sampled_from(["name", "currency", "timezone", "active_days", "margin", "working_hours", "leads", "survey",
                        "leads.won", "margin.share", "working_hours.opens", "working_hours.days", "market.company"])
settings = st.one_of(
    st.integers().map(str), st.floats().map(str),
    st.sampled_from(["true", "2026-01-01", "09:00:00", "[]", "[[1]]", "{}"]),
    st.text(st.characters(codec="ascii", categories=["L", "N", "Zs"]), max_size=8).map(lambda text: f'"{text}"'),
)


@given(keys, settings)
def test_any_setting_is_taken_or_refused(tmp_path_factory, key, setting):
    folder = tmp_path_factory.getbasetemp()
    (folder / "company.toml").write_text(f"{key} = {setting}\n", encoding="utf-8")
    try:
        assert isinstance(read_company(folder), Company)
    except KitError as error:
        assert "company.toml: " in str(error)
