"""Why a KPI changed and who moved it: a change split over channels and drivers, each effect given to its owner.

Composes the stages: the split is that of `drivers`, the evidence that of `kpis`.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pandas as pd

from kpi_helpers.catalogue import KPIS, Kpi
from kpi_helpers.coverage import known_until, whole_since
from kpi_helpers.drivers import read_tree, split_mix, split_parts
from kpi_helpers.kpis import compute_kpis
from kpi_helpers.labels import channel_name, month_name, write_date
from kpi_helpers.language import _
from kpi_helpers.measures import sum_measures
from kpi_helpers.monthly import Month
from kpi_helpers.past import COMPANY

LEADS_TREE, TOP, RATE, PARTS = "lead_business", "qualified_leads", "qualification_rate", ("leads", "qualified_leads")
EVIDENCE_MONTHS = 24  # up to the month compared with
NEAR = 0.10  # how far below the norm the lower bound of a confirmed channel may lie
NO_CHANNEL = ""  # leads that the export gives to no channel
EFFECTS = ("driver", "channel", "owner", "before", "after", "effect")
MONTH_AGO, YEAR_AGO = 1, 12
REAL = ("better", "worse", "changed")  # verdicts of a change that is more than noise
UNPROVEN = ("noise", "not_enough", "too_early", "not_compared")  # the most settled first
Part = tuple[Fraction, Fraction]  # leads, and those of them qualified
Leads = dict[str, Part]  # by channel


class Unexplained(Exception):
    """A change that cannot be split; the text is a sentence in the reader's language."""


@dataclass(frozen=True)
class Causes:
    """A change of `top` from `before` to `after`, in its unit, against the month so many `months_ago`.

    `effects`: a row for each driver (EFFECTS; of each channel, where it is split by channel), the driver's own values
    beside it. As floats the effects add up to `change`, in any order and to the last digit. `verdicts` say of the top
    and the drivers whether they really changed. `open_leads`: leads without a verdict yet, of the month and of the
    one before; they count as not qualified. Of a tree `names` are those of its leaves, and `proven` the owners of a
    whole branch that really changed, which no single leaf of it may show.
    """

    top: Kpi
    before: float
    after: float
    change: float
    months_ago: int
    effects: pd.DataFrame
    verdicts: Mapping[str, str]
    open_leads: tuple[int, int] = (0, 0)
    names: Mapping[str, str] = field(default_factory=dict)
    proven: frozenset[str] = frozenset()

    @property
    def by_owner(self) -> pd.Series:
        """What each owner moved, the largest first."""
        sums = self.effects.groupby("owner", sort=False)["effect"].agg(math.fsum).astype("float64")
        return sums.sort_values(key=lambda effect: -effect.abs(), kind="stable")

    @property
    def unproven_owners(self) -> dict[str, str]:
        """The owners of whose drivers no change is known to be real, each with the least settled of their verdicts."""
        found: dict[str, set[str]] = {}
        for row in self.effects[self.effects["effect"] != 0].to_dict("records"):
            if row["owner"] not in self.proven:
                found.setdefault(row["owner"], set()).add(self.verdicts.get(row["driver"], ""))
        return {owner: max(said, key=UNPROVEN.index) for owner, said in found.items() if said <= set(UNPROVEN)}

    @property
    def within_noise(self) -> bool:
        """Whether neither the top nor a driver really changed, so that nobody is to be named."""
        return all_noise(self.verdicts.get(key, "") for key in (self.top.key, *self.effects["driver"]))

    @property
    def unripe(self) -> bool:
        """Whether the leads without a verdict may turn what is said of the rate, or halve it.

        They are read at the rate of the month compared with.
        """
        rate = math.fsum(self.effects.loc[self.effects["driver"] == RATE, "effect"])
        leads = math.fsum(self.effects.loc[self.effects["driver"] == "leads", "before"])
        usual = self.before / leads if leads else 0.0
        return any(self.open_leads) and (rate + (self.open_leads[0] - self.open_leads[1]) * usual) / (rate or 1) < 0.5


def all_noise(verdicts: Iterable[str]) -> bool:
    """Whether some changes were judged and none of them is known to be real."""
    found = set(verdicts)
    return bool(found & set(UNPROVEN)) and not found & set(REAL)


