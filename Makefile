# postmend: "make" builds ./postmend, "make help" lists the rest

## make              build ./postmend
## make demo         move a RHEL 9 server to RHEL 10: the diff, the runbook, the live test
## make check        run the tests; T=WORD: only those with WORD in their names
## make quick        run the tests that a changed rule needs, in seconds
## make install      install below PREFIX (/usr/local); DESTDIR for packages
## make uninstall    remove what "make install" installed
## make deps         install the missing packages that the build and the tests need
## make dist         write a source archive of the last commit
## make clean        remove what was built
##
## Slower tests:
## make oracle       compare with the real Postfix and Sendmail; requires root
## make sanitize     run the tests with the address and undefined-behaviour sanitizers
## make faults       let every system call fail once, and race with other processes
## make fuzz         run the fuzzers, FUZZ_SECONDS (60) each
## make tidy         run the linters
## make coverage     measure which share of the code the tests run
## make bench        measure the speed
## make bench-growth measure how time and memory grow with the input; KINDS=WORD...: only those
##
## Variables: CC, CFLAGS, CPPFLAGS, LDFLAGS, PREFIX, MANDIR, DESTDIR as usual;
## B=DIR: build in DIR; V=1: show the commands; CC_FOR_BUILD: the native compiler
## when CC is a cross-compiler (and PKG_CONFIG the pkg-config of its libraries)

# the version stands in one place: the first heading of the list of changes
VERSION := $(shell sed -n 's/^.. \([0-9][0-9.]*\).*/\1/p' CHANGELOG.md | head -n 1)

ifeq ($(origin CC),default)
CC = gcc
endif
PKG_CONFIG ?= pkg-config
PKG_CONFIG_FOR_BUILD ?= pkg-config
PREFIX ?= /usr/local
MANDIR ?= $(PREFIX)/share/man
B ?= build
V ?= 0
FUZZ_SECONDS ?= 60

CFLAGS ?= -O2 -g
WARNINGS = -Wall -Wextra -Wshadow -Wconversion -Werror=int-conversion -Werror=enum-conversion
# _FORTIFY_SOURCE needs optimisation, and hides from the sanitizers what they look for; some systems
# warn of level 3, which they do not know
FORTIFY_LEVEL := $(if $(shell printf '\043include <stdio.h>\n' | \
	$(CC) -E -O2 -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=3 -Werror - >/dev/null 2>&1 && echo 3),3,2)
FORTIFY = $(if $(filter-out -O0,$(lastword $(filter -O%,$(CFLAGS)))),$(if $(findstring \
	-fsanitize,$(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=$(FORTIFY_LEVEL)))
HARDEN_CFLAGS = $(FORTIFY) -fstack-protector-strong -fPIE
HARDEN_LDFLAGS = -pie -Wl,-z,relro,-z,now
PACKAGES = yaml-0.1 libpcre2-8 openssl jansson libevent libevent_openssl
PM_CFLAGS := -std=c17 -D_GNU_SOURCE -I. -I$(B) $(WARNINGS) $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
PM_LIBS := $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) -lpthread
COMPILE = $(CC) $(PM_CFLAGS) $(HARDEN_CFLAGS) $(CPPFLAGS) $(CFLAGS)
LINK = $(CC) $(CFLAGS) $(HARDEN_LDFLAGS) $(LDFLAGS)

GENERATE_C = $(wildcard facts/generate/*.c) facts/parameter_type.c facts/platform_yaml.c \
	facts/tables_find.c $(wildcard base/*.c)
FACTS_YAML = $(wildcard facts/*.yaml)
LIB_C = $(filter-out facts/generate/%,$(wildcard $(foreach room,base facts parser smtp convert rules,\
	$(room)/*.c $(room)/*/*.c)))
