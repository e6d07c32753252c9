#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Writes the manual page of klsim to standard output: Scripts/manual.sh KLSIM GENERATE-MANUAL YYYY-MM-DD
#
# generate-manual, of swift-argument-parser, makes it of the command's help, but leaves out defaults and
# whatever is not ASCII, and runs lines together. So it gets this script in place of the command, which
# gives it the help with these mended, and the lines of its page are kept apart.
set -eu

if [ "${1:-}" = --experimental-dump-help ]; then
  "$KLSIM" --experimental-dump-help | sed 's/…/.../g; s/–/-/g' | awk '
    # The keys of an argument are in alphabetical order: its abstract stands before its default.
    /"abstract" : / { show(); held = $0; next }
    /"defaultValue" : / && held != "" && held !~ /\(default: / {
      value = $0
      sub(/^.*"defaultValue" : "/, "", value)
      sub(/",?$/, "", value)
      sub(/",$/, " (default: " value ")\",", held)
    }
    /^ *[}]/ { show() }
    { if (held != "") held = held "\n" $0; else print }
    function show() { if (held != "") print held; held = "" }'
  exit
fi

if [ $# -ne 3 ]; then
  echo "usage: Scripts/manual.sh KLSIM GENERATE-MANUAL YYYY-MM-DD" >&2
  exit 64
fi
KLSIM=$1
export KLSIM
page=$("$2" "$0" --date "$3" --output-directory -)
printf '%s\n' "$page" | awk '
  $0 == "" { print ".Pp"; text = 0; next }
  /^\./ { print; text = 0; next }
  { if (text) print ".br"; print; text = 1 }'
