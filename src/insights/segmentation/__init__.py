"""Who our customers are, and how much attention each deserves."""

from insights.segmentation.customer_review import CustomerReview
from insights.segmentation.result import Segmentation
from insights.segmentation.review import review_customers, segment_customers

__all__ = ["CustomerReview", "Segmentation", "review_customers", "segment_customers"]
