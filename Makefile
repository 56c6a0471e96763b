# SPDX-License-Identifier: BSD-2-Clause
# marsh: one plain Makefile.  `make help` lists what it does.

CC      = gcc
B       = build
SAN     =
OPT     = -O2
PREFIX  = /usr/local
DESTDIR =
V       = @

WARN = -Wall -Wextra -Wpedantic -Werror -Wshadow -Wstrict-prototypes \
       -Wmissing-prototypes -Wpointer-arith -Wwrite-strings -Wundef
CFLAGS = -std=c11 -D_POSIX_C_SOURCE=200809L -g $(OPT) $(WARN) \
         $(if $(SAN),-fsanitize=$(SAN) -fno-sanitize-recover=all -fno-omit-frame-pointer)
CPPFLAGS = -Iinclude -Isrc
LDFLAGS = $(if $(SAN),-fsanitize=$(SAN))

# Asked when a recipe first needs them: `make deps` may just have brought them.
LUA_CFLAGS = $(eval LUA_CFLAGS := $(shell pkg-config --cflags lua5.4 2>/dev/null || echo -I/usr/include/lua5.4))$(LUA_CFLAGS)
LUA_LIBS   = $(eval LUA_LIBS := $(shell pkg-config --libs lua5.4 2>/dev/null || echo -llua5.4))$(LUA_LIBS)
EDIT_LIBS  = $(eval EDIT_LIBS := $(shell pkg-config --libs libedit 2>/dev/null || echo -ledit))$(EDIT_LIBS)

# Floors, lowest first.  A directory links only with those before it.
DIRS = base atm wire mars scsp dmars sim svc node show cmd script repl
# A program of its own: it stands on base and atm, and marsh does not hold it.
APART = fabricd
ALL_LIBS = $(call libs,$(lastword $(DIRS)))
SVC_LIBS = -latm -lpthread
# HMAC-MD5, for the floor of messages and whatever stands on it.
WIRE_LIBS = -lnettle
ALL_LINK = $(ALL_LIBS) $(EDIT_LIBS) $(LUA_LIBS) $(SVC_LIBS) $(WIRE_LIBS) -lm

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all help deps deps-build demo check lint man trace tests units fuzz \
        fuzzers bench benches soak install uninstall clean FORCE

all: $(B)/marsh $(B)/bin/fabricd

# marsh finds its Lua half in ../lua: whatever B is, that is here.
$(B)/marsh: $(B)/bin/marsh
	@ln -sfn $(abspath lua) $(B)/lua
	@ln -sfn bin/marsh $@

$(B)/bin/marsh: $(B)/main.o $(patsubst %,$(B)/lib%.a,$(DIRS))
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(V)$(CC) $(LDFLAGS) -o $@ $< $(ALL_LINK)

$(B)/bin/fabricd: $(B)/libfabricd.a $(patsubst %,$(B)/lib%.a,atm base)
	@mkdir -p $(@D)
	@echo "  LD  $@"
	$(V)$(CC) $(LDFLAGS) -o $@ $(B)/fabricd/fabricd.o $^ -lpthread

# Other flags mean other objects, also in one build directory.
FLAGS := $(CC) $(CFLAGS) $(CPPFLAGS)
$(B)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' >$@

$(B)/%.o: src/%.c $(B)/flags
	@mkdir -p $(@D)
	@echo "  CC  $<"
	$(V)$(CC) $(CPPFLAGS) $(CFLAGS) $(LUA_CFLAGS) -MMD -MP -c -o $@ $<

define dir_rules
SRC_$(1) := $$(wildcard src/$(1)/*.c)
OBJ_$(1) := $$(SRC_$(1):src/%.c=$(B)/%.o)
$(B)/lib$(1).a: $$(OBJ_$(1))
	@mkdir -p $$(@D)
	$(V)rm -f $$@; ar rcs $$@ $$^
TESTS_$(1) := $$(patsubst tests/%.c,$(B)/%,$$(wildcard tests/unit/$(1)/test_*.c tests/unit/$(1)/*/test_*.c))
endef
$(foreach d,$(DIRS) $(APART),$(eval $(call dir_rules,$(d))))

# upto,DIR: the archives of DIR and every floor below it, highest first.
upto = $(if $(filter $(1),$(firstword $(2))),$(firstword $(2)),$(call upto,$(1),$(wordlist 2,99,$(2))) $(firstword $(2)))
libs = $(if $(filter $(1),$(APART)),$(B)/lib$(1).a) $(patsubst %,$(B)/lib%.a,$(call upto,$(if $(filter $(1),$(APART)),atm,$(1)),$(DIRS)))

# ---- tests ------------------------------------------------------------------

