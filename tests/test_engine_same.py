"""The engine `kpi` gives what papermill's own engine gives, cell by cell."""

import json
import os
import re
import warnings
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from kpi_helpers.engine.forks import can_fork

pytestmark = [pytest.mark.skipif(not can_fork(), reason="processes are forked on Linux only"), pytest.mark.slow]
OWN, KPI = None, "kpi"
CELLS = [
    "print('a'); import os, sys; print('b', file=sys.stderr); print('c'); 1 + 1",
    "from IPython.display import HTML, Image, clear_output, display, update_display\n"
    "h = display('first', display_id='one')",
    "display(HTML('<b>x</b>')); update_display('second', display_id='one'); display(1, display_id='two').update(2)",
    "for i in range(3):\n    clear_output(wait=True); print(i)",
    "print('gone'); clear_output(); print('kept')",
    "class R:\n    def _repr_mimebundle_(self, include=None, exclude=None):\n"
    "        return {'text/plain': 'p', 'application/json': {'a': 1}}, {'text/html': {'m': 1}}\nR()",
    "import matplotlib.pyplot as plt\nplt.plot([1, 3, 2]); plt.title('Заголовок');",
    "fig, ax = plt.subplots(); ax.bar(['a', 'b'], [1, 2])",
    "plt.get_fignums(), plt.get_backend()",
    "fig",
    "5;",
    "import time\n%timeit -n1 -r1 -q pass\n!echo shell $HOME",
    "y = !echo captured\ny",
    "%%bash\necho from bash; echo err >&2",
    "import asyncio\nawait asyncio.sleep(0.01); 'awaited'",
    "import warnings; warnings.warn('careful')",
    "import pandas as pd\ndf = pd.DataFrame({'a': [1, 2], 'б': [.5, None]}); display(df); df.style",
    "import os; os.system('echo fd level'); 'after'",
    "import subprocess; subprocess.run(['echo', 'child']); None",
    "__name__, sys.argv[0].rpartition('/')[2], get_ipython().__class__.__name__, os.getcwd(), sys.path",
    "import threading\nt = threading.Thread(target=lambda: print('from a thread')); t.start(); t.join()",
    "t = threading.Thread(target=lambda: 1 / 0, name='T'); t.start(); t.join()",
    "In[-1][:10], Out[1], _i[:6], len(In)",
    "%history -l 2",
    "import ipywidgets as w\ns = w.IntSlider(value=3); display(s); s.value = 5; s",
    "out = w.Output()\nwith out:\n    print('into the widget'); display('shown')\nout",
    "out.outputs",
    "from tqdm.auto import tqdm\ntqdm.__module__",
    "%matplotlib inline\nplt.plot([1, 2]); plt.show()",
    "%config InlineBackend.figure_formats = ['svg']\nimport matplotlib; matplotlib.rcParams['svg.hashsalt'] = 'x'\n"
    "plt.plot([2, 1]);",
    "import logging; logging.warning('logged')",
    "import multiprocessing as mp\nmp.current_process().name, '__file__' in globals()",
    "pid = os.fork()\nif not pid:\n    print('forked'); sys.stdout.flush(); os._exit(0)\nos.waitpid(pid, 0)[1]",
    "print('x' * 100000, end=''); print('\\r over')",
    "display(Image(data=b'\\x89PNG\\r\\n\\x1a\\n123', format='png'))",
    "try:\n    input('?')\nexcept Exception as e: print(type(e).__name__, e)",
    "%%capture cap\nprint('hidden')",
    "cap.stdout",
    "print(1, flush=True); time.sleep(0.5); print(2)",
    "len?",
    "lambda: 0",
    "[os.environ.get(name) for name in ('TERM', 'PAGER', 'MPLBACKEND')], 'JPY_PARENT_PID' in os.environ",
    "sys.stdout.isatty(), sys.stdout.encoding, threading.current_thread().name, "
    "sys.modules['__main__'].__dict__ is globals()",
    "list(globals())[:8], __doc__",
    "import statsmodels.api\nfrom statsmodels.tools.sm_exceptions import ConvergenceWarning\n"
    "for _ in range(2): warnings.warn('each time', ConvergenceWarning)\n"
    "warnings.warn('numpy.dtype size changed, never', RuntimeWarning)",
    "sorted(sys.stdout.parent_header), sys.stdout.parent_header == get_ipython().kernel.get_parent()['header']",
    "os.system('ls /proc/self/fd')",
]  # fmt: skip
ENDS = [
    "1/0",
    "def f(x):\n    raise ValueError(f'нет {x}')\nf(3)",
    "raise KeyboardInterrupt",
    "import sys; sys.exit(3)",
    "raise SystemExit",
    "exit()\nprint('after')",
    "input('name')",
    "print('before'); import time; time.sleep(60)",
    # what papermill hears of a kernel that dies at once is a matter of luck
    "import os, time; print('dying', flush=True); time.sleep(1.5); os._exit(3)",
    "x = (",
    "%nomagic",
    "class Bad:\n    def __repr__(self): raise RuntimeError('bad')\nBad()",
    "import os, signal, time; os.kill(os.getpid(), signal.SIGINT); time.sleep(5)",
    "await nothing()",
    "%%bash\nexit 3",
    "raise ExceptionGroup('g', [ValueError(1), TypeError(2)])",
]


