"""What a word of everyday speech may mean in the catalogue: "satisfaction" is CSAT or the NPS, and the user chooses."""

from __future__ import annotations

import re
from dataclasses import dataclass

from kpi_helpers.catalogue import KPIS
from kpi_helpers.goals.columns import find_kpi

# Beginnings of words, in their order -> the KPIs that may be meant, the likeliest first. Words that say of what
# stand last: "satisfaction of customers" is no number of customers.
_MEANINGS: dict[tuple[str, ...], tuple[str, ...]] = {
    ("revenue", "turnover", "выручк", "оборот"): ("revenue",),
    ("profit", "прибыл", "margin", "марж"): ("margin", "romi"),
    ("average order", "average check", "basket", "средн чек"): ("aov",),
    ("ad cost share", "cost share", "acos", "дрр", "дол рекламн расход", "дол расход"): ("drr",),
    (
        "ad cost",
        "ad expens",
        "advertising cost",
        "advertising expens",
        "cost of ad",
        "рекламн расход",
        "затрат на реклам",
        "расход на реклам",
        "стоимост реклам",
    ): ("spend", "drr", "cpl"),
    ("marketing cost", "затрат на маркетинг", "затрат", "cost"): ("marketing_cost", "spend", "drr"),
    ("cost per lead", "lead cost", "стоимост лид", "стоимост заявк", "цен лид"): ("cpl", "cpql"),
    ("cost per click", "стоимост клик", "цен клик"): ("cpc",),
    ("cost per order", "стоимост заказ"): ("cpo",),
    ("acquisition cost", "cost per customer", "стоимост привлеч"): ("cac",),
    ("satisf", "удовлетвор", "довольн"): ("csat", "nps"),
    ("loyal", "лояльн"): ("nps", "retention_rate", "repeat_rate"),
    ("recommend", "рекоменд"): ("nps",),
    ("conversion", "конверс"): ("conversion_rate", "visit_to_lead", "qualification_rate", "close_rate"),
    ("qualified lead", "квалифицир лид"): ("qualified_leads",),
    ("retention", "удержан"): ("retention_rate", "repeat_rate"),
    ("churn", "отток"): ("churn_rate",),
    ("repeat", "повторн"): ("repeat_rate", "purchase_frequency"),
    ("awareness", "узнаваем", "знани"): ("awareness_aided", "awareness_unaided"),
    ("return on", "roi", "окупаем", "возврат инвест"): ("romi", "roi", "revenue_roi", "roas"),
    ("lifetime value", "ltv", "пожизн"): ("clv",),
    ("payback", "срок окупаем"): ("payback_months",),
    ("engagement", "вовлеч"): ("engagement_rate",),
    ("follower", "подписч"): ("follower_growth",),
    ("market share", "дол рынк"): ("market_share",),
    ("reach", "охват"): ("reach",),
    ("bounce", "отказ"): ("bounce_rate",),
    ("missed call", "пропущен звон"): ("missed_calls",),
    ("return on ad spend",): ("roas", "romi"),
    ("sales", "продаж"): ("revenue", "orders"),
    ("order", "заказ"): ("orders",),
    ("spend", "ad spend", "budget", "бюджет", "расход"): ("spend", "marketing_cost"),
    ("lead", "лид", "заявк", "заявок"): ("leads", "qualified_leads"),
    ("visitor", "посетител"): ("visitors", "visits"),
    ("traffic", "visit", "трафик", "визит", "посещ"): ("visits",),
    ("click", "клик"): ("clicks",),
    ("new customer", "customer", "client", "нов клиент", "клиент", "покупател"): ("new_customers",),
}
# Words that change nothing about what is meant, and beginnings of such words.
_FILLERS = {"by", "the", "our", "your", "their", "its", "s", "of", "in", "on", "at", "for", "from", "per", "was",
            "were", "is", "are", "has", "have", "will", "be", "a", "an", "all", "to", "number", "amount", "volume",
            "level", "total", "overall", "whole", "year", "yearly", "annual", "month", "monthly", "quarter",
            "quarterly", "week", "weekly", "day", "daily", "site", "website", "brand", "company", "business", "b2b",
            "b2c", "ad", "ads", "marketing", "на", "в", "во", "с", "со", "до", "за", "из", "от", "по", "для", "у",
            "нас", "наш", "наша", "наше", "наши", "наших", "вас", "ваш", "все", "всех", "весь", "вся", "год", "года",
            "стал", "стали", "стало", "стала", "будет", "будут", "станет"}  # fmt: skip
_HARMLESS = ("общ", "числ", "количеств", "объем", "уровен", "уровн", "показател", "месяц", "месячн", "ежемесячн",
             "годов", "ежегодн", "квартал", "сайт", "бренд", "компани", "бизнес", "реклам", "маркетинг")  # fmt: skip
# Words that change nothing beside a share or an index alone: "churn of clients", "conversion rate", not "client time".
_OF_WHOM = ("customer", "client", "buyer", "user", "people", "клиент", "пользовател", "людей", "rate",
            "share", "score", "index", "purchas", "дол", "процент", "коэффициент", "индекс", "покуп")  # fmt: skip
_PHRASES = sorted(
    ((phrase.split(), keys) for phrases, keys in _MEANINGS.items() for phrase in phrases),
    key=lambda item: -len(item[0]),
)  # fmt: skip


@dataclass(frozen=True)
class Meanings:
    """The KPIs that words may mean, the likeliest first, and the words that were not understood."""

    keys: tuple[str, ...]
    unread: str


def meanings_of(words: str) -> Meanings:
    """What words may mean: a KPI's own name in any language means it alone; else the phrase of most words in them.

    >>> meanings_of("satisfaction of dealers")
    Meanings(keys=('csat', 'nps'), unread='dealers')
    """
    said = words.strip(" .:!?«»\"'()")
    if (key := find_kpi(said)) in KPIS:
        return Meanings((key,), "")
    spoken = re.findall(r"[^\W_]+", words.casefold().replace("ё", "е"))
    for stems, keys in _PHRASES:
        places = _places(stems, spoken)
        if places:
            return Meanings(keys, _unread(spoken, places, keys[0]))
    named = [place for place, word in enumerate(spoken) if find_kpi(word) in KPIS]
    if len(named) != 1:
        return Meanings((), "")
    key = find_kpi(spoken[named[0]])
    return Meanings((key,), _unread(spoken, set(named), key))


def _unread(spoken: list[str], places: set[int], key: str) -> str:
    """The words that may change what is meant."""
    harmless = _HARMLESS if KPIS[key].style in ("count", "money") else _HARMLESS + _OF_WHOM
    left = (word for place, word in enumerate(spoken) if place not in places and word not in _FILLERS)
    return " ".join(word for word in left if not word.startswith(harmless))


def _places(stems: list[str], spoken: list[str]) -> set[int]:
    """Where the words stand that begin with the stems, in their order; none where one is missing."""
    found: list[int] = []
    for stem in stems:
        start = found[-1] + 1 if found else 0
        place = next((at for at in range(start, len(spoken)) if spoken[at].startswith(stem)), None)
        if place is None:
            return set()
        found.append(place)
    return set(found)
