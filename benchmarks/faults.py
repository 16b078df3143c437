"""Real faults, one after the other: how many of them leave a whole report (or the old one), one reason, and no process?

    python -m benchmarks.faults

Every fault is a test that does it: fills a disk, kills a process, stops a batch. This runs them and counts.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

TESTS = Path(__file__).resolve().parent.parent / "tests"
FAULTS = {
    "a notebook that fails, ends, hangs, asks, is killed": ("a_notebook_that_does_not_come_to_its_end",),
    "a notebook without its mark of completion": (
        "without_the_mark_of_completion_no_report_is_finished", "the_mark_must_be_the_last_cell_s",
        "every_cell_must_have_run",
    ),
    "a kernel that does not start, or is another's": (
        "the_start_of_a_kernel_is_tried_again", "a_stale_kernel_of_the_user_does_not_matter",
    ),
    "a disk that is full or can only be read, a folder without rights, a file in the way": (
        "a_full_disk", "files_that_may_not_grow", "a_disk_that_can_only_be_read", "a_folder_that_may_not_be_written",
        "a_file_in_the_way",
    ),
    "a run killed in the middle, before, between and after the renames": (
        "a_run_killed_in_the_middle_leaves_the_old_report_and_no_process",
        "a_finished_report_of_a_killed_run_is_put_in_place", "a_crash_between_two_renames_is_healed",
        "the_old_report_comes_back_where_the_new_one_is_lost", "what_is_unfinished_is_cleared",
        "what_is_damaged_is_cleared",
    ),
    "two runs at once, exports that change meanwhile": (
        "a_second_run_waits_says_so_once_and_is_done", "exports_that_change_meanwhile_are_read_again",
        "exports_that_never_rest_are_a_failure", "two_batches_in_one_folder",
    ),
    "a batch: a report that fails, is killed, takes too long, cannot be read": (
        "a_failure_stops_no_other_and_leaves_its_notebook", "a_process_that_is_killed_is_a_failure_of_its_report",
        "a_report_over_its_time_is_ended_with_all_it_started", "a_report_that_cannot_be_told_to_stop_is_killed",
        "settings_that_cannot_be_read_fail_their_client_alone",
    ),
    "a batch that is killed or stopped": (
        "killed_and_resumed_nothing_is_lost_and_nothing_made_twice", "stopped_it_ends_what_it_started_and_says_so",
    ),
    "the processes below: a server killed, no process to be had, a parent killed": (
        "a_server_that_was_killed_is_started_anew", "the_start_is_tried_again_when_there_is_no_process_to_be_had",
        "everything_is_gone_when_the_parent_is_killed",
        "the_process_is_gone_after_the_time_limit_even_where_it_does_not_listen",
    ),
}  # fmt: skip


class Count:
    """What became of each test, by its name."""

    def __init__(self) -> None:
        self.outcomes: dict[str, Counter[str]] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.outcome != "passed":
            name = re.sub(r"\[.*", "", report.nodeid.rpartition("::")[2]).removeprefix("test_")
            self.outcomes.setdefault(name, Counter())[report.outcome] += 1


def main() -> None:
    wanted = {name for names in FAULTS.values() for name in names}
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(TESTS.glob("test_*.py"))}
    found = [(path, name) for path, text in texts.items() for name in re.findall(r"^def test_(\w+)", text, re.M)]
    nodes = [f"{path}::test_{name}" for path, name in found if name in wanted]
    if lost := wanted - {name for _path, name in found}:
        raise SystemExit(f"no test of that name: {', '.join(sorted(lost))}")
    count = Count()
    pytest.main([*nodes, "-q", "-p", "no:cacheprovider"], plugins=[count])
    print("\n| fault | tried | survived | not tried here |\n| --- | ---: | ---: | ---: |")
    whole: Counter[str] = Counter()
    for fault, names in FAULTS.items():
        seen = sum((count.outcomes.get(name, Counter()) for name in names), Counter())
        whole += seen
        print(f"| {fault} | {_tried(seen)} | {seen['passed']} | {seen['skipped']} |")
    print(f"| together | {_tried(whole)} | {whole['passed']} | {whole['skipped']} |")


def _tried(seen: Counter[str]) -> int:
    return seen["passed"] + seen["failed"]


if __name__ == "__main__":
    main()
