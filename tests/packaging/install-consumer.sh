#!/usr/bin/env bash
# Installs the build into a folder of its own and uses it as a stranger would: a small C program is
# built by pkg-config and by CMake's find_package, and run. Usage: install-consumer.sh BUILD_FOLDER
set -euo pipefail

build=${1:?}
consumer=${ECOMMERCE_SOURCE:?}/tests/packaging/consumer
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cmake --install "$build" --prefix "$work/first" >"$work/log" || { cat "$work/log"; exit 1; }
# Moved, since an installed tree must not remember where it was installed.
mv "$work/first" "$work/prefix"
library=$(dirname "$(find "$work/prefix" -name libecommerce.so)")

export PKG_CONFIG_PATH="$library/pkgconfig"
cc -Wall -Wextra -Werror "$consumer/main.c" -o "$work/by-pkg-config" \
    $(pkg-config --cflags --libs ecommerce)
LD_LIBRARY_PATH=$library "$work/by-pkg-config"

cmake -S "$consumer" -B "$work/build" -G Ninja -DCMAKE_PREFIX_PATH="$work/prefix" >"$work/log" &&
    cmake --build "$work/build" >>"$work/log" || { cat "$work/log"; exit 1; }
"$work/build/consumer"

if [ -e "$build/ecommerce" ]; then
    test -x "$work/prefix/bin/ecommerce"
fi
