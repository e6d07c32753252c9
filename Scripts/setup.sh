#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what a build needs and the machine lacks: GSL with its headers, and pkg-config.
set -eu

if ! command -v swift >/dev/null; then
  echo "setup: Swift 6.2 or later is needed: https://www.swift.org/install" >&2
  exit 1
fi

present() {
  command -v pkg-config >/dev/null && pkg-config --exists gsl
}

present && exit 0

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

echo "setup: the GNU Scientific Library is missing; installing it" >&2
if command -v apt-get >/dev/null; then
  as_root apt-get update -qq
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq libgsl-dev pkg-config >&2
elif command -v brew >/dev/null; then
  brew install --quiet gsl pkg-config >&2
else
  echo "setup: neither apt-get nor brew is here; install GSL 2.5 or later with its headers" \
    "(libgsl-dev, gsl-devel, gsl) and pkg-config, and try again" >&2
  exit 1
fi

present || {
  echo "setup: pkg-config still finds no gsl; is PKG_CONFIG_PATH right?" >&2
  exit 1
}
