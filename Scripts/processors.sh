#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Runs every kernel on seeded inputs of awkward sizes and values and compares what it gives, bit by bit, with
# the digests recorded on x86-64 in Tests/Kernels/digests.txt: each instruction set of this processor, and
# on Linux arm64 under qemu. `--record` writes the file anew, with the generic vectors.
set -euo pipefail
cd "$(dirname "$0")/.."
digests=Tests/Kernels/digests.txt
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

build() {
  "${CC:-clang}" "$@" -std=c11 -O2 -Wall -Wextra -Wno-unused-parameter -ISources/CKLSimKernels/include \
    Tests/Kernels/kernels.c Sources/CKLSimKernels/*.c -lm
}

status=0
compare() { # NAME COMMAND…
  name=$1
  shift
  "$@" >"$work/digests.txt"
  if cmp -s "$digests" "$work/digests.txt"; then
    echo "processors: $name: all $(wc -l <"$digests") digests are those recorded"
  else
    echo "processors: $name: these kernels give other bits than those recorded in $digests:" >&2
    diff "$digests" "$work/digests.txt" | sed -n 's/^> \(.*\) [0-9a-f]*$/  \1/p' >&2
    echo "processors: find the values that differ by 'kernels LEVEL NAME' ($digests has the names)" >&2
    status=1
  fi
}

build -o "$work/native"
if [ "${1:-}" = --record ]; then
  "$work/native" 0 >"$digests"
  exit
fi
machine=$(uname -m)
names=("generic vectors" AVX2 AVX-512)
for ((level = 0; level < $("$work/native"); level++)); do
  compare "$machine, ${names[level]}" "$work/native" "$level"
done

if [ "$machine" = x86_64 ] && [ "$(uname -s)" = Linux ]; then
  if Scripts/setup.sh --arm64; then
    build --target=aarch64-linux-gnu -static -o "$work/arm64"
    compare "arm64 under qemu" qemu-aarch64 "$work/arm64" 0
  else
    echo "processors: arm64: skipped, for a cross compiler and qemu cannot be had here" >&2
  fi
fi
exit $status