RULES_C = $(wildcard rules/*/*.c)
CMD_C = $(wildcard cmd/*.c cmd/report/*.c cmd/livetest/*.c)
UNIT_C = $(wildcard tests/unit/test_*.c)
FUZZ_C = $(wildcard tests/fuzz/fuzz_*.c)
ORACLE_C = $(wildcard tests/oracle/*.c)

GENERATE_O = $(GENERATE_C:%.c=$(B)/%.o) $(B)/facts/platform_fields.o
GENERATED_O = $(B)/facts/compiled.o $(B)/facts/platform_fields.o $(B)/rules/engine/registry.o
LIB_O = $(LIB_C:%.c=$(B)/%.o) $(GENERATED_O)
CMD_O = $(CMD_C:%.c=$(B)/%.o)
TEST_LIB_O = $(B)/tests/fuzz/properties.o $(B)/tests/fuzz/conversion.o
UNIT = $(UNIT_C:tests/unit/%.c=$(B)/tests/%)
FUZZ = $(FUZZ_C:tests/fuzz/%.c=$(B)/fuzz/%)
ORACLE = $(ORACLE_C:tests/oracle/%.c=$(B)/oracle/%)
LIBRARIES = $(B)/libcommands.a $(B)/libpostmend.a

# the manual page of the rules is generated; a source archive has it already
RULES_MANUAL = $(or $(wildcard docs/postmend-rules.7),$(B)/postmend-rules.7)
# ./postmend is the program of the usual build directory; others leave the sources as they are
PROGRAM = $(if $(filter build,$(B)),postmend,$(B)/postmend)
# the programs that are run while building: those in $(B), or native ones when cross-compiling
NATIVE = $(B)$(if $(CC_FOR_BUILD),/native)

# $(call select,FILES) - those with T in their names
T ?=
select = $(if $(T),$(foreach file,$(1),$(if $(findstring $(T),$(notdir $(file))),$(file))),$(1))

# a make for all processors, unless this one was told how many; it is a second one, since the
# packages that .ci/needs installs are found only by a make that starts after that
SUBMAKE = $(MAKE) --no-print-directory $(if $(filter -j% --jobserver%,$(MAKEFLAGS)),,-j$(shell nproc))
NEEDS = CC='$(CC)' PKG_CONFIG='$(PKG_CONFIG)' sh .ci/needs

# $(call quote,TEXT) - as one word of the shell
quote = '$(subst ','\'',$(1))'
# $(call run,WORD,COMMAND) - shows "WORD file"; with V=1 the command itself
run = @$(if $(filter 0,$(V)),$(if $(1),echo "$(1) $@";),printf '%s\n' $(call quote,$(2));) $(2)
# $(call quietly,COMMAND) - shows how far it is after each fifty files
quietly = $(eval DONE += x)$(if $(filter %00 %50,$(words $(DONE))),$(info $(words $(DONE)) files \
	built))$(call run,,$(1))

.PHONY: all help deps demo check quick unit golden live oracle fuzz bench bench-growth coverage sanitize tidy \
	install uninstall dist clean program test-programs check-programs fuzz-programs FORCE
.DELETE_ON_ERROR:

all:
	@$(NEEDS) --check build
	+@$(SUBMAKE) -s program

program: $(PROGRAM) $(RULES_MANUAL)

help:
	@sed -n 's/^## \{0,1\}//p' Makefile

deps:
	@$(NEEDS) check

# by way of a new file: the old one may be running
postmend: $(B)/postmend
	@cp $< $@.new && mv $@.new $@

# --- what the outputs depend on besides files ----------------------------------------------------

# $(B)/text/NAME holds $(TEXT_NAME) and changes with it: other flags, a source that has gone
TEXT_compile = $(filter-out ccache,$(COMPILE))
TEXT_link = $(filter-out ccache,$(LINK)) $(PM_LIBS)
TEXT_facts = $(FACTS_YAML)
TEXT_lib = $(LIB_O)
TEXT_cmd = $(CMD_O)
TEXT_generate = $(GENERATE_O)
# "sudo make install" installs what was built, though sudo drops CFLAGS
$(B)/text/%: $(if $(filter install,$(MAKECMDGOALS)),,FORCE)
	@mkdir -p $(@D)
	@printf '%s\n' $(call quote,$(TEXT_$*)) | cmp -s - $@ || \
		printf '%s\n' $(call quote,$(TEXT_$*)) >$@

# --- building ------------------------------------------------------------------------------------

$(B)/postmend: $(B)/cmd/main.o $(LIBRARIES) $(B)/text/link
	$(call run,link,$(LINK) -o $@ $(filter %.o %.a,$^) $(PM_LIBS))

$(B)/libpostmend.a: $(LIB_O) $(B)/text/lib
	$(call run,archive,rm -f $@ && $(AR) rcs $@ $(filter %.o,$^))

$(B)/libcommands.a: $(filter-out %/main.o,$(CMD_O)) $(B)/text/cmd
	$(call run,archive,rm -f $@ && $(AR) rcs $@ $(filter %.o,$^))

$(B)/generate: $(GENERATE_O) $(B)/text/generate $(B)/text/link
	$(call run,link,$(LINK) -o $@ $(filter %.o,$^) $(PM_LIBS))

# an unchanged header keeps its time: a new default value does not compile everything again
$(B)/facts/names.h: facts/generate/names.sh facts/parameters.yaml facts/releases.yaml
	@mkdir -p $(@D)
	$(call run,,sh $^ >$@.new && { cmp -s $@.new $@ || cp $@.new $@; })

# every member of "struct platform" that is a text, a list of texts or a flag is a field
$(B)/facts/platform_fields.c: facts/generate/platform_fields.sh facts/facts.h
	@mkdir -p $(@D)
	$(call run,generate,sh $^ >$@)

$(B)/facts/compiled.c: $(NATIVE)/generate $(FACTS_YAML) $(B)/text/facts
	@mkdir -p $(@D)
	$(call run,generate,$(NATIVE)/generate facts >$@)

# every "const struct rule rule_... = {" is a rule
$(B)/rules/engine/registry.c: $(RULES_C) rules/engine/registry.sh $(B)/text/lib
	@mkdir -p $(@D)
	$(call run,generate,sh rules/engine/registry.sh $(RULES_C) >$@)

$(B)/postmend-rules.7: $(NATIVE)/postmend
	$(call run,generate,$(NATIVE)/postmend rules --manual >$@)

$(GENERATED_O): %.o: %.c $(B)/text/compile | $(B)/facts/names.h
	$(call quietly,$(COMPILE) -MMD -MP -c -o $@ $<)

# what "postmend --version" prints
$(B)/cmd/main.o $(B)/cmd/report/sarif.o: private PM_CFLAGS += -DPOSTMEND_VERSION=\"$(VERSION)\"
$(B)/cmd/main.o: CHANGELOG.md

$(B)/%.o: %.c $(B)/text/compile | $(B)/facts/names.h
	@mkdir -p $(@D)
	$(call quietly,$(COMPILE) -MMD -MP -c -o $@ $<)

$(UNIT): $(B)/tests/%: $(B)/tests/unit/%.o $(TEST_LIB_O) $(LIBRARIES) $(B)/text/link
	@mkdir -p $(@D)
	$(call quietly,$(LINK) -o $@ $(filter %.o %.a,$^) $(PM_LIBS) -lcmocka)

# without libFuzzer (FUZZ_MAIN=) a fuzz target runs over the files that it is given
FUZZ_MAIN ?= $(B)/tests/fuzz/driver.o
$(FUZZ): $(B)/fuzz/%: $(B)/tests/fuzz/%.o $(TEST_LIB_O) $(FUZZ_MAIN) $(LIBRARIES) $(B)/text/link
	@mkdir -p $(@D)
	$(call quietly,$(LINK) $(FUZZ_LDFLAGS) -o $@ $(filter %.o %.a,$^) $(PM_LIBS))

# what lets a system call fail
$(B)/faults/inject: $(B)/tests/faults/inject.o $(B)/text/link
	@mkdir -p $(@D)
	$(call quietly,$(LINK) -o $@ $(filter %.o,$^))

# what the tests against the real Postfix ask with
$(ORACLE): $(B)/oracle/%: $(B)/tests/oracle/%.o $(LIBRARIES) $(B)/text/link
	@mkdir -p $(@D)
	$(call quietly,$(LINK) -o $@ $(filter %.o %.a,$^) $(PM_LIBS))

ifdef CC_FOR_BUILD
$(NATIVE)/generate: FORCE
	+@$(MAKE) --no-print-directory B=$(NATIVE) CC='$(CC_FOR_BUILD)' CC_FOR_BUILD= \
		PKG_CONFIG='$(PKG_CONFIG_FOR_BUILD)' CPPFLAGS= CFLAGS=-O1 LDFLAGS= $(NATIVE)/generate \
		$(if $(findstring $(B)/,$(RULES_MANUAL)),$(NATIVE)/postmend)
$(NATIVE)/postmend: $(NATIVE)/generate
endif

-include $(shell find $(B) -name '*.d' 2>/dev/null)

# --- tests ---------------------------------------------------------------------------------------

RUN = B=$(B) POSTMEND=$(B)/postmend T=$(call quote,$(T)) sh tests/run.sh
SUITE = golden live unit fuzz build faults

demo:
	@$(NEEDS) build
	+@$(SUBMAKE) -s program
	@POSTMEND=$(B)/postmend sh fixtures/demo.sh

# of the tests against the real programs those that take minutes are left to "make oracle"
check:
	@$(NEEDS) check
	+@$(SUBMAKE) -s program test-programs
	@ORACLE_PART=light $(RUN) check $(SUITE) oracle

test-programs: $(call select,$(UNIT)) $(FUZZ) $(ORACLE) $(B)/faults/inject

# every system call that fails once, and a minute of races: the long forms of two tests of the suite
.PHONY: faults
faults: $(PROGRAM) $(B)/faults/inject
	@FAULTS_SECONDS=all RACE_SECONDS=60 TEST_TIMEOUT=7200 $(RUN) faults faults

quick: $(PROGRAM) $(B)/tests/test_examples
	@WITHOUT_LIVE=1 $(RUN) quick tests/unit/test_examples.c tests/golden/fixtures.sh

unit: $(PROGRAM) $(call select,$(UNIT))
	@$(RUN) unit unit

golden: $(PROGRAM)
	@$(RUN) golden golden

live: $(PROGRAM)
	@$(RUN) live live

# makes the trees with the real programs where they are missing
oracle:
	@$(NEEDS) oracle
	@sh tests/oracle/roots.sh
	+@$(SUBMAKE) -s program test-programs
	@$(RUN) oracle oracle

# the suite on a build that watches memory and arithmetic, in which gcc warns of things that are not
# so; the real Postfix adds nothing to it
sanitize:
	@$(NEEDS) check
	+@$(SUBMAKE) -s B=$(B)-sanitize WARNINGS= CFLAGS="-O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all \
		-fsanitize=address,undefined" LDFLAGS="-fsanitize=address,undefined" check-programs
	@B=$(B)-sanitize POSTMEND=$(B)-sanitize/postmend SLOW_PROGRAM=1 \
		sh tests/run.sh sanitize golden live unit fuzz

check-programs: $(B)/postmend test-programs

fuzz-programs: $(FUZZ)

# clang's tracing of comparisons costs more than a third of the time, and finds the words that
# the dictionaries have
fuzz:
	@$(NEEDS) slow
	+@$(SUBMAKE) -s B=$(B)-fuzz CC=clang CFLAGS="-O2 -gline-tables-only -fno-omit-frame-pointer \
		-fno-sanitize-recover=all -fsanitize=fuzzer-no-link,address,undefined \
		-fno-sanitize-coverage=trace-cmp" \
		LDFLAGS="-fsanitize=address,undefined" FUZZ_LDFLAGS="-fsanitize=fuzzer" FUZZ_MAIN= \
		fuzz-programs
	@sh tests/fuzz/run.sh $(FUZZ_SECONDS) $(B)-fuzz $(FUZZ_C:tests/fuzz/fuzz_%.c=%)

bench: all $(B)/oracle/m4 $(B)/oracle/convert
	@CC="$(CC)" sh tests/bench/run.sh
	@CC="$(CC)" sh tests/bench/kinds.sh
	@CC="$(CC)" sh tests/bench/smtp.sh
	@CC="$(CC)" sh tests/bench/route.sh
	@CC="$(CC)" B=$(B) sh tests/bench/m4.sh

bench-growth: $(PROGRAM)
	@POSTMEND=$(B)/postmend python3 tests/bench/growth.py $(KINDS)

coverage:
	@$(NEEDS) check
	+@$(SUBMAKE) -s B=$(B)-coverage CFLAGS="-O0 -g --coverage" LDFLAGS=--coverage check-programs
	@sh tests/coverage.sh $(B)-coverage

tidy:
	@$(NEEDS) slow
	@sh tests/tidy.sh

# --- installing ----------------------------------------------------------------------------------

BINDIR = $(DESTDIR)$(PREFIX)/bin
MAN = $(DESTDIR)$(MANDIR)
INSTALLED = $(BINDIR)/postmend $(MAN)/man1/postmend.1 $(MAN)/man7/postmend-rules.7

# runs nothing that was built, and so can install a program for another machine
install: $(B)/postmend $(RULES_MANUAL)
	@install -d $(dir $(INSTALLED)) && install -m 0755 $(B)/postmend $(BINDIR)/postmend && \
	install -m 0644 docs/postmend.1 $(MAN)/man1/postmend.1 && \
	install -m 0644 $(RULES_MANUAL) $(MAN)/man7/postmend-rules.7 && \
	printf 'installed %s\n' $(INSTALLED) || { echo "make install: cannot write below" \
	"$(DESTDIR)$(PREFIX) (PREFIX); use sudo or, for example, PREFIX=$$HOME/.local" >&2; exit 1; }

uninstall:
	rm -f $(INSTALLED)

# the last commit and the generated manual page; the same commit gives the same bytes
DIST = postmend-$(VERSION)
dist: $(B)/postmend-rules.7
	@git diff --quiet HEAD || { echo "make dist: there are uncommitted changes" >&2; exit 1; }
	@git archive --format=tar --prefix=$(DIST)/docs/ --add-file=$(B)/postmend-rules.7 \
		--prefix=$(DIST)/ HEAD | gzip -n -9 >$(B)/$(DIST).tar.gz
	@echo "wrote $(B)/$(DIST).tar.gz"

clean:
	rm -rf build build-* postmend $(if $(wildcard $(B)/text/compile),$(B))
