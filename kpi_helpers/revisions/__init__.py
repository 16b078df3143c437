"""Revisions: what changed between two versions of a report, and why."""

from kpi_helpers.revisions.causes import Causes, Input
from kpi_helpers.revisions.comparing import Change, Comparison, compare
from kpi_helpers.revisions.versions import Version, earlier_version, find_version

__all__ = ["Causes", "Change", "Comparison", "Input", "Version", "compare", "earlier_version", "find_version"]
