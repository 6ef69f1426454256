"""Which invoices will be late or lost, what does it cost, and whom do we call?"""

from insights.delinquency.predict import predict_delinquency
from insights.delinquency.result import Delinquency

__all__ = ["Delinquency", "predict_delinquency"]
