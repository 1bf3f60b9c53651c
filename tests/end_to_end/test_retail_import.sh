#!/bin/sh
# The real Online Retail file through the program: all of it, once, reconciled; killed and finished.
#
# ECOMMERCE_RETAIL_CSV names the file; without it the test is skipped. ECOMMERCE_BIN names the
# program.
set -eu

file=${ECOMMERCE_RETAIL_CSV:-}
program=${ECOMMERCE_BIN:?names the program}
if [ ! -r "$file" ]; then
    echo "skipped: ECOMMERCE_RETAIL_CSV does not name the Online Retail file"
    exit 77
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

fail()
{
    echo "failed: $1"
    exit 1
}

# has <file> <text>: the answer has this line.
has()
{
    grep -q -- "$2" "$1" || { cat "$1"; fail "no $2 in $1"; }
}

run()
{
    shop=$1
    shift
    "$program" --data "$folder/$shop" --json "$@"
}

import()
{
    run "$1" import retail "$file" > "$folder/answer"
}

# What every finished import says, however often it began.
check_answer()
{
    has "$folder/answer" '"read": 541909'
    has "$folder/answer" '"sold": 530100'
    has "$folder/answer" '"returned": 9288'
    has "$folder/answer" '"gross": 10666684.54'
    has "$folder/answer" '"returned": 896812.49'
    has "$folder/answer" '"net": 9769872.05'
    has "$folder/answer" '"refused": {}'
    has "$folder/answer" '"reconciled": true'
}

check_clean()
{
    run "$1" check > "$folder/check" || { cat "$folder/check"; fail "the check found something"; }
    has "$folder/check" '"clean": true'
    has "$folder/check" '"orders": 19960'
}

import whole
check_answer
has "$folder/answer" '"placed": 19960'
grep -E '"(seconds|lines_per_second)"' "$folder/answer"
check_clean whole

run whole product show 85123A --with-recommendations > "$folder/product"
has "$folder/product" 'CREAM HANGING HEART T-LIGHT HOLDER'
has "$folder/product" '"bought_together"'
run whole customer insights 17850 > "$folder/insights"
has "$folder/insights" '"17850"'
run whole report sales --by month > "$folder/report"
has "$folder/report" '2011-11-01'

import whole
check_answer
has "$folder/answer" '"placed": 0'
has "$folder/answer" '"replayed": 19960'
check_clean whole

# Killed twice at points that nobody chose, then finished.
for _ in 1 2; do
    pause=$(awk -v seed="$(od -An -N4 -tu4 /dev/urandom)" 'BEGIN { srand(seed); print 1 + 7 * rand() }')
    "$program" --data "$folder/killed" import retail "$file" > "$folder/cut" 2>&1 &
    child=$!
    sleep "$pause"
    kill -9 "$child" 2> "$folder/gone" || true
    wait "$child" || true
    echo "killed after $pause s"
done
import killed
check_answer
check_clean killed
echo "passed"
