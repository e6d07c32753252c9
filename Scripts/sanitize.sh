#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Looks for wrong addresses and undefined behaviour in the kernels and in what calls them, for wrong addresses in the
# files that are read, and for data races in the runner, in values that threads share, and in sweeps.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

echo "sanitize: kernels, address and undefined"
"${CC:-clang}" -std=c11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Wno-unused-parameter \
  -ISources/CKLSimKernels/include Tests/Kernels/kernels.c Sources/CKLSimKernels/*.c -lm -o "$work/kernels"
for ((level = 0; level < $("$work/kernels"); level++)); do
  "$work/kernels" "$level" | cmp - Tests/Kernels/digests.txt
done

tested() { # SANITIZER TARGETS FILTER
  echo "sanitize: $2, $1"
  KLSIM_TEST_TARGETS=$2 swift test --sanitize "$1" --scratch-path ".build-$1" -Xswiftc -gline-tables-only \
    --filter "$3"
}
tested address KLSimNumericsTests,KLSimFilesTests 'KLSimNumericsTests|KLSimFilesTests'
tested thread KLSimStudiesTests 'SweepTests|SweepDamageTests|OrderedMapTests|SharedValuesTests'
