"""A finished folder is swapped in whole: what others put there stays, what the report before left goes."""

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from kpi_helpers.errors import KitError
from kpi_helpers.reports import publish
from kpi_helpers.reports.manifest import describe_file, hash_file
from notebooks import everything

MANIFEST = "monthly_report.manifest.json"


def write_report(
    folder: Path, when: str, report: str = "monthly_report", record: str = "", before: Path | None = None, **more: str
) -> dict[str, Any]:
    """A report's folder with its manifest, as it is when it is finished; made to replace `before`."""
    folder.mkdir(parents=True, exist_ok=True)
    name = "report.json" if report == "monthly_report" else f"{report}.json"
    for file, text in {name: record or when, **more}.items():
        (folder / file).write_text(text)
    listed = {file: describe_file(folder / file) for file in (name, *more)}
    replaces = hash_file(before / f"{report}.manifest.json") if before else ""
    manifest = {"report": report, "rendered_at": when, "files": listed, "fingerprint": {}, "replaces": replaces}
    (folder / f"{report}.manifest.json").write_text(json.dumps(manifest))
    return manifest


@pytest.fixture(params=["one step", "two renames"])
def swapping(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.param == "two renames":
        monkeypatch.setattr(publish, "_exchange", lambda _one, _other: False)


@pytest.fixture
def final(tmp_path: Path) -> Path:
    return tmp_path / "2026-10"


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    return tmp_path / ".2026-10-0123abcd"


def made(manifest: dict[str, Any]) -> set[str]:
    return {MANIFEST, *manifest["files"]}


# Put in place


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere it is two renames")
def test_a_swap_is_one_step_where_the_system_can(final: Path, beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No reader ever finds the folder missing."""
    write_report(final, "1")
    monkeypatch.setattr(Path, "rename", lambda path, _target: pytest.fail(f"{path.name} was moved away"))
    publish.put_in_place(beside, final, made(write_report(beside, "2")))
    assert (final / "report.json").read_text() == "2"
    assert [path.name for path in final.parent.iterdir()] == [final.name]


def test_others_files_stay_and_the_report_before_goes(final: Path, beside: Path, swapping: None) -> None:
    write_report(final, "1", **{"monthly_report.pdf": "old", "rejected.csv": "old"})
    write_report(final, "1", report="weekly", **{"weekly.html": "its own"})
    (final / "mine").mkdir()
    (final / "mine" / "note.txt").write_text("by hand")
    (final / "link").symlink_to("nowhere")
    publish.put_in_place(beside, final, made(write_report(beside, "2", record="new")), {"last": b"x"})
    assert sorted(everything(final)) == sorted([
        "report.json", MANIFEST, "weekly.json", "weekly.html", "weekly.manifest.json", "mine", "mine/note.txt", "link",
        "last", "past", "past/1", "past/1/report.json", f"past/1/{MANIFEST}",
    ])  # fmt: skip
    assert (final / "report.json").read_text() == "new"
    assert (final / "past" / "1" / "report.json").read_text() == "1"


def test_rejected_rows_of_another_report_stay(final: Path, beside: Path, swapping: None) -> None:
    write_report(final, "1", report="weekly", **{"rejected.csv": "rows"})
    publish.put_in_place(beside, final, made(write_report(beside, "2")))
    assert (final / "rejected.csv").read_text() == "rows"


def test_the_past_is_kept_where_the_record_differs(final: Path, tmp_path: Path, swapping: None) -> None:
    records = ["a", "a", "b", "b", "a"]
    for turn, record in enumerate(records):
        folder = tmp_path / f".2026-10-0000000{turn}"
        publish.put_in_place(folder, final, made(write_report(folder, f"2026-11-0{turn}T09:00:00.000Z", record=record)))
    past = {path.name: (path / "report.json").read_text() for path in (final / "past").iterdir()}
    assert past == {"2026-11-01T09-00-00-000Z": "a", "2026-11-03T09-00-00-000Z": "b"}


@pytest.mark.parametrize("when", ["..", "../..", "/etc", "", "a/../../b", "\x00", "9" * 300])
def test_the_time_in_a_manifest_is_no_path(final: Path, beside: Path, when: str) -> None:
    write_report(final, when, record="old")
    publish.put_in_place(beside, final, made(write_report(beside, "2", record="new")))
    assert (final / "report.json").read_text() == "new"
    [past] = (final / "past").iterdir()
    assert (past / "report.json").read_text() == "old"
    assert [path.name for path in final.parent.iterdir()] == [final.name]


@pytest.mark.skipif(os.name != "posix", reason="links and modes of POSIX")
def test_what_stays_is_the_same_file_and_only_what_is_new_is_synced(
    final: Path, beside: Path, swapping: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(final, "1")
    (final / "past" / "0").mkdir(parents=True)
    kept = [final / "past" / "0" / "report.json", final / "mine.txt"]
    for path in kept:
        path.write_text("kept")
    os.mkfifo(final / "pipe")
    final.chmod(0o750)
    before, synced = [path.stat().st_ino for path in kept], []
    monkeypatch.setattr(publish, "_sync_one", lambda path: synced.append(path.name))
    publish.put_in_place(beside, final, made(write_report(beside, "2")))
    assert [path.stat().st_ino for path in kept] == before
    assert final.stat().st_mode & 0o7777 == 0o750
    assert sorted(synced) == sorted([
        "report.json", MANIFEST, "past", "0", "1", beside.name, final.parent.name,
    ])  # fmt: skip


@pytest.mark.parametrize("error", [OSError, NotImplementedError])
def test_where_there_are_no_links_what_stays_is_copied(
    final: Path, beside: Path, monkeypatch: pytest.MonkeyPatch, error: type[Exception]
) -> None:
    def refuse(*_given: object, **_named: object) -> None:
        raise error

    write_report(final, "1")
    (final / "mine.txt").write_text("kept")
    monkeypatch.setattr(os, "link", refuse)
    publish.put_in_place(beside, final, made(write_report(beside, "2")))
    assert (final / "mine.txt").read_text() == "kept" and (final / "report.json").read_text() == "2"


# Healed


def test_nothing_left_is_nothing_to_heal(final: Path) -> None:
    assert publish.heal(final) is False
    assert publish.heal(final / "nowhere" / "deeper") is False
    write_report(final, "1")
    before = everything(final.parent)
    assert publish.heal(final) is False
    assert everything(final.parent) == before


def test_what_is_unfinished_is_cleared(final: Path, beside: Path) -> None:
    write_report(final, "1")
    before = everything(final.parent)
    beside.mkdir()
    (beside / "report.json").write_text("half")
    assert publish.heal(final) is False
    assert everything(final.parent) == before


@pytest.mark.parametrize("damage", ["report.json", MANIFEST])
def test_what_is_damaged_is_cleared(final: Path, beside: Path, damage: str) -> None:
    write_report(final, "1")
    write_report(beside, "2", before=final)
    (beside / damage).write_text("half")
    assert publish.heal(final) is False
    assert (final / "report.json").read_text() == "1" and not beside.exists()


def test_what_is_finished_is_put_in_place(final: Path, beside: Path, swapping: None) -> None:
    write_report(final, "1")
    (final / "mine.txt").write_text("younger")
    write_report(beside, "2", before=final)
    (beside / "mine.txt").write_text("carried over before it was changed")
    assert publish.heal(final) is True
    assert (final / "report.json").read_text() == "2" and (final / "mine.txt").read_text() == "younger"
    assert [path.name for path in final.parent.iterdir()] == [final.name]


def test_what_was_swapped_out_is_cleared(final: Path, beside: Path) -> None:
    write_report(beside, "1")
    write_report(final, "2", before=beside)
    assert publish.heal(final) is False
    assert (final / "report.json").read_text() == "2" and not beside.exists()


def test_a_clock_set_back_misleads_nobody(final: Path, beside: Path) -> None:
    write_report(final, "2026-11-01T09:00")
    write_report(beside, "2026-10-31T09:00", before=final)
    assert publish.heal(final) is True
    assert (final / "report.json").read_text() == "2026-10-31T09:00"
    beside.mkdir()
    final.rename(beside)
    write_report(final, "2026-10-30T09:00", before=beside)
    assert publish.heal(final) is False
    assert (final / "report.json").read_text() == "2026-10-30T09:00"


def test_a_crash_between_two_renames_is_healed(final: Path, beside: Path) -> None:
    old = beside.with_name(f"{beside.name}-old")
    write_report(old, "1")
    write_report(beside, "2", before=old)
    assert publish.heal(final) is True
    assert (final / "report.json").read_text() == "2"
    assert [path.name for path in final.parent.iterdir()] == [final.name]


def test_the_old_report_comes_back_where_the_new_one_is_lost(final: Path, beside: Path) -> None:
    write_report(beside.with_name(f"{beside.name}-old"), "1")
    assert publish.heal(final) is False or (final / "report.json").exists()
    assert (final / "report.json").read_text() == "1"
    assert [path.name for path in final.parent.iterdir()] == [final.name]


def test_what_others_left_beside_is_theirs(final: Path) -> None:
    names = [".2026-10-notes", ".2026-09-0123abcd", "2026-10-0123abcd", ".2026-10.lock", ".2026-1000123abcd"]
    for name in names:
        (final.parent / name).mkdir()
    assert publish.heal(final) is False
    assert sorted(path.name for path in final.parent.iterdir()) == sorted(names)


# One at a time


def test_who_waits_gives_up_when_it_is_stopped(final: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publish, "is_stopped", lambda: True)
    with publish.alone_in(final, lambda _said: None):
        with pytest.raises(KitError, match="another run is writing"), publish.alone_in(final, lambda _said: None):
            pytest.fail("both are alone")
        assert (final.parent / ".2026-10.lock").exists()


def test_new_folders_that_stay_empty_go(tmp_path: Path) -> None:
    (tmp_path / "old").mkdir()
    with publish.alone_in(tmp_path / "old" / "new" / "deeper" / "2026-10", lambda _said: None) as waited:
        assert not waited
    assert everything(tmp_path) == {"old": b""}


def test_a_folder_that_another_run_takes_away_is_made_again(final: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The other ends between the making of the folder and the lock in it."""
    deeper, whole, tries = final / "new" / "2026-10", FileLock.acquire, list[bool]()

    def acquire(self: FileLock, **given: float) -> object:
        tries.append(deeper.parent.exists())
        if len(tries) == 1:
            deeper.parent.rmdir()
            raise FileNotFoundError(deeper.parent)
        return whole(self, **given)

    monkeypatch.setattr(FileLock, "acquire", acquire)
    with publish.alone_in(deeper, lambda _said: None) as waited:
        assert (waited, tries) == (False, [True, True])
