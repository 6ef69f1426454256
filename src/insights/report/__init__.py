"""Notebooks x regions -> a pack of pages, workbooks and tables with an index.

Names are loaded when they are first asked for: a worker of a batch needs few of the modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from insights.lazily import lazily

if TYPE_CHECKING:
    from insights.report.batch import Batch, render
    from insights.report.errors import ReportError
    from insights.report.quality_page import write_quality_page
    from insights.report.tasks import Outcome, Report, Task

__all__ = ["Batch", "Outcome", "Report", "ReportError", "Task", "render", "write_quality_page"]
_HOMES = {
    **dict.fromkeys(["Batch", "render"], "batch"),
    **dict.fromkeys(["Outcome", "Report", "Task"], "tasks"),
    "ReportError": "errors",
    "write_quality_page": "quality_page",
}
__getattr__, __dir__ = lazily(__name__, _HOMES)
