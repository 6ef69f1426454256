"""Are we on the way to the target, what moved sales, and what is to be done about it?"""

from insights.targets.result import TargetReview
from insights.targets.review import review_targets

__all__ = ["TargetReview", "review_targets"]
