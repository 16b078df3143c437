"""The misconceptions that lessons answer: a name, words that name it without the solution, and what it computes.

To add one, add a row to `MISCONCEPTIONS` (and its translation) and, where it leads to a number, its computation; the
tests hold every computation against an independent one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from kpi_helpers.language import N_


@dataclass(frozen=True)
class Misconception:
    """`name` for a teacher's summary, `words` for who has it; `computes` gives the wrong number by the figures."""

    name: str
    words: str
    computes: Callable[..., float] | None = None


@dataclass(frozen=True)
class Slip:
    """A wrong answer, the misconception that leads to it, and the figures that it was computed from."""

    name: str
    value: Any
    figures: Mapping[str, Any] = field(default_factory=dict)


def slip(name: str, **figures: Any) -> Slip:
    """The wrong number that a misconception makes of the figures.

    >>> slip("revenue_as_profit", revenue=150.0, spend=100.0).value
    0.5
    """
    computes = MISCONCEPTIONS[name].computes
    assert computes is not None, f"{name} computes nothing"
    return Slip(name, float(computes(**figures)), figures)


def slip_to(name: str, value: Any) -> Slip:
    """The option, or the order, that a misconception leads to."""
    assert name in MISCONCEPTIONS, name
    return Slip(name, value)


def revenue_as_profit(revenue: float, spend: float) -> float:
    return (revenue - spend) / spend


def roas_as_return(revenue: float, spend: float) -> float:
    return revenue / spend


def margin_without_spend(margin: float, spend: float) -> float:
    return margin / spend


def spend_off_revenue(revenue: float, spend: float) -> float:
    return (revenue - spend) / revenue


def all_change_to_marketing(before: float, after: float) -> float:
    return after - before


def quantity_alone(before: float, after: float) -> float:
    return after - before


def change_halved(before: float, after: float) -> float:
    return (after - before) / 2


def one_months_rate(more: float, rate: float) -> float:
    return more * rate


def answered_only(in_time: float, late: float, never: float) -> float:
    return in_time / (in_time + late)


def any_answer_counts(in_time: float, late: float, never: float) -> float:
    return (in_time + late) / (in_time + late + never)


def ads_only_cac(spend: float, new_customers: float) -> float:
    return spend / new_customers


def orders_as_customers(cost: float, orders: float) -> float:
    return cost / orders


def cpo_as_cac(spend: float, orders: float) -> float:
    return spend / orders


def rates_added(above: Sequence[float], below: Sequence[float]) -> float:
    return sum(one / of for one, of in zip(above, below, strict=True))


def average_as_marginal(spend: float, outcome: float) -> float:
    return spend / outcome


def average_after(spend: float, outcome: float) -> float:
    return spend / outcome


def whole_for_more(spend: float, more: float) -> float:
    return spend / more


def proportional_growth(before: float, after: float) -> float:
    return after / before - 1


def whole_as_growth(before: float, after: float) -> float:
    return after / before


def mean_of_ratios(above: Sequence[float], below: Sequence[float]) -> float:
    return sum(one / of for one, of in zip(above, below, strict=True)) / len(above)


def revenue_in_ltv(revenue: float, lost: float) -> float:
    return revenue / lost


def year_as_lifetime(margin_a_month: float) -> float:
    return 12 * margin_a_month


def retention_as_lifetime(margin_a_month: float, churn: float) -> float:
    return margin_a_month / (1 - churn)


def rows_as_purchases(orders: float, customers: float) -> float:
    return (orders - customers) / orders


def orders_per_customer(orders: float, customers: float) -> float:
    return orders / customers


def once_as_repeat(once: float, customers: float) -> float:
    return once / customers


def young_cohort_as_final(now: float, customers: float, then: float, customers_then: float) -> float:
    return now / customers - then / customers_then


def counts_for_shares(now: float, then: float) -> float:
    return (now - then) / 100


def nps_as_percent(promoters: float, answers: float) -> float:
    return 100 * promoters / answers


def mean_as_nps(mean: float) -> float:
    return mean


def passives_as_detractors(promoters: float, answers: float) -> float:
    return 100 * (promoters - (answers - promoters)) / answers


def linear_error(answers: float, times: float) -> float:
    return answers * times


def narrower_by_less(answers: float, times: float) -> float:
    return answers / times


