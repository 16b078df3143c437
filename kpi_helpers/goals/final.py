"""Final goals: what a company wants in the end, and the KPIs that serve it, those that marketing moves first."""

from __future__ import annotations

from dataclasses import dataclass

from kpi_helpers.catalogue import KPIS
from kpi_helpers.labels import find_key
from kpi_helpers.language import N_


@dataclass(frozen=True)
class FinalGoal:
    """A final goal: `kpis` are the keys that serve it; `words` are beginnings of the words by which it is known."""

    key: str
    name: str
    kpis: tuple[str, ...]
    words: tuple[str, ...]


FINAL_GOALS: dict[str, FinalGoal] = {
    goal.key: goal
    for goal in (
        FinalGoal("turnover", N_("turnover"), (
            "leads", "conversion_rate", "visit_to_lead", "cpl", "cpql", "cpo", "cac", "roas", "drr", "revenue_roi",
            "romi", "roi", "qualified_leads", "aov", "new_customers", "orders", "qualification_rate", "close_rate",
            "answered_in_time", "missed_calls", "repeat_rate", "purchase_frequency", "clv", "revenue", "margin",
        ), ("turnover", "revenue", "profit", "оборот", "выручк", "прибыл")),
        FinalGoal("sales", N_("sales"), (
            "leads", "conversion_rate", "visit_to_lead", "cpl", "cpql", "cpo", "cac", "romi", "roi", "qualified_leads",
            "orders", "new_customers", "aov", "qualification_rate", "close_rate", "answered_in_time", "missed_calls",
            "missed_chats", "chat_in_time", "repeat_rate", "purchase_frequency", "revenue", "margin",
        ), ("sales", "orders", "продаж", "заказ")),
        FinalGoal("awareness", N_("awareness"), (
            "awareness_unaided", "awareness_aided", "engagement_rate", "follower_growth", "reach", "impressions", "cpm",
            "search_clicks", "visitors",
        ), ("awareness", "узнаваемост", "знани")),
        FinalGoal("loyalty", N_("loyalty"), (
            "engagement_rate", "retention_rate", "churn_rate", "repeat_rate", "purchase_frequency", "nps", "csat",
            "clv", "ltv_to_cac", "chat_in_time", "missed_chats", "answered_in_time",
        ), ("loyal", "retention", "лояльност", "удержан", "повторн")),
        FinalGoal("market_share", N_("market share"), (
            "leads", "awareness_unaided", "awareness_aided", "conversion_rate", "cac", "new_customers", "orders",
            "market_share", "retention_rate", "revenue",
        ), ("market share", "share of the market", "доля рынка", "долю рынка", "доли рынка")),
        FinalGoal("reputation", N_("reputation"), (
            "engagement_rate", "awareness_aided", "rating", "nps", "csat", "answered_in_time", "missed_calls",
            "missed_chats", "chat_in_time", "acceptance_rate",
        ), ("reputation", "репутац", "имидж")),
    )
}  # fmt: skip
_NAMES = {key: goal.name for key, goal in FINAL_GOALS.items()}


def find_final_goal(text: str) -> FinalGoal | None:
    """The final goal that a text speaks of, by its name in any language or by its words; None where it is another.

    >>> find_final_goal("turnover +20 % in 2026").key, find_final_goal("a nicer logo")
    ('turnover', None)
    """
    key = find_key(text, _NAMES)
    said = " ".join(text.casefold().split())
    named = (goal for goal in FINAL_GOALS.values() if any(word in said for word in goal.words))
    return FINAL_GOALS.get(key) or next(named, None) if said else None


def suggest_kpis(final: FinalGoal, owner: str) -> list[str]:
    """The KPIs that serve the final goal and that the owner moves; "shared" owners move what is shared."""
    return [key for key in final.kpis if KPIS[key].owner == owner and KPIS[key].kind == "KPI"]
