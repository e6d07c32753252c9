#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is needed and the machine lacks: GSL with its headers and pkg-config, for the build;
# with --tests also gnuplot, which draws the figures.
set -eu

if ! command -v swift >/dev/null; then
  echo "setup: Swift 6.2 or later is needed: https://www.swift.org/install" >&2
  exit 1
fi

# The names of what is missing, as apt and brew call it.
missing() {
  if ! { command -v pkg-config >/dev/null && pkg-config --exists gsl; }; then
    echo "$1"
  fi
  if [ "$tests" = --tests ] && ! command -v gnuplot >/dev/null; then
    echo "$2"
  fi
}

tests=${1:-}
test -z "$(missing gsl gnuplot)" && exit 0

as_root() {
  if [ "$(id -u)" -eq 0 ]; then
    "$@"
  elif command -v sudo >/dev/null; then
    sudo "$@"
  else
    echo "setup: no rights to install; as root, run: $*" >&2
    exit 1
  fi
}

echo "setup: installing what is missing:" $(missing gsl gnuplot) >&2
if command -v apt-get >/dev/null; then
  packages=$(missing "libgsl-dev pkg-config" gnuplot-nox)
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $packages >&2
elif command -v brew >/dev/null; then
  # shellcheck disable=SC2046
  brew install --quiet $(missing "gsl pkg-config" gnuplot) >&2
else
  echo "setup: neither apt-get nor brew is here; install GSL 2.5 or later with its headers" \
    "(libgsl-dev, gsl-devel, gsl) and pkg-config, for the tests also gnuplot, and try again" >&2
  exit 1
fi

still=$(missing "GSL for pkg-config (is PKG_CONFIG_PATH right?)" gnuplot)
if [ -n "$still" ]; then
  echo "setup: still missing: $still" >&2
  exit 1
fi
