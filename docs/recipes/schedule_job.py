"""A job of jupyter-scheduler by its API: schedule_job.py http://localhost:8888 TOKEN PLAN [MONTH]

With a month it runs once, now; without one it runs at 5:15 on the first of each month, for the month before. The
server's folder is the one that holds docs/recipes/batch.ipynb.
"""

import json
import sys
import urllib.request

NOTEBOOK = "docs/recipes/batch.ipynb"


def main(server: str, token: str, plan: str, month: str = "last") -> None:
    job = {
        "name": f"reports, {month}",
        "input_uri": NOTEBOOK,
        "runtime_environment_name": "python3",
        "output_formats": ["ipynb"],
        "parameters": {"plan": json.dumps(plan), "month": json.dumps(month)},  # written into the notebook as they are
    }
    if month == "last":
        job |= {"schedule": "15 5 1 * *", "timezone": "UTC"}
        print(ask(f"{server}/scheduler/job_definitions", token, job))
    else:
        print(ask(f"{server}/scheduler/jobs", token, job))


def ask(address: str, token: str, content: object) -> str:
    """What the server answers: the id of the job or of its definition."""
    request = urllib.request.Request(address, json.dumps(content).encode(), {"Authorization": f"token {token}"})
    with urllib.request.urlopen(request) as answer:
        return str(answer.read(), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
