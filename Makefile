# SPDX-License-Identifier: GPL-3.0-or-later

# `make run` and `make test` work from a clean clone: they install GSL, libyaml and zlib first where
# they are missing, and `make test` gnuplot. `make data-check` needs Python alone and installs it.

SWIFT ?= swift
# Without shared libraries a process starts in half the time; not every system has the static ones.
libdir = $(shell pkg-config --variable=libdir $1)
STATIC = $(and $(wildcard $(call libdir,gsl)/libgsl.a),$(wildcard $(call libdir,zlib)/libz.a),$(wildcard \
	$(call libdir,yaml-0.1)/libyaml.a))
# LLD comes with Swift; the system linker warns of functions that look up users.
LINUX = --static-swift-stdlib $(if $(STATIC),-Xswiftc -static-executable) -Xswiftc -use-ld=lld
RELEASE = -c release $(if $(filter Linux,$(shell uname -s)),$(LINUX))
KLSIM := .build/release/klsim

.PHONY: run test sanitize build setup lint format docs examples reference data-check page-check wheel test-wheel test-python \
	fuzz fuzz-commands install uninstall clean

## Fit FKL and RKL students to the long-tailed teacher and write longtail.csv.
run: build
	$(KLSIM) --teacher longtail --epochs 200 --output longtail.csv
	@echo "the records are in longtail.csv"

# Whole modules without debug information take half the processor time of file by file; with threads they
# give one object a file, as the package manager expects.
TESTING = --scratch-path .build-tests -Xswiftc -gnone -Xswiftc -whole-module-optimization \
	-Xswiftc -num-threads -Xswiftc 2 -Xswiftc -disable-batch-mode

## Run the tests, in a build that optimises what computes.
test:
	@Scripts/setup.sh --tests
	KLSIM_OPTIMIZED_TESTS=1 $(SWIFT) test $(TESTING)

