"""Python values as the engine's JSON, and the types that the operations' arguments have."""
from __future__ import annotations

import datetime
import decimal
import json
import math
import operator
import os
from collections.abc import Mapping, Sequence
from typing import Any, Callable, TypedDict, Union

#: An amount in the shop's currency. Decimal and text are exact; a float counts as the shortest
#: decimal number that reads as this float, so 29.99 is 29.99 and 0.1 + 0.2 is refused.
Money = Union[decimal.Decimal, int, float, str]
#: A datetime with a time zone, a date (midnight in the shop's zone), or RFC 3339 text.
Time = Union[datetime.datetime, datetime.date, str]


class _Quantity(TypedDict):
    quantity: int


class Item(_Quantity, total=False):
    """What is ordered: a product or a variant; `price` is what the customer expects to pay."""

    product_id: str
    variant_id: str
    price: Money


class Line(_Quantity, total=False):
    """What comes back of an order: a line by its number, or a product or variant."""

    line: int
    product_id: str
    variant_id: str


class Answer(dict[str, Any]):
    """The answer of an operation: a dict that also knows whether it is a replay."""

    #: True when an earlier call with the same idempotency key gave this answer.
    replayed: bool = False


class Unfit(Exception):
    """A value that the engine's documents cannot hold, and where it is."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.path = ""

    def within(self, step: str) -> Unfit:
        """The same, seen from the container that has it: "price" within "[2]" is "[2].price"."""
        dot = "." if self.path and not self.path.startswith("[") else ""
        self.path = step + dot + self.path
        return self


_MOST_DEPTH = 200  # far more than the engine takes; ends the walk through a list that has itself
_MOST_INTEGER = 2**63 - 1
_encode = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, check_circular=False, separators=(",", ":")
).encode


def _text(value: str) -> str:
    if "\0" in value:
        raise Unfit("a text cannot have a NUL character")
    try:
        if not value.isascii():
            value.encode()
    except UnicodeEncodeError:
        raise Unfit("a text cannot have half of a surrogate pair") from None
    return value


def _integer(value: int) -> int:
    if not -_MOST_INTEGER - 1 <= value <= _MOST_INTEGER:
        raise Unfit("an integer has at most 64 bits")
    return value


def _number(value: float) -> float:
    if not math.isfinite(value):
        raise Unfit(f"a number is finite, not {value}")
    return value


def _decimal(value: decimal.Decimal) -> str:
    if not value.is_finite():
        raise Unfit(f"a number is finite, not {value}")
    if abs(value.adjusted()) > 60:
        raise Unfit("an amount has at most 60 digits")
    return format(value, "f")


def _time(value: datetime.datetime) -> str:
    if value.utcoffset() is None:
        raise Unfit("a datetime needs a time zone")
    try:
        utc = value.astimezone(datetime.timezone.utc)
    except OverflowError:
        raise Unfit("a datetime is out of range") from None
    return utc.replace(tzinfo=None).isoformat() + "Z"


def _members(value: Mapping[Any, Any], depth: int) -> dict[str, Any]:
    plain = {}
    for key, member in value.items():
        if not isinstance(key, str):
            raise Unfit(f"a field's name is a text, not {key!r:.40}")
        try:
            plain[_text(key)] = to_plain(member, depth + 1)
        except Unfit as unfit:
            raise unfit.within(key.encode(errors="replace").decode().replace("\0", "?"))
    return plain


def _elements(value: Sequence[Any], depth: int) -> list[Any]:
    plain = []
    for index, element in enumerate(value):
        try:
            plain.append(to_plain(element, depth + 1))
        except Unfit as unfit:
            raise unfit.within(f"[{index}]")
    return plain


def _other(value: Any) -> Any:
    if isinstance(value, os.PathLike):
        return _text(os.fsdecode(value))
    try:
        return _integer(operator.index(value))  # integers of numeric packages
    except TypeError:
        pass
    raise Unfit(f"a {type(value).__name__} cannot be put into a document")


def _same(value: Any) -> Any:
    return value


# A datetime is a date as well, so it stands before it.
_SIMPLE: dict[type, Callable[[Any], Any]] = {
    str: _text,
    int: _integer,
    float: _number,
    bool: _same,
    type(None): _same,
    decimal.Decimal: _decimal,
    datetime.datetime: _time,
    datetime.date: datetime.date.isoformat,
}


def to_plain(value: Any, depth: int = 0) -> Any:
    """The value made of what JSON has; Unfit says what cannot be, and where."""
    simple = _SIMPLE.get(type(value))
    if simple is not None:
        return simple(value)
    if depth == _MOST_DEPTH:
        raise Unfit("it is nested too deeply")
    if isinstance(value, (dict, Mapping)):
        return _members(value, depth)
    if isinstance(value, (list, tuple)):
        return _elements(value, depth)
    return _of_subclass(value, depth)


def _of_subclass(value: Any, depth: int) -> Any:
    """What is not of the common types themselves but derived from them, or like them."""
    for kind, simple in _SIMPLE.items():
        if isinstance(value, kind):
            return simple(value)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray, memoryview)):
        return _elements(value, depth)
    return _other(value)


def to_json(value: Mapping[str, Any]) -> bytes:
    """A document of arguments or settings as JSON."""
    return _encode(to_plain(value)).encode()
