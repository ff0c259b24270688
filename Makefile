# SPDX-License-Identifier: MIT
# The whole build. `make help` lists the targets. Products go to build/, or to BUILD=DIR.

VERSION := $(shell sed -n 's/^.define TSCLIENT_VERSION "\(.*\)"/\1/p' client/tsclient.h)
BUILD ?= build
OUT := $(BUILD)$(if $(SANITIZE),/sanitize)

CFLAGS ?= -O2 -g
WERROR ?=
SANITIZERS = -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer
# Where it is built is no part of what is built: the same source gives the same files anywhere.
PREFIXES = -ffile-prefix-map=$(CURDIR)=. -ffile-prefix-map=$(OUT)=build
FLAGS = -fPIC -fno-plt -fvisibility=hidden $(PREFIXES) $(CFLAGS) $(if $(SANITIZE),$(SANITIZERS))
WARNINGS = -Wall -Wextra -Wpedantic $(WERROR)
INCLUDES = -I. -Idaemon
COMPILE = $(FLAGS) $(WARNINGS) -DTSD_RELEASE='"$(VERSION)"' $(INCLUDES) $(LIBRARY_CFLAGS) -MMD -MP
LINK = $(FLAGS) -fno-lto -Wl,--as-needed $(LDFLAGS)
# The daemon is small functions in many files: optimized as a whole it is a tenth faster. Its objects
# serve the tests without that too. clang's could not: it does without.
LTO := $(if $(SANITIZE),,$(shell $(CC) --version | grep -q 'Free Software Foundation' && echo -flto=auto))

# What a recipe does, in a word; `make V=1` shows the commands instead, `make -s` nothing.
tell = $(if $(V)$(findstring s,$(firstword -$(MAKEFLAGS))),,@echo '$(1) $(2)' && )

.PHONY: all daemon tsctl library examples
all: daemon tsctl library examples

.DELETE_ON_ERROR:
.SECONDARY:

# The libraries' flags, found out once; where a library is missing this says which package has it.
LINTS = includes format-check scripts pages cppcheck analyzer tidy
NO_LIBRARIES = help clean demo test lint $(LINTS) format uninstall dist deb check-reproducible \
    check-fresh
ifneq ($(filter-out $(NO_LIBRARIES),$(or $(MAKECMDGOALS),all)),)
include $(OUT)/config.mk
endif
$(OUT)/config.mk: contrib/setup
	@contrib/setup --check build
	@mkdir -p $(@D)
	$(call tell,GEN,$@)contrib/setup --flags >$@

