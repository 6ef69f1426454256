"""Notebooks x regions -> a pack of pages, workbooks and tables with an index."""

from insights.report.batch import Batch, render
from insights.report.errors import ReportError
from insights.report.quality_page import write_quality_page
from insights.report.tasks import Outcome, Report, Task

__all__ = ["Batch", "Outcome", "Report", "ReportError", "Task", "render", "write_quality_page"]
