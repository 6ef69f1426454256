"""Can this source be reported on? What it holds, what is wrong, what each question will lack."""

from insights.check.gates import Held, held_back
from insights.check.lines import quality_lines
from insights.check.needs import NEEDS, Need, answers
from insights.check.quality import SourceQuality, check_quality

__all__ = [
    "NEEDS",
    "Held",
    "Need",
    "SourceQuality",
    "answers",
    "check_quality",
    "held_back",
    "quality_lines",
]
