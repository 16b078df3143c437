"""Brand, NPS and the error of surveys: what a few answers can say of everybody, and what they cannot."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from markupsafe import Markup

from kpi_helpers.charts.asked_again import plot_surveys
from kpi_helpers.labels import NBSP, upper_first, write_interval, write_value
from kpi_helpers.language import _
from kpi_helpers.lessons.chapters.brand_asking import ask_answers_needed, ask_goal, ask_report
from kpi_helpers.lessons.chapters.brand_cases import (
    ALL,
    GROUPS,
    TARGET,
    UNAIDED,
    Known,
    Score,
    drawn_range,
    half_width,
    in_points,
    interval_of,
    list_known,
    list_pairs,
    list_scores,
    waves_of,
    who_words,
)
from kpi_helpers.lessons.figures import Figures, Lot
from kpi_helpers.lessons.misconceptions import slip, slip_to
from kpi_helpers.lessons.questions import Choice, Number, Option
from kpi_helpers.lessons.script import Experiment, Paragraph, Run, Script, Shown, Slider, Step, leave_out, steps_table
from kpi_helpers.tables import Column, data_table

WAVES = 4  # the newest, of which the lesson shows one
APART = 0.01  # of shares: what is nearer shows no bias
SURVEYS = 20  # at each press
FEWEST, MOST = 50, 2000  # answers of a survey
SMALL = 50  # answers of one that shows how wide an interval can be
PARTS = {"exact": 0.12, "near": 0.4, "right": 1.0, "far": 2.2}  # of what chance really does
OFFERED = (("exact", "near", "right"), ("near", "right", "far"))  # one is drawn
TIMES = (2, 3, 4)  # how much narrower an interval is to be
RISES = (0.1, 0.2, 0.25, 0.3, 0.4)  # goals that somebody set


def compose(figures: Figures, lot: Lot) -> Script:
    """The lesson on the company's survey."""
    waves = waves_of(figures)
    known, unaided, target = list_known(waves), list_known(waves, UNAIDED), list_known(waves, population=TARGET)
    shown, scores = lot.one(known[-WAVES:]), [score for group in GROUPS for score in list_scores(figures, waves, group)]
    plain = [score for score in scores if score.adds_up] or scores
    case, blank = lot.clear(plain, ask_nps)
    others = [score for score in plain if score != case and score.population == ALL and score.detractors]
    example = lot.one(others or plain)
    asked = [(one, times) for one in known + target if one != shown for times in TIMES]
    goals = [(one, rise) for one in known if one != shown for rise in RISES if one.share + rise < 1]
    return Script(
        predict=ask_prediction(shown, figures.name, lot.one(OFFERED)),
        explore=ask_again(shown, figures.name, lot.whole(1, 10**6)),
        explain=lambda said: explain(shown, [one for one in unaided if one.wave == shown.wave],
                                     [one for one in target if one.wave == shown.wave], figures.name, said),
        example=work_out(example), example_of=example.name, blank=blank,
        fresh=[lot.clear(asked, ask_answers_needed)[1], lot.clear(goals, ask_goal)[1]],
        leave=ask_report(lot, list_pairs(known)),
        remember=(
            _("A survey's share is a range. Write the number of answers and the interval beside it."),
            _("Half the interval costs four times the answers."),
            _("The NPS is promoters less detractors, in points from −100 to 100: neither a percentage nor a mean."),
            _("Many answers make chance small. They do not bring in those who were never asked."),
        ),
    )  # fmt: skip


# The steps


def ask_prediction(one: Known, company: str, offered: Sequence[str] = OFFERED[0]) -> Choice:
    text = _("Suppose that exactly {share} of all people in the market know {company}. {n} people are drawn by "
             "lot and asked. In which range does the result lie, in 19 of 20 such surveys?")  # fmt: skip
    low, high = drawn_range(one)
    ranges = {key: (max(one.share - PARTS[key] * (one.share - low), 0.0),
                    min(one.share + PARTS[key] * (high - one.share), 1.0)) for key in offered}  # fmt: skip
    slips = {"exact": "sample_as_truth", "near": "chance_too_small", "far": "chance_too_large"}
    return Choice(
        text=text.format(share=write_value(one.share, "share"), company=company,
                         n=write_value(one.answers, "count")),
        answer="right",
        options=tuple(Option(key, _("Between {low} and {high}").format(**_ends(*ends)))
                      for key, ends in ranges.items()),
        slips=tuple(slip_to(slips[key], key) for key in offered if key in slips),
    )  # fmt: skip


