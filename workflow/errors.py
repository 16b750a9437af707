"""What can go wrong with an act, in words that a page can show."""
from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workflow.verdict import StepVerdict


class WorkflowError(Exception):
    """Base of all refusals; the message is for people, in Vietnamese."""


class BadInput(WorkflowError):
    """A value that cannot be what it claims to be; ``field`` names where."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class NotFound(WorkflowError):
    """No such thing, or not within the asker's sight: the two are never told apart."""


class NotPermitted(WorkflowError):
    """The actor may not take this step; ``reasons`` says why, ``who`` who may."""

    def __init__(self, message: str, reasons: tuple[str, ...] = (), who: tuple[str, ...] = ()) -> None:
        super().__init__(message)
        self.reasons = reasons
        self.who = who


class StepRefused(WorkflowError):
    """State, input, rules or ballot do not allow the step; ``verdict`` explains, ``refused`` lists the ids."""

    def __init__(self, verdict: StepVerdict) -> None:
        super().__init__("Bước này chưa thể thực hiện: " + "; ".join(verdict.refused))
        self.verdict = verdict
        self.refused = verdict.refused


class Conflict(WorkflowError):
    """Somebody else was faster, or the request repeats another one with different content."""


class AlreadyOpen(Conflict):
    """The subject has another open case of the same process."""

    def __init__(self) -> None:
        super().__init__("Đối tượng này đã có một hồ sơ đang mở.")
