"""The reports of the month before, on the first of each month: one task for all, or one notebook as a task."""

from airflow.providers.papermill.operators.papermill import PapermillOperator
from airflow.providers.standard.operators.bash import BashOperator
from airflow.sdk import DAG, Param
from airflow.timetables.trigger import CronTriggerTimetable

KIT, REPORTS = "/opt/kpi-kit", "/srv/reports"
# A run in November, on whatever day, makes October. Whoever triggers the DAG by hand may name a month.
MONTH = "{{ params.month or macros.ds_add(ds[:8] ~ '01', -1)[:7] }}"


class KpiPapermillOperator(PapermillOperator):
    """PapermillOperator has no engine_name and takes papermill's default: in this task's process that is `kpi`."""

    def execute(self, context):
        from papermill.engines import papermill_engines

        papermill_engines.register(None, papermill_engines.get_engine("kpi"))
        return super().execute(context)


with DAG(
    "kpi_reports",
    schedule=CronTriggerTimetable("15 5 1 * *", timezone="UTC"),
    catchup=False,
    max_active_runs=1,
    params={"month": Param("", type="string", title="Month, such as 2026-10")},
):
    # All clients. Exit code 3, some reports failed, fails the task; a retry makes these alone.
    BashOperator(
        task_id="all_clients",
        bash_command=f'"{KIT}/.venv/bin/kpi" batch clients.yaml --month "$MONTH"',
        cwd=REPORTS,
        env={"MONTH": MONTH},
        append_env=True,
        retries=2,
    )
    # One notebook with outputs, without page and spreadsheet. The kit is installed where the worker runs.
    KpiPapermillOperator(
        task_id="one_notebook",
        input_nb=f"{KIT}/notebooks/reports/monthly_report.ipynb",
        output_nb=f"{REPORTS}/northlight-{MONTH}.ipynb",
        parameters={"month": MONTH, "data_dir": f"{REPORTS}/clients/northlight"},
        kernel_name="python3",
    )
