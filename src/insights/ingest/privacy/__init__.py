"""Privacy at the door: what is personal is dropped, hashed, scrubbed or suppressed, and counted."""

from insights.ingest.privacy.contact_key import ContactKey, load_contact_key
from insights.ingest.privacy.door import Passed, Problem, Scrub, through_the_door
from insights.ingest.privacy.erasure import Erasure, erase, erase_contact
from insights.ingest.privacy.errors import PrivacyError
from insights.ingest.privacy.known_names import KnownNames, known_names
from insights.ingest.privacy.opening import Door, open_door
from insights.ingest.privacy.report import PrivacyReport
from insights.ingest.privacy.scrub import Scrubbed, Scrubber

__all__ = [
    "ContactKey",
    "Door",
    "Erasure",
    "KnownNames",
    "Passed",
    "PrivacyError",
    "PrivacyReport",
    "Problem",
    "Scrub",
    "Scrubbed",
    "Scrubber",
    "erase",
    "erase_contact",
    "known_names",
    "load_contact_key",
    "open_door",
    "through_the_door",
]
