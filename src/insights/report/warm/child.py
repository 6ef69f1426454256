"""What a forked process does to be a kernel like one that was started afresh."""

from __future__ import annotations

import atexit
import os
import random
import signal
import sys
from pathlib import Path

ONCE_A_SHELL = ("matplotlib_inline",)  # hooks the running shell when it is imported


def become_kernel(argv: list[str], env: dict[str, str], cwd: Path) -> None:
    """Run ipykernel with the connection file of ``argv`` until it is shut down, then exit."""
    os.setsid()
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.environ.clear()
    os.environ.update(env)
    os.chdir(cwd)
    for name in [name for name in sys.modules if name.split(".")[0] in ONCE_A_SHELL]:
        del sys.modules[name]
    reseed()
    sys.argv = ["ipykernel_launcher", *argv]
    code = _run(argv)
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)  # leaving as usual would wait for threads that the fork left behind


def reseed() -> None:
    """Give this process a random state of its own; NumPy's too where it was imported."""
    random.seed()
    numpy = sys.modules.get("numpy.random")
    if numpy is not None:
        numpy.seed()


def _run(argv: list[str]) -> int:
    from ipykernel.kernelapp import IPKernelApp

    try:  # no poller: the kernel ends with its server
        IPKernelApp.launch_instance(argv=[*argv, "--IPKernelApp.parent_handle=0"])
    except SystemExit as leaving:
        return leaving.code if isinstance(leaving.code, int) else int(leaving.code is not None)
    finally:
        atexit._run_exitfuncs()
    return 0
