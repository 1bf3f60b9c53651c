#!/usr/bin/env python3
"""Writes the parts of the Python package that follow from the engine's tables.

Usage: generate.py build/libecommerce.so   writes ecommerce_system/_operations.py and errors.py

The methods come from the table of operations in the library, the exceptions from the list of errors
in ecommerce_error.h. A test fails when what is committed differs from what the tables give.
"""
from __future__ import annotations

import ctypes
import json
import keyword
import pathlib
import re
import sys
import textwrap
from typing import Any

PACKAGE = pathlib.Path(__file__).resolve().parent / "ecommerce_system"
ERROR_HEADER = pathlib.Path(__file__).resolve().parents[2] / "ecommerce_error.h"
NOTICE = "Written by interfaces/python/generate.py; do not edit."
COLUMNS = 100

TYPES = {
    "text": "str",
    "integer": "int",
    "number": "float",
    "money": "Money",
    "bool": "bool",
    "time": "Time",
    "document": "Mapping[str, Any]",
    "texts": "Sequence[str]",
    "items": "Sequence[Item]",
    "lines": "Sequence[Line]",
}

# ---- operations ----

OPERATIONS_HEAD = f'''"""The engine's operations as methods. {NOTICE}"""
from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, Optional

from ._values import Answer, Item, Line, Money, Time


class Operations(ABC):
    """One method for each operation of the engine, with its named arguments."""

    @abstractmethod
    def call(
        self, operation: str, arguments: Optional[Mapping[str, Any]] = None, /
    ) -> Answer:
        """Runs an operation by its name. Arguments that are None count as not given."""
'''


def python_name(name: str) -> str:
    """`from` is an argument of the engine and a word of Python: there it is `from_`."""
    return name + "_" if keyword.iskeyword(name) else name


def parameter(argument: dict[str, Any]) -> str:
    kind = TYPES[argument["type"]]
    if argument["required"]:
        return f"{python_name(argument['name'])}: {kind}"
    return f"{python_name(argument['name'])}: Optional[{kind}] = None"


def parameters(arguments: list[dict[str, Any]]) -> list[str]:
    """Those required at the beginning may be given by position, all others by name only."""
    leading = 0
    while leading < len(arguments) and arguments[leading]["required"]:
        leading += 1
    written = ["self"] + [parameter(argument) for argument in arguments[:leading]]
    if leading < len(arguments):
        written += ["*"] + [parameter(argument) for argument in arguments[leading:]]
    return written


def signature(operation: dict[str, Any]) -> str:
    written = parameters(operation["arguments"])
    line = f"    def {operation['name']}({', '.join(written)}) -> Answer:"
    if len(line) <= COLUMNS:
        return line
    inner = "".join(f"        {one},\n" for one in written)
    return f"    def {operation['name']}(\n{inner}    ) -> Answer:"


def sentence(text: str) -> str:
    text = text.replace("\\", "\\\\").replace('"""', "'''")
    return text[:1].upper() + text[1:] + "."


def docstring(operation: dict[str, Any]) -> str:
    text = '        """' + sentence(operation["summary"])
    if len(text) + 3 > COLUMNS:
        text = "\n".join(textwrap.wrap(text.strip(), COLUMNS - 8, initial_indent=" " * 8,
                                       subsequent_indent=" " * 8))
    if not operation["arguments"]:
        return text + '"""'
    text += "\n"
    for argument in operation["arguments"]:
        help_text = f"{python_name(argument['name'])}: {sentence(argument['help'])}"
        text += "\n" + "\n".join(textwrap.wrap(help_text, COLUMNS, initial_indent=" " * 8,
                                               subsequent_indent=" " * 12))
    return text + '\n        """'


def body(operation: dict[str, Any]) -> str:
    if not operation["arguments"]:
        return f'        return self.call("{operation["name"]}")'
    pairs = [f'"{one["name"]}": {python_name(one["name"])}' for one in operation["arguments"]]
    line = f'        return self.call("{operation["name"]}", {{{", ".join(pairs)}}})'
    if len(line) <= COLUMNS:
        return line
    inner = "".join(f"                {pair},\n" for pair in pairs)
    return (f'        return self.call(\n            "{operation["name"]}",\n'
            f"            {{\n{inner}            }},\n        )")


def render_operations(table: list[dict[str, Any]]) -> str:
    methods = ["\n".join(("", signature(operation), docstring(operation), body(operation), ""))
               for operation in table]
    return OPERATIONS_HEAD + "".join(methods)


# ---- errors ----

ROW = re.compile(r'X\((\w+), "(\w+)", (\w+), (\d+), (\d+),\s*"([^"]*)"\)')
BASES = {
    "REFUSED": "Refused",
    "RETRYABLE": "Retryable",
    "OUTCOME_UNKNOWN": "Unanswered",
    "FATAL": "Fatal",
}
# Exceptions that Python's own code expects in such a case.
ALSO = {"INVALID_ARGUMENT": "ValueError", "INVALID_JSON": "ValueError",
        "INVALID_CONFIGURATION": "ValueError", "DEADLINE_EXCEEDED": "TimeoutError"}

ERRORS_HEAD = f'''"""The engine's errors as exceptions. {NOTICE}"""
from __future__ import annotations

from ._error import EcommerceError, Fatal, Refused, Retryable, Unanswered
'''


def class_name(identifier: str) -> str:
    return "".join(word.capitalize() for word in identifier.split("_"))


def error_class(row: tuple[str, ...]) -> str:
    identifier, name, kind, http_status, exit_status, meaning = row
    bases = BASES[kind] + (f", {ALSO[identifier]}" if identifier in ALSO else "")
    return (f'\n\nclass {class_name(identifier)}({bases}):\n'
            f'    """{sentence(meaning)}"""\n\n'
            f'    code = "{name}"\n'
            f"    http_status = {http_status}\n"
            f"    exit_status = {exit_status}\n")


def error_rows() -> list[tuple[str, ...]]:
    joined = ERROR_HEADER.read_text(encoding="utf-8").replace("\\\n", "\n")
    return ROW.findall(joined)


def render_errors() -> str:
    rows = error_rows()
    names = sorted(["EcommerceError", *BASES.values(), *(class_name(row[0]) for row in rows)])
    exported = "\n__all__ = [\n" + "".join(f'    "{name}",\n' for name in names) + "]\n"
    listed = "\n\n#: In the order of the engine's codes, which begin at 1.\nBY_CODE = (\n"
    listed += "".join(f"    {class_name(row[0])},\n" for row in rows) + ")\n"
    return ERRORS_HEAD + exported + "".join(error_class(row) for row in rows) + listed


# ---- files ----

def read_table(library_path: str) -> list[dict[str, Any]]:
    library = ctypes.CDLL(str(pathlib.Path(library_path).resolve()))
    library.ecommerce_operations.restype = ctypes.c_void_p
    library.ecommerce_operations.argtypes = [ctypes.c_void_p]
    library.ecommerce_document_json.restype = ctypes.c_char_p
    library.ecommerce_document_json.argtypes = [ctypes.c_void_p]
    table: list[dict[str, Any]] = json.loads(
        library.ecommerce_document_json(library.ecommerce_operations(None)))["operations"]
    return table


def main(arguments: list[str]) -> int:
    if len(arguments) != 1 or arguments[0].startswith("-"):
        print(__doc__, file=sys.stderr)
        return 2
    table = read_table(arguments[0])
    (PACKAGE / "_operations.py").write_text(render_operations(table), encoding="utf-8")
    (PACKAGE / "errors.py").write_text(render_errors(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
