"""Hostile values in every column, name and setting: they are shown as what they are, and nothing else comes of them."""

import ast
import csv
import email
import email.policy
import io
import json
import re
import unicodedata
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from zipfile import ZipFile

import nbformat
import pandas as pd
import pytest

from kpi_helpers.cli import main
from kpi_helpers.errors import KitError
from kpi_helpers.goals import check_goals, write_goals
from kpi_helpers.lettering import plain
from kpi_helpers.monthly import read_goal_rows
from kpi_helpers.reports import execute
from kpi_helpers.reports.parameters import check_parameters
from kpi_helpers.reports.render import order_report, render_report
from tests.hostile import FORMULAS, PAYLOADS, RUNNING
from tests.hostile_reports import HOME, hostile_folder, hostile_page, hostile_reports, place

POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
NEVER = {"script", "iframe", "object", "embed", "link", "base", "form", "input", "button", "video", "audio", "template"}
ELEMENTS = set(
    re.findall(
        r"\w+",
        "html head meta title style body nav main header ol ul li a div span p details summary h1 h2 h3 b strong small"
        " table caption colgroup col thead tbody tfoot tr th td figure figcaption img dl dt dd svg line polyline circle"
        " rect math mrow mfrac mi mo mn wbr",
    )
)  # fmt: skip  that the kit makes
LINKS = ("href", "src", "action", "data", "srcdoc", "srcset", "formaction", "background", "poster", "xlink:href")
SHOWN = {"text/html", "text/plain", "image/png", "application/vnd.kpi-kit.section+json",
         "application/vnd.kpi-kit.report+json"}  # fmt: skip
AMOUNT = re.compile(r"[\s\"]*(?:[+-]\s*)?[\d\s.,]*%?[\s\"]*|[-–—]+")
PERSON = re.compile(r"[\w.+-]+@[\w-]+\.\w{2,}")

HEADERS = {"subject", "x-unsent", "mime-version", "content-type"}  # of a message: no address, no time


