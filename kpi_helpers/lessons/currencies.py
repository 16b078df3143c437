"""Currencies as learners write them beside an amount: `$`, `CA$`, `руб.`, `5 USD`."""

from __future__ import annotations

import re
from functools import lru_cache, reduce

from kpi_helpers.labels import currency_symbol

_WRITTEN = (
    (r"руб(?:\.|л(?:ь|я|ей))?|р\.?", "RUB BYN"),
    (r"dollars?|доллар(?:а|ов)?", "USD CAD AUD NZD SGD HKD"),
    (r"euros?|евро", "EUR"),
    (r"pounds?|фунт(?:а|ов)?", "GBP EGP"),
    (r"тенге", "KZT"), (r"грн\.?|гривен|гривн[аы]", "UAH"), (r"f ?cfa", "XOF XAF"),
)  # fmt: skip
_SIGNS = {
    "$": "USD CAD AUD NZD SGD HKD TWD MXN ARS CLP COP", "€": "EUR", "£": "GBP EGP", "¥": "JPY CNY", "₽": "RUB",
    "₸": "KZT", "₴": "UAH", "₹": "INR", "₺": "TRY", "₾": "GEL", "֏": "AMD", "₩": "KRW", "₪": "ILS", "₫": "VND",
    "₦": "NGN", "₱": "PHP", "฿": "THB", "₮": "MNT", "৳": "BDT",
}  # fmt: skip


def currencies_of(written: str, currency: str = "") -> frozenset[str]:
    """The codes of the currencies that small letters or a sign may mean; none where they are no currency.

    What the kit itself writes for `currency` means it.

    >>> sorted(currencies_of("ca$")), sorted(currencies_of("руб.")), sorted(currencies_of("abc"))
    (['CAD'], ['BYN', 'RUB'], [])
    """
    own = {currency.casefold(), " ".join(currency_symbol(currency).split()).casefold()}
    if found := frozenset({currency}) if currency and written in own else _meant(written):
        return found
    parts = [currencies_of(part, currency) for part in written.split()] if " " in written else []
    return reduce(frozenset.__and__, parts) if parts else frozenset()


def _meant(written: str) -> frozenset[str]:
    if written.upper() in _codes():
        return frozenset({written.upper()})
    for words, codes in _WRITTEN:
        if re.fullmatch(words, written):
            return frozenset(codes.split())
    before, sign = written[:-1].rstrip(".").upper(), written[-1:]
    return frozenset(code for code in _SIGNS.get(sign, "").split() if code.startswith(before))


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    from babel.numbers import list_currencies

    return frozenset(list_currencies())
