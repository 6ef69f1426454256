"""Notebooks x regions -> a pack of pages, workbooks and tables with an index.

Names are loaded when they are first asked for: a worker of a batch needs few of the modules.
"""

from __future__ import annotations

import sys
from importlib import import_module
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

# jsonschema builds a parser of internationalised addresses when it is imported, where
# rfc3987_syntax is installed: a second of every worker, for a check no notebook's schema asks for.
_WITHOUT = "rfc3987_syntax"
if _WITHOUT not in sys.modules:
    sys.modules[_WITHOUT] = None  # type: ignore[assignment]
    import_module("jsonschema")
    del sys.modules[_WITHOUT]