## Run each fuzzer in $(PARSERS), by default all, for $(SECONDS) seconds: Linux, or Swift from swift.org on macOS.
## What it learns stays in .build-fuzz/corpus; an input that fails is written to .build-fuzz/found.
SECONDS ?= 60
PARSERS ?= $(notdir $(wildcard Tests/Fuzz/corpus/*))
# Overflows and broken preconditions end an optimised build, too; assertions stay by -assert-config.
FUZZING = -c release --scratch-path .build-fuzz -Xswiftc -sanitize=fuzzer,address -Xswiftc -assert-config \
	-Xswiftc Debug -Xcc -fsanitize=fuzzer-no-link,address $(if $(filter Linux,$(shell uname -s)),-Xswiftc -use-ld=lld)
# No input needs such an allocation. Swift keeps what it makes once, in which LeakSanitizer sees leaks.
LIMITS = -max_len=65536 -timeout=10 -rss_limit_mb=2048 -malloc_limit_mb=512
fuzz: setup
	KLSIM_FUZZ=1 $(SWIFT) build $(FUZZING) --product klsim-fuzz
	@scratch=$$(mktemp -d /dev/shm/klsim-fuzz-XXXXXX 2>/dev/null || mktemp -d) && trap 'rm -rf "$$scratch"' EXIT && \
	for parser in $(PARSERS); do \
		echo "-- $$parser"; \
		mkdir -p .build-fuzz/found .build-fuzz/corpus/$$parser && \
		TMPDIR=$$scratch SWIFT_BACKTRACE=enable=no ASAN_OPTIONS=detect_leaks=0 \
			.build-fuzz/release/klsim-fuzz --parser=$$parser -max_total_time=$(SECONDS) $(LIMITS) \
			-dict=Tests/Fuzz/dictionaries/$$parser -artifact_prefix=.build-fuzz/found/$$parser- \
			-print_final_stats=1 .build-fuzz/corpus/$$parser Tests/Fuzz/corpus/$$parser || exit; \
	done

## Look for wrong addresses and undefined behaviour in the kernels, and for wrong addresses in the command.
sanitize: setup
	Scripts/sanitize.sh

## Build the optimised command, .build/release/klsim.
build: setup
	$(SWIFT) build $(RELEASE) --product klsim

## Install GSL, libyaml and zlib by apt or brew, unless they are there.
setup:
	@Scripts/setup.sh

## Check the format of every Swift file.
lint:
	$(SWIFT) format lint --strict --recursive Package.swift Sources Tests Examples

## Format every Swift file.
format:
	$(SWIFT) format --in-place --recursive Package.swift Sources Tests Examples

## Build the documentation of the library's modules; what DocC warns of stops it.
DOCUMENTED = KLSimNumerics KLSimCore KLSimFiles KLSimStudies KLSimClaims KLSimFigures KLSimCommand
docs: setup
	$(SWIFT) package generate-documentation $(DOCUMENTED:%=--target %) --warnings-as-errors

## Build and run the examples, which use the public interface alone.
examples: setup
	$(SWIFT) run --package-path Examples examples

## Compare every reference trajectory, and fits to a real vocabulary, with PyTorch (installs it from PyPI).
reference: build
	python3 -m venv .venv
	.venv/bin/pip install --quiet --requirement Tests/KLSimCoreTests/Fixtures/requirements.txt
	.venv/bin/python Tests/KLSimCoreTests/Fixtures/make_fixtures.py --check $(KLSIM)
	.venv/bin/python Scripts/check_walk.py $(KLSIM) --torch

## Check $(DATA), which `klsim reproduce` wrote, and run the notebook on it; its last section needs `make build`.
DATA ?= notebooks-data
data-check:
	@Scripts/setup.sh --data
	python3 -m venv .venv-data
	.venv-data/bin/pip install --quiet --disable-pip-version-check --requirement notebooks-data/requirements.txt ./Python
	KLSIM_COMMAND=$(abspath $(wildcard $(KLSIM))) .venv-data/bin/python Scripts/check_data.py $(DATA)

## Open pages in headless Chromium, if there is one, and write pictures of them to $(PICTURES), if it is given.
page-check: build
	@Scripts/setup.sh --data
	python3 -m venv .venv-page
	.venv-page/bin/pip install --quiet --disable-pip-version-check 'playwright>=1.50,<2'
	.venv-page/bin/python Scripts/check_report.py $(KLSIM) $(PICTURES)

## Draw $(LINES) command lines from the catalog and check how they end, then run every combination of choices.
LINES ?= 1000000
SEED ?= 1
fuzz-commands: build
	KLSIM_FUZZ=1 $(SWIFT) build $(RELEASE) --product klsim-lines
	Scripts/fuzz_commands.py --klsim $(KLSIM) --together $(dir $(KLSIM))klsim-lines --lines $(LINES) --seed $(SEED) \
		--workers $$(getconf _NPROCESSORS_ONLN)
	Scripts/every_combination.py --klsim $(KLSIM) --together $(dir $(KLSIM))klsim-lines \
		--workers $$(getconf _NPROCESSORS_ONLN)

## Build the wheel of the Python package with the stripped command in it, .build/wheel/klsim-….whl.
WHEELS = .build/wheel
wheel: build
	@Scripts/setup.sh --data
	$(if $(and $(filter Linux,$(shell uname -s)),$(STATIC)),,$(error wheels are built on Linux, with libgsl.a, libyaml.a and libz.a))
	rm -rf $(WHEELS) && mkdir -p $(WHEELS)
	install -s -m 755 $(KLSIM) $(WHEELS)/klsim
	python3 -m venv .venv-python
	KLSIM_BINARY=$(abspath $(WHEELS)/klsim) .venv-python/bin/pip wheel --quiet --disable-pip-version-check \
		--no-deps --wheel-dir $(WHEELS) ./Python

## Install that wheel where nothing else is, no Swift, GSL, libyaml or zlib, and use it.
test-wheel: wheel
	python3 -m venv --clear .venv-wheel
	.venv-wheel/bin/pip install --quiet --disable-pip-version-check $(WHEELS)/*.whl
	env -i PATH=$(CURDIR)/.venv-wheel/bin .venv-wheel/bin/python Scripts/check_wheel.py $(WHEELS)/*.whl

## Run the tests of the Python package, and check its types.
test-python: build
	@Scripts/setup.sh --data
	python3 -m venv .venv-python
	.venv-python/bin/pip install --quiet --disable-pip-version-check --editable './Python[test]'
	cd Python && KLSIM_COMMAND=$(abspath $(KLSIM)) ../.venv-python/bin/pytest --quiet && ../.venv-python/bin/mypy

## Copy the stripped command to $(PREFIX)/bin, and shell completions, the manual page and the schema of study
## files to $(PREFIX)/share.
PREFIX ?= /usr/local
ROOT = $(DESTDIR)$(PREFIX)
SHARED = share/bash-completion/completions/klsim share/zsh/site-functions/_klsim \
	share/fish/vendor_completions.d/klsim.fish share/man/man1/klsim.1 \
	share/klsim/study.schema.json
INSTALLED = bin/klsim $(SHARED)
install: build
	$(SWIFT) build $(RELEASE) --product generate-manual
	mkdir -p .build/share
	$(KLSIM) --generate-completion-script bash >.build/share/klsim
	$(KLSIM) --generate-completion-script zsh >.build/share/_klsim
	$(KLSIM) --generate-completion-script fish >.build/share/klsim.fish
	$(KLSIM) list study-schema >.build/share/study.schema.json
	Scripts/manual.sh $(KLSIM) .build/release/generate-manual \
		$$(sed -n 's/^date-released: //p' CITATION.cff) >.build/share/klsim.1
	install -d $(addprefix $(ROOT)/,$(dir $(INSTALLED)))
	install -s -m 755 $(KLSIM) $(ROOT)/bin/klsim
	for file in $(SHARED); do \
		install -m 644 .build/share/$${file##*/} $(ROOT)/$$file || exit; done

## Remove what `make install` has copied.
uninstall:
	rm -f $(addprefix $(ROOT)/,$(INSTALLED))

clean:
	$(SWIFT) package clean
