"""The process that kernels are forked from: it imports once, then forks on request.

Run as ``python -m insights.report.warm.server FD MODULE…``. It answers each line of JSON on the
socket FD with one, ends when the socket closes, and its kernels end with it. What it has imported
stays as it was: results are kept under the key of that code, whatever stands on the disk later.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import json
import os
import signal
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from insights.report.warm.child import become_kernel
from insights.report.warm.rehearsal import INLINE, rehearse
from insights.store import source_key

PR_SET_PDEATHSIG = 1
SURVIVING = ("pyarrow", "duckdb")
KERNEL = (
    "IPython",
    "ipykernel.debugger",
    "ipykernel.ipkernel",
    "ipykernel.kernelapp",
    "ipykernel.zmqshell",
)


def main(socket_fd: int, modules: list[str]) -> None:
    """Import, say whether forking is safe, and serve until nobody is left to ask."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    link = socket.socket(fileno=socket_fd)
    lines = link.makefile("r", encoding="utf-8")
    os.environ.setdefault("MPLBACKEND", INLINE)
    sleeping = _with_sleeping_threads()
    for name in (*KERNEL, *modules):
        _try_import(name)
    rehearse()
    source_key()
    _keep_shared()
    _say(link, {"threads": _threads() - sleeping})
    for line in lines:
        _say(link, _answer(json.loads(line), link))


def die_with_parent() -> None:
    """End this process when the thread that started it ends, however abruptly (Linux)."""
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def _with_sleeping_threads() -> int:
    """Return the threads after the two libraries whose own ones may be left behind by a fork.

    Arrow makes its pools anew in a child; DuckDB's belong to a default connection nobody uses.
    """
    for name in SURVIVING:
        _try_import(name)
    return _threads()


def _threads() -> int:
    """Return how many threads this process has, those of C libraries included."""
    return len(os.listdir("/proc/self/task"))


def _try_import(name: str) -> None:
    with suppress(Exception):  # a module may fail in any way: the notebook that imports it says so
        importlib.import_module(name)


def _keep_shared() -> None:
    """Keep kernels from writing to, and so copying, what they share when they collect garbage."""
    gc.collect()
    gc.freeze()


def _answer(asked: dict[str, Any], link: socket.socket) -> dict[str, object]:
    if asked["verb"] == "fork":
        return {"pid": _fork(asked, link)}
    try:
        ended, status = os.waitpid(asked["pid"], os.WNOHANG)
    except ChildProcessError:
        return {"code": -int(signal.SIGKILL)}
    return {"code": os.waitstatus_to_exitcode(status) if ended else None}


def _fork(asked: dict[str, Any], link: socket.socket) -> int:
    pid = os.fork()
    if pid:
        return pid
    try:
        os.close(link.detach())  # a reader of the link would keep it open for this kernel's life
        die_with_parent()
        become_kernel(asked["argv"], asked["env"], Path(asked["cwd"]))
    finally:
        os._exit(1)


def _say(link: socket.socket, words: dict[str, object]) -> None:
    link.sendall((json.dumps(words) + "\n").encode())


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2:])