def _ends(low: float, high: float) -> dict[str, str]:
    short = high - low >= 0.012
    return {"low": write_value(low, "share", short=short), "high": write_value(high, "share", short=short)}


def ask_again(one: Known, company: str, seed: int) -> Experiment:
    """Surveys drawn from the share of the wave; the same seed and press give the same ones."""
    reach = 2.2 * half_width(one.share, FEWEST)
    span = max(one.share - reach, 0.0), min(one.share + reach, 1.0)
    start = min(max(10 * round(one.answers / 10), FEWEST), MOST)

    def show(set_to: Mapping[str, Any]) -> Shown:
        answers, pressed = int(set_to["answers"]), int(set_to["again"])
        drawn = np.random.default_rng([seed, pressed]).binomial(answers, one.share, SURVEYS if pressed else 1)
        shares = drawn / answers
        ends = [interval_of(share, answers) for share in shares]
        words = _finding(one, answers, start, shares, ends)
        ax = plot_surveys(
            list(shares), [low for low, _high in ends], [high for _low, high in ends], one.share, span=span,
            name=_("so it is: {share}").format(share=write_value(one.share, "share")),
            x_name=_("one survey after another"),
            finding=words, subtitle=_("Share who know {company}, of {n} answers each; lines: 95% interval").format(
                company=company, n=write_value(answers, "count")),
        )  # fmt: skip
        return Shown(words, ax, words)

    return Experiment(
        task=_("Exactly {share} know {company}. Ask again, and again. Then take four times as many answers: how much "
               "narrower do the intervals become?").format(share=write_value(one.share, "share"), company=company),
        controls=[Run("again", _("Ask again")),
                  Slider("answers", _("Answers of a survey"), FEWEST, MOST, 10, start)],
        show=show,
    )  # fmt: skip


def _finding(one: Known, answers: int, start: int, shares: np.ndarray, ends: Sequence[tuple[float, float]]) -> str:
    half = in_points(half_width(one.share, answers))
    if answers != start:
        half = _("{half} (with {n} answers ±\u00a0{before})").format(
            half=half, n=write_value(start, "count"), before=in_points(half_width(one.share, start)))  # fmt: skip
    if len(shares) == 1:
        return _("One survey of {n} answers: {share}, interval ±\u00a0{half}").format(
            n=write_value(answers, "count"), share=write_value(shares[0], "share"), half=half)  # fmt: skip
    missed = sum(not low <= one.share <= high for low, high in ends)
    text = _("By chance alone {range}; intervals ±\u00a0{half}, {missed} of {surveys} miss the truth")
    drawn = write_interval(shares.min(), shares.max(), "share")
    return text.format(range=drawn, half=half, missed=missed, surveys=len(shares))


def explain(one: Known, unaided: Sequence[Known], target: Sequence[Known], company: str, said: Any) -> list[Paragraph]:
    low, high = drawn_range(one)
    wide = _("With {n} answers chance alone moves the share from {low} to {high}.").format(
        n=write_value(one.answers, "count"), **_ends(low, high))  # fmt: skip
    begin = {
        "right": _("You chose the range that chance really takes."),
        "near": _("You gave chance less room than it takes."),
        "far": _("You gave chance more room than it takes."),
        "exact": _("You expected the survey to come out almost exactly like the market."),
    }.get(str(said), "")  # fmt: skip
    yes = round(one.share * SMALL)
    small = _("So a share from a survey is a range, the 95% interval: in 19 of 20 surveys it holds the truth. "
              "Suppose a small survey, in which {yes} of {n} say yes: that is {share}, but anything from {low} to "
              "{high} fits. The interval shrinks with the square root of the answers: half the width takes four "
              "times as many, a quarter sixteen times.")  # fmt: skip
    paragraphs: list[Paragraph] = [
        f"{begin} {wide}".strip(),
        small.format(
            share=write_value(yes / SMALL, "share", short=True),
            yes=yes,
            n=SMALL,
            **_ends(*interval_of(yes / SMALL, SMALL)),
        ),
        _widths(one),
    ]
    if unaided:
        aid = _("{company}, {wave}: {aided} know the name when they hear it (aided awareness), {unaided} name it by "
                "themselves (unaided).")  # fmt: skip
        paragraphs.append(aid.format(company=company, wave=one.name, aided=write_value(one.share, "share"),
                                     unaided=write_value(unaided[0].share, "share")))  # fmt: skip
    bias = _("The interval covers chance, and chance alone, not the choice of whom to ask. In this survey "
             "{target} of the target audience know {company}, and {all} of all. Suppose that both are exactly "
             "so. If you ask only the target audience, you may ask a million: the answer stays {target}, with "
             "hardly any interval, and it is still wrong for all.")  # fmt: skip
    if target and abs(target[0].share - one.share) > APART:
        paragraphs.append(bias.format(target=write_value(target[0].share, "share"), company=company,
                                      all=write_value(one.share, "share")))  # fmt: skip
    nps = _("The NPS (Net Promoter Score) comes from one question: how likely are you to recommend us, from 0 to "
            "10? It is a difference of two shares: promoters (9 or 10) less detractors (0 to 6). Those who "
            "answer 7 or 8, the passives, count in the number of answers only. It is read in points, from −100 "
            "to 100.")  # fmt: skip
    return [*paragraphs, nps]