def notebook(folder: Path, cells: list[str]) -> Path:
    made = nbformat.v4.new_notebook()
    made.metadata.kernelspec = {"name": "python3", "language": "python", "display_name": "Python 3"}
    made.cells = [nbformat.v4.new_code_cell(source, id=f"c{n}") for n, source in enumerate(cells)]
    nbformat.write(made, folder / "in.ipynb")
    return folder / "in.ipynb"


def run(source: Path, engine: str | None, limit: int = 120, **parameters: Any) -> tuple[Any, str]:
    """The executed notebook as it was left, and what papermill raised."""
    target, said = source.with_name(f"{engine}.ipynb"), ""
    os.environ.pop("PYTEST_CURRENT_TEST", None)  # with which ipykernel leaves the descriptors alone
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            papermill.execute_notebook(
                source, target, parameters, engine_name=engine, progress_bar=False, execution_timeout=limit
            )
        except Exception as error:
            said = f"{type(error).__name__}: {error}"
    return nbformat.read(target, as_version=4), re.sub(r"ipykernel_\d+", "ipykernel", said)


def shown(cell: Any) -> str:
    """All of a cell but times and names that are new in each run; outputs of one stream in a row are one."""
    outputs: list[Any] = []
    for output in json.loads(json.dumps(cell.get("outputs", []))):
        last = outputs[-1] if outputs else {}
        if output["output_type"] == "stream" == last.get("output_type") and output["name"] == last["name"]:
            last["text"] += output["text"]
        else:
            outputs.append(output)
    state = {name: cell.metadata.get("papermill", {}).get(name) for name in ("status", "exception")}
    kept = [cell.source, cell.get("execution_count"), sorted(cell.metadata), state, outputs]
    return plain(json.dumps(kept, ensure_ascii=False, indent=1, sort_keys=True))


def plain(text: str) -> str:
    names: dict[str, str] = {}
    text = re.sub(r"[0-9a-f]{32}", lambda found: names.setdefault(found[0], f"id{len(names)}"), text)
    text = re.sub(r"0x[0-9a-f]{6,}", "0x", re.sub(r"ipykernel_\d+", "ipykernel", text))
    return re.sub(r"<dc:date>[^<]*", "", re.sub(r"T_[0-9a-f]{5}", "T_", text))


def widgets(executed: Any) -> list[str]:
    kept = executed.metadata.get("widgets", {}).get("application/vnd.jupyter.widget-state+json", {})
    return sorted(
        re.sub(r"[0-9a-f]{32}", "id", json.dumps(state, sort_keys=True)) for state in kept.get("state", {}).values()
    )


def assert_same(own: Any, kpi: Any) -> None:
    assert [shown(cell) for cell in kpi.cells] == [shown(cell) for cell in own.cells]
    assert widgets(kpi) == widgets(own)
    assert kpi.metadata.get("language_info") == own.metadata.get("language_info")
    assert set(kpi.metadata) == set(own.metadata)


def test_every_kind_of_cell(tmp_path: Path) -> None:
    source = notebook(tmp_path, CELLS)
    own, said = run(source, OWN)
    assert said == ""
    assert sum(bool(cell.get("outputs")) for cell in own.cells) > 30
    assert widgets(own)
    kpi, said = run(source, KPI)
    assert said == ""
    assert_same(own, kpi)


def test_the_places_of_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are those of this moment, not those of the server's start."""
    source = notebook(tmp_path, ["import os, sys; sys.path, os.umask(0)"])
    run(source, KPI)
    (tmp_path / "mine").mkdir()
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "mine"))
    before = os.umask(0o027)
    (own, _), (kpi, _) = run(source, OWN), run(source, KPI)
    os.umask(before)
    assert_same(own, kpi)


@pytest.mark.parametrize("cell", ENDS)
def test_every_kind_of_end(tmp_path: Path, cell: str) -> None:
    source = notebook(tmp_path, ["z = 1", cell, "print('next')"])
    own, kpi = run(source, OWN, limit=3), run(source, KPI, limit=3)
    assert kpi[1] == own[1]
    assert_same(own[0], kpi[0])


@pytest.mark.parametrize(("company", "lang"), [("northlight", "en"), ("severny_svet", "ru")])
def test_the_monthly_report(tmp_path: Path, root: Path, company: str, lang: str) -> None:
    kept = root / "notebooks" / ("ru/reports" if lang == "ru" else "reports") / "monthly_report.ipynb"
    source = tmp_path / "in.ipynb"
    source.write_bytes(kept.read_bytes())
    values = {"month": "2026-10", "data_dir": str(root / "data" / "sample" / company), "lang": lang}
    (own, said), (kpi, as_well) = run(source, OWN, **values), run(source, KPI, **values)
    assert said == as_well == ""
    assert sum(len(cell.get("outputs", [])) for cell in own.cells) > 15
    assert_same(own, kpi)
