"""A kernel provisioner for Jupyter: forks kernels from a warm process, or starts them cold."""

from __future__ import annotations

import os
from typing import Any

from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.provisioning.local_provisioner import LocalProvisioner
from traitlets import List, Unicode

from insights.report.warm.forked import NotWarmError, fork_kernel

NAME = "insights-warm"
CONNECTION = "-f"  # what follows it in a kernel's command is the kernel's alone


class WarmProvisioner(LocalProvisioner):
    """Starts each kernel as a fork of a process that has imported ``modules`` already.

    One process a kernel, as ever: only the imports are shared. A kernelspec asks for it under the
    name ``insights-warm``. Where forking is not safe (``NotWarmError``) kernels start cold.
    """

    modules = List(Unicode(), help="imported before forking").tag(config=True)

    async def launch_kernel(self, cmd: list[str], **kwargs: Any) -> KernelConnectionInfo:
        """Fork a kernel with the command's arguments, or run the command."""
        try:
            self._fork(cmd, dict(kwargs.get("env") or os.environ), str(kwargs.get("cwd") or "."))
        except NotWarmError as error:
            self.log.info("kernels start cold: %s", error)
            return await super().launch_kernel(cmd, **kwargs)
        return self.connection_info

    async def post_launch(self, **kwargs: Any) -> None:
        """Begin to watch what the kernel takes, where its manager asks for it (``usage``)."""
        await super().post_launch(**kwargs)
        usage = getattr(self.parent, "usage", None)
        if usage is not None and self.process is not None:
            usage.watch(self.process.pid)

    def _fork(self, cmd: list[str], env: dict[str, str], cwd: str) -> None:
        arguments = cmd[cmd.index(CONNECTION) :] if CONNECTION in cmd else []
        forked = fork_kernel(arguments, env, os.path.abspath(cwd), tuple(self.modules))
        self.process: Any = forked
        self.pid = self.pgid = forked.pid
        self.cwd = cwd
