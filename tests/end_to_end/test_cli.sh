#!/usr/bin/env bash
# The program as people and scripts use it: a shop from its first product to a returned order.
set -u

program=${ECOMMERCE_BIN:?the program to test}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
unset ECOMMERCE_CONFIG
failures=0

fail() {
    printf 'line %s: %s\n' "${BASH_LINENO[1]}" "$1" >&2
    failures=$((failures + 1))
}

# run STATUS WORD...: runs the program on the shop; its output is in $work/out and $work/err.
run() {
    local expected=$1 status
    shift
    "$program" --data "$work/shop" "$@" >"$work/out" 2>"$work/err"
    status=$?
    [ "$status" = "$expected" ] || fail "status $status instead of $expected: $* ($(cat "$work/err"))"
}

# value PATH: of the JSON in $work/out; fails when that is no JSON.
value() {
    python3 - "$work/out" "$1" <<'PYTHON'
import json, sys
found = json.load(open(sys.argv[1]))
for name in filter(None, sys.argv[2].split(".")):
    found = found[int(name)] if isinstance(found, list) else found.get(name)
print(json.dumps(found))
PYTHON
}

# is PATH JSON: the answer has this value.
is() {
    local found
    found=$(value "$1") || fail "the answer is no JSON"
    [ "$found" = "$2" ] || fail "$1 is $found, not $2"
}

says() { # says TEXT: it is somewhere in the output
    grep -qF -- "$1" "$work/out" || fail "the output does not say: $1"
}

complains() {
    grep -qF -- "$1" "$work/err" || fail "the error does not say: $1 ($(cat "$work/err"))"
}

# ---- the catalogue and the stock

printf '{"name": "Mug", "price": 7.50, "attributes": {"colour": "red"}}' >"$work/mug.json"
run 0 product put mug --file "$work/mug.json"
is price 7.5
is changed true
run 0 product put mug --file "$work/mug.json"
is changed false
run 0 product put plate --file - <<<'{"name": "Plate", "price": 12}'
run 0 product put bowl <<<'{"name": "Bowl", "price": "4.25"}'
run 1 product put mug --must-be-new --file "$work/mug.json"
complains "(field "
run 2 product put cup --file "$work/none.json"
complains "none.json"
run 2 product put cup --file - <<<'{"name": '
complains "product"
run 2 product put cup --file - <<<'{"name": "Cup", "price": "cheap"}'
complains "price"
run 0 stock receive mug 10 --reason delivery </dev/null
is available 10
run 0 stock receive plate 3 </dev/null
run 0 stock adjust mug -1 --reason broken </dev/null
is available 9
run 0 product search mug </dev/null
is products.0.product_id '"mug"'
run 0 product show mug --with-recommendations
is availability.available 9
run 1 product show nothing
complains "nothing"

# ---- an order, its repetition, its refusals

run 0 order place --item mug:2:7.50 --item plate:1 --key cart-1 --scope cart:1
order=$(value order_id | tr -d '"')
is total 27.0
is items.0.amount 15.0
cp "$work/out" "$work/first"
run 0 order place --item mug:2:7.50 --item plate:1 --key cart-1 --scope cart:1
cmp -s "$work/out" "$work/first" || fail "the repetition gives another answer"
run 0 stock show mug
is available 7
run 1 order place --item mug:3 --item plate:1 --key cart-1 --scope cart:1
run 1 order place --item mug:100
complains "items[0]"
run 1 order place --item mug:1:7.00
run 1 order place --item nothing:1
run 2 order place --item mug
complains "PRODUCT:QUANTITY"
run 2 order place --item mug:0
run 2 order place
complains "items"
run 2 order place --colour red
run 2 order place --item mug:1 --delivery-cost lots
complains "delivery_cost"
run 1 --json order place --item mug:100
python3 -c 'import json, sys
problem = json.load(open(sys.argv[1]))
assert problem["code"] == "out_of_stock" and problem["status"] == 409, problem' "$work/err" ||
    fail "the problem is not out_of_stock"

# ---- its life

run 0 order pay "$order" --reference p-1
is status '"paid"'
run 0 order ship "$order"
run 1 order cancel "$order"
run 0 order return "$order" --item mug:1
run 0 stock show mug
is available 8
run 0 order show "$order"
run 0 order list --limit 1
is orders.0.order_id "\"$order\""
run 1 order show no-such-order
run 2 order list --limit 0
run 2 order list --from yesterday
complains "(field from)"

# ---- customers, carts, sessions

run 0 customer put ann --file - <<<'{"name": "Ann", "email": "Ann@Example.org"}'
run 0 customer find ann@example.org
is customer_id '"ann"'
run 0 cart add c1 mug 2 --customer ann
run 0 cart checkout c1 --key k1
is customer_id '"ann"'
run 0 session begin --customer ann </dev/null
token=$(value token | tr -d '"')
run 0 session show "$token"
is customer_id '"ann"'
run 0 session end "$token"
run 1 session show "$token"

# ---- operators

run 0 flush
is flushed true
run 0 health
is status '"up"'
run 0 metrics
is stores.documents.kind '"embedded"'
run 0 check
is clean true
for what in analytics graph stock; do
    run 0 rebuild "$what"
done
run 2 rebuild everything
run 0 check
is clean true
run 0 errors
run 0 audit --limit 5
run 0 parked list
printf 'correct horse\n' >"$work/password"
run 0 staff put root --role admin --password-file "$work/password"
run 0 staff list
grep -q "correct horse" "$work/out" && fail "a password is shown"
run 0 api-key create shop-window --role customer
key=$(value key | tr -d '"')
run 0 api-key list
grep -qF -- "$key" "$work/out" && fail "an API key is shown again"

# ---- without a shop

for words in "help" "--help" "order --help" "order place --help" "help order place" "help config"; do
    # shellcheck disable=SC2086
    run 0 $words
    says "ecommerce"
done
run 0 order place --help
says "--item PRODUCT:QUANTITY[:PRICE]"
run 0 version
says "ecommerce "
run 0 operations
is operations.0.name '"process_order"'
run 0 config show
says "stores:"
run 0 --json config show
is orders.deadline '"10 s"'
run 0 --set orders.deadline="5 s" config check
run 2 --set orders.dedline="5 s" config check
complains "orders.deadline"
printf 'shop:\n  name: [\n' >"$work/wrong.yaml"
run 2 --config "$work/wrong.yaml" health
run 2 config check "$work/wrong.yaml"
run 2
run 2 order
run 2 unknown command
complains "unknown"
run 2 order show
complains "order_id"
run 2 --log nonsense health
run 2 --data
# A shop whose folder cannot be made is unavailable.
"$program" --data "$work/mug.json/shop" health >"$work/out" 2>"$work/err"
[ $? = 3 ] || fail "a folder below a file is no status 3: $(cat "$work/err")"

# ---- into pipes and terminals

"$program" --data "$work/shop" operations 2>"$work/err" | head -c 1 >/dev/null
[ "${PIPESTATUS[0]}" = 0 ] || fail "a reader that goes away is an error"
[ -s "$work/err" ] && fail "a reader that goes away is complained about"
"$program" --data "$work/shop" operations >/dev/full 2>"$work/err"
[ $? = 3 ] || fail "a full device is no error"
if command -v script >/dev/null; then
    script -qec "'$program' --data '$work/shop' stock show mug" /dev/null >"$work/out" </dev/null
    says "sku:"
fi

[ "$failures" = 0 ] || {
    printf '%s failures\n' "$failures" >&2
    exit 1
}