class Page(HTMLParser):
    """The elements and attributes of a page, and what its style sheets say."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.styles: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag == "style":
            self.styles.append("")

    def handle_data(self, data: str) -> None:
        if self.tags and self.tags[-1][0] == "style" and self.styles:
            self.styles[-1] += data


@pytest.fixture(scope="module", params=[0, 1], ids=["en", "ru"])
def report(request: pytest.FixtureRequest) -> Path:
    return hostile_reports()[request.param].report


def faults(html: str) -> list[str]:
    """What a piece of HTML holds that only a value of a file can have put there."""
    page, found = Page(html), []
    for tag, attributes in page.tags:
        found += [tag] * (tag not in ELEMENTS)
        found += [name for name in attributes if name.startswith("on") or name == "style"]
        links = [attributes[name] for name in LINKS if name in attributes]
        found += [link for link in links if not link.startswith(("#", "data:image/png;base64,"))]
        found += [value for name, value in attributes.items() if name == "http-equiv" and value == "refresh"]
    return found + [style for style in page.styles if re.search(r"@import|url\(|expression", style)]


@pytest.mark.slow
def test_no_value_becomes_an_element_an_attribute_or_a_link(report: Path) -> None:
    html = (report / "monthly_report.html").read_text(encoding="utf-8")
    assert faults(html) == []
    (policy,) = [attributes["content"] for tag, attributes in Page(html).tags if "http-equiv" in attributes]
    assert policy == POLICY
    assert html.count("&lt;") > 50, "the hostile values are not in the page at all"


def test_the_check_of_the_page_sees_what_runs() -> None:
    elements = [value for value in RUNNING if re.match(r"<[a-z]", value, re.IGNORECASE)]
    assert len(elements) > 25 and [value for value in elements if not faults(f"<p>{value}</p>")] == []


@pytest.mark.slow
def test_no_letter_that_turns_or_hides_the_text_is_in_the_page(report: Path) -> None:
    html = (report / "monthly_report.html").read_text(encoding="utf-8")
    assert {char for char in html if unicodedata.category(char) in ("Cc", "Cf", "Cs", "Co")} <= set("\n\u200d\u200c")


@pytest.mark.slow
def test_the_workbook_holds_no_formula_no_link_and_no_reference(report: Path) -> None:
    with ZipFile(report / "monthly_report.xlsx") as book:
        names = book.namelist()
        parts = {name: ElementTree.fromstring(book.read(name)) for name in names if name.endswith((".xml", ".rels"))}
    assert set(names) == set(parts) and not [
        name for name in names if "external" in name.lower() or "vba" in name.lower()
    ]
    elements = {element.tag.rpartition("}")[2] for part in parts.values() for element in part.iter()}
    assert not elements & {"f", "hyperlink", "hyperlinks", "ddeLink", "oleLink", "externalReference", "definedName"}
    targets = [element.attrib for part in parts.values() for element in part.iter() if "TargetMode" in element.attrib]
    assert targets == []
    words = [element.text or "" for element in parts["xl/sharedStrings.xml"].iter() if element.tag.endswith("}t")]
    cells = [word for word in words if re.match(r"\s*[=+@\-]", word) and not AMOUNT.fullmatch(word)]
    assert len(cells) > 5 and [part for part in parts["xl/styles.xml"].iter() if "quotePrefix" in part.attrib]
    assert sum(word in {plain(value) for value in PAYLOADS} for word in words) > 20, "the hostile values are not in it"


@pytest.mark.slow
def test_no_cell_of_a_table_of_text_is_a_formula(report: Path) -> None:
    for file in report.rglob("*.csv"):
        rows = cells_of(file)
        assert len({len(row) for row in rows}) == 1 and len(rows) > 100
        assert [cell for row in rows for cell in row if runs(cell)] == []


def cells_of(file: Path) -> list[list[str]]:
    text = file.read_bytes().decode("utf-8-sig")
    delimiter = ";" if text.partition("\n")[0].count(";") > 3 else ","
    return list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))


def runs(cell: str) -> bool:
    """Whether a spreadsheet would run the cell, or a part of it where it divides at another sign."""
    parts = [cell, *re.split(r"[;,\t\r\n|]", cell)]
    return any(re.match(r"[\s\"]*[=+@\-＝＋＠－]", part) and not AMOUNT.fullmatch(part) for part in parts)


@pytest.mark.slow
def test_the_data_are_json_and_the_notebook_shows_nothing_but_the_kits_outputs(report: Path) -> None:
    for file in report.rglob("*.json"):
        json.loads(file.read_text(encoding="utf-8"))
    notebook = nbformat.read(report / "monthly_report.ipynb", as_version=4)
    nbformat.validate(notebook)
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    assert len(outputs) > 15 and {kind for output in outputs for kind in output.get("data", {})} <= SHOWN
    assert {output.output_type for output in outputs} <= {"execute_result", "display_data"}
    assert [fault for output in outputs for fault in faults(output.data.get("text/html", ""))] == []
    assert "trusted" not in json.dumps(notebook.metadata)
    (given,) = [cell for cell in notebook.cells if "injected-parameters" in cell.metadata.get("tags", [])]
    assert all(isinstance(line, ast.Assign) and isinstance(line.value, ast.Constant)
               for line in ast.parse(given.source).body)  # fmt: skip


@pytest.mark.slow
def test_nothing_is_written_beside_the_reports() -> None:
    folders = [made.report for made in hostile_reports()]
    out = place() / "out"
    names = {"script_pwn_900_script_7_7_2J_1_1", "severny_svet"}
    assert {folder.relative_to(out).parts for folder in folders} == {(name, "2026-10") for name in names}
    assert {path.name for path in out.iterdir()} == names and {path.name for path in place().iterdir()} >= {HOME, "out"}
    assert not [*place().rglob("outside*"), *place().parent.glob("outside*"), *Path("/").glob("outside*")]
    assert all(path.is_file() and not path.is_symlink() for folder in folders for path in folder.iterdir())


@pytest.mark.slow
def test_no_person_is_in_any_product(report: Path) -> None:
    for file in report.rglob("*"):
        written = content_of(file)
        assert PERSON.findall(written) == [], file.name
        assert not re.search(r"\+7\d{10}|\+1 ?\(\d{3}\)", written), file.name


def test_no_person_is_in_a_notebook_that_failed() -> None:
    said = "ValueError: time data\n'anna@example.com, +7 900 123-45-67' does not match"
    outputs = [
        nbformat.v4.new_output(
            "error", ename="ValueError", evalue=said, traceback=["\x1b[31mValueError\x1b[39m", said]
        ),
        nbformat.v4.new_output("stream", name="stderr", text=f"{said}\n"),
    ]
    failed = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("read()", outputs=outputs)])
    written = nbformat.writes(execute._without_traces(failed, {}))
    assert "ValueError: time data\\n'…, …' does not match" in written and "anna" not in written and "900" not in written


def content_of(file: Path) -> str:
    """What can be read in a file without its pictures, in the parts of a workbook and of a message."""
    if file.suffix == ".xlsx":
        with ZipFile(file) as book:
            return "\n".join(book.read(name).decode("utf-8") for name in book.namelist())
    if file.suffix == ".eml":
        parts = email.message_from_bytes(file.read_bytes(), policy=email.policy.default).walk()
        return "\n".join(part.get_content() for part in parts if part.get_content_maintype() == "text")
    return re.sub(r"base64,[\w+/=]+|\"[\w+/=]{999,}", "", file.read_text(encoding="utf-8"))


@pytest.mark.slow
def test_nothing_in_the_message_is_loaded_or_runs(report: Path) -> None:
    page = Page((report / "monthly_report.email.html").read_text(encoding="utf-8"))
    assert not {tag for tag, _attributes in page.tags} & NEVER
    assert not [name for _tag, attributes in page.tags for name in attributes if name.startswith("on")]
    links = [attributes[name] for _tag, attributes in page.tags for name in LINKS if name in attributes]
    known = ("data:image/png;base64,", "cid:", "monthly_report.html")
    assert [link for link in links if not link.startswith(known)] == []
    message = email.message_from_bytes((report / "monthly_report.eml").read_bytes(), policy=email.policy.default)
    assert {name.casefold() for name in message.keys()} <= HEADERS  # noqa: SIM118
    assert "\n" not in message["Subject"]


def test_nothing_runs_on_the_page_of_a_batch_and_its_links_stay_in_its_folder() -> None:
    html = hostile_page("ru")
    own = re.compile(r"(\./)?[\w%.~-]+(/[\w%.~-]+)*")
    elsewhere = [fault for fault in faults(html) if not own.fullmatch(fault) or "/../" in f"/{fault}/"]
    assert elsewhere == [] and html.count("&lt;") > 50
    assert POLICY.partition(";")[0] in html


# The command line


@pytest.mark.slow
@pytest.mark.parametrize("asked", [["read"], ["read", "--json"], ["check"], ["report", "--month", "2026-13"]])
def test_nothing_steers_the_terminal(capsys: pytest.CaptureFixture[str], asked: list[str]) -> None:
    main(["--lang", "ru", asked[0], str(hostile_folder("severny_svet").folder), *asked[1:]])
    said = capsys.readouterr()
    steering = {char for char in said.out + said.err if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp", "Cs")}
    assert steering <= {"\n", "\u200d"}
    if "--json" in asked:
        json.loads(said.out)


# Parameters


NAMES = [
    "x=__import__('os')", "month = 1\nimport os #", "month;import os", "month\n", "__builtins__", "data_dir.x", "",
    " month", "month: int", "*month", "month,client", "MONTH", "мonth", "print('x')#",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_a_parameter_that_is_not_declared_is_refused(tmp_path: Path, root: Path, name: str) -> None:
    sample = root / "data" / "sample" / "northlight"
    with pytest.raises(KitError, match="there is no parameter"):
        render_report(sample, "2026-10", tmp_path / "out", parameters={name: "1"})
    assert main(["--lang", "en", "report", str(sample), "--month", "2026-10", "-p", name, "1"]) == 1
    assert not list(tmp_path.iterdir())


def test_values_are_literals_whatever_they_hold(root: Path) -> None:
    """What papermill makes of them is code: each is one assignment of the very value."""
    from papermill.translators import PythonTranslator

    notebook = order_report(root / "data" / "sample" / "northlight", "2026-10").notebook
    for value in PAYLOADS:
        check_parameters(notebook, {"client": value})
        given = {"client": value, "list": [value, {value: value}], "table": {value: [value, 1.5, None, True]}}
        body = ast.parse(PythonTranslator.codify(given)).body
        assigned = {ast.unparse(line.targets[0]): ast.literal_eval(line.value)
                    for line in body if isinstance(line, ast.Assign)}  # fmt: skip
        assert assigned == given and len(body) == len(given)


@pytest.mark.parametrize(
    "value",
    [("x", '";import os;"'), Path('x";import os;"'), {1: "x"}, {"x"}, "\ud800", ["\udcff"], {"\ud800": 1}, b"x", print],
)
def test_what_papermill_does_not_know_is_refused(tmp_path: Path, value: Any) -> None:
    cell = nbformat.v4.new_code_cell("other = None", metadata={"tags": ["parameters"]})
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "n.ipynb")
    with pytest.raises(KitError, match="cannot be written into a notebook"):
        check_parameters(tmp_path / "n.ipynb", {"other": value})


# What the kit writes for spreadsheets


def test_a_channel_that_looks_like_a_formula_is_none_in_the_goals_and_comes_back(tmp_path: Path) -> None:
    for name in FORMULAS:
        scope = plain(name).lstrip("'")
        row = {
            "kpi": "leads",
            "scope": scope,
            "target": "10",
            "start": "2026-01-01",
            "deadline": "2026-01-31",
            "note": name,
        }
        write_goals(pd.DataFrame([row]), tmp_path / "goals.csv")
        ((_head, *cells),) = [[row["kpi"], row["scope"]] for row in read_goal_rows(tmp_path / "goals.csv")[0]]
        assert not any(re.match(r"\s*[=+@\-＝＋＠－]", cell) for cell in cells)
        goals = check_goals(*read_goal_rows(tmp_path / "goals.csv")[:1])
        assert list(goals["scope"]) == [scope]