def norm_of_leads(card: pd.DataFrame) -> float:
    """The share of leads that must qualify for the economics to work: the company's goal, else the norm of the tree."""
    goal = float(_row(card, RATE).get("goal_full", math.nan))
    return read_tree(LEADS_TREE).nodes[RATE].norm if math.isnan(goal) else goal


def telling_month(card: pd.DataFrame, *keys: str) -> int:
    """How many months ago the month lies that tells more: the year before, where only changes on that are real."""
    rows = [_row(card, key) for key in keys]
    on_year, on_month = (any(row.get(name) in REAL for row in rows) for name in ("year_verdict", "change_verdict"))
    return YEAR_AGO if on_year and not on_month else MONTH_AGO


def _row(card: pd.DataFrame, key: str) -> dict[Any, Any]:
    """The company's row of a KPI on the scorecard; empty where there is none."""
    rows = card[(card["kpi"] == key) & (card["scope"] == COMPANY)].to_dict("records")
    return rows[0] if rows else {}


def confirm_channels(sums: pd.DataFrame, until: pd.Timestamp, norm: float) -> pd.DataFrame:
    """Whether the leads of each channel are known to qualify at the norm: value, low, high, leads and `confirmed`.

    `sums` are measures by month and channel. The months up to `until` (its first day; it counts) speak, 24 at most.
    Confirmed: Wilson's 95 % interval of the rate reaches the norm and ends no more than ten points below it. (That the
    rate lies *above* the norm could never be proven of a channel that just keeps it.) Only then is a later fall no
    matter of the channel: what has not been shown to qualify is answered for by marketing and sales together.
    """
    past = sums[(sums["period"] <= until) & (sums["period"] > until - pd.DateOffset(months=EVIDENCE_MONTHS))]
    held = past.groupby("channel")[list(PARTS)].sum(min_count=1).dropna().reset_index()
    rates = compute_kpis(held[held["leads"] > 0], [RATE]).set_index("channel").rename(columns={"denominator": "leads"})
    rates["confirmed"] = (rates["high"] >= norm) & (rates["low"] >= norm - NEAR)
    return rates[["value", "low", "high", "leads", "confirmed"]].sort_values("leads", ascending=False, kind="stable")


def confirmed_in(evidence: pd.DataFrame) -> list[str]:
    """The channels that `confirm_channels` confirms."""
    return [str(channel) for channel in evidence.index[evidence["confirmed"]]]


def month_before(month: Month, months_ago: int) -> pd.Timestamp:
    """The first day of the month compared with."""
    return pd.Timestamp(month.start) - pd.DateOffset(months=months_ago)


def evidence_for(month: Month, card: pd.DataFrame, months_ago: int) -> pd.DataFrame:
    """`confirm_channels` for a report's month against another, at the norm of the company's scorecard."""
    sums = sum_measures(month.tables, "month", "channel", keys=PARTS)
    return confirm_channels(sums, month_before(month, months_ago), norm_of_leads(card))


def explain_leads(
    month: Month, confirmed: Collection[str], months_ago: int = MONTH_AGO, card: pd.DataFrame | None = None
) -> Causes:
    """Who moved the qualified leads: leads x qualification rate, channel by channel.

    The leads are marketing's. The rate is that of sales in the channels that are `confirmed` (see `confirm_channels`),
    and shared in the others. A channel without leads is given its rate of the other month, so that its whole change is
    one of leads. `card` tells what changed within noise. Unexplained where a month is not known as a whole.
    """
    before, after = (_by_channel(month, ago) for ago in (months_ago, 0))
    channels = sorted({*before, *after})
    if not channels:
        raise Unexplained(_("No lead came in either month."))
    rated = {channel: _rated(before.get(channel, NOTHING), after.get(channel, NOTHING)) for channel in channels}
    then, now = ({channel: pair[place] for channel, pair in rated.items()} for place in (0, 1))
    split = split_parts(then, now, f"leads * {RATE}")
    rows = [
        (driver, channel, owner, float(then[channel][driver]), float(now[channel][driver]), split.at[channel, driver])
        for channel in channels
        for driver, owner in (("leads", "marketing"), (RATE, "sales" if channel in confirmed else "shared"))
    ]
    frame = pd.DataFrame(rows, columns=list(EFFECTS))
    verdicts = {} if card is None else _verdicts(card, months_ago, (TOP, "leads", RATE))
    return Causes(KPIS[TOP], _total(before), _total(after), split.attrs["change"], months_ago, frame, verdicts,
                  (_without_verdict(month, 0), _without_verdict(month, months_ago)))  # fmt: skip


