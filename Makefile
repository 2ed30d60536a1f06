# postmend: make builds ./postmend; make demo and make check do what their names say.
# README.md has the rest.

# the version stands in one place: the first heading of the list of changes
VERSION := $(shell sed -n 's/^.. \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)

CC ?= gcc
PKG_CONFIG ?= pkg-config
PREFIX ?= /usr/local
MANDIR ?= $(PREFIX)/share/man
B ?= build
FUZZ_SECONDS ?= 60

WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Werror=int-conversion -Werror=enum-conversion
CFLAGS ?= -O2 -g
PACKAGES = yaml-0.1 libpcre2-8 openssl jansson libevent libevent_openssl
PM_CFLAGS := -std=c17 -D_GNU_SOURCE -I. -I$(B) $(WARNINGS) $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
PM_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) -lpthread

GENERATE_C = $(wildcard facts/generate/*.c) facts/parameter_type.c facts/platform_yaml.c \
	facts/tables_find.c $(wildcard base/*.c)
FACTS_YAML = $(wildcard facts/*.yaml)
LIB_C = $(filter-out facts/generate/%,$(wildcard $(foreach room,base facts parser smtp convert rules,\
	$(room)/*.c $(room)/*/*.c)))
CMD_C = $(wildcard cmd/*.c cmd/report/*.c)
UNIT_C = $(wildcard tests/unit/test_*.c)
FUZZ_C = $(wildcard tests/fuzz/fuzz_*.c)
ORACLE_C = $(wildcard tests/oracle/*.c)

GENERATE_O = $(GENERATE_C:%.c=$(B)/%.o)
LIB_O = $(LIB_C:%.c=$(B)/%.o) $(B)/facts/compiled.o $(B)/rules/engine/registry.o
CMD_O = $(CMD_C:%.c=$(B)/%.o)
TEST_LIB_O = $(B)/tests/fuzz/properties.o $(B)/tests/fuzz/conversion.o
UNIT = $(UNIT_C:tests/unit/%.c=$(B)/tests/%)
FUZZ = $(FUZZ_C:tests/fuzz/%.c=$(B)/fuzz/%)
ORACLE = $(ORACLE_C:tests/oracle/%.c=$(B)/oracle/%)

# one more make: what .ci/needs installs counts only for a make that starts behind it
SUBMAKE = $(MAKE) -s --no-print-directory $(if $(findstring jobserver,$(MAKEFLAGS)),,-j$(shell nproc))

.PHONY: all needs demo check unit golden live oracle fuzz bench coverage sanitize tidy install \
	clean

all: needs
	@$(SUBMAKE) postmend

# $(call say,WORD,COMMAND) - runs the command and shows "WORD file"; with V=1 the command itself
V ?= 0
say = @$(if $(filter 0,$(V)),echo "$(1) $@";,echo '$(2)';) $(2)

# installs what is missing to build; says what
needs:
	@sh .ci/needs build

# by way of a new file: the old one may be running
postmend: $(B)/postmend
	@cp $< $@.new && mv $@.new $@

$(B)/postmend: $(B)/cmd/main.o $(B)/libcommands.a $(B)/libpostmend.a
	$(call say,link,$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PM_LIBS))

$(B)/libpostmend.a: $(LIB_O)
	$(call say,archive,rm -f $@ && ar rcs $@ $^)

$(B)/libcommands.a: $(filter-out %/main.o,$(CMD_O))
	$(call say,archive,rm -f $@ && ar rcs $@ $^)

$(B)/generate: $(GENERATE_O)
	$(call say,link,$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PM_LIBS))

# an unchanged header keeps its time: a new default value does not compile everything again
$(B)/facts/names.h: facts/generate/names.sh facts/parameters.yaml facts/releases.yaml
	@mkdir -p $(@D)
	$(call say,generate,sh $^ > $@.new && { cmp -s $@.new $@ || cp $@.new $@; })

$(B)/facts/compiled.c: $(B)/generate $(FACTS_YAML)
	$(call say,generate,$(B)/generate facts > $@.new && mv $@.new $@)

# every "const struct rule rule_... = {" is a rule
$(B)/rules/engine/registry.c: $(wildcard rules/*/*.c) rules/engine/registry.sh
	@mkdir -p $(@D)
	$(call say,generate,sh rules/engine/registry.sh $(wildcard rules/*/*.c) > $@.new && mv $@.new $@)

$(B)/facts/compiled.o $(B)/rules/engine/registry.o: %.o: %.c | $(B)/facts/names.h
	$(call say,compile,$(CC) $(PM_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<)

# what "postmend --version" prints
$(B)/cmd/main.o: PM_CFLAGS += -DPOSTMEND_VERSION=\"$(VERSION)\"
$(B)/cmd/main.o: CHANGELOG.md

$(B)/%.o: %.c | $(B)/facts/names.h
	@mkdir -p $(@D)
	$(call say,compile,$(CC) $(PM_CFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<)

$(B)/tests/%: $(B)/tests/unit/%.o $(TEST_LIB_O) $(B)/libcommands.a $(B)/libpostmend.a
	@mkdir -p $(@D)
	$(call say,link,$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PM_LIBS) -lcmocka)

# without libFuzzer (FUZZ_MAIN=) a fuzz target runs over the files that it is given
FUZZ_MAIN ?= $(B)/tests/fuzz/driver.o
$(B)/fuzz/%: $(B)/tests/fuzz/%.o $(TEST_LIB_O) $(FUZZ_MAIN) $(B)/libcommands.a $(B)/libpostmend.a
	@mkdir -p $(@D)
	$(call say,link,$(CC) $(CFLAGS) $(LDFLAGS) $(FUZZ_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PM_LIBS))

# what the tests against the real Postfix ask with
$(B)/oracle/%: $(B)/tests/oracle/%.o $(B)/libcommands.a $(B)/libpostmend.a
	@mkdir -p $(@D)
	$(call say,link,$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PM_LIBS))

.SECONDARY: # keep the objects of the tests

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- what the README names ---------------------------------------------------------------------

demo: all
	@sh fixtures/demo.sh

check:
	@sh .ci/needs check
	@$(SUBMAKE) postmend test-programs
	@B=$(B) sh tests/check.sh $(UNIT)

.PHONY: test-programs
test-programs: $(UNIT) $(FUZZ) $(ORACLE)

unit: postmend $(UNIT)
	@sh tests/run-unit.sh $(UNIT)

golden: postmend
	@sh tests/golden/run.sh

live: postmend
	@sh tests/scripts.sh live

oracle: postmend $(ORACLE)
	@B=$(B) sh tests/scripts.sh oracle

# --- slower checks -----------------------------------------------------------------------------

# the suite on a build that watches memory and arithmetic; the real Postfix adds nothing to it
sanitize:
	@sh .ci/needs check
	@$(SUBMAKE) B=$(B)-sanitize CFLAGS="-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
		-fsanitize=address,undefined" LDFLAGS="-fsanitize=address,undefined" \
		HOSTILE_GROWTH=2 WITHOUT_ORACLE=1 separate-check

# the suite on the program in $(B), without touching ./postmend
.PHONY: separate-check fuzz-programs
fuzz-programs: $(FUZZ)

separate-check: $(B)/postmend test-programs
	@B=$(B) POSTMEND=$(B)/postmend sh tests/check.sh $(UNIT)

fuzz:
	@sh .ci/needs slow
	@$(SUBMAKE) B=$(B)-fuzz CC=clang CFLAGS="-O1 -g -fno-omit-frame-pointer \
		-fno-sanitize-recover=all -fsanitize=fuzzer-no-link,address,undefined" \
		LDFLAGS="-fsanitize=address,undefined" FUZZ_LDFLAGS="-fsanitize=fuzzer" FUZZ_MAIN= \
		fuzz-programs
	@sh tests/fuzz/run.sh $(FUZZ_SECONDS) $(B)-fuzz $(FUZZ_C:tests/fuzz/fuzz_%.c=%)

bench: all $(B)/oracle/m4 $(B)/oracle/convert
	@CC="$(CC)" sh tests/bench/run.sh
	@CC="$(CC)" sh tests/bench/smtp.sh
	@CC="$(CC)" B=$(B) sh tests/bench/m4.sh

coverage:
	@sh .ci/needs check
	@$(SUBMAKE) B=$(B)-coverage CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage coverage-programs

.PHONY: coverage-programs
coverage-programs: $(B)/postmend test-programs
	@sh tests/coverage.sh $(B) $(UNIT)

tidy:
	@sh .ci/needs slow
	@sh tests/tidy.sh

install: all
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(MANDIR)/man1 $(DESTDIR)$(MANDIR)/man7
	install -m 0755 postmend $(DESTDIR)$(PREFIX)/bin/postmend
	install -m 0644 docs/postmend.1 $(DESTDIR)$(MANDIR)/man1/postmend.1
	./postmend rules --manual > $(DESTDIR)$(MANDIR)/man7/postmend-rules.7

clean:
	rm -rf build build-* postmend
