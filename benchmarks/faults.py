"""Real faults, one after the other: how many of them leave a whole report (or the old one), one reason, and no process?

    python -m benchmarks.faults

Every fault is a test that does it: fills a disk, kills a process, stops a batch. This runs them and says of each kind
how many were survived of those that were tried; the exit code is 1 unless all were.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
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
        "a_process_that_cannot_be_started_fails_its_report_alone",
        "settings_that_cannot_be_read_fail_their_client_alone",
        "a_client_without_its_folder_or_goals_fails_alone_and_is_tried_again",
        "a_folder_that_cannot_be_looked_into_fails_its_report",
    ),
    "a batch that is killed or stopped": (
        "killed_and_resumed_nothing_is_lost_and_nothing_made_twice", "stopped_it_ends_what_it_started_and_says_so",
    ),
    "the processes below: a server killed, no process to be had, a parent killed": (
        "a_server_that_was_killed_is_started_anew", "a_server_that_does_not_answer_is_ended",
        "a_full_server_refuses_and_goes_on", "the_start_is_tried_again_when_there_is_no_process_to_be_had",
        "everything_is_gone_when_the_parent_is_killed",
        "the_process_is_gone_after_the_time_limit_even_where_it_does_not_listen",
    ),
    "a cluster: a worker killed, a scheduler that ends, no workers": (
        "a_worker_is_killed_and_nothing_is_lost", "a_scheduler_that_ends_takes_no_report_along",
        "a_cluster_without_workers",
    ),
}  # fmt: skip


class Seen:
    """What became of every fault: of a test that does one, and of each case of such a test."""

    def __init__(self) -> None:
        self.outcomes: dict[str, set[str]] = {}  # of the phases of its last try
        self.again: set[str] = set()  # tried a second time: it waits for other programs

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.outcome == "rerun":
            self.again.add(report.nodeid)
            self.outcomes.pop(report.nodeid, None)
        else:
            self.outcomes.setdefault(report.nodeid, set()).add(report.outcome)

    def row(self, names: Iterable[str]) -> tuple[int, int, int, int]:
        """Of the tests with these names: how many were tried, survived, survived the second try alone, were skipped."""
        own = {node: outcomes for node, outcomes in self.outcomes.items() if _name(node) in names}
        tried = [node for node, outcomes in own.items() if "skipped" not in outcomes]
        survived = {node for node in tried if own[node] == {"passed"}}
        return len(tried), len(survived), len(survived & self.again), len(own) - len(tried)


def _name(node: str) -> str:
    return node.partition("[")[0].rpartition("::test_")[2]


def main() -> int:
    wanted = {name for names in FAULTS.values() for name in names}
    texts = {path: path.read_text(encoding="utf-8") for path in sorted(TESTS.glob("test_*.py"))}
    found = [(path, name) for path, text in texts.items() for name in re.findall(r"^def test_(\w+)", text, re.M)]
    nodes = [f"{path}::test_{name}" for path, name in found if name in wanted]
    if lost := wanted - {name for _path, name in found}:
        raise SystemExit(f"no test of that name: {', '.join(sorted(lost))}")
    seen = Seen()
    pytest.main([*nodes, "-q", "-p", "no:cacheprovider"], plugins=[seen])
    print("\n| fault | | at the second try | not tried here |\n| --- | --- | ---: | ---: |")
    rows = {fault: seen.row(names) for fault, names in FAULTS.items()} | {"together": seen.row(wanted)}
    for fault, (tried, survived, again, skipped) in rows.items():
        print(f"| {fault} | survived {survived} of {tried} | {again} | {skipped} |")
    return int(any(not tried or survived < tried for tried, survived, _again, _skipped in rows.values()))


if __name__ == "__main__":
    raise SystemExit(main())
