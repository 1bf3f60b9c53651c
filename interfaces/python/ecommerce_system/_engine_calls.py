"""The engine's C functions with Python's errors, strings and ownership."""
from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from typing import Any, Callable, Optional

from . import errors
from ._engine import ffi, lib
from ._values import Unfit, to_json

_logger = logging.getLogger("ecommerce")
_LEVELS = {
    b"error": logging.ERROR,
    b"warning": logging.WARNING,
    b"info": logging.INFO,
    b"debug": logging.DEBUG,
}


def text_of(c_string: Any) -> str:
    raw: bytes = ffi.string(c_string)
    return raw.decode(errors="replace")  # a message may have been cut inside of a character


@ffi.def_extern()  # type: ignore[untyped-decorator]
def log_line(context: Any, level: Any, component: Any, line: Any) -> None:
    """Called by threads of the engine too."""
    name = text_of(component)
    _logger.log(
        _LEVELS.get(ffi.string(level), logging.INFO),
        "%s: %s", name, text_of(line),
        extra={"component": name},
    )


def raise_error(err: Any) -> None:
    kind = errors.BY_CODE[err.code - 1] if 0 < err.code <= len(errors.BY_CODE) else errors.Internal
    raise kind(
        text_of(err.message),
        field=text_of(err.field),
        subject=text_of(err.subject),
        retry_after=err.retry_after,
    )


def free_document(document: Any) -> None:
    holder = ffi.new("ecommerce_document **", document)
    lib.ecommerce_document_free(holder)


def document_of(value: Mapping[str, Any]) -> Any:
    """A document of the engine, freed with the last reference. Raises Unfit."""
    text = to_json(value)
    err = ffi.new("ecommerce_error *")
    document = lib.ecommerce_document_from_json(text, len(text), err)
    if document == ffi.NULL:
        try:
            raise_error(err)
        except errors.InvalidJson as refused:  # the caller gave values: JSON was only the way here
            raise Unfit(refused.message).within(refused.field) from None
    return ffi.gc(document, free_document)


def json_of(document: Any) -> bytes:
    text = lib.ecommerce_document_json(document)
    if text == ffi.NULL:
        raise errors.OutOfMemory("the answer does not fit into memory")
    raw: bytes = ffi.string(text)
    return raw


def c_text(text: bytes, field: str) -> Any:
    if b"\0" in text:
        raise errors.InvalidConfiguration("a text cannot have a NUL character", field=field)
    return ffi.new("char[]", text)


def open_system(
    file: Optional[bytes],
    configuration: Optional[Mapping[str, Any]],
    folder: Optional[bytes],
    overrides: Sequence[bytes],
) -> Any:
    kept = [c_text(override, "overrides") for override in overrides]
    options = ffi.new("ecommerce_open_options *")
    file_text = ffi.NULL if file is None else c_text(file, "config")
    folder_text = ffi.NULL if folder is None else c_text(folder, "folder")
    array = ffi.new("const char *[]", kept)
    document = ffi.NULL
    if configuration is not None:
        try:
            document = document_of(configuration)
        except Unfit as unfit:
            raise errors.InvalidConfiguration(unfit.sentence, field=unfit.path) from None
    options.configuration_file = file_text
    options.configuration = document
    options.folder = folder_text
    options.overrides = array
    options.override_count = len(kept)
    options.log = lib.log_line
    err = ffi.new("ecommerce_error *")
    system = lib.ecommerce_open_with(options, err)
    if system == ffi.NULL:
        raise_error(err)
    return system


def close_system(system: Any) -> None:
    lib.ecommerce_close(ffi.new("ecommerce_system **", system))


def run(
    system: Any, operation: bytes, arguments: Mapping[str, Any], decode: Callable[[str], Any]
) -> tuple[dict[str, Any], bool]:
    """The answer, and whether it is that of an earlier call."""
    try:
        document = document_of(arguments)
    except Unfit as unfit:
        raise errors.InvalidArgument(unfit.sentence, field=unfit.path) from None
    answer = ffi.new("ecommerce_document **")
    err = ffi.new("ecommerce_error *")
    if not lib.ecommerce_call(system, operation, document, answer, err):
        raise_error(err)
    try:
        return decode(json_of(answer[0]).decode()), lib.ecommerce_document_replayed(answer[0])
    finally:
        lib.ecommerce_document_free(answer)


def operations() -> list[dict[str, Any]]:
    """The table of operations: name, command, summary, arguments with type and help."""
    err = ffi.new("ecommerce_error *")
    document = lib.ecommerce_operations(err)
    if document == ffi.NULL:
        raise_error(err)
    try:
        table: list[dict[str, Any]] = json.loads(json_of(document))["operations"]
    finally:
        free_document(document)
    return table


def version() -> str:
    return text_of(lib.ecommerce_version())
