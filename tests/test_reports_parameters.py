"""The parameters of a notebook are checked by name and type before anything runs."""

from pathlib import Path
from typing import Any

import nbformat
import pytest
from composed import SAMPLE

from kpi_helpers.errors import KitError
from kpi_helpers.reports.order import notebook_path, order_report
from kpi_helpers.reports.parameters import check_parameters, parameter_types, read_parameters

MONTHLY = {"month", "data_dir", "goals_file", "lang", "currency", "client"}


@pytest.mark.parametrize("lang", ["en", "ru"])
def test_the_monthly_report_has_the_parameters_it_promises(lang: str) -> None:
    assert parameter_types(notebook_path("monthly_report", lang)) == dict.fromkeys(MONTHLY, str)


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    cell = nbformat.v4.new_code_cell(
        'month = "2026-10"\nn = 3\nshare = 0.5\nloud = False\nnames = []\ntable = {}\nother = None',
        metadata={"tags": ["parameters"]},
    )
    path = tmp_path / "n.ipynb"
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={"kernelspec": {
        "name": "python3", "display_name": "Python 3", "language": "python"}}), path)  # fmt: skip
    return path


@pytest.mark.parametrize(
    "given",
    [{}, {"month": "x"}, {"n": 4}, {"share": 1}, {"share": 1.5}, {"loud": True}, {"names": ["a"]}, {"other": 1}],
)
def test_what_fits_is_let_through(notebook: Path, given: dict[str, Any]) -> None:
    check_parameters(notebook, given)


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"mounth": "x"}, "there is no parameter 'mounth'. Did you mean month"),
        ({"n": "4"}, "parameter n = '4' must be a whole number"),
        ({"n": True}, "parameter n = True must be a whole number"),
        ({"month": 10}, "parameter month = 10 must be text"),
        ({"loud": 1}, "parameter loud = 1 must be true or false"),
        ({"names": "a"}, "parameter names = 'a' must be a list"),
    ],
)
def test_what_does_not_fit_is_refused(notebook: Path, given: dict[str, Any], found: str) -> None:
    with pytest.raises(KitError, match=found):
        check_parameters(notebook, given)


@pytest.mark.parametrize("name", sorted(MONTHLY))
def test_what_has_an_argument_of_its_own_is_not_set_twice(tmp_path: Path, name: str) -> None:
    with pytest.raises(KitError, match=f"parameter '?{name}'? is set twice"):
        order_report(SAMPLE / "northlight", "2026-10", tmp_path, parameters={name: "2026-09"})


def test_texts_are_read_in_the_types_of_the_defaults(notebook: Path) -> None:
    texts = {"n": "4", "share": "0.25", "loud": "True", "names": '["a"]', "table": '{"a": 1}', "month": "2026-09"}
    assert read_parameters(notebook, texts) == {
        "n": 4, "share": 0.25, "loud": True, "names": ["a"], "table": {"a": 1}, "month": "2026-09",
    }  # fmt: skip
    for name, text in {"n": "four", "share": "a half", "loud": "yes", "names": "a", "table": "[1]"}.items():
        with pytest.raises(KitError, match=f"parameter {name} = "):
            read_parameters(notebook, {name: text})
