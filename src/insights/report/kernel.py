"""The kernel of a report: this interpreter, whatever kernels a user has installed."""

from __future__ import annotations

import os
import sys
from typing import ClassVar

import zmq
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from traitlets import default

from insights.report.usage import Usage
from insights.report.warm.forked import ONE_THREAD
from insights.report.warm.provisioner import NAME

QUIET = "--log-level=50"  # a kernel logs the interrupt with which it is shut down as an error
COMMAND = (sys.executable, "-m", "ipykernel_launcher")
NO_HISTORY = "--HistoryManager.enabled=False"  # a report's cells are no input of the user's


class OwnKernel(AsyncKernelManager):
    """Starts ipykernel in ``sys.executable`` without looking for a kernelspec on disk.

    A kernelspec called python3 in the user's home may belong to another environment, and the one of
    an environment that is not activated may name whatever ``python`` is first on the path.
    Kernels are forked from a process that has imported ``modules``; ``usage`` says what one takes.
    """

    modules: ClassVar[tuple[str, ...]] = ()
    usage: ClassVar[Usage] = Usage()

    @default("transport_encryption")
    def _encrypted(self) -> str:
        """What notebook and runner tell each other is data: nobody else on the machine reads it."""
        return "auto" if zmq.has("curve") else "disabled"

    @property
    def kernel_spec(self) -> KernelSpec:
        """Return how the kernel is started."""
        return KernelSpec(
            argv=[*COMMAND, "-f", "{connection_file}", QUIET, NO_HISTORY],
            display_name="Python 3",
            language="python",
            metadata={
                "supported_encryption": ["curve"],
                "kernel_provisioner": {
                    "provisioner_name": NAME,
                    "config": {"modules": list(self.modules)},
                },
            },
        )


def own_kernel(modules: tuple[str, ...], usage: Usage) -> type[OwnKernel]:
    """Return the kernel of one report."""
    return type("OwnKernel", (OwnKernel,), {"modules": modules, "usage": usage})


def one_thread_each() -> None:
    """Give each kernel of this process one thread: two on busy cores made cells 7x slower."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
