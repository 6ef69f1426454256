"""Warm kernels: like cold ones in all they leave, and gone when they should be."""

from __future__ import annotations

import base64
import os
import signal
import sys
import time
from pathlib import Path

import papermill
import psutil
import pytest
from jupyter_client.kernelspec import KernelSpecManager

from insights.report.imports import imports_of
from insights.report.kernel import own_kernel
from insights.report.usage import Usage
from insights.report.warm import forked
from insights.report.warm.forked import NotWarmError, fork_kernel, warm_server
from insights.report.warm.provisioner import NAME
from small_batch import book

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="kernels are forked on Linux only")
MODULES = ("matplotlib.pyplot", "numpy", "pandas", "insights.tables")
SHOWS = """
import os, random, sys
import numpy as np, pandas as pd, matplotlib.pyplot as plt
print(sys.modules["pandas"].__name__, os.getcwd(), os.environ.get("ONLY_HERE"))
plt.plot([1, 2, 3]);
"""
WIDE = """
from pandas._config.config import _registered_options as known
print(*(f"{name}={pd.get_option(name)!r}".replace(" ", "") for name in sorted(known)))
pd.DataFrame(np.arange(60).reshape(2, 30))
"""
DRAWS = "print(random.random(), np.random.random(), os.getpid(), os.getppid())"


def run(path: Path, modules: tuple[str, ...] = MODULES, usage: Usage | None = None, **more):
    return papermill.execute_notebook(
        path, path.with_suffix(".out.ipynb"), kernel_name="python3", progress_bar=False,
        kernel_manager_class=own_kernel(modules, usage or Usage()), **more,
    )  # fmt: skip


def printed(notebook) -> list[str]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    said = "".join(output.text for output in outputs if output.get("name") == "stdout")
    return said.replace("UTF-8", "utf-8").split()


def pictures(notebook) -> list[bytes]:
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    data = [output.data for output in outputs if "data" in output]
    return [base64.b64decode(one["image/png"]) for one in data if "image/png" in one]


@pytest.fixture
def server():
    yield warm_server(MODULES)
    warm_server(MODULES).close()
    forked.SERVERS.pop(MODULES)


def test_a_warm_kernel_shows_what_a_cold_one_shows(tmp_path, server, monkeypatch):
    monkeypatch.setenv("ONLY_HERE", "yes")
    path = book(tmp_path / "a.ipynb", SHOWS, WIDE)
    warm, cold = run(path), run(path, modules=())
    assert printed(warm) == printed(cold) and printed(warm)[2] == "yes"
    assert "display.max_columns=20" in printed(warm) and len(printed(warm)) > 70
    assert len(pictures(warm)) == 1 and pictures(warm) == pictures(cold)
    tables = [one.cells[-1].outputs[-1].data for one in (warm, cold)]
    assert tables[0] == tables[1] and "30 columns" in tables[0]["text/html"]


def test_each_kernel_is_a_process_and_a_random_state_of_its_own(tmp_path, server):
    path = book(tmp_path / "a.ipynb", SHOWS, DRAWS)
    first, second = (printed(run(path))[-4:] for _time in range(2))
    assert all(one != other for one, other in zip(first[:3], second[:3], strict=True))
    assert first[3] == second[3] == str(server.process.pid)
    assert not psutil.pid_exists(int(first[2])) and not psutil.pid_exists(int(second[2]))


def test_what_one_notebook_does_no_other_sees(tmp_path, server):
    run(book(tmp_path / "a.ipynb", "import pandas as pd; pd.left_here = 1; import os",
             "os.environ['LEFT'] = 'x'"))  # fmt: skip
    looks = "import os, pandas as pd; print(hasattr(pd, 'left_here'), os.environ.get('LEFT'))"
    assert printed(run(book(tmp_path / "b.ipynb", looks))) == ["False", "None"]


def test_kernels_end_with_their_server_and_the_next_has_a_new_one(tmp_path, server):
    kernel = fork_kernel(["-f", str(tmp_path / "none.json")], dict(os.environ), ".", MODULES)
    server.process.send_signal(signal.SIGKILL)
    assert kernel.wait(timeout=10) == -signal.SIGKILL
    until = time.monotonic() + 10
    while psutil.pid_exists(kernel.pid) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(kernel.pid)
    assert printed(run(book(tmp_path / "a.ipynb", "print(1)"))) == ["1"]
    assert warm_server(MODULES).process.pid != server.process.pid


def test_threads_before_the_fork_mean_cold_kernels_told_once(tmp_path, monkeypatch):
    (tmp_path / "starts_a_thread.py").write_text(
        "import threading\nthreading.Thread(target=threading.Event().wait, daemon=True).start()\n"
    )
    path = os.pathsep.join([str(tmp_path), os.environ.get("PYTHONPATH", "")])
    monkeypatch.setenv("PYTHONPATH", path)
    modules = ("starts_a_thread",)
    with pytest.raises(NotWarmError, match="1 threads"):
        warm_server(modules)
    monkeypatch.setattr(forked, "_started", lambda modules: pytest.fail("started again"))
    assert printed(run(book(tmp_path / "a.ipynb", "print(2)"), modules)) == ["2"]
    forked.SERVERS.pop(modules)


def test_a_module_that_fails_to_import_is_left_to_the_notebook(tmp_path):
    modules = ("no_such_module", "json")
    assert printed(run(book(tmp_path / "a.ipynb", "print(3)"), modules)) == ["3"]
    forked.SERVERS.pop(modules).close()


@pytest.mark.parametrize("modules", [(), MODULES])
def test_a_kernel_that_takes_too_much_is_ended(tmp_path, modules, request):
    if modules:
        request.getfixturevalue("server")
    usage = Usage(limit=600)
    grows = "held = []\nwhile True:\n    held.append(bytearray(20_000_000))"
    with pytest.raises(Exception, match=r"(?i)kernel died"):
        run(book(tmp_path / "a.ipynb", grows), modules, usage)
    assert usage.outgrown and 600 < usage.peak < 3000


def test_what_notebooks_import(tmp_path):
    one = book(tmp_path / "a.ipynb", "import os, pandas as pd\nfrom insights.tables import connect",
               "%matplotlib inline\nimport lost", "from . import nothing")  # fmt: skip
    assert imports_of([one]) == ("insights.tables", "os", "pandas")


def test_jupyter_and_papermill_find_the_warm_kernel_by_its_name(tmp_path):
    spec = KernelSpecManager().get_kernel_spec("insights-warm")
    provisioner = spec.metadata["kernel_provisioner"]
    assert provisioner["provisioner_name"] == NAME
    modules = tuple(provisioner["config"]["modules"])
    path = book(tmp_path / "a.ipynb", "import os; print(os.getppid())")
    warm = {"kernel_name": "insights-warm", "progress_bar": False}
    ran = [printed(papermill.execute_notebook(path, None, **warm)) for _time in range(2)]
    server = forked.SERVERS.pop(modules)
    assert ran[0] == ran[1] == [str(server.process.pid)]
    server.close()
