"""The notebooks to explore, in JupyterLab and Chromium: they run, answer to mouse and keyboard, and save a goal."""

import json
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import nbformat
import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]
PATIENCE = 60_000  # milliseconds: a busy machine starts a kernel slowly
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
QUIET_LAB = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
}
COMPLAINT = ".jp-OutputArea [data-mime-type$='error'], .jupyter-widgets-error-widget"
PICTURE = ".jp-OutputArea-output .widget-html figure img"


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab: its address, its token, the folder it shows."""

    address: str
    token: str
    folder: Path


def find_chromium() -> str:
    """The browser to use; without one the tests are skipped, but not where the project is checked for a merge."""
    found = os.environ.get("KPI_CHROMIUM") or next((path for name in CHROMIUM if (path := shutil.which(name))), "")
    if not found:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("no Chromium: install it, or name it in KPI_CHROMIUM")
    return found


def copy_notebook(source: Path, target: Path, **parameters: str) -> None:
    """The notebook with other parameters."""
    notebook = nbformat.read(source, as_version=4)
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    cell.source += f"\n{given}"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)


def start_lab(folder: Path, root: Path) -> tuple[Lab, subprocess.Popen[bytes]]:
    """JupyterLab with nothing of the user's: its own settings, its own token, a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, private = secrets.token_hex(16), folder / ".jupyter"
    for name, settings in QUIET_LAB.items():
        file = private / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings), encoding="utf-8")
    env = {
        **os.environ, "JUPYTER_CONFIG_DIR": str(private / "config"), "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"), "IPYTHONDIR": str(private / "ipython"),
        "JUPYTERLAB_SETTINGS_DIR": str(private / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(private / "workspaces"),
        "JUPYTER_TOKEN": token, "PYTHONPATH": str(root),
    }  # fmt: skip
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}",
    ]  # fmt: skip
    with open(folder / "lab.log", "wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
    return Lab(f"http://127.0.0.1:{port}", token, folder), server


def wait_for(lab: Lab, server: subprocess.Popen[bytes]) -> None:
    """Until JupyterLab answers; fails with what it said where it ends or stays silent."""
    for _second in range(PATIENCE // 1000):
        try:
            with urlopen(f"{lab.address}/api?token={lab.token}", timeout=5):
                return
        except (URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(1)
    pytest.fail(f"JupyterLab did not start: {(lab.folder / 'lab.log').read_text(encoding='utf-8')[-2000:]}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser without windows."""
    path = find_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        browser = play.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(chromium: Any, root: Path, sample_dir: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """JupyterLab over copies of the notebooks and of a sample company."""
    folder = tmp_path_factory.mktemp("lab")
    data = folder / "northlight"
    shutil.copytree(sample_dir / "northlight", data)
    for name in ("channels", "set_goals"):
        copy_notebook(root / f"notebooks/explore/{name}.ipynb", folder / f"{name}.ipynb", data_dir=str(data))
    running, server = start_lab(folder, root)
    try:
        wait_for(running, server)
        yield running
    finally:
        server.terminate()
        server.wait(timeout=20)


def run_notebook(chromium: Any, lab: Lab, name: str) -> Any:
    """The page of a notebook after "Run All Cells", once its view is there."""
    page = chromium.new_page(viewport={"width": 1280, "height": 1400})
    page.set_default_timeout(PATIENCE)
    page.goto(f"{lab.address}/lab/tree/{name}?token={lab.token}")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", state="attached")
    wait_for_kernel(page, lab, name)
    choose(page, "runmenu:run-all")
    page.wait_for_selector(f"{PICTURE}[src], {COMPLAINT}", state="attached")
    assert complaints(page) == []
    return page


def wait_for_kernel(page: Any, lab: Lab, name: str) -> None:
    """Until the notebook's kernel is connected and idle: what is run earlier is not run at all."""
    for _half_second in range(PATIENCE // 500):
        sessions = page.request.get(f"{lab.address}/api/sessions?token={lab.token}").json()
        kernels = [session["kernel"] for session in sessions if session["path"] == name]
        if any(kernel["connections"] and kernel["execution_state"] == "idle" for kernel in kernels):
            return
        page.wait_for_timeout(500)
    pytest.fail(f"no kernel for {name}")


def choose(page: Any, command: str) -> None:
    """Choose an entry of the menu bar by its command: its words depend on the language of JupyterLab."""
    entry = page.locator(f'.lm-Menu li[data-command="{command}"]')
    for menu in page.locator("#jp-MainMenu .lm-MenuBar-item").all():
        menu.click()
        if entry.count():
            entry.first.click()
            return
        page.keyboard.press("Escape")
    pytest.fail(f"no menu offers {command}")


def changed(page: Any, selector: str, read: str, act: Any) -> str:
    """What `read` gives of the element once it differs from what it gave before the act."""
    before = page.locator(selector).first.evaluate(read)
    act()
    page.wait_for_function(
        f"([selector, before]) => {{ const e = document.querySelector(selector); return ({read})(e) !== before; }}",
        arg=[selector, before],
    )
    return str(page.locator(selector).first.evaluate(read))


def complaints(page: Any) -> list[str]:
    """Errors among the outputs."""
    return [str(text)[-2000:] for text in page.locator(COMPLAINT).all_inner_texts()]


SOURCE = "e => e.src"
WORDS = "e => e.innerText"


def dropdown(page: Any, place: int) -> Any:
    """A drop-down of the view by its place."""
    return page.locator(".jp-OutputArea-output .widget-dropdown select").nth(place)


def test_channels_are_explored(chromium: Any, lab: Lab) -> None:
    page = run_notebook(chromium, lab, "channels.ipynb")
    kpis = dropdown(page, 0)
    name = kpis.locator("option").nth(8).inner_text()
    changed(page, PICTURE, SOURCE, lambda: kpis.select_option(label=name))
    heads = ".jp-OutputArea-output .widget-html table.data thead"
    assert page.locator(heads).inner_text()
    first_row = ".jp-OutputArea-output .widget-html table.data tbody"
    changed(page, first_row, WORDS, lambda: dropdown(page, 1).select_option(index=1))
    handle = page.locator(".jp-OutputArea-output .noUi-handle").last
    handle.focus()
    changed(page, PICTURE, SOURCE, lambda: page.keyboard.press("ArrowLeft"))
    assert complaints(page) == []
    page.close()


def test_a_goal_is_set_and_saved(chromium: Any, lab: Lab) -> None:
    goals, row = lab.folder / "northlight" / "goals.csv", "leads,company,turnover,56,{},2026-11-01,2026-11-30"
    text = goals.read_text(encoding="utf-8")
    assert row.format("62") in text
    goals.write_text(text.replace(row.format("62"), row.format("62.5")), encoding="utf-8")  # between two steps
    page = run_notebook(chromium, lab, "set_goals.ipynb")
    status = ".jp-OutputArea-output .widget-html .live + p"
    picture = page.locator(PICTURE).get_attribute("src")
    page.locator(".jp-OutputArea-output .noUi-handle").focus()
    changed(page, status, WORDS, lambda: page.keyboard.press("ArrowRight"))
    page.wait_for_function("([s, old]) => document.querySelector(s).src !== old", arg=[PICTURE, picture])
    page.locator(".jp-OutputArea-output button.widget-button").click()
    page.wait_for_selector(".jp-OutputArea-output .widget-html p[role=status]", state="attached")
    assert goals.read_text(encoding="utf-8") == text.replace(row.format("62"), row.format("63.5"))
    number = page.locator(".jp-OutputArea-output .widget-text input").first
    for typed in ("65.5", "47.25", "81"):  # off the steps of the slider, below what it offers, and back
        number.fill(typed)
        changed(page, status, WORDS, lambda: number.press("Enter"))
        page.wait_for_timeout(500)  # time for the page to send a rounded number back
        assert float(number.input_value()) == float(typed)
    changed(page, status, WORDS, lambda: dropdown(page, 1).select_option(index=2))
    assert complaints(page) == []
    page.close()
