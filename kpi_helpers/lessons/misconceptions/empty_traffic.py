"""Misconceptions that the lesson “Traffic and empty traffic” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "cheap_clicks": Misconception(
        N_("cheap clicks taken for a good channel"),
        N_("This channel has the cheapest clicks. A click is not yet anybody with whom sales can talk."),
    ),
    "empty_in_denominator": Misconception(
        N_("empty visits left in the denominator"),
        N_("You divided by all visits, the empty ones among them. Which of them could have led to anything?"),
        "amount / visits",
    ),
    "empty_off_rate": Misconception(
        N_("empty visits taken off the rate"),
        N_("You made the conversion smaller by the share of empty visits. The leads are all still there: what has "
           "become smaller?"),
        "leads / visits * (visits - empty) / visits",
    ),
    "empty_paid_apart": Misconception(
        N_("the spend divided by the empty visits"),
        N_("You divided by the empty visits. The question asks what each of the others cost: how many are there?"),
        "spend / empty",
    ),
    "more_visits_better": Misconception(
        N_("more visits taken for better marketing"),
        N_("Visits alone earn nothing. What became of them?"),
    ),
    "low_bounce_proves_people": Misconception(
        N_("a low bounce rate taken as a proof of buyers"),
        N_("A bounce rate is measured inside the site: robots can open pages, and readers need not buy. What does "
           "somebody outside say, such as sales?"),
    ),
    "leads_without_quality": Misconception(
        N_("all leads counted, whether they qualify or not"),
        N_("Not every lead is one that sales can work with. Which column says how many are?"),
    ),
}  # fmt: skip