TEST_LIB = $(patsubst tests/lib/%.c,$(B)/testlib/%.o,$(wildcard tests/lib/*.c))
$(B)/testlib/%.o: tests/lib/%.c $(B)/flags
	@mkdir -p $(@D)
	$(V)$(CC) $(CPPFLAGS) -Itests/lib $(CFLAGS) -MMD -MP -c -o $@ $<
$(B)/libtest.a: $(TEST_LIB)
	$(V)rm -f $@; ar rcs $@ $^

test_cc = $(CC) $(CPPFLAGS) -Itests/lib $(CFLAGS) $(LUA_CFLAGS) $(LDFLAGS) -MMD -MP -MF $@.d -MT $@ -o $@ $<

# One unit test: it links only its own floor and what is below.
define test_rules
$(B)/unit/$(1)/%: tests/unit/$(1)/%.c $(B)/libtest.a $(call libs,$(1))
	@mkdir -p $$(@D)
	@echo "  CC  $$<"
	$(V)$$(test_cc) $(B)/libtest.a $(call libs,$(1)) -lcmocka $(if $(filter-out base atm $(APART),$(1)),$(WIRE_LIBS)) $(if $(filter script repl,$(1)),$$(EDIT_LIBS) $$(LUA_LIBS)) $(if $(filter svc script repl,$(1)),$(SVC_LIBS)) $$(BESIDE) -lm
unit-$(1): $$(TESTS_$(1))
	@for t in $$^; do $$$$t || exit 1; done
.PHONY: unit-$(1)
endef
$(foreach d,$(DIRS) $(APART),$(eval $(call test_rules,$(d))))
# A directory below names the library that its tests hold ours against.
$(B)/unit/base/libatm/%: BESIDE = -latm
UNITS = $(foreach d,$(DIRS) $(APART),$(TESTS_$(d)))

# Test programs that may use every floor: contracts, command line, terminal,
# measurements, fuzz targets.
WIDE = contract scenario cli pty bench fuzz lab
define wide_rules
$(B)/$(1)/%: tests/$(1)/%.c $(B)/libtest.a $(patsubst %,$(B)/lib%.a,$(DIRS))
	@mkdir -p $$(@D)
	@echo "  CC  $$<"
	$(V)$$(test_cc) $(if $(filter fuzz,$(1)),-fsanitize=fuzzer) $(B)/libtest.a $$(ALL_LINK) $(if $(filter contract scenario cli pty lab,$(1)),-lcmocka)
endef
$(foreach d,$(WIDE),$(eval $(call wide_rules,$(d))))
# fabricd is no part of marsh; its own main stays out.
FABRICD_PARTS = $(filter-out $(B)/fabricd/fabricd.o,$(OBJ_fabricd)) $(call libs,atm)
$(B)/fuzz/fuzz_fabricd: tests/fuzz/fuzz_fabricd.c $(FABRICD_PARTS)
	@mkdir -p $(@D)
	@echo "  CC  $<"
	$(V)$(test_cc) -fsanitize=fuzzer $(FABRICD_PARTS) -lpthread
progs = $(patsubst tests/%.c,$(B)/%,$(wildcard tests/$(1)/$(2)_*.c))
CONTRACTS = $(foreach d,contract scenario cli pty,$(call progs,$(d),test))

units: $(UNITS)
tests: $(UNITS) $(CONTRACTS) $(B)/lint/rows
LAB_PROGS = $(call progs,lab,test) $(call progs,lab,bench) $(patsubst %,$(B)/lab/%,hub join peer)
lab-progs: $(LAB_PROGS)
fuzzers: $(call progs,fuzz,fuzz)
benches: $(B)/bench/spawn $(call progs,bench,bench) $(call progs,lab,bench)
# Where check.sh asks what there is to run.
list-units: ; @printf '%s\n' $(UNITS)
list-contracts: ; @printf '%s\n' $(CONTRACTS)
list-fuzzers: ; @printf '%s\n' $(notdir $(call progs,fuzz,fuzz))
list-lab: ; @printf '%s\n' $(call progs,lab,test)
.PHONY: list-units list-contracts list-fuzzers list-lab lab-progs lab lab-hub lab-kernel

# ---- for people -------------------------------------------------------------

help:
	@sh tests/run/help.sh

deps:
	@sh tests/run/deps.sh build test
deps-build:
	@sh tests/run/deps.sh build

# make runs again below deps so that it sees what deps brought.
demo: deps-build
	@$(MAKE) --no-print-directory all
	@$(B)/marsh scripts/first-cluster.lua

STEPS =
check: deps
	@B='$(B)' MAKE='$(MAKE)' sh tests/run/check.sh $(STEPS)

# The kernel with ATM SVCs: built once (three minutes), booted in a second.
lab-kernel:
	@sh tests/run/deps.sh lab
	@sh tests/lab/kernel.sh
lab: deps-build
	@sh tests/run/deps.sh lab
	@sh tests/lab/kernel.sh >/dev/null
	@$(MAKE) --no-print-directory all
	@B='$(B)' $(if $(LINE),LAB_NUMBER=$(LINE) LAB_LINE='$(B)/hub/$(LINE)') \
	    sh tests/lab/boot.sh -i sh tests/lab/with.sh sh tests/lab/shell.sh
# What joins the kernels of several terminals.
$(B)/lab/hub: tests/lab/hub.c
	@mkdir -p $(@D)
	@echo "  CC  $<"
	$(V)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<
lab-hub: deps-build
	@$(MAKE) --no-print-directory all $(B)/lab/hub
	@echo "A hub with 8 lines.  In other terminals: make lab LINE=1, make lab LINE=2, ..."
	@$(B)/lab/hub $(B)/bin/fabricd $(B)/hub 8

lint: $(foreach d,$(DIRS),$(B)/lib$(d).a) $(B)/lint/rows
	@B='$(B)' sh tests/run/lint.sh

# The commands' manual is written from their rows, the readme's session by marsh.
$(B)/lint/rows: tests/lint/rows.c $(call libs,cmd)
	@mkdir -p $(@D)
	$(V)$(test_cc) $(call libs,cmd) $(WIRE_LIBS) -lm
man: $(B)/lint/rows $(B)/marsh
	@$< | sed -i -e '/begin of the command rows/r /dev/stdin' \
	    -e '/begin of the/,/end of the/{/of the command rows/!d}' man/marsh.1
	@MARSH=$(B)/marsh sh tests/run/session.sh README.md >$(B)/README.md && cp $(B)/README.md README.md

trace:
	@sh tests/run/trace.sh

TARGET =
SECONDS = 60
fuzz:
	@$(MAKE) --no-print-directory B='$(B)/fuzz' CC=clang SAN=fuzzer-no-link,address,undefined fuzzers
	@B='$(B)/fuzz' sh tests/run/fuzz.sh '$(SECONDS)' $(TARGET)

# As many random groups of SCSP servers, or those from-to; one alone is told.
SEEDS = 100000
soak:
	@$(MAKE) --no-print-directory $(B)/scenario/test_scsp_soak >&2
	@SEEDS='$(SEEDS)' $(B)/scenario/test_scsp_soak

JSON =
bench:
	@$(MAKE) --no-print-directory benches all >&2
	@B='$(B)' sh tests/bench/bench.sh $(if $(JSON),--json)

# ---- install ----------------------------------------------------------------

BIN   = $(DESTDIR)$(PREFIX)/bin
SHARE = $(DESTDIR)$(PREFIX)/share
# from:to pairs below share; uninstall removes exactly these.
DATA = $(foreach f,$(wildcard lua/marsh/*.lua),$(f):marsh/$(f)) \
       $(foreach f,$(wildcard lua/wireshark/*.lua),$(f):marsh/$(f:lua/%=%)) \
       $(foreach f,$(wildcard scripts/*.lua),$(f):marsh/$(f)) \
       $(foreach f,$(wildcard man/*.[1-8]),$(f):man/man$(subst .,,$(suffix $(f)))/$(notdir $(f))) \
       $(foreach f,$(wildcard src/svc/linux/*.patch),$(f):marsh/linux/$(notdir $(f))) \
       README.md:doc/marsh/README.md LICENSE:doc/marsh/LICENSE

install: all
	install -d $(BIN)
	install -m 755 $(B)/bin/marsh $(BIN)/marsh
	install -m 755 $(B)/bin/fabricd $(BIN)/fabricd
	@set -e; for p in $(DATA); do \
	    install -d "$(SHARE)/$$(dirname "$${p#*:}")"; \
	    install -m 644 "$${p%%:*}" "$(SHARE)/$${p#*:}"; \
	    echo "$(SHARE)/$${p#*:}"; done

uninstall:
	rm -f $(BIN)/marsh $(BIN)/fabricd
	@for p in $(DATA); do rm -f "$(SHARE)/$${p#*:}"; done
	@for d in lua/marsh lua wireshark scripts linux .; do \
	    rmdir "$(SHARE)/marsh/$$d" 2>/dev/null || :; done
	@rmdir "$(SHARE)/marsh" "$(SHARE)/doc/marsh" 2>/dev/null || :

clean:
	rm -rf $(B)

-include $(B)/main.d $(foreach d,$(DIRS) $(APART),$(OBJ_$(d):.o=.d)) $(TEST_LIB:.o=.d) \
         $(addsuffix .d,$(UNITS) $(CONTRACTS) $(call progs,fuzz,fuzz) $(call progs,bench,bench))
