"""Many reports at once: a plan is read, reports that are missing or changed are made, a page says how it went.

The process of `kpi batch` stays light: pandas, papermill and the rest are imported in the processes of the reports.
"""

from kpi_helpers.batch.jobs import Job, run_job
from kpi_helpers.batch.outcome import Outcome
from kpi_helpers.batch.plan import Plan, read_plan
from kpi_helpers.batch.run import run_alone, run_here

__all__ = ["Job", "Outcome", "Plan", "read_plan", "run_alone", "run_here", "run_job"]
