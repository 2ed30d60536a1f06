# postmend: make builds ./postmend; make demo and make check do what their names say.
# README.md has the rest.

CC ?= gcc
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
B ?= build
FUZZ_SECONDS ?= 60

WARNINGS = -Wall -Wextra -Wshadow -Wconversion
CFLAGS ?= -O2 -g
PACKAGES = yaml-0.1 libpcre2-8 openssl jansson
PM_CFLAGS = -std=c17 -D_GNU_SOURCE -I. $(WARNINGS) $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
PM_LIBS = $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) -lpthread

GENERATE_C = $(wildcard facts/generate*.c) facts/yaml.c facts/yaml_value.c facts/platform_yaml.c \
	facts/tables_find.c facts/str.c facts/arena.c
FACTS_YAML = $(wildcard facts/*.yaml)
LIB_C = $(filter-out facts/generate%,$(wildcard facts/*.c)) $(wildcard parser/*.c) \
	$(wildcard smtp/*.c) $(wildcard rules/*.c rules/*/*.c)
CMD_C = $(wildcard cmd/*.c cmd/report/*.c)
UNIT_C = $(wildcard tests/unit/test_*.c)
FUZZ_C = $(wildcard tests/fuzz/fuzz_*.c)

GENERATE_O = $(GENERATE_C:%.c=$(B)/%.o)
LIB_O = $(LIB_C:%.c=$(B)/%.o) $(B)/facts/compiled.o $(B)/rules/registry.o
CMD_O = $(CMD_C:%.c=$(B)/%.o)
UNIT = $(UNIT_C:tests/unit/%.c=$(B)/tests/%)
FUZZ = $(FUZZ_C:tests/fuzz/%.c=$(B)/fuzz/%)

.PHONY: all needs demo check unit golden oracle fuzz bench coverage sanitize tidy install \
	clean

all: needs
	@$(MAKE) --no-print-directory postmend

# installs what is missing to build and test; says what
needs:
	@sh .ci/needs build

postmend: $(B)/postmend
	cp $< $@

$(B)/postmend: $(CMD_O) $(B)/libpostmend.a
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PM_LIBS)

$(B)/libpostmend.a: $(LIB_O)
	rm -f $@ && ar rcs $@ $^

$(B)/generate: $(GENERATE_O)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(PM_LIBS)

$(B)/facts/compiled.c: $(B)/generate $(FACTS_YAML)
	$(B)/generate facts > $@.new && mv $@.new $@

# every "const struct rule rule_... = {" is a rule
$(B)/rules/registry.c: $(wildcard rules/*/*.c) rules/registry.sh
	@mkdir -p $(@D)
	sh rules/registry.sh $(wildcard rules/*/*.c) > $@.new && mv $@.new $@

$(B)/facts/compiled.o $(B)/rules/registry.o: %.o: %.c
	$(CC) $(PM_CFLAGS) $(CFLAGS) -MMD -c -o $@ $<

$(B)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(PM_CFLAGS) $(CFLAGS) -MMD -c -o $@ $<

$(B)/tests/%: tests/unit/%.c $(filter-out $(B)/cmd/main.o,$(CMD_O)) $(B)/libpostmend.a
	@mkdir -p $(@D)
	$(CC) $(PM_CFLAGS) $(CFLAGS) $(LDFLAGS) -MMD -o $@ $^ $(PM_LIBS) -lcmocka

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- what the README names ---------------------------------------------------------------------

demo: all
	@sh fixtures/demo.sh

check: all
	@$(MAKE) --no-print-directory unit golden oracle
	@echo "make check: all passed"

unit: postmend $(UNIT)
	@sh tests/run-unit.sh $(UNIT)

golden: postmend
	@sh tests/golden/run.sh

oracle: postmend
	@sh tests/oracle/run.sh

# --- slower checks -----------------------------------------------------------------------------

sanitize:
	$(MAKE) --no-print-directory B=$(B)-sanitize POSTMEND=$(B)-sanitize/postmend \
		CFLAGS="-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all" \
		LDFLAGS="-fsanitize=address,undefined" $(B)-sanitize/postmend sanitized-tests

.PHONY: sanitized-tests
sanitized-tests: $(UNIT)
	@sh tests/run-unit.sh $(UNIT)
	@POSTMEND=$(B)/postmend sh tests/golden/run.sh
	@POSTMEND=$(B)/postmend sh tests/oracle/run.sh

fuzz:
	@sh tests/fuzz/run.sh $(FUZZ_SECONDS)

bench: postmend
	@sh tests/bench/run.sh

coverage:
	@sh tests/coverage.sh

tidy:
	@sh tests/tidy.sh

install: postmend
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 0755 postmend $(DESTDIR)$(PREFIX)/bin/postmend
	install -m 0644 docs/postmend.1 $(DESTDIR)$(PREFIX)/share/man/man1/postmend.1

clean:
	rm -rf build build-* postmend
