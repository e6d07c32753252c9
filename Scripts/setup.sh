#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what is needed and the machine lacks: GSL, libyaml and zlib with their headers and pkg-config, for the
# build; with --tests also gnuplot, which draws the figures; with --data only Python with venv and pip,
# which check the recorded data and build the Python package; with --arm64 only what builds and runs programs for
# arm64 (Debian, Ubuntu).
set -eu

option=${1:-}
case $option in
'' | --tests | --data | --arm64) ;;
*)
  echo "usage: Scripts/setup.sh [--tests | --data | --arm64]" >&2
  exit 64
  ;;
esac

if { [ -z "$option" ] || [ "$option" = --tests ]; } && ! command -v swift >/dev/null; then
  echo "setup: Swift 6.2 or later is needed: https://www.swift.org/install" >&2
  exit 1
fi

# The names of what is missing, as apt and brew call it: of GSL, gnuplot, Python, zlib, of a cross compiler and an
# emulator of arm64, and of libyaml.
missing() {
  if [ "$option" = --arm64 ]; then
    if ! { command -v aarch64-linux-gnu-gcc && command -v qemu-aarch64; } >/dev/null; then
      echo "$5"
    fi
    return
  fi
  if [ "$option" = --data ]; then
    if ! python3 -c 'import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then
      echo "$3"
    fi
    return
  fi
  if ! { command -v pkg-config >/dev/null && pkg-config --exists gsl; }; then
    echo "$1"
  fi
  if ! pkg-config --exists yaml-0.1 2>/dev/null; then
    echo "$6"
  fi
  # The SDK of macOS has zlib.
  if ! { [ "$(uname -s)" = Darwin ] || pkg-config --exists zlib 2>/dev/null; }; then
    echo "$4"
  fi
  if [ "$option" = --tests ] && ! command -v gnuplot >/dev/null; then
    echo "$2"
  fi
}

test -z "$(missing gsl gnuplot python zlib "gcc and qemu for arm64" libyaml)" && exit 0

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

echo "setup: installing what is missing:" $(missing gsl gnuplot python zlib "gcc and qemu for arm64" libyaml) >&2
if command -v apt-get >/dev/null; then
  packages=$(missing "libgsl-dev pkg-config" gnuplot-nox python3-venv zlib1g-dev \
    "gcc-aarch64-linux-gnu qemu-user" libyaml-dev)
  as_root apt-get update -qq
  # shellcheck disable=SC2086
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $packages >&2
elif [ "$option" != --arm64 ] && command -v brew >/dev/null; then
  # shellcheck disable=SC2046
  brew install --quiet $(missing "gsl pkg-config" gnuplot python zlib "" libyaml) >&2
else
  echo "setup: neither apt-get nor brew is here; install GSL 2.5 or later, libyaml and zlib with their" \
    "headers (libgsl-dev, gsl-devel, gsl; libyaml-dev, libyaml-devel, libyaml; zlib1g-dev, zlib-devel, zlib) and pkg-config, for the tests" \
    "also gnuplot, for the data Python 3.11 or later with venv and pip, for arm64 gcc-aarch64-linux-gnu and qemu-user, and" \
    "try again" >&2
  exit 1
fi

still=$(missing "GSL for pkg-config (is PKG_CONFIG_PATH right?)" gnuplot "Python 3.11 or later with venv and pip" zlib \
  "aarch64-linux-gnu-gcc and qemu-aarch64" "libyaml for pkg-config")
if [ -n "$still" ]; then
  echo "setup: still missing: $still" >&2
  exit 1
fi
