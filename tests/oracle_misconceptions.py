"""What each misconception computes, reckoned from its definition in plain Python, without any of the kit's code.

A row for every misconception that has a `compute`: its name, and a function of the same figures.
"""

from __future__ import annotations

from collections.abc import Callable
from statistics import fmean

TWINS: dict[str, Callable[..., float]] = {
    # honest_roi
    "revenue_as_profit": lambda revenue, spend: revenue / spend - 1,
    "roas_as_return": lambda revenue, spend: revenue / spend,
    "margin_without_spend": lambda margin, spend: margin / spend,
    "spend_off_revenue": lambda revenue, spend: 1 - spend / revenue,
    # owners: qualified leads, leads, requests by what became of them
    "all_change_to_marketing": lambda before, after: after - before,
    "quantity_alone": lambda before, after: -before + after,
    "change_halved": lambda before, after: 0.5 * after - 0.5 * before,
    "one_months_rate": lambda more, rate: rate * more,
    "answered_only": lambda in_time, late, never: 1 - late / (in_time + late),
    "any_answer_counts": lambda in_time, late, never: 1 - never / (in_time + late + never),
    "mean_of_ratios": lambda above, below: fmean(part / whole for part, whole in zip(above, below, strict=True)),
    # customer_cost
    "rates_added": lambda above, below: sum(clicks / shown for clicks, shown in zip(above, below, strict=True)),
    "ads_only_cac": lambda spend, new_customers: spend / new_customers,
    "orders_as_customers": lambda cost, orders: cost / orders,
    "cpo_as_cac": lambda spend, orders: spend / orders,
    # budget: money a month and what it brings
    "average_as_marginal": lambda spend, outcome: 1 / (outcome / spend),
    "average_after": lambda spend, outcome: 1 / (outcome / spend),
    "whole_for_more": lambda spend, more: 1 / (more / spend),
    "proportional_growth": lambda before, after: (after - before) / before,
    "whole_as_growth": lambda before, after: 1 + (after - before) / before,
    # retention, brand
    "revenue_in_ltv": lambda revenue, lost: revenue * (1 / lost),
    "year_as_lifetime": lambda margin_a_month: sum([margin_a_month] * 12),
    "retention_as_lifetime": lambda margin_a_month, churn: margin_a_month * 1 / (1 - churn),
    "retention_in_proportion": lambda kept, better: (better - kept) / kept,
    "rows_as_purchases": lambda orders, customers: 1 - customers / orders,
    "orders_per_customer": lambda orders, customers: orders * (1 / customers),
    "once_as_repeat": lambda once, customers: 1 - (customers - once) / customers,
    "young_cohort_as_final": lambda now, customers, then, customers_then: (
        (now * customers_then - then * customers) / (customers * customers_then)
    ),
    "counts_for_shares": lambda now, then: now / 100 - then / 100,
    "nps_as_percent": lambda promoters, answers: promoters / (answers / 100),
    "mean_as_nps": lambda mean: mean,
    "passives_as_detractors": lambda promoters, answers: 200 * promoters / answers - 100,
    "linear_error": lambda answers, times: times * answers,
    "narrower_by_less": lambda answers, times: (1 / times) * answers,
    "percent_for_points": lambda share, share_before: share / share_before - 1,
    # targets: a goal of a year, a month's target and what came of it by a day, a month beside others
    "equal_twelfths": lambda goal: goal / 4 / 3,
    "growth_left_out": lambda last: 1.0 * last,
    "days_share": lambda done, target, day, days: done - day * (target / days),
    "month_for_date": lambda done, target: -(target - done),
    "season_as_growth": lambda value, previous: (value - previous) / previous,
    "new_value_as_base": lambda value, before: 1 - before / value,
    # conversion
    "visits_for_visitors": lambda actions, visits: actions / visits,
    "sum_of_uniques": lambda actions, added: actions / added,
    # empty_traffic
    "empty_in_denominator": lambda amount, visits: amount / visits,
    "empty_paid_apart": lambda spend, empty: spend / empty,
    "empty_off_rate": lambda leads, visits, empty: leads / visits * (1 - empty / visits),
    # goals: months and growth, a share and its change
    "last_month_for_year": lambda last_month, growth: last_month + last_month * growth,
    "last_month_twelvefold": lambda last_month, growth: sum(last_month + last_month * growth for _month in range(12)),
    "growth_as_target": lambda base, growth: growth * base,
    "percent_of_share": lambda base, by: base + base * by,
    "points_on_share": lambda base, by: by + base,
    # metric_or_kpi: what is needed, and what of it stays
    "multiplied_by_rate": lambda needed, rate: rate * needed,
    "lost_share_added": lambda needed, rate: 2 * needed - needed * rate,
    "rate_forgotten": lambda needed: needed,
    "average_order_forgotten": lambda revenue, managers, conversion: revenue / managers / conversion,
    "team_for_one": lambda revenue, conversion, aov: revenue / aov / conversion,
    "conversion_forgotten": lambda revenue, managers, aov: revenue / aov / managers,
    "points_for_percent": lambda rise: rise,
    "level_for_change": lambda share, rise: share + share * rise,
    # claims: a test's visits by group and week, a share and a claim, what months of a study added
    "one_group_only": lambda each, a_week: next(n for n in range(10**6) if n * a_week >= each),
    "claim_in_points": lambda base, by: sum((base, by)),
    "gain_as_level": lambda base, by: (1 + by) * base - base,
    "survivors_only": lambda changes: sum(filter(lambda c: c > 0, changes)) / sum(1 for c in changes if c > 0),
    "falls_as_zero": lambda changes: sum(max(c, 0) for c in changes) / len(changes),
}
