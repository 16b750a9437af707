"""All tables. Import from here; each module holds one aggregate."""
from workflow.db import Base
from workflow.models.account import Account, Credential, Setting, SignInAttempt, UserSession
from workflow.models.act import Ballot, Duty, Meeting, Paper, SourceReview, SourceReviewItem, SponsorReport
from workflow.models.admission import Admission, AdmissionProfile, Helper, Introducer, Opinion, Relative
from workflow.models.case import Case
from workflow.models.consolidation import (
    Cadre,
    Consolidation,
    CriteriaSet,
    Indicator,
    Measure,
    PlanExtension,
    PlanVersion,
    TeamMember,
    Visit,
    WorkReport,
)
from workflow.models.journal import Edition, Entry, Outbox, Part, RequestKey
from workflow.models.person import Conflict, Office, Person, Substitution
from workflow.models.rating import Rating, RatingCount, RatingHead, UnitProblem
from workflow.models.target import ReportCopy, Statement, Target
from workflow.models.unit import Unit, UnitClosure, UnitStrength, UnitSuccession, UnitVersion

#: Tables that are not history: secrets, sessions, the journal itself, deliveries and caches. All others are journalled.
UNJOURNALLED = frozenset({"credential", "user_session", "sign_in_attempt", "setting", "entry", "part", "edition",
                          "request_key", "outbox", "unit_closure"})
JOURNALLED = tuple(t for t in Base.metadata.sorted_tables if t.name not in UNJOURNALLED)

__all__ = [
    "Account", "Admission", "AdmissionProfile", "Ballot", "Base", "Cadre", "Case", "Conflict", "Consolidation",
    "Credential", "CriteriaSet", "Duty", "Edition", "Entry", "Helper", "Indicator", "Introducer", "JOURNALLED",
    "Measure", "Meeting", "Office", "Opinion", "Outbox", "Paper", "Part", "Person", "PlanExtension", "PlanVersion",
    "Rating", "RatingCount", "RatingHead", "Relative", "ReportCopy", "RequestKey", "Setting", "SignInAttempt",
    "SourceReview", "SourceReviewItem", "SponsorReport", "Statement", "Substitution", "Target", "TeamMember",
    "UNJOURNALLED", "Unit", "UnitClosure", "UnitProblem", "UnitStrength", "UnitSuccession", "UnitVersion",
    "UserSession", "Visit", "WorkReport",
]
