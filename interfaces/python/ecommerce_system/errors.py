"""The engine's errors as exceptions. Written by interfaces/python/generate.py; do not edit."""
from __future__ import annotations

from ._error import EcommerceError, Fatal, Refused, Retryable, Unanswered

__all__ = [
    "AlreadyExists",
    "CartLocked",
    "DeadlineExceeded",
    "EcommerceError",
    "Expired",
    "Fatal",
    "FoundWrong",
    "IdempotencyKeyReused",
    "InProgress",
    "Internal",
    "InvalidArgument",
    "InvalidConfiguration",
    "InvalidJson",
    "InvalidTransition",
    "LimitExceeded",
    "NotFound",
    "NotPlaced",
    "OutOfMemory",
    "OutOfStock",
    "OutcomeUnknown",
    "Overloaded",
    "PriceChanged",
    "Refused",
    "RetiredProduct",
    "Retryable",
    "StorageFailed",
    "StorageFull",
    "StoreVersion",
    "Unanswered",
    "Unavailable",
    "UnknownCustomer",
    "UnknownOperation",
    "UnknownProduct",
    "VersionConflict",
]


class InvalidArgument(Refused, ValueError):
    """A field is missing or ill-formed."""

    code = "invalid_argument"
    http_status = 400
    exit_status = 2


class InvalidJson(Refused, ValueError):
    """The document is not strict JSON."""

    code = "invalid_json"
    http_status = 400
    exit_status = 2


class InvalidConfiguration(Fatal, ValueError):
    """A setting is wrong."""

    code = "invalid_configuration"
    http_status = 500
    exit_status = 2


class UnknownOperation(Refused):
    """There is no such operation."""

    code = "unknown_operation"
    http_status = 404
    exit_status = 2


class UnknownProduct(Refused):
    """No product has this id."""

    code = "unknown_product"
    http_status = 422
    exit_status = 1


class RetiredProduct(Refused):
    """The product is no longer sold."""

    code = "retired_product"
    http_status = 409
    exit_status = 1


class UnknownCustomer(Refused):
    """No customer has this id."""

    code = "unknown_customer"
    http_status = 422
    exit_status = 1


class NotFound(Refused):
    """Nothing has this id."""

    code = "not_found"
    http_status = 404
    exit_status = 1


class AlreadyExists(Refused):
    """The id or unique value is taken."""

    code = "already_exists"
    http_status = 409
    exit_status = 1


class VersionConflict(Refused):
    """It changed since it was read."""

    code = "version_conflict"
    http_status = 409
    exit_status = 1


class PriceChanged(Refused):
    """The catalogue has another price."""

    code = "price_changed"
    http_status = 409
    exit_status = 1


class OutOfStock(Refused):
    """Not enough stock at this moment."""

    code = "out_of_stock"
    http_status = 409
    exit_status = 1


class LimitExceeded(Refused):
    """Larger than a limit allows."""

    code = "limit_exceeded"
    http_status = 422
    exit_status = 1


class IdempotencyKeyReused(Refused):
    """The key was used for another request."""

    code = "idempotency_key_reused"
    http_status = 422
    exit_status = 1


class InvalidTransition(Refused):
    """The order's state does not allow this change."""

    code = "invalid_transition"
    http_status = 409
    exit_status = 1


class CartLocked(Refused):
    """The cart is being checked out."""

    code = "cart_locked"
    http_status = 409
    exit_status = 1


class Expired(Refused):
    """The session or cart has expired."""

    code = "expired"
    http_status = 410
    exit_status = 1


class InProgress(Retryable):
    """A request with the same key is in flight."""

    code = "in_progress"
    http_status = 409
    exit_status = 3


class NotPlaced(Retryable):
    """Surely not placed; repeat with the same key."""

    code = "not_placed"
    http_status = 503
    exit_status = 3


class Unavailable(Retryable):
    """A store is away; nothing was changed."""

    code = "unavailable"
    http_status = 503
    exit_status = 3


class Overloaded(Retryable):
    """Too much work waits; repeat later."""

    code = "overloaded"
    http_status = 429
    exit_status = 3


class DeadlineExceeded(Retryable, TimeoutError):
    """Not done in time, not changed."""

    code = "deadline_exceeded"
    http_status = 503
    exit_status = 3


class OutcomeUnknown(Unanswered):
    """Sent and unanswered: repeat with the same key, or read it."""

    code = "outcome_unknown"
    http_status = 503
    exit_status = 3


class OutOfMemory(Retryable):
    """An allocation failed."""

    code = "out_of_memory"
    http_status = 503
    exit_status = 3


class StorageFull(Retryable):
    """The disk or a quota is full."""

    code = "storage_full"
    http_status = 507
    exit_status = 3


class StorageFailed(Fatal):
    """A store's file or device failed."""

    code = "storage_failed"
    http_status = 500
    exit_status = 3


class StoreVersion(Fatal):
    """Written by a newer version of the engine."""

    code = "store_version"
    http_status = 500
    exit_status = 3


class FoundWrong(Refused):
    """A check found something wrong."""

    code = "found_wrong"
    http_status = 409
    exit_status = 4


class Internal(Fatal):
    """A defect of the engine."""

    code = "internal"
    http_status = 500
    exit_status = 3


#: In the order of the engine's codes, which begin at 1.
BY_CODE = (
    InvalidArgument,
    InvalidJson,
    InvalidConfiguration,
    UnknownOperation,
    UnknownProduct,
    RetiredProduct,
    UnknownCustomer,
    NotFound,
    AlreadyExists,
    VersionConflict,
    PriceChanged,
    OutOfStock,
    LimitExceeded,
    IdempotencyKeyReused,
    InvalidTransition,
    CartLocked,
    Expired,
    InProgress,
    NotPlaced,
    Unavailable,
    Overloaded,
    DeadlineExceeded,
    OutcomeUnknown,
    OutOfMemory,
    StorageFull,
    StorageFailed,
    StoreVersion,
    FoundWrong,
    Internal,
)
