#!/usr/bin/env python3
"""Checks the rules of the tree that a compiler does not know; see HACKING.md.

Usage: tidy.py [FILE...]   without files: all that git tracks

A comment `tidy: allow NAME reason`, on the line or alone on the line before, waives the findings of that name there.
NAME is the function or the rule printed in brackets. A waiver which waives nothing is a finding.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_COLUMNS = 100
MAX_FUNCTION_LINES = 70

BANNED = ("strcpy strcat sprintf vsprintf gets strtok atoi atof rand srand gmtime localtime asctime"
          " ctime alloca system popen tmpnam").split()
RAW_HEAP = "malloc calloc realloc free strdup".split()
RAW_HEAP_ALLOWED = ("support/alloc.c", "tests/", "bench/")

# Who may include whom: folder -> what its includes in quotes may begin with.
CONTRACTS = ["db_managers/" + name + ".h" for name in
             ("base_manager", "documents_store", "live_store", "timeseries_store", "graph_store")]
MAY_INCLUDE = {
    "support/": ("support/", "ecommerce_error.h"),
    "config/": ("config/", "support/", "ecommerce_error.h"),
    "db_managers/": ("db_managers/", "support/", "ecommerce_error.h"),
    "services/": ("services/", "support/", "ecommerce_error.h", "config/settings.h", *CONTRACTS),
    "operations/": ("operations/", "services/", "support/", "ecommerce_error.h", "config/", *CONTRACTS),
}
DATABASE_HEADER = re.compile(r"(sqlite3|mongoc|bson|hiredis|libpq|postgresql|neo4j)")
DATABASE_ALLOWED = ("db_managers/", "tests/", "bench/")  # bench measures bare SQLite beside the engine

LEFT_OVER = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "X" * 3, "HA" + "CK")) + r")\b")
WAIVER = re.compile(r"tidy: allow ([\w-]+) +\w")
COMMENT_OR_LITERAL = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
CALL = re.compile(r"(?<![\w.])(?<!->)(" + "|".join(BANNED + RAW_HEAP) + r")\s*\(")
TEXT = {".c", ".h", ".py", ".sh", ".md", ".cmake", ".txt", ".in", ".toml", ".json", ".yaml", ".html",
        ".css", ".js", ".example", ".sql", ""}


def code_only(text):
    """The text with comments and literals blanked, line for line."""
    return COMMENT_OR_LITERAL.sub(lambda found: re.sub(r"[^\n]", " ", found[0]), text)


def check_calls(name, lines):
    raw_allowed = name.startswith(RAW_HEAP_ALLOWED)
    for number, line in enumerate(lines, 1):
        for found in CALL.finditer(line):
            if found[1] in BANNED or not raw_allowed:
                yield number, found[1], f"{found[1]}() is not used here"


def check_functions(lines):
    start = None
    for number, line in enumerate(lines, 1):
        if line.startswith("{"):
            start = number
        elif line.startswith("}") and start:
            if number - start > MAX_FUNCTION_LINES:
                yield start, "function-length", f"a function of {number - start} lines"
            start = None


def check_includes(name, lines):
    folder = next((folder for folder in MAY_INCLUDE if name.startswith(folder)), None)
    for number, line in enumerate(lines, 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)', line)
        if not found:
            continue
        quoted, header = found[1] == '"', found[2]
        if folder and quoted and not header.startswith(MAY_INCLUDE[folder]):
            yield number, "include-direction", f"{folder} must not include {header}"
        if not quoted and DATABASE_HEADER.match(header) and not name.startswith(DATABASE_ALLOWED):
            yield number, "database-header", f"{header} belongs into db_managers/"


def check_layout(lines):
    for number, line in enumerate(lines, 1):
        if "\t" in line:
            yield number, "tab", "a tab"
        if line != line.rstrip():
            yield number, "trailing-space", "white space at the end of the line"
        if len(line) > MAX_COLUMNS:
            yield number, "line-length", f"{len(line)} columns"


def check_guard(text):
    if not re.search(r"^#pragma once$|^#ifndef (\w+)\n#define \1$", text, re.M):
        yield 1, "include-guard", "neither #pragma once nor an include guard"


def check_c(name, text):
    lines, code = text.splitlines(), code_only(text).splitlines()
    yield from check_calls(name, code)
    yield from check_functions(code)
    yield from check_includes(name, lines)
    yield from check_layout(lines)
    if name.endswith(".h"):
        yield from check_guard(text)


def check_left_overs(lines):
    for number, line in enumerate(lines, 1):
        found = LEFT_OVER.search(line)
        if found:
            yield number, "left-over", f"a mark {found[1]}: finish it or write it down elsewhere"


def check_file(name, text):
    """The findings as (line, rule, message), and how many were waived."""
    lines = text.splitlines()
    findings = list(check_left_overs(lines))
    waivers = {}
    if name.endswith((".c", ".h")):
        findings += check_c(name, text)
        for number, line in enumerate(lines, 1):
            for found in WAIVER.finditer(line):
                alone = line.strip().startswith(("/*", "//"))
                waivers[(number + alone, found[1])] = number
    kept = [finding for finding in findings if finding[:2] not in waivers]
    used = {finding[:2] for finding in findings} & waivers.keys()
    for key in waivers.keys() - used:
        kept.append((waivers[key], "unused-waiver", f"nothing to waive: {key[1]}"))
    return sorted(kept), len(used)


def tracked_files():
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True)
    if listed.returncode == 0:
        return listed.stdout.split("\0")[:-1]
    paths = (path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file())
    return [str(path) for path in paths if path.parts[0] not in ("build", ".git")]


def main(arguments):
    names = [str(pathlib.Path(name).resolve().relative_to(ROOT)) for name in arguments]
    files = found = waived = 0
    for name in names or tracked_files():
        path = ROOT / name
        if path.suffix not in TEXT or not path.is_file():
            continue
        findings, used = check_file(name, path.read_text(encoding="utf-8", errors="replace"))
        for line, rule, message in findings:
            print(f"{name}:{line}: {message} [{rule}]")
        files, found, waived = files + 1, found + len(findings), waived + used
    print(f"tidy: {files} files, {found} findings, {waived} waived")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
