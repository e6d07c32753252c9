#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Looks for wrong addresses and undefined behaviour in the kernels, on every instruction set of this processor; they
# must give the recorded bits. Then for wrong addresses in the whole command, by lines from the catalog.
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

"${CC:-clang}" -std=c11 -O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -Wno-unused-parameter \
  -ISources/CKLSimKernels/include Tests/Kernels/kernels.c Sources/CKLSimKernels/*.c -lm -o "$work/kernels"
for ((level = 0; level < $("$work/kernels"); level++)); do
  "$work/kernels" "$level" | cmp - Tests/Kernels/digests.txt
  echo "sanitize: kernels of level $level: no wrong address, nothing undefined, and the recorded bits"
done

swift build -c release --sanitize=address --scratch-path .build-sanitize \
  $([ "$(uname -s)" != Linux ] || echo "-Xswiftc -use-ld=lld") --product klsim
python3 Scripts/fuzz_commands.py --klsim .build-sanitize/release/klsim --sanitized --seed 2 --lines 500
