"""The view of customers, driven without a browser: value follows the controls, refusals are words, nobody is named."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from composed import SAMPLE

from kpi_helpers import explore_customers, read_exports
from kpi_helpers.customer_value import SHOP, fit_kinds
from kpi_helpers.customer_value.groups import Customers
from kpi_helpers.customers import expect_customers
from kpi_helpers.labels import write_value
from kpi_helpers.language import language, use_language
from kpi_helpers.outlook_words import rounded
from kpi_helpers.widgets import customers as view_module
from kpi_helpers.widgets.view import STILL_TYPE
from tests.small_company import made_exports
from tests.test_customer_value import HOSTILE, ads, month_of, orders_of
from tests.test_widgets import WIDGET_TYPE


@cache
def northlight() -> Any:
    return explore_customers(read_exports(SAMPLE / "northlight"))


@pytest.fixture
def view() -> Iterator[Any]:
    """The view of Northlight as it was opened."""
    opened = northlight()
    opened.group.value, opened.months.value, opened.rate.value, opened.shown.value = 0, 12, 10, "both"
    yield opened


def choose(view: Any, words: str) -> None:
    view.group.value = next(place for name, place in view.group.options if words in name)


def all_of(view: Any) -> str:
    return str(view.still() + str(view._repr_mimebundle_()))


def test_it_opens_with_all_customers_and_everything_is_there(view: Any) -> None:
    still = view.still()
    for words in ("What a customer is worth", "By month of the first order", "Whom to write to", "data:image/png",
                  "buy again in the month after", "have bought a second time", "BG/NBD (weeks): r"):  # fmt: skip
        assert words in still, words
    assert still.count("<img ") == 3


def test_the_value_to_come_is_that_of_the_models(view: Any) -> None:
    lifetime = fit_kinds(view._customers)[SHOP]
    for months, rate in ((12, 10), (24, 0), (6, 50)):
        view.months.value, view.rate.value = months, rate
        total = expect_customers(lifetime, months, rate / 100)["clv"].sum()
        assert write_value(rounded(total), "money", "USD") in view.worth.value
    assert "discounted at 50% a year" in view.worth.value


def test_a_channel_is_held_against_its_ads_and_the_company_against_all_costs(view: Any) -> None:
    assert "all marketing costs" in view.worth.value
    assert "Nothing more is expected of 239 of 1,114 customers: none like them has bought again." in view.worth.value
    choose(view, "Google Ads")
    assert "ads only, of all months" in view.worth.value and "$88.67" in view.worth.value
    choose(view, "E-mail")
    assert "its ads and other costs of its own" in view.worth.value and "$37.89" in view.worth.value
    choose(view, "Direct visits")
    assert "no costs of this channel" in view.worth.value and "no CAC, no ratio" in view.worth.value
    choose(view, "First purchase in 2025")
    assert "all marketing costs, of 2025" in view.worth.value and "December 2025" in view.months_table.value
    assert "January 2026" not in view.months_table.value


def test_customers_of_deals_are_not_foreseen_and_it_is_said(view: Any) -> None:
    choose(view, "won by a deal")
    assert "no purchases are foreseen: nobody has bought on a second day" in view.said.value
    assert "costs do not say whom they brought" in view.worth.value and view.months_table.value == ""
    assert view.second.still() == "" and "of 0 customers with a purchase model" in view.worth.value


def test_cells_show_shares_or_numbers_as_chosen(view: Any) -> None:
    pictures = set()
    for shown in ("both", "share", "count"):
        view.shown.value = shown
        pictures.add(view.cohorts.widget.value)
    assert len(pictures) == 3


def test_the_interval_is_computed_where_it_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(view_module, "DRAWS", 20)
    view = explore_customers(read_exports(SAMPLE / "northlight"))
    before = view.worth.value
    view.draw.click()
    assert view.draw.disabled and view.worth.value != before
    assert before.count("–$") == 0 and view.worth.value.count("–$") >= 4
    assert "r 0.9" in view.fine.value and "–" in view.fine.value.split("BG/NBD")[1]


def test_few_customers_have_words_in_place_of_pictures(tmp_path: Path) -> None:
    rows = [(f"secret-{n}", f"2026-0{1 + n % 3}-10 10:00", "vk_ads" if n % 2 else HOSTILE, 10.0, None)
            for n in range(12)]  # fmt: skip
    month = month_of(tmp_path, orders_of(*rows), ads=ads(("2026-01-05", "vk_ads", 300.0), ("2026-03-31", HOSTILE, 1.0)))
    view = explore_customers(month.exports)
    assert "there are fewer than 100 of them" in view.said.value and view.draw.disabled
    assert "Fewer than 30 customers: no curve is drawn" in view.still()
    for _name, place in view.group.options:
        view.group.value = place
        assert HOSTILE not in all_of(view) and "secret-" not in all_of(view)


def test_revenue_without_margins_is_no_value_against_costs(tmp_path: Path) -> None:
    rows = [(f"{n}", f"2026-0{1 + n % 3}-10 10:00", "vk_ads", 10.0, None) for n in range(40)]
    orders = orders_of(*rows).assign(margin=np.nan)
    view = explore_customers(month_of(tmp_path, orders, ads=ads(("2026-01-05", "vk_ads", 300.0))).exports)
    assert "First purchase: revenue" in view.worth.value and "LTV : CAC" not in view.worth.value
    assert "of revenue in" in view.payback.still()


def test_missing_exports_and_names_are_said_with_the_next_step(tmp_path: Path) -> None:
    none = explore_customers(made_exports(tmp_path))
    assert "No export: orders." in none.still() and "the list of orders" in none.still()
    orders = orders_of(("a", "2026-01-10 10:00", "vk_ads", 1.0, None)).assign(
        customer_id=pd.Series([None], dtype="str"))  # fmt: skip
    view = explore_customers(month_of(tmp_path, orders).exports)
    assert "who came back cannot be told" in view.still() and "a column that tells customers apart" in view.still()


def test_it_answers_in_the_language_it_was_opened_in() -> None:
    use_language("ru")
    view = explore_customers(read_exports(SAMPLE / "northlight"))
    use_language("en")
    view.months.value = 24
    assert "Ценность нового клиента за 24\u00a0месяца" in view.worth.value or "за 24 месяца" in view.worth.value
    assert language() == "ru"


def test_it_is_shown_without_a_kernel_too(view: Any) -> None:
    bundle = view._repr_mimebundle_()
    assert WIDGET_TYPE in bundle and bundle["text/plain"] == "Customers"
    assert "Run the notebook to change the choice" in bundle[STILL_TYPE]


def test_the_groups_are_those_of_the_customers(view: Any) -> None:
    customers: Customers = view._customers
    assert len(view.group.options) == len(customers.groups())
