"""Names of hospitals and distributors matched to the master's customers."""

from insights.ingest.names.filling import asked_of, filled_in, names_in
from insights.ingest.names.in_batches import match_batches
from insights.ingest.names.matching import match_names
from insights.ingest.names.outcome import ANSWER, NameMatches
from insights.ingest.names.review import Answers, ReviewError, declined_names, read_answers

__all__ = [
    "ANSWER",
    "Answers",
    "NameMatches",
    "ReviewError",
    "asked_of",
    "declined_names",
    "filled_in",
    "match_batches",
    "match_names",
    "names_in",
    "read_answers",
]
