"""Writes the two sample companies and the truth that they hide: `python data/sample/generate.py [folder]`."""

import sys
from pathlib import Path

from generator import (
    northlight,
    northlight_office,
    northlight_touches,
    northlight_world,
    reviews,
    settings,
    severny_svet,
    severny_svet_office,
    severny_svet_planted,
    severny_svet_truth,
    severny_svet_world,
)
from generator.laws import FIRST_DAY, LAST_DAY, MONTHS, SEED
from generator.shapes import as_json

HERE = Path(__file__).parent


def write_severny_svet(folder: Path) -> dict[str, object]:
    folder.mkdir(parents=True, exist_ok=True)
    world, office = severny_svet_world.simulate(), severny_svet_office
    severny_svet.write_exports(world, folder)
    series = {
        name: values
        for write in (
            office.write_calls,
            office.write_chats,
            office.write_costs,
            office.write_community,
            office.write_tasks,
        )
        for name, values in write(folder).items()
    }
    company = severny_svet_truth.company_measures(world, series)
    channels = {channel: severny_svet_truth.measures(world, channel) for channel in severny_svet_planted.MARGINS}
    severny_svet_truth.write_goals(folder / "goals.csv", company, channels)
    _write_text(folder / "company.toml", settings.with_questions(settings.SEVERNY_SVET, office.QUESTIONS))
    _write_text(folder / "channels.csv", settings.SEVERNY_SVET_CHANNELS)
    _write_text(folder / "campaigns.csv", settings.campaigns(severny_svet_planted.PAID))
    _write_text(folder / "pay.csv", settings.SEVERNY_SVET_PAY)
    return {
        "planted": severny_svet_truth.planted_truth(),
        "company": company,
        "channels": channels,
        "survey": office.write_survey(folder),
        "market": office.write_market(folder, company["revenue"]),
        "reviews": reviews.write_severny_svet(folder),
    }


def write_northlight(folder: Path) -> dict[str, object]:
    folder.mkdir(parents=True, exist_ok=True)
    world, office = northlight_world.simulate(), northlight_office
    northlight.write_exports(world, folder)
    company = office.company_measures(world, office.write_costs(folder) | office.write_tiktok(folder))
    channels = {
        group.channel: office.measures(world, group.channel) for group in northlight_world.GROUPS if group.channel
    }
    office.write_goals(folder / "goals.csv", company)
    _write_text(folder / "company.toml", settings.with_questions(settings.NORTHLIGHT, office.QUESTIONS))
    _write_text(folder / "pay.csv", settings.NORTHLIGHT_PAY)
    return {
        "planted": office.planted_truth() | {"touches": northlight_touches.planted_touches()},
        "company": company,
        "channels": channels,
        "touches": northlight_touches.write_touches(world.leads, folder / "touches.csv"),
        "survey": office.write_survey(folder),
        "reviews": reviews.write_northlight(folder),
    }


def write_samples(folder: Path) -> None:
    """Both companies and truth.json into a folder; the same bytes every time."""
    truth = {
        "seed": SEED,
        "first_day": str(FIRST_DAY),
        "last_day": str(LAST_DAY),
        "months": MONTHS,
        "severny_svet": write_severny_svet(folder / "severny_svet"),
        "northlight": write_northlight(folder / "northlight"),
    }
    _write_text(folder / "truth.json", as_json(truth) + "\n")


def _write_text(path: Path, text: str) -> None:
    path.write_bytes(text.encode())


if __name__ == "__main__":
    write_samples(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
