"""Misconceptions that the lesson “Brand, NPS and the error of surveys” answers."""

from __future__ import annotations

from kpi_helpers.language import N_
from kpi_helpers.lessons.misconceptions.kinds import Misconception

TABLE = {
    "sample_as_truth": Misconception(
        N_("the sample taken for everybody"),
        N_("This expects a few people to be just like everybody. The result also depends on who happens to be "
           "asked."),
    ),
    "chance_too_small": Misconception(
        N_("chance thought smaller than it is"),
        N_("Chance does more than that with so few answers."),
    ),
    "chance_too_large": Misconception(
        N_("chance thought larger than it is"),
        N_("So many answers leave chance less room than that."),
    ),
    "nps_as_percent": Misconception(
        N_("promoters alone taken for the NPS"),
        N_("This is the share of promoters, a percentage. The NPS also asks who would advise against you."),
        "100 * promoters / answers",
    ),
    "mean_as_nps": Misconception(
        N_("the mean of the scores taken for the NPS"),
        N_("This is the mean of the scores. The NPS compares two groups and takes no mean."),
        "mean",
    ),
    "passives_as_detractors": Misconception(
        N_("all who are no promoters counted as detractors"),
        N_("This counts everybody who is not a promoter as against you. Where do 7 and 8 belong?"),
        "100 * (promoters - (answers - promoters)) / answers",
    ),
    "linear_error": Misconception(
        N_("the error taken to shrink as the number of answers grows"),
        N_("This lets the interval shrink as fast as the answers grow. Look at the experiment: how wide was it "
           "with four times the answers?"),
        "answers * times",
    ),
    "narrower_by_less": Misconception(
        N_("fewer answers taken for a smaller error"),
        N_("With fewer answers chance has more room, not less."),
        "answers / times",
    ),
    "any_change_is_real": Misconception(
        N_("every difference of two surveys taken for a change"),
        N_("Two surveys of the same people would differ, too. What does the interval of the difference hold?"),
    ),
    "noise_as_nothing": Misconception(
        N_("“not proven” taken for “nothing has changed”"),
        N_("Not seeing a change is not seeing that there is none. How large a change does the interval allow?"),
    ),
    "real_as_noise": Misconception(
        N_("a change that chance does not explain taken for chance"),
        N_("Some differences are too large for chance. Is zero within the interval of this one?"),
    ),
    "size_mends_bias": Misconception(
        N_("a large sample taken for a fair one"),
        N_("Many answers make chance small. They do not bring in those who were never asked."),
    ),
    "points_for_percent": Misconception(
        N_("points taken for percent"),
        N_("This reads the plan as points. Its author means percent of the awareness there was."),
        "rise",
    ),
    "level_for_change": Misconception(
        N_("the new level taken for the change"),
        N_("This is where the awareness would end. How far is it from where it began?"),
        "share * (1 + rise)",
    ),
}  # fmt: skip