def percent_for_points(share: float, share_before: float) -> float:
    return (share - share_before) / share_before


def equal_twelfths(goal: float) -> float:
    return goal / 12


def growth_left_out(last: float) -> float:
    return last


def days_share(done: float, target: float, day: float, days: float) -> float:
    return done - target * day / days


def month_for_date(done: float, target: float) -> float:
    return done - target


def season_as_growth(value: float, previous: float) -> float:
    return value / previous - 1


def new_value_as_base(value: float, before: float) -> float:
    return (value - before) / value


def visits_for_visitors(actions: float, visits: float) -> float:
    return actions / visits


def sum_of_uniques(actions: float, added: float) -> float:
    return actions / added


def empty_in_denominator(amount: float, visits: float) -> float:
    return amount / visits


def empty_paid_apart(spend: float, empty: float) -> float:
    return spend / empty


def empty_off_rate(leads: float, visits: float, empty: float) -> float:
    return leads / visits * (visits - empty) / visits


def last_month_for_year(last_month: float, growth: float) -> float:
    return last_month * (1 + growth)


def last_month_twelvefold(last_month: float, growth: float) -> float:
    return 12 * last_month * (1 + growth)


def growth_as_target(base: float, growth: float) -> float:
    return base * growth


def percent_of_share(base: float, by: float) -> float:
    return base * (1 + by)


def points_on_share(base: float, by: float) -> float:
    return base + by


def multiplied_by_rate(needed: float, rate: float) -> float:
    return needed * rate


def lost_share_added(needed: float, rate: float) -> float:
    return needed * (1 + (1 - rate))


def rate_forgotten(needed: float) -> float:
    return needed


def average_order_forgotten(revenue: float, managers: float, conversion: float) -> float:
    return revenue / (managers * conversion)


def team_for_one(revenue: float, conversion: float, aov: float) -> float:
    return revenue / (conversion * aov)


def conversion_forgotten(revenue: float, managers: float, aov: float) -> float:
    return revenue / (managers * aov)


def points_for_percent(rise: float) -> float:
    return rise


def level_for_change(share: float, rise: float) -> float:
    return share * (1 + rise)


