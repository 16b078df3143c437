"""The page of a batch and its data: true, whole, for anybody's browser, in both languages."""

import json
import re
import time
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from browsers import find_chromium
from hypothesis import given
from hypothesis import strategies as st

from kpi_helpers.batch.index import write_page
from kpi_helpers.batch.jobs import Job
from kpi_helpers.batch.outcome import Outcome, Row
from kpi_helpers.batch.summary import DATA, PAGE, PAUSE, Summary, alone_in, read_rows
from kpi_helpers.errors import KitError
from kpi_helpers.language import LANGUAGES, language
from kpi_helpers.reports.manifest import describe_file

ABOUT = {"plan": "agency.yaml", "state": "finished", "ended": "2026-11-01T03:12:00+00:00", "written": ""}
HOSTILE = "<script>alert(1)</script><img src=x onerror=alert(1)> \"'&{{ 1 }}\u202e"


class Page(HTMLParser):
    """The tags of a page, and its words."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self._quiet = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self._quiet = tag == "style"
        self.words += " " if tag in ("td", "th", "p", "li", "h1", "h2") else ""

    def handle_endtag(self, tag: str) -> None:
        self._quiet = False

    def handle_data(self, data: str) -> None:
        self.words += "" if self._quiet else data

    def of(self, *names: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag in names]


def row(client: str, month: str, state: str = "finished", **given: Any) -> Row:
    folder = f"{client}/{month}"
    stands = {"folder": folder, "files": ["monthly_report.html", "monthly_report.pdf"]} if state != "waiting" else {}
    return Row(f"{folder}/monthly_report", client, month, "monthly_report", state, **{**stands, **given})


ROWS = [
    row("Acme", "2026-09", "kept", statuses={"met": 5, "close": 1, "missed": 2}),
    row("Acme", "2026-10", statuses={"met": 4, "missed": 3, "not_enough": 2, "no_data": 1, "no_goal": 6}),
    row("Кофейня", "2026-09", "failed", reason="it took longer than 10 minutes.", folder="", files=[],
        path="Кофейня/2026-09.monthly_report.failed.ipynb"),
    row("Кофейня", "2026-10", "waiting"),
]  # fmt: skip


def words(html: str) -> str:
    return " ".join(Page(html).words.split())


def test_the_page_says_what_stands_and_what_failed() -> None:
    html = write_page(ABOUT, ROWS, ROWS, "en")
    said = words(html)
    for found in ("1 report was made.", "1 report stands: nothing has changed since it was made.", "1 report failed.",
                  "1 report is still to come.", "Кофейня September 2026 it took longer than 10 minutes.",
                  "Acme ●5 met ◐1 close ▲2 missed PDF ●4 met ▲3 missed ?2 not enough data ○1 no data PDF",
                  "All clients ●5 met ◐1 close ▲2 missed ●4 met ▲3 missed ?2 not enough data ○1 no data",
                  "opens it from the folder of this page: kpi lab Кофейня Clients by months ● met"):  # fmt: skip
        assert found in said, said
    links = [unquote(link["href"] or "") for link in Page(html).of("a")]
    assert links == [
        "./Кофейня/2026-09.monthly_report.failed.ipynb", "./Acme/2026-09/monthly_report.html",
        "./Acme/2026-09/monthly_report.pdf", "./Acme/2026-10/monthly_report.html", "./Acme/2026-10/monthly_report.pdf",
        "#failure-1",
    ]  # fmt: skip
    assert "monthly_report" not in said and "no goal" not in said


def test_with_several_reports_a_failure_says_which() -> None:
    other = row("Acme", "2026-10", "failed", reason="why not")
    other.key, other.report = "Acme/2026-10/weekly", "weekly"
    assert "Acme October 2026 weekly why not" in words(write_page(ABOUT, [*ROWS, other], [other], "en"))


def test_the_only_month_is_said_once() -> None:
    html = write_page(ABOUT, ROWS[:1], ROWS[:1], "en")
    assert "Clients by months, September 2026" in words(html) and 'class="data months one"' in html
    assert "Клиенты по месяцам, сентябрь 2026" in words(write_page(ABOUT, ROWS[:1], ROWS[:1], "ru"))
    assert 'months one"' not in write_page(ABOUT, ROWS, ROWS, "en")


def test_the_time_of_a_page_says_its_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    for zone, said in (("UTC", "03:12 (UTC)"), ("MSK-3", "06:12 (UTC+03:00)"), ("NFT+3:30", "23:42 (UTC-03:30)")):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        found = words(write_page(ABOUT, ROWS, ROWS, "en"))
        monkeypatch.undo()
        time.tzset()
        assert said in found, zone


def test_the_page_speaks_russian_and_leaves_the_language_as_it_was() -> None:
    html = write_page(ABOUT, ROWS, ROWS, "ru")
    assert language() == "en" and Page(html).of("html") == [{"lang": "ru"}]
    latin = set(re.findall(r"[A-Za-z]{3,}", words(html).replace("it took longer than 10 minutes", "")))
    assert latin <= {"Acme", "PDF", "UTC", "agency", "yaml", "kpi", "lab", "JupyterLab"}, latin


@pytest.mark.parametrize("lang", LANGUAGES)
def test_nothing_that_is_written_by_others_becomes_part_of_the_page(lang: str) -> None:
    bad = row(HOSTILE, "2026-10", "failed", reason=HOSTILE, path=f"x/{HOSTILE}.ipynb", files=[HOSTILE],
              statuses={HOSTILE: 1, "met": HOSTILE})  # fmt: skip
    html = write_page({**ABOUT, "plan": HOSTILE}, [bad, *ROWS], [bad], lang)
    page = Page(html)
    assert page.of("script", "img", "iframe", "object", "link", "form", "input", "base") == []
    assert not [name for _tag, attrs in page.tags for name in attrs if name.startswith("on")]
    assert all((link["href"] or "").startswith(("./", "#failure-")) for link in page.of("a"))
    assert "\u202e" not in html
    policy = [meta.get("content") or "" for meta in page.of("meta") if meta.get("http-equiv")]
    assert policy == ["default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"]
    assert not re.search(r"url\(|@import|https?://", html)


@given(st.lists(st.tuples(st.sampled_from("ABC"), st.integers(1, 12), st.sampled_from(("kept", "failed", "waiting")),
                          st.dictionaries(st.sampled_from(("met", "missed", "no_data")), st.integers(0, 99))),
                unique_by=lambda one: one[:2]))  # fmt: skip
def test_every_report_has_its_place(reports: list[tuple[str, int, str, dict[str, int]]]) -> None:
    rows = [row(client, f"2026-{month:02d}", state, statuses=found) for client, month, state, found in reports]
    page = Page(write_page(ABOUT, rows, rows, "en"))
    cells = len({client for client, *_rest in reports}) * len({month for _client, month, *_rest in reports})
    assert len([td for td in page.of("td") if "data-label" in td]) >= cells
    shown = [link["href"] for link in page.of("a") if (link["href"] or "").endswith(".html")]
    assert len(set(shown)) == sum(state != "waiting" for _client, _month, state, _found in reports)


@pytest.mark.browser
def test_a_long_name_and_a_long_reason_push_nothing_off_the_page(tmp_path: Path) -> None:
    driver = pytest.importorskip("playwright.sync_api")
    rows = [*ROWS, row("x" * 300, "2026-09"), row("y" * 99, "2026-10", "failed", reason="/" + "Ж" * 300)]
    (tmp_path / PAGE).write_text(write_page(ABOUT, rows, rows, "ru"), encoding="utf-8")
    cut = "[...document.querySelectorAll('td,th,a')].filter(e => e.getBoundingClientRect().right > innerWidth)"
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for width in (1280, 800, 390):
            page = browser.new_page(viewport={"width": width, "height": 900})
            page.goto((tmp_path / PAGE).as_uri())
            assert page.evaluate(f"{cut}.map(e => e.textContent)") == [], width
            assert page.locator("a", has_text="открыть").bounding_box()["height"] < 30, "its word is broken"
        browser.close()


@pytest.mark.browser
def test_in_a_browser_it_fits_a_desk_a_phone_and_paper(tmp_path: Path) -> None:
    driver = pytest.importorskip("playwright.sync_api")
    statuses = {"met": 12, "close": 3, "missed": 10}
    rows = [row(f"Client {n}", f"2026-{month:02d}", "failed" if n == month else "kept", reason=f"{n} " * 60,
                statuses=statuses) for n in range(30) for month in range(1, 13)]  # fmt: skip
    with driver.sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        for lang in LANGUAGES:
            (tmp_path / PAGE).write_text(write_page(ABOUT, rows, rows, lang), encoding="utf-8")
            for width in (1280, 390):
                page = browser.new_page(viewport={"width": width, "height": 900})
                said: list[str] = []
                page.on("console", lambda message, said=said: said.append(message.text))
                page.goto((tmp_path / PAGE).as_uri())
                assert page.evaluate("document.documentElement.scrollWidth") <= width
                assert said == []
                page.emulate_media(media="print")
                page.set_viewport_size({"width": 1032, "height": 700})  # A4 across, without its margins
                cut = (
                    "[...document.querySelectorAll('td,th')].filter(e => e.getBoundingClientRect().right > 1033).length"
                )
                assert page.evaluate(cut) == 0
                page.close()
        browser.close()


# What is written down


def finished(job: Job, **record: Any) -> None:
    """A report as it stands when it is finished."""
    job.final.mkdir(parents=True)
    kpis = [{"scope": "company", "status": status} for status in ("met", "met", "missed", "no_goal")]
    kpis.append({"scope": "email", "status": "missed"})
    (job.final / "report.json").write_text(json.dumps({"kpis": kpis, **record}))
    (job.final / "monthly_report.html").write_text("<p>")
    files = {path.name: describe_file(path) for path in job.final.iterdir()}
    manifest = {"rendered_at": "2026-11-01T03:00:00Z", "seconds": 21.4, "files": files, "fingerprint": {}}
    (job.final / "monthly_report.manifest.json").write_text(json.dumps(manifest))


@pytest.fixture
def jobs(tmp_path: Path) -> list[Job]:
    return [Job(client, str(tmp_path), "2026-10", out=str(tmp_path / "out")) for client in ("Acme", "Beta", "Gamma")]


def test_what_stands_is_read_from_the_reports(tmp_path: Path, jobs: list[Job]) -> None:
    finished(jobs[0])
    summary = Summary(tmp_path / "out", "p.yaml", "en", jobs)
    summary.note(Outcome("kept", path=str(jobs[0].final), job=jobs[0].key))
    summary.note(Outcome("failed", "why not", 3.21, str(jobs[1].failed), jobs[1].key))
    summary.end("finished")
    acme, beta, gamma = json.loads((tmp_path / "out" / DATA).read_text())["reports"]
    assert (acme["state"], acme["statuses"], acme["files"]) == (
        "kept",
        {"met": 2, "missed": 2},
        ["monthly_report.html"],
    )
    assert (acme["made"], acme["took"], acme["folder"]) == ("2026-11-01T03:00:00Z", 21.4, "Acme/2026-10")
    assert (beta["state"], beta["reason"], beta["seconds"]) == ("failed", "why not", 3.2)
    assert beta["path"] == "Beta/2026-10.monthly_report.failed.ipynb" and beta["folder"] == ""
    assert (gamma["state"], gamma["when"]) == ("waiting", "")
    assert summary.counts() == {"kept": 1, "failed": 1, "waiting": 1}
    assert read_rows(tmp_path / "out") == summary.rows


def test_what_batches_before_have_made_stays_while_it_is_there(tmp_path: Path, jobs: list[Job]) -> None:
    finished(jobs[0])
    first = Summary(tmp_path / "out", "p.yaml", "en", jobs)
    first.note(Outcome("failed", "why not", job=jobs[1].key))
    first.end("finished")
    gamma = jobs[2:]
    assert list(Summary(tmp_path / "out", "other.yaml", "en", gamma).rows) == [jobs[0].key, jobs[2].key]
    again = Summary(tmp_path / "out", "p.yaml", "en", gamma, known=jobs)
    assert {key: one.state for key, one in again.rows.items()} == {
        jobs[0].key: "waiting", jobs[1].key: "failed", jobs[2].key: "waiting",
    }  # fmt: skip
    for path in jobs[0].final.iterdir():
        path.unlink()
    jobs[0].final.rmdir()
    assert list(Summary(tmp_path / "out", "other.yaml", "en", gamma).rows) == [jobs[2].key]


@pytest.mark.parametrize(
    "data",
    ["", "[]", "{}", '{"reports": 5}', '{"reports": [5]}', '{"reports": [{"key": "k"}]}', "[" * 100_000,
     '{"reports": [{"key": "k", "client": "c", "month": "2026-10", "report": "r", "folder": "../../etc"}]}',
     '{"reports": [{"key": "k", "client": "c", "month": "2026-10", "report": "r", "folder": "/etc"}]}',
     '{"reports": [{"key": "k", "client": "c", "month": "x", "report": "r", "folder": "."}]}',
     '{"reports": [{"key": "k", "client": "c", "month": "2026-10", "report": "r", "files": ["../x.html"]}]}'],
)  # fmt: skip
def test_data_that_somebody_has_changed_do_no_harm(tmp_path: Path, jobs: list[Job], data: str) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / DATA).write_text(data)
    assert list(Summary(out, "p.yaml", "en", jobs).rows) == [job.key for job in jobs]


def test_a_full_disk_does_not_stop_a_batch(tmp_path: Path, jobs: list[Job], monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    summary = Summary(tmp_path / "out", "p.yaml", "en", jobs)
    summary.write(at_once=True)
    before = (tmp_path / "out" / DATA).read_bytes()
    (tmp_path / "out" / DATA).chmod(0o600)

    def full(*_given: object) -> None:
        raise OSError(28, "No space left on device", DATA)

    monkeypatch.setattr("kpi_helpers.batch.summary.write_safely", full)
    summary.note(Outcome("failed", "x", job=jobs[0].key))
    summary.end("finished")
    assert isinstance(summary.fault, OSError) and (tmp_path / "out" / DATA).read_bytes() == before


def test_one_batch_at_a_time(tmp_path: Path, jobs: list[Job]) -> None:
    out = tmp_path / "new" / "out"
    with alone_in(out):
        with pytest.raises(KitError, match="another batch is writing to .*out"), alone_in(out):
            pytest.fail("two at once")
        Summary(out, "p.yaml", "en", jobs).write(at_once=True)
        with pytest.raises(KitError, match=r"another batch .* \(process \d+ on .*, plan p.yaml\)"), alone_in(out):
            pytest.fail("two at once")
    with alone_in(out):
        pass


def test_what_a_batch_left_that_was_killed_while_it_wrote_is_cleared(tmp_path: Path) -> None:
    names = [".batch.json.a1b2c3_d", ".index.html.zzzzzzzz", ".batch.json.mine", "batch.json"]
    for name in names:
        (tmp_path / name).touch()
    with alone_in(tmp_path):
        assert {path.name for path in tmp_path.iterdir()} == {".batch.lock", ".batch.json.mine", "batch.json"}


def test_what_was_noted_too_soon_is_written_with_the_next_look(tmp_path: Path, jobs: list[Job]) -> None:
    (tmp_path / "out").mkdir()
    summary = Summary(tmp_path / "out", "p.yaml", "en", jobs)
    summary.write(at_once=True)
    summary.note(Outcome("failed", "x", job=jobs[0].key))
    summary.write()
    assert {one.state for one in read_rows(tmp_path / "out").values()} == {"waiting"}
    summary.written -= PAUSE
    summary.write()
    assert read_rows(tmp_path / "out")[jobs[0].key].state == "failed"
    (tmp_path / "out" / DATA).unlink()
    summary.written -= PAUSE
    summary.write()
    assert not (tmp_path / "out" / DATA).exists(), "nothing is new"


def test_a_page_in_work_says_when_it_was_written() -> None:
    about = {**ABOUT, "state": "running", "ended": "", "written": "2026-11-01T03:12:00+00:00"}
    html = write_page(about, ROWS, ROWS, "en")
    assert re.search("agency.yaml: in work; as of .*2026", words(html))


def test_a_folder_that_cannot_be_looked_at_is_as_if_it_were_not_there(tmp_path: Path, jobs: list[Job]) -> None:
    (tmp_path / "out").mkdir()
    row = {"key": "k", "client": "c", "month": "2026-10", "report": "r", "state": "kept", "folder": "x" * 300}
    (tmp_path / "out" / DATA).write_text(json.dumps({"reports": [row]}))
    assert list(Summary(tmp_path / "out", "p.yaml", "en", jobs).rows) == [job.key for job in jobs]
