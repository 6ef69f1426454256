"""Kernels forked from a warm server, looked after as ``subprocess.Popen`` would."""

from __future__ import annotations

import atexit
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TextIO

from insights.words import _

START_SECONDS = 120
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")


class NotWarmError(RuntimeError):
    """Kernels cannot be forked here; they are started cold instead."""


@dataclass(frozen=True)
class Server:
    """A warm process and the socket on which it is asked."""

    process: subprocess.Popen[bytes]
    link: socket.socket
    lines: TextIO
    turn: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, **asked: object) -> dict[str, Any]:
        """Ask the server, one thread after the other; ``NotWarmError`` when it is gone."""
        try:
            with self.turn:
                self.link.sendall((json.dumps(asked) + "\n").encode())
                return self.heard()
        except OSError as error:
            raise NotWarmError(str(error)) from None

    def heard(self) -> dict[str, Any]:
        """Return the server's next answer."""
        line = self.lines.readline()
        if not line:
            raise NotWarmError(_("the server of warm kernels ended"))
        return dict(json.loads(line))

    def close(self) -> None:
        """End the server and its kernels."""
        atexit.unregister(self.close)
        self.process.kill()
        self.process.wait()
        self.lines.close()
        self.link.close()


class ForkedProcess:
    """A forked kernel with the interface of ``Popen`` that a kernel manager uses."""

    stdin = stdout = stderr = None

    def __init__(self, server: Server, pid: int) -> None:
        self.server, self.pid = server, pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or None while it runs."""
        if self.returncode is None:
            try:
                self.returncode = self.server.ask(verb="poll", pid=self.pid)["code"]
            except NotWarmError:
                self.returncode = -int(signal.SIGKILL)
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code once it has ended."""
        until = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if until is not None and time.monotonic() > until:
                raise subprocess.TimeoutExpired("kernel", timeout or 0.0)
            time.sleep(0.01)
        return code

    def send_signal(self, number: int) -> None:
        """Signal the kernel, unless it has ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask the kernel to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End the kernel at once."""
        self.send_signal(signal.SIGKILL)


def fork_kernel(
    argv: Sequence[str], env: dict[str, str], cwd: str, modules: tuple[str, ...]
) -> ForkedProcess:
    """Return a kernel forked from this process's server of ``modules``.

    The server is started when there is none, and anew when it has ended. ``NotWarmError`` where
    forking is not safe.
    """
    server = warm_server(modules)
    pid = server.ask(verb="fork", argv=list(argv), env=env, cwd=cwd)["pid"]
    return ForkedProcess(server, pid)


def warm_server(modules: tuple[str, ...]) -> Server:
    """Return the server of this process that has imported ``modules``; see ``fork_kernel``."""
    with STARTING:
        return _known_or_started(modules)


def _known_or_started(modules: tuple[str, ...]) -> Server:
    known = SERVERS.get(modules)
    if isinstance(known, NotWarmError):
        raise known
    if known is None or known.process.poll() is not None:
        try:
            known = _started(modules)
            atexit.register(known.close)
        except NotWarmError as error:
            SERVERS[modules] = error  # tried once a process: a start costs seconds
            raise
        SERVERS[modules] = known
    return known


def _started(modules: tuple[str, ...]) -> Server:
    if sys.platform != "linux" or not modules:
        raise NotWarmError(_("kernels are forked on Linux only, and only with modules to share"))
    ours, theirs = socket.socketpair()
    command = [sys.executable, "-m", "insights.report.warm.server", str(theirs.fileno()), *modules]
    env = {**os.environ, **dict.fromkeys(ONE_THREAD, "1")}
    process = subprocess.Popen(command, pass_fds=[theirs.fileno()], env=env)
    theirs.close()
    ours.settimeout(START_SECONDS)
    server = Server(process, ours, ours.makefile("r", encoding="utf-8"))
    threads = server.heard()["threads"]
    if threads:
        server.close()
        raise NotWarmError(_("importing started {n} threads").format(n=threads))
    return server


STARTING = threading.Lock()
SERVERS: dict[tuple[str, ...], Server | NotWarmError] = {}
