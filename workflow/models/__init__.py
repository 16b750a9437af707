"""All tables. Import from here; each module holds one aggregate."""
from workflow.db import Base
from workflow.models.account import Account, Credential, Setting, SignInAttempt, UserSession
from workflow.models.act import Ballot, Duty, Meeting, Paper, SourceReview, SourceReviewItem, SponsorReport
from workflow.models.admission import Admission, Helper, Introducer, Opinion, Relative
from workflow.models.case import Case
from workflow.models.journal import Edition, Entry, Outbox, Part, RequestKey
from workflow.models.person import Conflict, Office, Person, Substitution
from workflow.models.target import Statement, Target
from workflow.models.unit import Unit, UnitClosure, UnitStrength, UnitSuccession, UnitVersion

#: Tables that are not history: secrets, sessions, the journal itself, deliveries and caches. All others are journalled.
UNJOURNALLED = frozenset({"credential", "user_session", "sign_in_attempt", "setting", "entry", "part", "edition",
                          "request_key", "outbox", "unit_closure"})
JOURNALLED = tuple(t for t in Base.metadata.sorted_tables if t.name not in UNJOURNALLED)

__all__ = [
    "Account", "Admission", "Ballot", "Base", "Case", "Conflict", "Credential", "Duty", "Edition", "Entry", "Helper",
    "Introducer", "JOURNALLED", "Meeting", "Office", "Opinion", "Outbox", "Paper", "Part", "Person", "Relative",
    "RequestKey", "Setting", "SignInAttempt", "SourceReview", "SourceReviewItem", "SponsorReport", "Statement",
    "Substitution", "Target", "UNJOURNALLED", "Unit", "UnitClosure", "UnitStrength", "UnitSuccession", "UnitVersion",
    "UserSession",
]
