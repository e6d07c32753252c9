#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Tests klsim with the lowest version of every dependency that Package.swift allows. Where those are what the
# package manager chose anyway, the usual tests are that test, and nothing is built.
set -euo pipefail
cd "$(dirname "$0")/.."

chosen=$(swift package show-dependencies --format flatlist >/dev/null &&
  python3 -c 'import json
for pin in json.load(open("Package.resolved"))["pins"]:
    print(pin["location"].removesuffix(".git"), pin["state"]["version"])')
lowest=$(sed -n '/KLSIM_BENCHMARKS/q; s/.*url: "\([^"]*\)", from: "\([^"]*\)".*/\1 \2/p' Package.swift)
higher=$(grep -vxF "$chosen" <<<"$lowest" || true)
if [ -z "$higher" ]; then
  echo "minimum: the lowest versions are those in use:"
  sed 's/^/  /' <<<"$lowest"
  exit
fi

echo "minimum: these are in use in a higher version; testing with the lowest:"
sed 's/^/  /' <<<"$higher"
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT
git archive HEAD | tar -x -C "$copy"
sed -i.before 's/, from: "/, exact: "/' "$copy/Package.swift"
make -C "$copy" test
