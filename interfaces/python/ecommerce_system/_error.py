"""What all errors of the engine have in common. Their classes are in errors.py."""
from __future__ import annotations

from typing import ClassVar


class EcommerceError(Exception):
    """The engine refused a call, or could not carry it out."""

    #: Stable name, the same at every door: "out_of_stock".
    code: ClassVar[str] = ""
    #: What may be done about it: "refused", "retryable", "outcome_unknown" or "fatal".
    error_class: ClassVar[str] = ""
    #: Status that suits an HTTP answer.
    http_status: ClassVar[int] = 500
    #: Exit status that suits a command.
    exit_status: ClassVar[int] = 3

    #: One sentence, safe to show to a caller.
    message: str
    #: The argument at fault, "items[2].quantity"; empty when none is.
    field: str
    #: Id that the error is about: the item that is out, the order that is unanswered.
    subject: str
    #: Seconds after which repeating makes sense; 0 where it makes none or needs no wait.
    retry_after: float

    def __init__(
        self, message: str = "", *, field: str = "", subject: str = "", retry_after: float = 0.0
    ) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.subject = subject
        self.retry_after = retry_after

    def __str__(self) -> str:
        if self.field and self.field not in self.message:
            return f"{self.field}: {self.message}"
        return self.message


class Refused(EcommerceError):
    """A definite no; nothing changed. Mend the request."""

    error_class = "refused"


class Retryable(EcommerceError):
    """A definite no for now; nothing changed. Repeat later, with the same key."""

    error_class = "retryable"


class Unanswered(EcommerceError):
    """Sent and not answered. Repeat with the same key, or read what `subject` names."""

    error_class = "outcome_unknown"


class Fatal(EcommerceError):
    """The shop needs an operator: a wrong configuration, a damaged file."""

    error_class = "fatal"
