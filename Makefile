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

# Floors, lowest first.  A directory links only with those before it.
DIRS = base atm wire mars sim node show cmd script repl
define dir_rules
SRC_$(1) := $$(wildcard src/$(1)/*.c)
OBJ_$(1) := $$(SRC_$(1):src/%.c=$(B)/%.o)
$(B)/lib$(1).a: $$(OBJ_$(1))
	$(V)rm -f $$@; ar rcs $$@ $$^
TESTS_$(1) := $$(patsubst tests/unit/$(1)/%.c,$(B)/unit/$(1)/%,$$(wildcard tests/unit/$(1)/test_*.c))
endef
$(foreach d,$(DIRS),$(eval $(call dir_rules,$(d))))

# upto,DIR: the archives of DIR and every floor below it, highest first.
upto = $(if $(filter $(1),$(firstword $(2))),$(firstword $(2)),$(call upto,$(1),$(wordlist 2,99,$(2))) $(firstword $(2)))
libs = $(patsubst %,$(B)/lib%.a,$(call upto,$(1),$(DIRS)))

LUA_CFLAGS := $(shell pkg-config --cflags lua5.4 2>/dev/null)
LUA_LIBS   := $(shell pkg-config --libs lua5.4 2>/dev/null)
EDIT_LIBS  := $(shell pkg-config --libs libedit 2>/dev/null)

$(B)/%.o: src/%.c
	@mkdir -p $(@D)
	$(V)$(CC) $(CPPFLAGS) $(CFLAGS) $(LUA_CFLAGS) -MMD -MP -c -o $@ $<

# One unit test: it links only its own floor and what is below.
define test_rules
$(B)/unit/$(1)/%: tests/unit/$(1)/%.c $(call libs,$(1)) $(wildcard tests/lib/*.c tests/lib/*.h)
	@mkdir -p $$(@D)
	$(V)$$(CC) $$(CPPFLAGS) -Itests/lib $$(CFLAGS) $$(LUA_CFLAGS) $$(LDFLAGS) -o $$@ $$< $$(wildcard tests/lib/*.c) $$(call libs,$(1)) -lcmocka $(if $(filter script repl,$(1)),$$(LUA_LIBS) $$(EDIT_LIBS)) -lm
unit-$(1): $$(TESTS_$(1))
	@for t in $$^; do $$$$t || exit 1; done
endef
$(foreach d,$(DIRS),$(eval $(call test_rules,$(d))))

-include $(foreach d,$(DIRS),$(OBJ_$(d):.o=.d))