def explain_rate(month: Month, months_ago: int = MONTH_AGO) -> pd.DataFrame | None:
    """The change of the qualification rate by channel: `mix` (other channels) and `rate` (each channel), as shares.

    None where a month has no leads. Unexplained as `explain_leads`.
    """
    frames = [pd.DataFrame(_by_channel(month, ago), index=list(PARTS)).T.rename_axis("channel")
              for ago in (months_ago, 0)]  # fmt: skip
    cells = split_mix(frames[0], frames[1], above=PARTS[1], below=PARTS[0], of="rate")
    return None if math.isnan(cells.attrs["change"]) else cells


def _verdicts(card: pd.DataFrame, months_ago: int, keys: Iterable[str]) -> dict[str, str]:
    name = "change_verdict" if months_ago == MONTH_AGO else "year_verdict"
    return {key: str(row[name]) for key in keys if (row := _row(card, key))}


NOTHING: Part = (Fraction(0), Fraction(0))


def _by_channel(month: Month, months_ago: int) -> Leads:
    """Leads and those of them qualified by channel, what no channel has under NO_CHANNEL; Unexplained if not known."""
    _check_held(month, months_ago)
    period = month_before(month, months_ago)
    company, channels = (
        sum_measures(month.tables, "month", by, first_days=month.first_days, keys=PARTS) for by in (None, "channel")
    )
    whole = _parts(company[company["period"] == period].assign(channel=COMPANY)).get(COMPANY, NOTHING)
    found = _parts(channels[channels["period"] == period].dropna(subset=["channel"]))
    rest = (whole[0] - sum(part[0] for part in found.values()), whole[1] - sum(part[1] for part in found.values()))
    if any(rest):
        found[NO_CHANNEL] = rest
    if not all(0 <= qualified <= leads for leads, qualified in found.values()):
        raise Unexplained(_("More leads are qualified than there are: the export contradicts itself."))
    return found


def _check_held(month: Month, months_ago: int) -> None:
    """Unexplained where the exports hold the month in part only."""
    if months_ago:
        since = pd.Timestamp(whole_since(month.exports, ["leads"]))
        if month_before(month, months_ago) < since:
            name = month_name(month_before(month, months_ago), heading=False)
            unknown = _("There is no month to compare with: the leads of {month} are not known.")
            raise Unexplained(unknown.format(month=name))
    elif (last := known_until(month.exports, "leads", month.end)) < month.end:
        raise Unexplained(_("The leads end on {day}: who moved them cannot be told.").format(day=write_date(last)))


def _parts(rows: pd.DataFrame) -> Leads:
    """Leads and qualified ones by channel; Unexplained where leads have no verdict at all."""
    found = {}
    for row in rows.to_dict("records"):
        if pd.isna(row["leads"]) or not row["leads"]:
            continue
        if pd.isna(row["qualified_leads"]):
            name = channel_name(str(row["channel"])) if row["channel"] != COMPANY else _("the company")
            raise Unexplained(_("Which leads of {channel} qualified is not known.").format(channel=name))
        found[str(row["channel"])] = (Fraction(row["leads"]), Fraction(row["qualified_leads"]))
    return found


def _rated(before: Part, after: Part) -> tuple[dict[str, Fraction], dict[str, Fraction]]:
    """Leads and rate of both months; without leads the rate is that of the other month."""
    known = [qualified / leads for leads, qualified in (before, after) if leads]
    rates = [qualified / leads if leads else (known or [Fraction(0)])[0] for leads, qualified in (before, after)]
    then, now = ({"leads": part[0], RATE: rate} for part, rate in zip((before, after), rates, strict=True))
    return then, now


def _without_verdict(month: Month, months_ago: int) -> int:
    """Single leads of the month (of its first days, where they are compared) that are neither qualified nor not."""
    leads, start = month.tables["leads"], month_before(month, months_ago)
    days = month.first_days or start.days_in_month
    came = leads["created_at"].dt.tz_localize(None)
    open_ = came.between(start, start + pd.Timedelta(days=days), inclusive="left") & leads["qualified"].isna()
    return int((open_ & leads["leads"].isna() if "leads" in leads else open_).sum())


def _total(state: Leads) -> float:
    return float(sum(qualified for _leads, qualified in state.values()))
