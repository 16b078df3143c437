"""What a view needs for the answer to one move of a control, beside its opening and beside one picture drawn anew.

    python -m benchmarks.views [--moves 12] [--only budget]

CPU of this process, words, tables and picture together, without a browser. A view is opened on exports that have been
read already. "picture" is the view's own picture, laid out and saved as for a report.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import cycle
from pathlib import Path
from statistics import median
from typing import Any

from kpi_helpers import (
    explore_brand,
    explore_customers,
    explore_returns,
    explore_tree,
    move_budget,
    plan_test,
    read_exports,
)
from kpi_helpers.exports import Exports

SAMPLE = Path(__file__).resolve().parent.parent / "data" / "sample"


@dataclass(frozen=True)
class Tried:
    """A control of a view: how the view is opened, which control moves between which values, which picture it has."""

    name: str
    company: str
    open: Callable[[Exports], Any]
    control: Callable[[Any], Any]
    values: Callable[[Any], list[Any]]
    picture: Callable[[Any], Any] = lambda view: view.picture


def among(control: Any) -> list[Any]:
    """Five places of a slider."""
    return [control.min + part * (control.max - control.min) for part in (0.2, 0.4, 0.6, 0.8, 0.5)]


def offered(control: Any) -> list[Any]:
    """The choices of a drop-down."""
    return [value for _words, value in control.options]


def these(*values: Any) -> Callable[[Any], list[Any]]:
    return lambda _control: list(values)


TRIED = [
    Tried("tree, a slider", "severny_svet", explore_tree,
          lambda view: view.what_if.controls["qualification_rate"].slider, these(71, 72, 73, 74, 75)),
    Tried("budget, a slider", "severny_svet", move_budget, lambda view: view.money.sliders["yandex_direct"], among),
    Tried("returns, the margin", "northlight", explore_returns, lambda view: view.margin, these(20, 60, 35, 50)),
    Tried("customers, the discount", "northlight", explore_customers, lambda view: view.rate, these(20, 30, 11),
          lambda view: view.cohorts),
    Tried("customers, the horizon", "northlight", explore_customers, lambda view: view.months, these(24, 6, 12),
          lambda view: view.cohorts),
    Tried("test plan, the weeks", "northlight", plan_test, lambda view: view.weeks, these(5, 6, 7, 8, 9)),
    Tried("brand, the question", "severny_svet", explore_brand, lambda view: view.survey.question, offered,
          lambda view: view.survey.picture),
    Tried("brand, the company", "severny_svet", explore_brand, lambda view: view.market.company, offered,
          lambda view: view.market.picture),
]  # fmt: skip


@cache
def exports_of(company: str) -> Exports:
    return read_exports(SAMPLE / company)


def spent(work: Callable[[], object]) -> float:
    """Seconds of CPU."""
    start = time.process_time()
    work()
    return time.process_time() - start


def answers(tried: Tried, view: Any, moves: int) -> Iterator[float]:
    """Seconds of each answer; one move first, to warm up. A move that changes nothing would cost nothing."""
    control = tried.control(view)
    values = cycle(tried.values(control))
    for number in range(moves + 1):
        value = next(value for value in values if value != control.value)
        seconds = spent(lambda value=value: setattr(control, "value", value))  # type: ignore[misc]
        if number:
            yield seconds


def measure(tried: Tried, moves: int) -> tuple[float, float, float]:
    """Seconds of an answer, of opening, of a picture; medians but for opening."""
    exports, views = exports_of(tried.company), list[Any]()
    opening = spent(lambda: views.append(tried.open(exports)))
    answer = median(answers(tried, views[0], moves))
    picture = tried.picture(views[0])
    return answer, opening, median(spent(picture.still) for _time in range(4))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--moves", type=int, default=12)
    parser.add_argument("--only", default="")
    asked = parser.parse_args()
    print(f"load at the start: {os.getloadavg()[0]:.1f}\n")
    print("| control | answer, CPU ms | of opening the view, % | times a picture drawn anew |")
    print("| --- | ---: | ---: | ---: |")
    for tried in TRIED:
        if asked.only in tried.name:
            answer, opening, picture = measure(tried, asked.moves)
            print(f"| {tried.name} | {answer * 1000:.0f} | {100 * answer / opening:.1f} | {answer / picture:.2f} |")
    print(f"\nload at the end: {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
