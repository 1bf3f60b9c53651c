#!/usr/bin/env bash
# Reads from the ELF files what the compiler and the linker were asked for: position independence,
# early binding, read-only relocations, a stack that is no code, and on x86-64 functions that begin
# with a mark for indirect jumps (the file's own CET note is lost where libc's start files lack it);
# and that the library exports what its public headers declare and nothing but ecommerce_*.
set -euo pipefail
export LC_ALL=C

failures=0
fail() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# Text of readelf holds a pattern. No pipe into grep -q: readelf would die of the closed pipe.
has() { grep -Eq -e "$2" <<<"$1"; }

check_elf() { # FILE FUNCTION: one of its functions
    local file=$1 function=$2 headers dynamic symbols
    headers=$(readelf -W -h -l "$file")
    dynamic=$(readelf -W -d "$file")
    symbols=$(readelf -W --dyn-syms "$file")
    has "$headers" 'Type: +DYN' || fail "$file is not position independent"
    has "$dynamic" 'BIND_NOW|FLAGS_1.*NOW' || fail "$file binds its functions late"
    has "$headers" 'GNU_RELRO' || fail "$file has writable relocations"
    has "$headers" 'GNU_STACK.* RW +0x' || fail "$file has an executable stack"
    if has "$headers" 'LOAD.* RWE '; then fail "$file has a segment both writable and executable"; fi
    if has "$dynamic" 'TEXTREL'; then fail "$file has relocations in its code"; fi
    if has "$dynamic" 'RPATH|RUNPATH'; then fail "$file looks for libraries in a path of its own"; fi
    has "$symbols" '__stack_chk_fail' || fail "$file has no stack protector"
    has "$symbols" '__[a-z]+_chk' || fail "$file calls no fortified function"
    if [ "$(uname -m)" = x86_64 ]; then
        has "$(objdump -d --disassemble="$function" "$file" | grep -A1 "<$function>:")" endbr64 ||
            fail "$file is compiled without -fcf-protection"
    fi
}

library=${ECOMMERCE_LIBRARY:?}
check_elf "$library" ecommerce_error_name
if [ -e "${ECOMMERCE_BIN:?}" ]; then
    check_elf "$ECOMMERCE_BIN" main
    has "$(readelf -W -d "$ECOMMERCE_BIN")" 'FLAGS_1.*PIE' || fail "$ECOMMERCE_BIN is no PIE"
fi

exported=$(readelf -W --dyn-syms "$library" |
    awk '$7 != "UND" && $7 != "ABS" && $5 != "LOCAL" && $8 != "" && NR > 3 { sub("@.*", "", $8); print $8 }')
foreign=$(grep -v '^ecommerce_' <<<"$exported" || true)
[ -z "$foreign" ] || fail "the library exports" $foreign

# A function of a header which is not exported lacks `#pragma GCC visibility push(default)` there.
for header in "${ECOMMERCE_SOURCE:?}"/ecommerce_system.h "$ECOMMERCE_SOURCE"/ecommerce_error.h; do
    [ -e "$header" ] || continue
    declared=$(sed -e 's:^ *[/*].*::' -e 's:/\*.*::' "$header" |
        grep -oE '^[a-z].*[ *]ecommerce_[a-z0-9_]+\(' | grep -oE 'ecommerce_[a-z0-9_]+\(' | tr -d '(')
    for name in $declared; do
        has "$exported" "^$name\$" || fail "${header##*/} declares $name, which is not exported"
    done
done

echo "exported: $(grep -c . <<<"$exported") symbols"
[ "$failures" -eq 0 ]
