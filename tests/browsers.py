"""What the browser tests share: Chromium, JupyterLab and Voila over a folder, and a notebook opened and run in them.

Each test module says in its fixture `place` which folder is shown.
"""

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

import pytest

PATIENCE = 60_000  # milliseconds: a busy machine starts a kernel slowly
CHROMIUM = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
OFFLINE = "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
DESK = {"width": 1280, "height": 2400}
QUIET_LAB = {
    "@jupyterlab/apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False},
    "@jupyterlab/notebook-extension/tracker": {"windowingMode": "none", "autoStartDefaultKernel": True},
}
COMPLAINT = ".jp-OutputArea [data-mime-type$='error'], .jupyter-widgets-error-widget"
SOURCE = "e => e.src"
WORDS = "e => e.innerText"
# Controls that reach beyond the page or are too small to hit, and names that are cut off.
CUT = """([view, least]) => [...document.querySelectorAll(`${view} :is(select, input, button)`)]
    .filter(e => e.offsetParent !== null && (e.getBoundingClientRect().right > innerWidth || e.offsetWidth < least))
    .concat([...document.querySelectorAll(`${view} .widget-label`)]
    .filter(e => e.offsetParent !== null && e.scrollWidth > e.clientWidth)).map(e => e.outerHTML)"""


@dataclass(frozen=True)
class Lab:
    """A running JupyterLab or Voila: its address, its token, the folder it shows, the file that it logs to."""

    address: str
    token: str
    folder: Path
    log: Path


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    """A browser without windows and without a network."""
    path = find_chromium()
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        arguments = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", OFFLINE]
        browser = play.chromium.launch(executable_path=path, args=arguments)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def lab(chromium: Any, root: Path, place: Path) -> Iterator[Lab]:
    yield from until_used(*start_lab(place, root))


@pytest.fixture(scope="module")
def voila(chromium: Any, root: Path, place: Path) -> Iterator[Lab]:
    pytest.importorskip("voila")
    yield from until_used(*start_voila(place, root))


@pytest.fixture
def server(request: pytest.FixtureRequest) -> Lab:
    """The fixture that is named by the parameter: `lab` or `voila`."""
    return request.getfixturevalue(request.param)


def find_chromium() -> str:
    """The browser to use; without one the tests are skipped, but not where the project is checked for a merge."""
    found = os.environ.get("KPI_CHROMIUM") or next((path for name in CHROMIUM if (path := shutil.which(name))), "")
    if not found:
        say = pytest.fail if os.environ.get("CI") == "true" else pytest.skip
        say("no Chromium: install it, or name it in KPI_CHROMIUM")
    return found


def copy_notebook(source: Path, target: Path, **parameters: str) -> None:
    """The notebook with other parameters."""
    import nbformat

    notebook = nbformat.read(source, as_version=4)
    cell = next(cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", []))
    given = "\n".join(f"{name} = {value!r}" for name, value in parameters.items())
    cell.source += f"\n{given}"
    target.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, target)


def start_lab(folder: Path, root: Path) -> tuple[Lab, subprocess.Popen[bytes]]:
    """JupyterLab with settings of its own, none of the user's."""
    private = folder / ".jupyter"
    for name, settings in QUIET_LAB.items():
        file = private / "settings" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(json.dumps(settings), encoding="utf-8")
    places = {f"JUPYTERLAB_{name.upper()}_DIR": str(private / name) for name in ("settings", "workspaces")}
    return _start("jupyterlab", folder, root, places)


def start_voila(folder: Path, root: Path) -> tuple[Lab, subprocess.Popen[bytes]]:
    """Voila below the same address as JupyterLab would have."""
    extension = "--ServerApp.jpserver_extensions={'voila.server_extension': True}"
    return _start("jupyter_server", folder, root, {}, extension)


def _start(
    module: str, folder: Path, root: Path, places: dict[str, str], *options: str
) -> tuple[Lab, subprocess.Popen[bytes]]:
    """A server with nothing of the user's: its own folders, its own token, a free port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, private = secrets.token_hex(16), folder / f".{module}"
    env = {
        **os.environ, "JUPYTER_CONFIG_DIR": str(private / "config"), "JUPYTER_DATA_DIR": str(private / "data"),
        "JUPYTER_RUNTIME_DIR": str(private / "runtime"), "IPYTHONDIR": str(private / "ipython"),
        "JUPYTER_TOKEN": token, "PYTHONPATH": str(root), **places,
    }  # fmt: skip
    command = [
        sys.executable, "-m", module, "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}", *options,
    ]  # fmt: skip
    with open(folder / f"{module}.log", "wb") as log:
        server = subprocess.Popen(command, cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT)
    return Lab(f"http://127.0.0.1:{port}", token, folder, folder / f"{module}.log"), server


def until_used(running: Lab, server: subprocess.Popen[bytes]) -> Iterator[Lab]:
    try:
        wait_for(running, server)
        yield running
    finally:
        server.terminate()
        server.wait(timeout=20)


def wait_for(lab: Lab, server: subprocess.Popen[bytes]) -> None:
    """Until the server answers; fails with what it said where it ends or stays silent."""
    for _second in range(PATIENCE // 1000):
        try:
            with urlopen(f"{lab.address}/api?token={lab.token}", timeout=5):
                return
        except (URLError, OSError):
            if server.poll() is not None:
                break
            time.sleep(1)
    pytest.fail(f"the server did not start: {lab.log.read_text(encoding='utf-8')[-2000:]}")


def open_notebook(chromium: Any, server: Lab, kind: str, name: str, awaited: str, size: dict[str, int] = DESK) -> Any:
    """A page with the notebook `name`, run whole in JupyterLab ("lab") or Voila, once what is awaited is there."""
    page = chromium.new_page(viewport=size)
    run_notebook(page, server, kind, name)
    page.wait_for_selector(f"{awaited}, {COMPLAINT}", state="attached")
    assert complaints(page) == []
    return page


def run_notebook(page: Any, server: Lab, kind: str, name: str) -> None:
    page.set_default_timeout(2 * PATIENCE)
    if kind == "voila":
        page.goto(f"{server.address}/voila/render/{name}.ipynb?token={server.token}")
        return
    load_notebook(page, server, name)
    wait_for_kernel(page, server, f"{name}.ipynb")
    choose(page, "runmenu:run-all")


def load_notebook(page: Any, server: Lab, name: str) -> None:
    """A notebook in JupyterLab, not run, without the tabs that were open before."""
    page.goto(f"{server.address}/lab/tree/{name}.ipynb?token={server.token}&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", state="attached")


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


def cut_off(page: Any, view: str, least: int = 30) -> list[str]:
    """Controls of the view that reach beyond the page or are narrower than so many pixels, and names that are cut."""
    return list(page.evaluate(CUT, [view, least]))
