"""Notebooks x regions -> a pack of pages, workbooks and tables with an index."""

from insights.report.batch import Batch, render
from insights.report.errors import ReportError
from insights.report.tasks import Outcome, Report, Task

__all__ = ["Batch", "Outcome", "Report", "ReportError", "Task", "render"]