sources = $(sort $(wildcard $(1:%=%/*.c)))
objects = $(patsubst %.c,$(OUT)/%.o,$(call sources,$(1)))
archives = $(1:%=$(OUT)/lib%.a)

$(OUT)/%.o: %.c
	@mkdir -p $(@D)
	$(call tell,CC,$<)$(CC) -std=gnu11 $(COMPILE) -c -o $@ $<

# --- Layers: an archive a folder, and what each may use ---------------------------------------------

LAYERS = protocol base space store server client daemon tsctl
DIR_protocol = protocol
DIR_base = daemon/base
DIR_space = daemon/space
DIR_store = daemon/store
DIR_server = daemon/server
DIR_client = client
DIR_daemon = daemon
DIR_tsctl = client/tsctl

WITH_protocol = protocol
WITH_base = base
WITH_space = space base protocol
WITH_store = store base protocol
WITH_server = server store space base protocol
WITH_client = client protocol
WITH_daemon = daemon $(WITH_server)
WITH_tsctl = tsctl $(WITH_client)

LIBS_space = $(PCRE2_LIBS)
LIBS_server = $(UV_LIBS) $(PCRE2_LIBS)
LIBS_daemon = $(LIBS_server) $(INIH_LIBS)

# The folder is a prerequisite, so that a source that goes leaves its archive too.
define layer
$(OUT)/lib$(1).a: $(call objects,$(DIR_$(1))) $(DIR_$(1))/.
	@mkdir -p $$(@D)
	@rm -f $$@
	$$(call tell,AR,$$@)$$(AR) rcsD $$@ $$(filter %.o,$$^)
endef
$(foreach l,$(LAYERS),$(eval $(call layer,$(l))))

# --- What is installed ------------------------------------------------------------------------------

daemon: $(OUT)/tsd
$(OUT)/daemon/%.o: FLAGS += $(LTO:%=% -ffat-lto-objects)
$(OUT)/tsd: $(call objects,daemon) $(call archives,$(WITH_server))
	$(call tell,LD,$@)$(CC) $(filter-out -fno-lto,$(LINK)) $(LTO) -o $@ $^ $(LIBS_daemon) -lm

# Where it looks for its configuration is built in: what is built for another place is built anew.
$(OUT)/daemon/configure.o: COMPILE += -DTSD_SYSCONFDIR='"$(sysconfdir)"'
$(OUT)/daemon/configure.o: $(OUT)/sysconfdir
$(OUT)/sysconfdir: FORCE
	@mkdir -p $(@D)
	@echo '$(sysconfdir)' | cmp -s - $@ || echo '$(sysconfdir)' >$@
.PHONY: FORCE
FORCE:

tsctl: $(OUT)/tsctl
$(OUT)/tsctl: $(call objects,client/tsctl) $(call archives,$(WITH_client))
	$(call tell,LD,$@)$(CC) $(LINK) -o $@ $^ -lm

# From tsctl's own tables.
SHELLS = bash zsh fish
COMPLETIONS = $(SHELLS:%=$(OUT)/completion/%)
tsctl: $(COMPLETIONS)
$(COMPLETIONS): $(OUT)/completion/%: $(OUT)/tsctl
	@mkdir -p $(@D)
	$(call tell,GEN,$@)$(OUT)/tsctl completion $* >$@

SONAME = libtsclient.so.0
HEADERS = $(OUT)/include/tsclient.h $(OUT)/include/tsd/numbers.h
library: $(OUT)/libtsclient.so $(OUT)/libtsclient.a $(OUT)/tsclient.pc $(HEADERS)

$(OUT)/$(SONAME): client/libtsclient.map $(call archives,$(WITH_client))
	$(call tell,LD,$@)$(CC) $(LINK) -shared -o $@ -Wl,-soname,$(SONAME) -Wl,--version-script=$< \
	    $(if $(SANITIZE),,-Wl,--no-undefined) -Wl,--whole-archive $(OUT)/libclient.a \
	    -Wl,--no-whole-archive $(OUT)/libprotocol.a -lm
$(OUT)/libtsclient.so: $(OUT)/$(SONAME)
	$(call tell,LN,$@)ln -sf $(SONAME) $@

# One object with none but ts_ names global, so that no name of ours can meet one of its user's.
$(OUT)/libtsclient.a: $(call archives,$(WITH_client))
	$(call tell,LD,$(@:.a=.o))$(LD) -r -o $(@:.a=.o) --whole-archive $^
	@objcopy --wildcard --keep-global-symbol='ts_*' $(@:.a=.o)
	@rm -f $@
	$(call tell,AR,$@)$(AR) rcsD $@ $(@:.a=.o)

$(OUT)/include/tsclient.h: client/tsclient.h
$(OUT)/include/tsd/numbers.h: protocol/numbers.h
$(HEADERS):
	@mkdir -p $(@D)
	$(call tell,CP,$@)cp $< $@
$(OUT)/client/%.o: INCLUDES += -Iclient -I$(OUT)/include
$(OUT)/client/%.o: FLAGS += -fvisibility=default
$(call objects,client client/tsctl contrib/examples contrib/bench): | $(HEADERS)

# This one serves who links with what stands in $(OUT).
fill_pc = sed -e 's|@version@|$(VERSION)|' -e 's|@libdir@|$(1)|' -e 's|@includedir@|$(2)|' \
    contrib/tsclient.pc.in
$(OUT)/tsclient.pc: contrib/tsclient.pc.in Makefile
	$(call tell,GEN,$@)$(call fill_pc,$(abspath $(OUT)),$(abspath $(OUT))/include) >$@

# Examples see what users of an installed library see, and nothing else.
PUBLIC = -I$(OUT)/include
EXAMPLES = $(patsubst contrib/%.c,$(OUT)/%,$(call sources,contrib/examples))
examples: $(EXAMPLES)
$(OUT)/contrib/examples/%.o: INCLUDES = $(PUBLIC)
$(EXAMPLES): $(OUT)/examples/%: $(OUT)/contrib/examples/%.o $(OUT)/libtsclient.so
	@mkdir -p $(@D)
	$(call tell,LD,$@)$(CC) $(LINK) -o $@ $< -L$(OUT) -ltsclient -Wl,-rpath,'$$ORIGIN/..'

# --- Tests: tests/DIR/test_X.c is a program, tests/DIR/X.sh a script; see tests/README.md -----------

programs = $(patsubst %,$(OUT)/%,$(basename $(wildcard $(1:%=tests/%/test_*.c) $(1:%=tests/%/test_*.cc))))
UNIT_TESTS = $(foreach l,$(LAYERS),$(call programs,unit/$(l)))
API_TESTS = $(call programs,api)
SYSTEM_TESTS = $(call programs,model scenario system)
HISTORY_TESTS = $(call programs,history)
TORTURE = $(call programs,torture)
TESTS = $(UNIT_TESTS) $(API_TESTS) $(HISTORY_TESTS) $(SYSTEM_TESTS) $(TORTURE) $(FUZZ_REPLAYS)
SCRIPTS = $(filter-out $(if $(SANITIZE),tests/system/fuzz.sh),$(wildcard tests/*/*.sh))
TEST_LIBS = $(MSGPACK_LIBS) $(shell pkg-config --libs check) -lm

$(OUT)/tests/%.o: INCLUDES += -Iclient -Itests $(PUBLIC) $(shell pkg-config --cflags check)
$(OUT)/tests/host/%.o: INCLUDES = $(PUBLIC)
$(OUT)/tests/api/%.o: INCLUDES = -Itests $(PUBLIC) $(shell pkg-config --cflags check)
$(call objects,$(wildcard tests/*) $(wildcard tests/unit/*)) \
    $(API_TESTS:=.o): | $(HEADERS) $(OUT)/tests/possible
$(OUT)/tests/possible: contrib/setup
	@contrib/setup --check test
	@mkdir -p $(@D) && touch $@
$(OUT)/tests/api/%.o: tests/api/%.cc
	@mkdir -p $(@D)
	$(call tell,CXX,$<)$(CXX) -std=c++17 $(COMPILE) -c -o $@ $<

DIR_test = tests/lib
$(eval $(call layer,test))

# What stands beside the tests of a folder and is no test itself is part of each.
beside = $(patsubst %.c,$(OUT)/%.o,$(filter-out tests/$(1)/test_%,$(wildcard tests/$(1)/*.c)))

# A unit test links its own layer and what that may use, and so proves that it uses nothing else.
define unit_tests
$(call programs,unit/$(1)): %: %.o $(call beside,unit/$(1)) $(call archives,test $(WITH_$(1)))
	$$(call tell,LD,$$@)$$(CC) $$(LINK) -o $$@ $$^ $$(LIBS_$(1)) $$(TEST_LIBS)
endef
$(foreach l,$(LAYERS),$(eval $(call unit_tests,$(l))))

$(API_TESTS): %: %.o $(call beside,api) $(OUT)/libtest.a $(OUT)/libtsclient.so
	$(call tell,LD,$@)$(CXX) $(LINK) -o $@ $(filter-out %.so,$^) -L$(OUT) -ltsclient \
	    -Wl,-rpath,'$$ORIGIN/../..' $(TEST_LIBS)

define system_tests
$(call programs,$(1)): %: %.o $(call beside,$(1)) $(call archives,$(2) test tsclient $(WITH_server))
	$$(call tell,LD,$$@)$$(CC) $$(LINK) -o $$@ $$^ $$(LIBS_server) $$(TEST_LIBS)
endef
$(foreach d,scenario system,$(eval $(call system_tests,$(d))))
$(eval $(call system_tests,model,history))

# The checker of histories is an archive: a program takes what it needs of it.
$(OUT)/libhistory.a: $(filter-out %/main.o,$(call beside,history)) tests/history/.
	@mkdir -p $(@D)
	@rm -f $@
	$(call tell,AR,$@)$(AR) rcsD $@ $(filter %.o,$^)
$(HISTORY_TESTS): %: %.o $(OUT)/libhistory.a $(OUT)/libprotocol.a
	$(call tell,LD,$@)$(CC) $(LINK) -o $@ $^ $(TEST_LIBS)
HISTORY_CHECK = $(OUT)/tests/history/check
$(HISTORY_CHECK): $(OUT)/tests/history/main.o $(OUT)/libhistory.a $(OUT)/libprotocol.a
	$(call tell,LD,$@)$(CC) $(LINK) -o $@ $^ -lm
$(TORTURE): %: %.o $(call beside,torture) $(OUT)/libtest.a $(OUT)/libhistory.a $(OUT)/libprotocol.a
	$(call tell,LD,$@)$(CC) $(LINK) -o $@ $^ $(TEST_LIBS)

# --- Fuzzing: contrib/fuzz/X.c is a target, replayed by the tests; see contrib/fuzz/README.md --------

FUZZ_CC = clang
FUZZ_FLAGS = -O1 -gline-tables-only -fno-omit-frame-pointer -fsanitize=fuzzer-no-link,address,undefined \
    -fno-sanitize-recover=all
FUZZ_TARGETS = $(basename $(notdir $(filter-out %/replay.c,$(call sources,contrib/fuzz))))
FUZZ_REPLAYS = $(FUZZ_TARGETS:%=$(OUT)/tests/fuzz/%)
FUZZERS = $(FUZZ_TARGETS:%=$(OUT)/fuzzers/%)
# What targets use of layers of which nothing else is compiled for them.
FUZZ_PARTS = $(addprefix daemon/,config config_file config_rule config_value) \
    $(addprefix daemon/server/,inbox limits systemd user) client/tsctl/json_read
FUZZ_LIBS = $(call archives,model parts $(WITH_space))

$(OUT)/contrib/fuzz/%.o: INCLUDES += -Iclient -Itests $(PUBLIC)
$(call objects,contrib/fuzz): | $(HEADERS)
$(OUT)/libparts.a: $(FUZZ_PARTS:%=$(OUT)/%.o)
$(OUT)/libmodel.a: $(call beside,model) tests/model/.
$(call archives,parts model):
	@mkdir -p $(@D)
	@rm -f $@
	$(call tell,AR,$@)$(AR) rcs $@ $(filter %.o,$^)
$(FUZZ_REPLAYS): $(OUT)/tests/fuzz/%: $(addprefix $(OUT)/contrib/fuzz/,%.o replay.o) $(FUZZ_LIBS)
	@mkdir -p $(@D)
	$(call tell,LD,$@)$(CC) $(LINK) -o $@ $^ $(LIBS_daemon) $(MSGPACK_LIBS) -lm
$(FUZZERS): $(OUT)/fuzzers/%: $(OUT)/contrib/fuzz/%.o $(FUZZ_LIBS)
	@mkdir -p $(@D)
	$(call tell,LD,$@)$(CC) $(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS_daemon) $(MSGPACK_LIBS) -lm

# With libFuzzer, which is clang's, and everything compiled for it, in a folder of its own; by its whole
# path, whoever asks: what depends on what is written down by path.
.PHONY: fuzz fuzzers
fuzzers:
	@contrib/fuzz/run --check $(FUZZ_CC)
	@$(MAKE) $(PARALLEL) BUILD=$(abspath $(OUT))/fuzz SANITIZE= CC=$(FUZZ_CC) \
	    CFLAGS='$(FUZZ_FLAGS)' $(FUZZ_TARGETS:%=$(abspath $(OUT))/fuzz/fuzzers/%)
fuzz: fuzzers
	@contrib/fuzz/run $(OUT)/fuzz $(TARGET)

.PHONY: check test demo bench torture
check: all $(TESTS) $(HISTORY_CHECK)
	@tests/run $(OUT) $(foreach t,$(TESTS) $(SCRIPTS),$(if $(findstring $(or $(ONLY),/),$(t)),$(t)))

# valgrind's memcheck over the unit tests of the daemon, some of the model's steps, and a daemon that
# system tests ask. What leaks for sure is an error too. Not those whose reference computes in long
# double, which has 64 bits there.
MEMCHECK = valgrind -q --error-exitcode=99 --leak-check=full --errors-for-leak-kinds=definite
CHECKED_UNITS = $(filter-out %_random, \
    $(foreach l,protocol base space store server,$(call programs,unit/$(l))))
CHECKED_DAEMON = $(addprefix $(OUT)/tests/system/test_,frames will hold connections)
.PHONY: valgrind
valgrind: all $(CHECKED_UNITS) $(OUT)/tests/model/test_model $(CHECKED_DAEMON)
	@command -v valgrind >/dev/null || { echo 'skipped: valgrind is not here'; exit 0; }; \
	export TEST_SECONDS=1800 CK_DEFAULT_TIMEOUT=1800; \
	TEST_UNDER='$(MEMCHECK)' TEST_STEPS=500 TEST_RUNS=2 tests/run $(OUT) \
	    $(foreach t,$(CHECKED_UNITS) $(OUT)/tests/model/test_model,$(if $(findstring $(or $(ONLY),/),$(t)),$(t))) && \
	TSD_TEST_UNDER='$(MEMCHECK)' tests/run $(OUT) $(CHECKED_DAEMON)

PARALLEL = --no-print-directory $(if $(findstring -j,$(MAKEFLAGS)),,-j$(shell nproc))
test:
	@contrib/setup test
	@$(MAKE) $(PARALLEL) check

.PHONY: test-the-tests
test-the-tests: all $(TESTS) $(HISTORY_CHECK)
	@tests/mutants/run $(OUT) $(MUTANTS)

torture: daemon $(TORTURE) $(HISTORY_CHECK)
	@TSD_BUILD=$(OUT) TORTURE_SECONDS=$(or $(SECONDS),20) $(TORTURE)

demo:
	@contrib/setup build
	@$(MAKE) $(PARALLEL) daemon tsctl examples
	@contrib/demo $(OUT)

BENCH_PROGRAMS = $(OUT)/bench/load $(OUT)/bench/echo $(OUT)/bench/engine
bench: daemon $(BENCH_PROGRAMS)
	@contrib/bench/run $(OUT)
$(OUT)/bench/load: $(filter-out %/echo.o,$(call objects,contrib/bench)) \
    $(call archives,tsclient protocol)
$(OUT)/contrib/bench/%.o: INCLUDES += $(PUBLIC)
$(OUT)/bench/echo: $(OUT)/contrib/bench/echo.o
$(OUT)/bench/engine: $(call objects,contrib/bench/engine) $(call archives,$(WITH_space))
$(BENCH_PROGRAMS):
	@mkdir -p $(@D)
	$(call tell,LD,$@)$(CC) $(filter-out -fno-lto,$(LINK)) $(LTO) -o $@ $^ $(LIBS_daemon) -lm

# --- Looking at the source --------------------------------------------------------------------------

C_DIRS = $(foreach l,$(LAYERS),$(DIR_$(l)) tests/unit/$(l)) \
    $(addprefix tests/,lib api history host model scenario system torture) contrib/examples \
    contrib/bench contrib/bench/engine contrib/fuzz
C_FILES = $(wildcard $(foreach d,$(C_DIRS),$(addprefix $(d)/,*.c *.h *.cc)))
# Whatever names a shell in its first line, and what such scripts read.
SH_FILES = $(shell grep -rlE '^\#!.*\b(ba)?sh$$' .ci contrib tests) \
    $(wildcard tests/lib/*.bash tests/host/parts/* contrib/*/*.bash)

# cppcheck does not see system headers, so it stumbles over <sys/queue.h> and _Generic.
.PHONY: lint $(LINTS) format
lint: $(LINTS)
includes:
	@contrib/lint/includes $(C_FILES)
format-check:
	@clang-format --dry-run -Werror $(C_FILES)
scripts:
	@shellcheck -S warning $(SH_FILES)
pages:
	@mandoc -Tlint -Wwarning $(PAGES)
cppcheck:
	@cppcheck -q -j2 --std=c11 --inline-suppr --error-exitcode=1 --enable=warning,performance,portability \
	    $(foreach s,missingInclude syntaxError internalAstError uninitvar,--suppress=$(s)) \
	    $(foreach q,SLIST STAILQ LIST TAILQ,-D'$(q)_FOREACH(v,h,f)=for((v)=(h)->a;(v);(v)=(v)->f.b)') \
	    -I. -Idaemon -Iclient $(filter-out tests/%,$(filter %.c,$(C_FILES)))
# gcc 12 loses sight of what it puts into a queue: leaks are for the sanitized tests to find.
analyzer: $(HEADERS)
	@printf '%s\n' $(filter protocol/% daemon/% client/%,$(filter %.c,$(C_FILES))) | \
	    xargs -P2 -n4 sh -c 'for file; do gcc -std=gnu11 -O1 -fanalyzer -Wno-analyzer-malloc-leak -Werror \
	    -DTSD_RELEASE=\"\" -DTSD_SYSCONFDIR=\"\" $(INCLUDES) -Iclient $(PUBLIC) -c -o /dev/null "$$file" || exit; done' analyzer
tidy: $(HEADERS)
	@printf '%s\n' $(filter %.c,$(C_FILES)) | xargs -P2 -n4 sh -c 'clang-tidy --quiet "$$@" -- \
	    -std=gnu11 -DTSD_RELEASE=\"\" -DTSD_SYSCONFDIR=\"\" $(INCLUDES) -Iclient -Itests $(PUBLIC)' clang-tidy

format:
	clang-format -i $(C_FILES)

# --- Installing -------------------------------------------------------------------------------------

prefix = /usr/local
exec_prefix = $(prefix)
bindir = $(exec_prefix)/bin
sbindir = $(exec_prefix)/sbin
libdir = $(exec_prefix)/lib
includedir = $(prefix)/include
sysconfdir = $(prefix)/etc
mandir = $(prefix)/share/man
docdir = $(prefix)/share/doc/tsd
pkgconfigdir = $(libdir)/pkgconfig
systemdsystemunitdir = $(prefix)/lib/systemd/system
systemduserunitdir = $(prefix)/lib/systemd/user
sysusersdir = $(prefix)/lib/sysusers.d
tmpfilesdir = $(prefix)/lib/tmpfiles.d
datadir = $(prefix)/share
TO_bash = $(datadir)/bash-completion/completions/tsctl
TO_zsh = $(datadir)/zsh/site-functions/_tsctl
TO_fish = $(datadir)/fish/vendor_completions.d/tsctl.fish
INSTALL = install
INSTALL_PROGRAM = $(INSTALL)
INSTALL_DATA = $(INSTALL) -m 644

PAGES = $(sort $(wildcard man/*.[1-8]))
EXAMPLE_FILES = $(sort $(wildcard $(addprefix contrib/examples/,*.c *.sh *.md)))
UNITS = tsd.socket tsd.service
CONFIG = $(sysconfdir)/tsd.conf
fill = sed -e 's|@sbindir@|$(sbindir)|g' -e 's|@sysconfdir@|$(sysconfdir)|g'

.PHONY: install uninstall
install: all
	$(INSTALL) -d $(addprefix $(DESTDIR),$(bindir) $(sbindir) $(libdir) $(pkgconfigdir) \
	    $(includedir)/tsd $(systemdsystemunitdir) $(systemduserunitdir) $(sysusersdir) \
	    $(tmpfilesdir) $(sysconfdir) $(docdir)/examples)
	$(INSTALL_PROGRAM) $(OUT)/tsd $(DESTDIR)$(sbindir)
	$(INSTALL_PROGRAM) $(OUT)/tsctl $(DESTDIR)$(bindir)
	$(INSTALL_DATA) $(OUT)/$(SONAME) $(OUT)/libtsclient.a $(DESTDIR)$(libdir)
	ln -sf $(SONAME) $(DESTDIR)$(libdir)/libtsclient.so
	$(INSTALL_DATA) client/tsclient.h $(DESTDIR)$(includedir)
	$(INSTALL_DATA) protocol/numbers.h $(DESTDIR)$(includedir)/tsd
	$(call fill_pc,$(libdir),$(includedir)) >$(DESTDIR)$(pkgconfigdir)/tsclient.pc
	for unit in $(UNITS); do \
	    $(fill) contrib/systemd/$$unit >$(DESTDIR)$(systemdsystemunitdir)/$$unit && \
	    $(fill) contrib/systemd/user/$$unit >$(DESTDIR)$(systemduserunitdir)/$$unit || exit; done
	$(INSTALL_DATA) contrib/systemd/tsd.sysusers.conf $(DESTDIR)$(sysusersdir)/tsd.conf
	$(INSTALL_DATA) contrib/systemd/tsd.tmpfiles.conf $(DESTDIR)$(tmpfilesdir)/tsd.conf
	[ -e $(DESTDIR)$(CONFIG) ] || $(INSTALL_DATA) contrib/tsd.conf $(DESTDIR)$(CONFIG)
	$(foreach s,$(SHELLS),$(INSTALL_DATA) -D $(OUT)/completion/$(s) $(DESTDIR)$(TO_$(s)) &&) true
	$(INSTALL_DATA) README.md $(DESTDIR)$(docdir)
	$(INSTALL_DATA) $(EXAMPLE_FILES) $(DESTDIR)$(docdir)/examples
	for page in $(PAGES); do to=$(DESTDIR)$(mandir)/man$${page##*.} && $(INSTALL) -d $$to && \
	    $(fill) $$page >$$to/$${page##*/} && chmod 644 $$to/$${page##*/} || exit; done

# A configuration that was changed stays.
uninstall:
	cmp -s contrib/tsd.conf $(DESTDIR)$(CONFIG) && rm -f $(DESTDIR)$(CONFIG) || true
	rm -f $(addprefix $(DESTDIR),$(sbindir)/tsd $(bindir)/tsctl $(pkgconfigdir)/tsclient.pc \
	    $(addprefix $(libdir)/,$(SONAME) libtsclient.so libtsclient.a) \
	    $(includedir)/tsclient.h $(includedir)/tsd/numbers.h $(sysusersdir)/tsd.conf \
	    $(tmpfilesdir)/tsd.conf $(docdir)/README.md $(foreach s,$(SHELLS),$(TO_$(s))) \
	    $(addprefix $(docdir)/examples/,$(notdir $(EXAMPLE_FILES))) \
	    $(UNITS:%=$(systemdsystemunitdir)/%) $(UNITS:%=$(systemduserunitdir)/%) \
	    $(foreach p,$(notdir $(PAGES)),$(mandir)/man$(subst .,,$(suffix $(p)))/$(p)))

# --- Releases ---------------------------------------------------------------------------------------

# The last commit, dated by it: the archive of a commit is the same anywhere.
DIST = $(OUT)/tsd-$(VERSION).tar.gz
.PHONY: dist deb abi-check abi-record check-reproducible check-fresh check-host
dist:
	@mkdir -p $(OUT)
	$(call tell,GEN,$(DIST))git archive --format=tar --prefix=tsd-$(VERSION)/ HEAD | gzip -9n >$(DIST)
	@git diff --quiet HEAD || echo 'dist: what is not committed is not in it'

deb:
	@contrib/deb $(OUT) $(VERSION)

abi-check: library
	@tests/run $(OUT) tests/api/abi.sh
abi-record: library
	@contrib/abi/record $(OUT) $(VERSION)

check-reproducible:
	@contrib/reproducible $(OUT)

check-fresh:
	@contrib/host/fresh $(OUT)

# What it takes into the root finds the library where the packages put it.
HOST_LOAD = $(OUT)/tests/host/load
$(HOST_LOAD): $(OUT)/tests/host/load.o $(OUT)/libtsclient.so
	$(call tell,LD,$@)$(CC) $(LINK) -o $@ $< -L$(OUT) -ltsclient
check-host: $(HOST_LOAD)
	@contrib/host/booted $(OUT) $(VERSION)

.PHONY: clean help
clean:
	rm -rf $(OUT)

# What was compiled from what: written beside each object.
-include $(wildcard $(patsubst %,$(OUT)/%.d,$(basename $(filter %.c %.cc,$(C_FILES)))))

help:
	@echo 'Two commands for a fresh machine:'
	@echo '  make demo       installs what the build needs, builds, runs two examples'
	@echo '  make test       installs what the tests need, builds, runs them'
	@echo 'These install nothing:'
	@echo '  make            the daemon, tsctl, the library, the examples; parts: daemon tsctl library'
	@echo '  make check      the tests; ONLY=WORD: those with WORD in their path'
	@echo '  make test-the-tests  plants a bug at a time in a copy, says which test caught it (20 minutes);'
	@echo '                  MUTANTS="WORD ...": those with a word in their names'
	@echo '  make valgrind   the daemon and its unit tests under memcheck (a quarter of an hour)'
	@echo '  make torture    clients that die at any instant, SECONDS=20, and the check of what they saw'
	@echo '  make fuzz       libFuzzer targets, each for FUZZ_RUNS=10000000 inputs; TARGET=WORD: those with WORD'
	@echo '                  in their names; needs clang'
	@echo '  make bench      tsd, Redis and a bare echo measured, and tsd with up to 10 M tuples; table, JSON in'
	@echo '                  build/bench.json, build/growth.svg; BENCH=quick: shorter, less exact'
	@echo '  make lint       all of: $(LINTS)'
	@echo '  make format     clang-format over all sources'
	@echo '  make install    to prefix=/usr/local, under DESTDIR; also bindir, sbindir, libdir, ...'
	@echo '  make uninstall  removes what install put there, with the same variables'
	@echo '  make dist       the last commit as build/tsd-$(VERSION).tar.gz'
	@echo '  make deb        the Debian packages, in build/deb; lintian where it is there'
	@echo '  make abi-check  the library beside the first release of contrib/abi; abi-record: writes that anew'
	@echo '  make check-host the packages under a booted systemd in a container: activation, restarts, upgrade'
	@echo '  make check-fresh  demo, test and deb in a Debian root with only git, make and gcc'
	@echo '  make check-reproducible  builds the last commit twice, elsewhere and otherwise, and compares'
	@echo '  make clean      removes build/'
	@echo 'With each: BUILD=DIR (build), SANITIZE=1 (address and undefined behaviour, in build/sanitize),'
	@echo 'CC, CFLAGS, LDFLAGS, WERROR=-Werror (a warning fails the build), V=1 (shows the commands).'
