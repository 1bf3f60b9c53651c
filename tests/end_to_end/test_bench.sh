#!/usr/bin/env bash
# The benchmark runs, measures what it names, and leaves nothing behind. No time is asserted.
set -u

program=${ECOMMERCE_BIN:?the program to test}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset ECOMMERCE_CONFIG

fail() {
    printf '%s\n' "$1" >&2
    cat "$work/err" >&2
    exit 1
}

mkdir "$work/disk"
"$program" bench --seconds 0.2 --rounds 1 --callers 1,3 --folder "$work/disk" --json \
    >"$work/out" 2>"$work/err" || fail "the benchmark failed"
[ -z "$(ls -A "$work/disk")" ] || fail "the benchmark left something behind"
python3 - "$work/out" <<'PYTHON' || fail "the figures are not as they should be"
import json, sys

found = json.load(open(sys.argv[1]))

def positive(section, row, names):
    for name in names:
        assert row[name] > 0, f"{section}: {name} is {row[name]}"
    return row

positive("disk", found["disk"], ["fdatasync_per_second", "p50_us", "p99_us"])
times = ["p50_us", "p99_us", "ratio"]
order = ["orders_per_second", "relayed_per_second", "orders_per_commit", "bare_accept", "bare_all",
         "accept_ratio", "relayed_ratio"] + times
assert [positive("orders", row, order)["callers"] for row in found["orders"]] == [1, 3]
assert [positive("batch", row, order)["callers"] for row in found["batch"]] == [1]
assert found["batch"][0]["orders_per_commit"] > 1, "a batch shares no commits"
reads = [positive("reads", row, ["reads_per_second", "bare"] + times) for row in found["reads"]]
assert [(row["kind"], row["callers"]) for row in reads] == [
    (kind + more, callers) for more in ("", ", with recommendations")
    for kind, callers in (("hot", 1), ("hot", 2), ("cold", 1))]
carts = ["changes_per_second", "changes_per_commit", "bare"] + times
assert [positive("carts", row, carts)["callers"] for row in found["carts"]] == [1, 3]
for row in found["orders"] + found["batch"] + reads + found["carts"]:
    assert row["p50_us"] <= row["p99_us"], row
PYTHON

# One section alone, and words that mean nothing.
"$program" bench disk --seconds 0.05 --rounds 1 --folder "$work/disk" --json \
    >"$work/out" 2>"$work/err" || fail "one section failed"
grep -q '"orders"' "$work/out" && fail "a section was measured that was not asked for"
for words in "--seconds 0" "--callers 1,,2" "--callers 0" "--rounds many" "--folder" "nothing" \
    "--folder $work/missing" "recommendations"; do
    # shellcheck disable=SC2086
    "$program" bench $words >"$work/out" 2>"$work/err"
    [ $? = 2 ] || fail "status is not 2: bench $words"
done
"$program" bench recommendations "$work/missing.csv" >"$work/out" 2>"$work/err"
[ $? = 1 ] || fail "a missing file is no error"