def _widths(one: Known) -> Markup:
    """The interval of the share for so many answers, and four and sixteen times as many."""
    columns = [Column(_("Answers"), "count"), Column(_("Share")), Column(_("95% interval")),
               Column(_("Half its width"))]  # fmt: skip
    rows = [
        [one.answers * times, write_value(one.share, "share"),
         write_interval(*interval_of(one.share, one.answers * times), "share"),
         f"±{NBSP}" + in_points(half_width(one.share, one.answers * times))]
        for times in (1, 4, 16)
    ]  # fmt: skip
    return Markup(data_table(columns, rows))


def work_out(score: Score, blank: str = "") -> list[Step]:
    """The NPS of a wave, step by step; `blank` is the step left to the learner."""
    count = {name: write_value(getattr(score, name), "count") for name in ("answers", "promoters", "detractors")}
    share = {name: write_value(getattr(score, name) / score.answers, "share") for name in ("promoters", "detractors")}
    points = write_value(score.nps, "points")
    steps = {
        "promoters": Step(_("Promoters (9–10)"), f"{count['promoters']} / {count['answers']}", share["promoters"]),
        "passives": Step(_("Passives (7–8)"), f"{write_value(score.passives, 'count')} / {count['answers']}",
                         write_value(score.passives / score.answers, "share")),
        "detractors": Step(_("Detractors (0–6)"), f"{count['detractors']} / {count['answers']}", share["detractors"]),
        "mean": Step(_("Mean of the scores (it is not needed)"), "", write_value(score.mean, "ratio")),
        "nps": Step(_("NPS, in points"), f"{share['promoters']} − {share['detractors']}", points),
        "interval": Step(_("95% interval, in points"), _("from {n} answers").format(n=count["answers"]),
                         _("from {low} to {high}").format(low=write_value(score.low, "points"),
                                                          high=write_value(score.high, "points"))),
    }  # fmt: skip
    return leave_out({key: step for key, step in steps.items() if not (blank and key == "interval")}, blank)


def ask_nps(score: Score) -> Number:
    figures = {"promoters": score.promoters, "answers": score.answers}
    who = who_words(score.population)
    text = _("{wave}, {who}: how likely are you to recommend the company, from 0 to 10? {n} answers. What is the "
             "NPS, in points? A whole number is enough.")  # fmt: skip
    return Number(
        text=text.format(wave=upper_first(score.name), n=write_value(score.answers, "count"), who=who),
        given=steps_table(work_out(score, "nps")), answer=score.nps, style="points", rounding=1.0,
        slips=(slip("nps_as_percent", **figures), slip("passives_as_detractors", **figures),
               slip("mean_as_nps", mean=score.mean)),
        hints=(
            _("The NPS compares two of the three groups. Which one stays out?"),
            _("The share of promoters less the share of detractors; write it in points, without a percent sign."),
        ),
        because=_("Promoters less detractors. Those who say 7 or 8 make both shares smaller, and that is all."),
        solution=_("{promoters} − {detractors} = {nps} points").format(
            promoters=write_value(100 * score.promoters / score.answers, "points"),
            detractors=write_value(100 * score.detractors / score.answers, "points"),
            nps=write_value(score.nps, "points")),
    )  # fmt: skip
