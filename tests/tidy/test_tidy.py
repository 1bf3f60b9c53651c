"""The rules of tidy.py find what they are for, and nothing in what only looks like it."""
import pytest

from tidy import check_file


def rules(text, name="support/a.c"):
    return [rule for _, rule, _ in check_file(name, text)[0]]


def function(lines):
    return "void f(void)\n{\n" + "    ;\n" * (lines - 1) + "}\n"


@pytest.mark.parametrize("name, text, rule", [
    ("support/a.c", "strcpy(a, b);\n", "strcpy"),
    ("tests/a.c", "x = rand ();\n", "rand"),
    ("support/a.c", "p = malloc(4);\n", "malloc"),
    ("support/a.c", function(71), "function-length"),
    ("support/a.c", "\tint a;\n", "tab"),
    ("support/a.c", "int a; \n", "trailing-space"),
    ("support/a.c", "//" + "x" * 99 + "\n", "line-length"),
    ("support/a.c", "/* TO" "DO later */\n", "left-over"),
    ("docs/a.md", "FIX" "ME\n", "left-over"),
    ("support/a.h", "int a;\n", "include-guard"),
    ("support/a.c", '#include "services/orders.h"\n', "include-direction"),
    ("services/a.c", '#include "db_managers/ecommerce_redis.h"\n', "include-direction"),
    ("services/a.c", '#include "config/config_loader.h"\n', "include-direction"),
    ("db_managers/embedded/a.c", '#include "services/orders.h"\n', "include-direction"),
    ("services/a.c", "#include <sqlite3.h>\n", "database-header"),
    ("interfaces/cli/a.c", "#include <hiredis/hiredis.h>\n", "database-header"),
    ("support/a.c", "int a; /* tidy: allow system because */\n", "unused-waiver"),
])
def test_found(name, text, rule):
    assert rules(text, name) == [rule]


@pytest.mark.parametrize("name, text", [
    ("support/a.c", "/* strcpy(a, b) */ f(\"system()\"); my_free(p); ops->free(p); ops.free(p);\n"),
    ("support/alloc.c", "p = malloc(4);\n"),
    ("tests/a.c", "p = malloc(4);\n#include <sqlite3.h>\n"),
    ("support/a.c", function(70)),
    ("support/a.c", "//" + "x" * 98 + "\n"),
    ("support/a.c", 'char name[] = "/tmp/a_XXXXXX";\n'),
    ("support/a.h", "/* a */\n#pragma once\n"),
    ("support/a.h", "#ifndef A_H\n#define A_H\n#endif\n"),
    ("services/orders/a.c", '#include "db_managers/live_store.h"\n#include "config/settings.h"\n'),
    ("support/a.c", "system(x); /* tidy: allow system a fixed command */\n"),
    ("support/a.c", "/* tidy: allow system a fixed command */\nsystem(x);\n"),
])
def test_not_found(name, text):
    assert rules(text, name) == []


def test_waivers_are_counted():
    assert check_file("support/a.c", "system(x); /* tidy: allow system why */\n")[1] == 1


def test_a_waiver_needs_a_reason():
    assert rules("system(x); /* tidy: allow system */\n") == ["system"]
