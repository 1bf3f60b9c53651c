"""The shop as an object: opening, closing, and calls from any thread."""
from __future__ import annotations

import decimal
import json
import os
import threading
import warnings
import weakref
from collections.abc import Iterable, Mapping
from types import TracebackType
from typing import Any, Optional, Union

from . import _engine_calls, errors
from ._operations import Operations
from ._values import Answer

Path = Union[str, "os.PathLike[str]"]
Overrides = Union[Mapping[str, Any], Iterable[str]]


class _Handle:
    """An open shop of the engine, which may be closed only while no call runs."""

    def __init__(self, system: Any) -> None:
        self._system = system
        self._process = os.getpid()
        self._changed = threading.Condition()
        self._running: dict[int, int] = {}  # thread -> its calls, of which a log handler may nest
        self.closed = False

    def is_inherited(self) -> bool:
        """After fork, in the child, which must leave the parent's shop alone."""
        return self._process != os.getpid()

    def enter(self) -> Any:
        if self.is_inherited():
            raise RuntimeError("this shop was opened by the parent process; open it here again")
        thread = threading.get_ident()
        with self._changed:
            if self.closed:
                raise ValueError("the shop is closed")
            self._running[thread] = self._running.get(thread, 0) + 1
        return self._system

    def leave(self) -> None:
        thread = threading.get_ident()
        with self._changed:
            self._running[thread] -= 1
            if self._running[thread] == 0:
                del self._running[thread]
            if not self.closed:
                return
            self._changed.notify_all()
        self._release()

    def close(self) -> None:
        """Lets no call begin, waits for those that run, and closes. A thread that closes from
        inside of a call, as a signal's handler may, leaves the closing to the end of that call."""
        if self.is_inherited():
            return
        with self._changed:
            self.closed = True
            if threading.get_ident() in self._running:
                return
            self._changed.wait_for(lambda: not self._running)
        self._release()

    def _release(self) -> None:
        with self._changed:
            if self._running:
                return
            system, self._system = self._system, None
        if system is not None:
            _engine_calls.close_system(system)


def _close_forgotten(handle: _Handle) -> None:
    if not (handle.closed or handle.is_inherited()):
        warnings.warn("a shop was not closed", ResourceWarning, stacklevel=2)
        handle.close()


def _setting_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def _override_texts(overrides: Optional[Overrides]) -> list[bytes]:
    if overrides is None:
        return []
    if isinstance(overrides, (str, bytes)):
        raise TypeError("overrides is a mapping or a list of 'path=value'")
    if isinstance(overrides, Mapping):
        texts = [f"{path}={_setting_text(value)}" for path, value in overrides.items()]
    else:
        texts = list(overrides)
    try:
        return [text.encode() for text in texts]
    except UnicodeEncodeError:
        raise errors.InvalidConfiguration(
            "a text cannot have half of a surrogate pair", field="overrides"
        ) from None


class EcommerceSystem(Operations):
    """An open shop.

    config: what a YAML parser gives of a configuration file, or the path of such a file; None: all
        defaults, embedded stores in ./shop-data.
    folder: of the embedded stores; goes before the configuration.
    overrides: settings that go before the configuration, {"orders.deadline": "5 s"} or a list
        of "path=value".
    decimals: give numbers with a fraction as Decimal, exactly, instead of float.

    Any number of threads may use one shop at once; other threads of Python run during a call. Use
    it in a `with` statement or close it: closing delivers what is on its way to analytics.
    """

    def __init__(
        self,
        config: Union[Mapping[str, Any], Path, None] = None,
        *,
        folder: Optional[Path] = None,
        overrides: Optional[Overrides] = None,
        decimals: bool = False,
    ) -> None:
        is_file = isinstance(config, (str, os.PathLike))
        if config is not None and not is_file and not isinstance(config, Mapping):
            raise TypeError(f"config is a dict or a path, not {type(config).__name__}")
        system = _engine_calls.open_system(
            os.fsencode(config) if isinstance(config, (str, os.PathLike)) else None,
            config if isinstance(config, Mapping) else None,
            None if folder is None else os.fsencode(folder),
            _override_texts(overrides),
        )
        self._handle = _Handle(system)
        self._finalizer = weakref.finalize(self, _close_forgotten, self._handle)
        parse_float = decimal.Decimal if decimals else None
        self._decode = json.JSONDecoder(parse_float=parse_float).decode

    def call(
        self, operation: str, arguments: Optional[Mapping[str, Any]] = None, /
    ) -> Answer:
        """Runs an operation by its name. Arguments that are None count as not given."""
        try:
            name = operation.encode()
        except UnicodeEncodeError:
            name = b"\0"
        if b"\0" in name:
            raise errors.UnknownOperation(f"there is no operation {operation!r:.80}")
        given = {key: one for key, one in (arguments or {}).items() if one is not None}
        system = self._handle.enter()
        try:
            content, replayed = _engine_calls.run(system, name, given, self._decode)
        finally:
            self._handle.leave()
        answer = Answer(content)
        answer.replayed = replayed
        return answer

    @property
    def closed(self) -> bool:
        """True once close() was called."""
        return self._handle.closed

    def close(self) -> None:
        """Waits for running calls, delivers what is on its way, and closes. Twice is fine."""
        self._handle.close()
        self._finalizer.detach()

    def __enter__(self) -> EcommerceSystem:
        return self

    def __exit__(
        self,
        kind: Optional[type[BaseException]],
        error: Optional[BaseException],
        trace: Optional[TracebackType],
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<EcommerceSystem {'closed' if self.closed else 'open'}>"
