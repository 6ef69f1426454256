"""Which invoices will be late or lost, what does it cost, and whom do we call?"""

from insights.delinquency.predict import predict_delinquency
from insights.delinquency.receivables import ReceivablesReview
from insights.delinquency.result import Delinquency
from insights.delinquency.review import review_receivables

__all__ = ["Delinquency", "ReceivablesReview", "predict_delinquency", "review_receivables"]