def one_group_only(each: float, a_week: float) -> float:
    return -(-each // a_week)


def claim_in_points(base: float, by: float) -> float:
    return base + by


def gain_as_level(base: float, by: float) -> float:
    return base * by


def survivors_only(changes: Sequence[float]) -> float:
    rises = [change for change in changes if change > 0]
    return sum(rises) / len(rises)


def falls_as_zero(changes: Sequence[float]) -> float:
    return sum(change for change in changes if change > 0) / len(changes)


MISCONCEPTIONS: dict[str, Misconception] = {
    "revenue_as_profit": Misconception(
        N_("revenue taken for profit"),
        N_("You counted all revenue as if it were earned. The goods had to be paid for, too: which part of the "
           "revenue stays?"),
        revenue_as_profit,
    ),
    "roas_as_return": Misconception(
        N_("ROAS taken for the return"),
        N_("This is revenue per unit of money spent. A return asks what is left after the money spent is taken off."),
        roas_as_return,
    ),
    "margin_without_spend": Misconception(
        N_("advertising not taken off the margin"),
        N_("The margin still has to pay for the advertising itself. What is left after that?"),
        margin_without_spend,
    ),
    "spend_off_revenue": Misconception(
        N_("the rest of the revenue taken for the margin it needs"),
        N_("This is the part of the revenue that is left after advertising. Asked is the part that has to pay for it."),
        spend_off_revenue,
    ),
    "immature_as_final": Misconception(
        N_("an unfinished month taken for a result"),
        N_("This reads as if the month were over. What of it is still going on?"),
    ),
    "open_as_won": Misconception(
        N_("open deals counted as won"),
        N_("Nobody knows yet which of the open deals will be won: this counts hopes as money."),
    ),
    "silence_for_caution": Misconception(
        N_("a number held back for being unfinished"),
        N_("Then nobody could act on the month before it is long past. A number may be unfinished if it says so."),
    ),
    "all_change_to_marketing": Misconception(
        N_("the whole change laid to marketing"),
        N_("This lays the whole change to marketing. Which part of it did the leads make, and which the share of them "
           "that qualified?"),
        all_change_to_marketing,
    ),
    "all_change_to_sales": Misconception(
        N_("the whole change laid to sales"),
        N_("This lays the whole change to sales. What would have changed if they had qualified just the same share?"),
    ),
    "quantity_alone": Misconception(
        N_("leads counted without asking which are any good"),
        N_("This counts leads, good and empty alike. How many of them would have qualified?"),
        quantity_alone,
    ),
    "change_halved": Misconception(
        N_("the change simply halved between two owners"),
        N_("This gives each owner half of the change, whatever either of them did. What did each really change?"),
        change_halved,
    ),
    "one_months_rate": Misconception(
        N_("the rate of one month taken for both"),
        N_("You valued the leads at the rate of one month only. What both owners moved together then falls to one of "
           "them alone."),
        one_months_rate,
    ),
    "due_without_hours": Misconception(
        N_("minutes counted while the office is closed"),
        N_("This counts every minute of the clock. Who could have answered at that hour?"),
    ),
    "day_off_as_working_day": Misconception(
        N_("a day off counted as a working day"),
        N_("On that day the office is closed. Look at the weekday, and at the public holidays."),
    ),
    "no_first_hour": Misconception(
        N_("a request of the night treated like one of the day"),
        N_("This is the rule for what comes during working hours. Another holds for what is waiting at the opening."),
    ),
    "answered_only": Misconception(
        N_("requests without an answer left out"),
        N_("You counted only the requests that got an answer. What about those that nobody answered?"),
        answered_only,
    ),
    "any_answer_counts": Misconception(
        N_("late answers counted as good ones"),
        N_("This is the share that got any answer at all. Asked is how many got it before their time was over."),
        any_answer_counts,
    ),
    "anothers_number": Misconception(
        N_("somebody paid for the number of another"),
        N_("This number is moved by others. What can the one who is paid do about it?"),
    ),
    "step_pays_luck": Misconception(
        N_("all or nothing, where chance decides"),
        N_("At such an edge a single deal more or less decides over everything, and chance deals them out."),
    ),
    "mean_of_ratios": Misconception(
        N_("the mean of percentages taken for the whole"),
        N_("You took the mean of the percentages. That counts a small part as much as a large one."),
        mean_of_ratios,
    ),
    "rates_added": Misconception(
        N_("percentages added up"),
        N_("You added percentages. They are parts of different wholes: two halves of two cakes are not one cake."),
        rates_added,
    ),
    "cheap_clicks": Misconception(
        N_("cheap clicks taken for a good channel"),
        N_("This channel has the cheapest clicks. A click is not yet anybody with whom sales can talk."),
    ),
    "cheap_leads": Misconception(
        N_("cheap leads taken for cheap customers"),
        N_("This looks at the cost of a lead alone. With how many of these leads could sales work?"),
    ),
    "total_as_cost_each": Misconception(
        N_("the largest sum taken for the highest price"),
        N_("This goes by the whole sum of a channel. Asked is what one of its results cost."),
    ),
    "ads_only_cac": Misconception(
        N_("CAC from advertising alone"),
        N_("You counted the advertising alone. Who else was paid so that these customers came?"),
        ads_only_cac,
    ),
    "orders_as_customers": Misconception(
        N_("orders taken for new customers"),
        N_("You divided by orders. Some of them came from people who had been customers for long."),
        orders_as_customers,
    ),
    "cpo_as_cac": Misconception(
        N_("cost per order (CPO) taken for CAC"),
        N_("This is the advertising for one order. Two things differ from CAC: what is above the line, and who is "
           "below."),
        cpo_as_cac,
    ),
    "cause_without_look": Misconception(
        N_("a cause named before anybody looked"),
        N_("This names a culprit. Do these two numbers show who it was, or only what happened?"),
    ),
    "costs_cancel": Misconception(
        N_("two costs set off against each other"),
        N_("These are prices of different things: they cannot be set off against each other."),
    ),
    "average_as_marginal": Misconception(
        N_("the average taken for what comes next"),
        N_("This is the average: it looks back at all the money so far. Asked is what the next money brings."),
        average_as_marginal,
    ),
    "average_after": Misconception(
        N_("the new average taken for the price of the increase"),
        N_("This is the average after the increase: all the money over all that came. What of both is extra?"),
        average_after,
    ),
    "whole_for_more": Misconception(
        N_("all the money held against the extra results"),
        N_("Below the line stand the extra results, above it all the money. How much of the money is extra?"),
        whole_for_more,
    ),
    "proportional_growth": Misconception(
        N_("results expected to grow as the budget does"),
        N_("This is by how much the money grows. Do the results follow it step by step?"),
        proportional_growth,
    ),
    "whole_as_growth": Misconception(
        N_("the new level taken for the growth"),
        N_("This is the new level as a share of the old one. By how much is it more than before?"),
        whole_as_growth,
    ),
    "all_to_the_best": Misconception(
        N_("everything given to the best channel"),
        N_("So much money no week has seen there. And what does a channel bring when it has it all already?"),
    ),
    "range_left_out": Misconception(
        N_("the middle taken and the range left out"),
        N_("You compared the middles. How sure they are, the ranges beside them say: what do these two ranges do?"),
    ),
    "what_if_as_promise": Misconception(
        N_("a what-if taken for a promise"),
        N_("A curve was learned from past weeks. Who has measured yet that it holds when the money moves?"),
    ),
    "doubt_as_standstill": Misconception(
        N_("nothing done because it is not certain"),
        N_("Nothing is ever certain, so nothing would ever change. What small step would make you surer?"),
    ),
    "retention_in_proportion": Misconception(
        N_("lifetime taken to grow as retention does"),
        N_("This lets the value grow as retention grows. How long a customer stays hangs on the share that leaves."),
    ),
    "value_of_one_purchase": Misconception(
        N_("one purchase taken for the lifetime value"),
        N_("This looks at one purchase. The LTV adds up all of them until the customer leaves."),
    ),
    "revenue_in_ltv": Misconception(
        N_("LTV counted in revenue"),
        N_("This counts all revenue as if it stayed with the company. Which line has the goods taken off?"),
        revenue_in_ltv,
    ),
    "year_as_lifetime": Misconception(
        N_("a year taken for the lifetime"),
        N_("This is the margin of twelve months. Does a customer stay twelve months here?"),
        year_as_lifetime,
    ),
    "retention_as_lifetime": Misconception(
        N_("lifetime taken from retention and not from churn"),
        N_("This divides by the share that stays. Who ends a lifetime: those who stay, or those who leave?"),
        retention_as_lifetime,
    ),
    "rows_as_purchases": Misconception(
        N_("rows of the file taken for customers who came back"),
        N_("This is a share of orders: each order after a customer's first. Asked is a share of people."),
        rows_as_purchases,
    ),
    "orders_per_customer": Misconception(
        N_("orders per customer taken for the repeat purchase rate"),
        N_("This is how many orders a customer makes on average. A few who order often can make it large."),
        orders_per_customer,
    ),
    "once_as_repeat": Misconception(
        N_("those who bought once taken for those who came back"),
        N_("This is the share of those who did not come back."),
        once_as_repeat,
    ),
    "young_cohort_as_final": Misconception(
        N_("a young cohort taken for a finished one"),
        N_("This holds months of one cohort against years of the other. How much time had each to come back?"),
        young_cohort_as_final,
    ),
    "counts_for_shares": Misconception(
        N_("numbers of people taken for points"),
        N_("This is a difference of people, not of shares. Of how many were they?"),
        counts_for_shares,
    ),
    "definition_as_behaviour": Misconception(
        N_("another definition taken for another behaviour"),
        N_("The orders are the same ones. Who of the customers would have noticed anything?"),
    ),
    "rule_of_thumb_as_law": Misconception(
        N_("a rule of thumb taken for a law"),
        N_("3 is a habit, not a law. And has the money that customers bring changed at all?"),
    ),
    "lifetime_as_margin": Misconception(
        N_("a longer lifetime taken for a larger margin"),
        N_("An LTV grows by a larger margin or by a longer lifetime. Which of the two was counted anew here?"),
    ),
    "sample_as_truth": Misconception(
        N_("the sample taken for everybody"),
        N_("This expects of a few people that they are just like all. Who happens to be asked decides, too."),
    ),
    "chance_too_small": Misconception(
        N_("chance thought smaller than it is"),
        N_("Chance does more than that with so few answers."),
    ),
    "nps_as_percent": Misconception(
        N_("promoters alone taken for the NPS"),
        N_("This is the share of promoters, a percentage. The NPS also asks who would advise against you."),
        nps_as_percent,
    ),
    "mean_as_nps": Misconception(
        N_("the mean of the scores taken for the NPS"),
        N_("This is the mean of the scores. The NPS holds two groups against each other and takes no mean."),
        mean_as_nps,
    ),
    "passives_as_detractors": Misconception(
        N_("all who are no promoters counted as detractors"),
        N_("This counts everybody who is no promoter as against you. Where do 7 and 8 belong?"),
        passives_as_detractors,
    ),
    "linear_error": Misconception(
        N_("the error taken to shrink as the number of answers grows"),
        N_("This lets the interval shrink as fast as the answers grow. Look at the experiment: how wide was it with "
           "twice the answers?"),
        linear_error,
    ),
    "narrower_by_less": Misconception(
        N_("fewer answers taken for a smaller error"),
        N_("With fewer answers chance has more room, not less."),
        narrower_by_less,
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
    "percent_for_points": Misconception(
        N_("percent taken for percentage points"),
        N_("This is a change in percent of the earlier share. Points are the plain difference of the two shares."),
        percent_for_points,
    ),
    "equal_twelfths": Misconception(
        N_("a year's goal split by twelve"),
        N_("This is a twelfth of the goal: it takes all months for equal. Were they equal last year?"),
        equal_twelfths,
    ),
    "growth_left_out": Misconception(
        N_("last year's month taken for the target"),
        N_("This is what the month brought last year. The goal of the year is higher than last year."),
        growth_left_out,
    ),
    "days_share": Misconception(
        N_("a plan to date by calendar days"),
        N_("You took every day for equal. Weekdays, weekends and holidays do not bring the same: which part is due "
           "by then?"),
        days_share,
    ),
    "month_for_date": Misconception(
        N_("the plan of the whole month held against a part of it"),
        N_("You held a part of the month against the plan of all of it. How much should there be by this date?"),
        month_for_date,
    ),
    "season_as_growth": Misconception(
        N_("the season taken for growth"),
        N_("You held the month against the one before, which has another season. Which month has the same?"),
        season_as_growth,
    ),
    "new_value_as_base": Misconception(
        N_("a change divided by the new value"),
        N_("You divided the change by where it arrived. Percent of growth are counted from where it began."),
        new_value_as_base,
    ),
    "chance_as_success": Misconception(
        N_("chance taken for success"),
        N_("Months also rise by themselves. Does this one leave the range in which they usually move?"),
    ),
    "trend_of_two": Misconception(
        N_("two months taken for a trend"),
        N_("Through two points there is always a line. How did the months before them move?"),
    ),
    "no_signal_as_no_effect": Misconception(
        N_("no signal taken for no effect"),
        N_("A small effect would not show in one month among so much chance. Not seen is not the same as not there."),
    ),
    "visits_for_visitors": Misconception(
        N_("visits taken for visitors"),
        N_("This is over visits. One visitor can visit several times: which line counts people?"),
        visits_for_visitors,
    ),
    "sum_of_uniques": Misconception(
        N_("visitors added up over days"),
        N_("Added up over days, whoever came on five days is five people. Is there a line that counts them once?"),
        sum_of_uniques,
    ),
    "total_like_parts": Misconception(
        N_("the total expected to move as its parts do"),
        N_("A total also changes with the weight of its parts. What else changed between the months?"),
    ),
    "denominator_swapped": Misconception(
        N_("another denominator for a better number"),
        N_("Then this month can no longer be compared with the last one. A denominator stays as it is."),
    ),
    "empty_in_denominator": Misconception(
        N_("empty visits left in the denominator"),
        N_("You divided by all visits, the empty ones among them. Which of them could have led to anything?"),
        empty_in_denominator,
    ),
    "empty_off_rate": Misconception(
        N_("empty visits taken off the rate"),
        N_("You made the conversion smaller by the share of empty visits. The leads are all still there: what has "
           "become smaller?"),
        empty_off_rate,
    ),
    "empty_paid_apart": Misconception(
        N_("the spend divided by the empty visits"),
        N_("You divided by the empty visits. Asked is what each of the others cost: how many are they?"),
        empty_paid_apart,
    ),
    "more_visits_better": Misconception(
        N_("more visits taken for better marketing"),
        N_("Visits alone earn nothing. What became of them?"),
    ),
    "low_bounce_proves_people": Misconception(
        N_("a low bounce rate taken as a proof of buyers"),
        N_("A bounce rate is measured inside the site: robots can open pages, and readers need not buy. What says "
           "somebody outside, such as sales?"),
    ),
    "leads_without_quality": Misconception(
        N_("all leads counted, whether they qualify or not"),
        N_("Not every lead is one that sales can work with. Which column says how many are?"),
    ),
    "wish_as_goal": Misconception(
        N_("a wish taken for a goal"),
        N_("Nobody could say in a year whether this came true. What in it could be counted, and until when?"),
    ),
    "year_or_last_month": Misconception(
        N_("a growth without saying what it is counted on"),
        N_("The sentence can be read in several ways, and they differ widely. On what is the growth counted?"),
    ),
    "goal_nobody_moves": Misconception(
        N_("a goal that nobody can move alone"),
        N_("This is a result of many hands: nobody moves it alone, so nobody can be held to it. What is it made of, "
           "and who moves which part?"),
    ),
    "goal_of_another": Misconception(
        N_("a goal in the hands of another department"),
        N_("The owner named here does not move this KPI. Whose daily work changes it?"),
    ),
    "goal_of_all": Misconception(
        N_("a goal that all answer for together"),
        N_("Where all answer for it together, nobody does. Who can move this KPI alone?"),
    ),
    "metric_as_goal": Misconception(
        N_("a metric taken for a KPI"),
        N_("This number can grow without any use to the company: robots and chance visitors count, too. What should "
           "come of it?"),
    ),
    "goal_without_baseline": Misconception(
        N_("a goal without a starting point"),
        N_("Without a starting point nobody sees how far the target is, nor how much of the way is done."),
    ),
    "goal_without_deadline": Misconception(
        N_("a goal without a deadline"),
        N_("“As soon as possible” is never late. By which day can it be said whether the goal was met?"),
    ),
    "goal_too_far": Misconception(
        N_("a deadline too far to steer by"),
        N_("By then nobody remembers the goal. Which part of the way can be checked sooner?"),
    ),
    "goal_too_easy": Misconception(
        N_("a goal that would come by itself"),
        N_("The forecast reaches this almost surely, whatever anybody does. What would have to be done for more?"),
    ),
    "beyond_all_history": Misconception(
        N_("a goal beyond all history"),
        N_("Nothing in the history or the forecast speaks for this. Hold it against the best there was."),
    ),
    "percent_or_points": Misconception(
        N_("a change of a share with two meanings"),
        N_("A change of a share in “%” can be read in two ways: percent of it, or percentage points."),
    ),
    "last_month_for_year": Misconception(
        N_("the last month taken for the year"),
        N_("This is where the last month would be. The goal counts twelve months together."),
        last_month_for_year,
    ),
    "last_month_twelvefold": Misconception(
        N_("one month twelve times taken for a year"),
        N_("This takes every month to be like the last one. Which line already holds the busy and the quiet months?"),
        last_month_twelvefold,
    ),
    "growth_as_target": Misconception(
        N_("the growth taken for the target"),
        N_("This is only what is to be added. The target is where the KPI stands in the end."),
        growth_as_target,
    ),
    "percent_of_share": Misconception(
        N_("percent of a share taken where points are meant"),
        N_("You took percent of the share. The goal speaks of points: what are they added to?"),
        percent_of_share,
    ),
    "points_on_share": Misconception(
        N_("points added where percent of a share are meant"),
        N_("You added percentage points. The goal speaks of a part of the present value."),
        points_on_share,
    ),
    "number_before_goal": Misconception(
        N_("numbers chosen before the goal"),
        N_("A number comes first here, before anybody said what it is for. How would you know that it is the right "
           "one?"),
    ),
    "target_before_start": Misconception(
        N_("a target set before its starting point is known"),
        N_("Here a target is set before it is known which number it is about and where that stands today."),
    ),
    "watched_before_set": Misconception(
        N_("watching without a target"),
        N_("Here something is watched before it is said what it should be. What would it be held against?"),
    ),
    "result_as_kpi": Misconception(
        N_("a result taken for a KPI"),
        N_("This is a result: it follows from other numbers, and nobody has a handle on it. What is it made of?"),
    ),
    "another_owners_lever": Misconception(
        N_("the lever of another department"),
        N_("Somebody moves this number, but another department. Whose daily work is it?"),
    ),
    "vanity_metric": Misconception(
        N_("a number that grows without use"),
        N_("This is easily moved, and the company may gain nothing by it. What has to come after it?"),
    ),
    "multiplied_by_rate": Misconception(
        N_("multiplied by the rate on the way back"),
        N_("You went the way forward: from leads to those that qualify. Asked is the way back. Must there be more "
           "leads or fewer?"),
        multiplied_by_rate,
    ),
    "lost_share_added": Misconception(
        N_("the lost share added to what is needed"),
        N_("You added as many as are lost of those needed. But of the leads you added some are lost, too."),
        lost_share_added,
    ),
    "rate_forgotten": Misconception(
        N_("every lead counted as qualified"),
        N_("So many leads would do if each of them qualified. Some do not."),
        rate_forgotten,
    ),
    "orders_as_revenue": Misconception(
        N_("a number of orders taken for money"),
        N_("Nothing in the formula is measured in money, so no money can come out of it. Follow the units."),
    ),
    "calls_as_orders": Misconception(
        N_("the last factor of a formula overlooked"),
        N_("The first two factors give this. What does the third one make of it?"),
    ),
    "purchases_as_rate": Misconception(
        N_("a product taken for one of its factors"),
        N_("This is the unit of a single factor. What is left when all three are multiplied?"),
    ),
    "average_order_forgotten": Misconception(
        N_("money divided as if it were orders"),
        N_("You divided money as if each order brought one unit of it. How many orders does this revenue take?"),
        average_order_forgotten,
    ),
    "team_for_one": Misconception(
        N_("the work of the team given to one person"),
        N_("So many calls the whole team makes in a day. Asked is how many each of its members makes."),
        team_for_one,
    ),
    "conversion_forgotten": Misconception(
        N_("every call counted as a purchase"),
        N_("So many purchases each person needs in a day. Not every call ends in one."),
        conversion_forgotten,
    ),
    "points_for_percent": Misconception(
        N_("points taken for percent"),
        N_("This reads the plan as points. Its author means percent of the awareness there was."),
        points_for_percent,
    ),
    "level_for_change": Misconception(
        N_("the new level taken for the change"),
        N_("This is where the awareness would end. How far is it from where it began?"),
        level_for_change,
    ),
    "one_group_only": Misconception(
        N_("the second group of a test forgotten"),
        N_("These are the weeks of one group. The group without the change needs its visits from the same weeks."),
        one_group_only,
    ),
    "claim_in_points": Misconception(
        N_("a claim in percent read in points"),
        N_("You added percentage points. The small print speaks of percent of the present value."),
        claim_in_points,
    ),
    "gain_as_level": Misconception(
        N_("the gain taken for the new level"),
        N_("This is only what would be gained. The question is where the share would stand afterwards."),
        gain_as_level,
    ),
    "survivors_only": Misconception(
        N_("only those counted who stayed"),
        N_("You counted those that the study shows. Who is no longer in it, and how did they fare?"),
        survivors_only,
    ),
    "falls_as_zero": Misconception(
        N_("falls counted as nothing"),
        N_("You counted those that fell, but not how far they fell."),
        falls_as_zero,
    ),
    "before_and_after": Misconception(
        N_("before and after taken for proof"),
        N_("The months before differ by season, prices and luck, and a bad month is mostly followed by a better one. "
           "Who goes without it at the same time?"),
    ),
    "volunteers_compared": Misconception(
        N_("groups that chose themselves"),
        N_("People who want it differ from those who do not, before anything has begun. Who should decide who gets "
           "it?"),
    ),
    "test_too_short": Misconception(
        N_("a test too short for the claim"),
        N_("A test this short does not gather as many as each group needs. Count again how long both groups take."),
    ),
    "stopped_when_it_shows": Misconception(
        N_("a test stopped when it shows something"),
        N_("Whoever looks every day and stops at the first difference finds one by chance sooner or later."),
    ),
    "best_of_many": Misconception(
        N_("the best of many KPIs taken for the result"),
        N_("Among many KPIs one rises by chance almost every time. Which one had been promised?"),
    ),
}  # fmt: skip
