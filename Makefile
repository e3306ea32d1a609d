# What a newcomer types: `make demo`, `make test`. `make` alone tells what there is.
SHELL := /bin/bash
PREFIX ?= /usr/local
BUILD := .build
RELEASE := $(BUILD)/release/awl
SUDO := $(shell [ "$$(id -u)" = 0 ] || echo sudo)
# Packages that building needs beyond the Swift toolchain, and that the tests need beyond that.
PACKAGES := libcurl4-openssl-dev
TEST_PACKAGES := nginx-light tinyproxy openssl tmux

.PHONY: help setup setup-tests build demo test lint check-readme install release bench bench-peers fuzz clean

help: ## tell what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## install what building needs (apt-get; nothing where it is there already)
	@missing=; for p in $(PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ]; then \
	  if command -v apt-get >/dev/null; then \
	    $(SUDO) apt-get update -qq && $(SUDO) apt-get install -y -qq --no-install-recommends $$missing; \
	  elif [ "$$(uname)" != Darwin ]; then echo "please install:$$missing (or what your system calls it)"; exit 1; fi; fi

setup-tests: setup ## install the real servers that the tests talk to
	@missing=; for p in $(TEST_PACKAGES); do dpkg -s $$p >/dev/null 2>&1 || missing="$$missing $$p"; done; \
	if [ -n "$$missing" ] && command -v apt-get >/dev/null; then \
	  $(SUDO) apt-get update -qq; \
	  $(SUDO) env RUNLEVEL=1 DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $$missing \
	    || echo "not installed:$$missing; the tests that need them skip"; fi

build: setup ## build the program (release) into .build/release/awl
	swift build -c release --product awl

demo: build ## build, and run the main job offline
	@echo; echo '$$ git log -3 | awl prompt -m builtin/extract -f README.md "What is awl, in two sentences?"'
	@(git log -3 2>/dev/null || true) | $(RELEASE) prompt -n -m builtin/extract -f README.md "What is awl, in two sentences?"
	@echo; echo '$$ git log -3 | awl prompt -m builtin/extract -f README.md "What is awl, in two sentences?" --json'
	@(git log -3 2>/dev/null || true) | $(RELEASE) prompt -n -m builtin/extract -f README.md "What is awl, in two sentences?" --json
	@echo
	@echo "With a real model: 1. export OPENAI_API_KEY=… (or ANTHROPIC_API_KEY, GEMINI_API_KEY, …: awl help environment)"
	@echo "                   2. $(RELEASE) prompt \"Name three uses of a brick\""
	@echo "Or without a key:  start Ollama, and the same command uses the model that it has"

# All tests at once would wait for two cores until their patience ends, and hold gigabytes meanwhile.
test: setup-tests ## build and run every test
	swift build --build-tests
	@set -o pipefail; export SWT_EXPERIMENTAL_MAXIMUM_PARALLELIZATION_WIDTH=16; \
	swift test --skip-build --parallel 2>&1 | tee $(BUILD)/test.log \
	  || { echo; echo "What failed:"; grep -A3 'recorded an issue' $(BUILD)/test.log; exit 1; }

lint: ## formatting and the rules of the house
	swift format lint --strict --recursive Sources Tests Package.swift
	swift test --filter House

check-readme: ## run the README's examples and compare what they print
	swift test --filter ReadmeTests

install: build ## install to PREFIX (/usr/local)
	install -d $(DESTDIR)$(PREFIX)/bin
	install -m 755 $(RELEASE) $(DESTDIR)$(PREFIX)/bin/awl
	install -d $(DESTDIR)$(PREFIX)/share/man/man1
	@for page in $$($(RELEASE) __man); do $(RELEASE) __man $$page > $(DESTDIR)$(PREFIX)/share/man/man1/$$page.1; done

# The C++ runtime is linked in (a folder that holds only the archives is searched first), which saves the dynamic loader
# half of the start-up; the linker drops what is not reached. No library is looked for in the folder of the program.
release: setup ## one static file in .build/dist/awl; tells its size, what it links and the oldest glibc
	@mkdir -p $(BUILD)/archives $(BUILD)/dist
	@for a in libstdc++.a libgcc_eh.a; do f=$$(gcc -print-file-name=$$a); [ -f "$$f" ] && ln -sf "$$f" $(BUILD)/archives/$${a/gcc_eh/gcc_s}; done; true
	swift build -c release --product awl --static-swift-stdlib --scratch-path $(BUILD)/static --disable-local-rpath \
	  -Xswiftc -use-ld=lld -Xlinker --gc-sections -Xlinker -L$(CURDIR)/$(BUILD)/archives
	@cp $(BUILD)/static/release/awl $(BUILD)/dist/awl && strip $(BUILD)/dist/awl
	@echo; ls -l $(BUILD)/dist/awl | awk '{printf "%s: %.1f MB\n", $$NF, $$5/1e6}'
	@echo "links:"; ldd $(BUILD)/dist/awl | sed 's/^/ /'
	@echo "oldest glibc: $$(objdump -T $(BUILD)/dist/awl | grep -o 'GLIBC_[0-9.]*' | sort -Vu | tail -1 | sed 's/GLIBC_//')"
	@$(BUILD)/dist/awl version

bench: release ## speed, as ratios measured side by side
	swift build -c release --product Bench
	$(BUILD)/release/Bench $(BUILD)/dist/awl

bench-peers: release ## the same beside Python's tools of the trade (from PyPI, into .build/peers)
	@$(BUILD)/peers/bin/python -c "import openai, llm, orjson, jsonschema, yaml, jinja2, numpy, faiss" 2>/dev/null || { python3 -m venv $(BUILD)/peers && $(BUILD)/peers/bin/pip install -q openai llm orjson jsonschema pyyaml jinja2 numpy faiss-cpu; }
	swift build -c release --product Bench
	BENCH_PEERS=$(CURDIR)/$(BUILD)/peers $(BUILD)/release/Bench $(BUILD)/dist/awl

fuzz: ## a seeded fuzzer over all readers, ten minutes
	swift build -c release --product Fuzz
	$(BUILD)/release/Fuzz

clean: ## remove what was built
	rm -rf $(BUILD)
