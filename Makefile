# libxmppbind. `make help` lists what there is to make; everything generated goes to build/.
#
# The same sources are built in variants side by side, each in build/<variant>: release (what is installed), clang (the other
# compiler's opinion), asan and tsan (what the tests run in), coverage, and fuzz. `make V=1` shows each command.

# The version stands in one place, base.h; the soname follows from it.
VERSION := $(shell sed -n 's/^.define XMPPBIND_VERSION "\(.*\)"/\1/p' include/xmppbind/base.h)
MAJOR := $(firstword $(subst ., ,$(VERSION)))
SONAME := libxmppbind.so.$(MAJOR)

PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
CFLAGS ?= -O2 -g
WERROR ?= -Werror
COVERAGE_LINES ?= 99.9
COVERAGE_BRANCHES ?= 98
FUZZ_SECONDS ?= 60
ifeq ($(origin CC),default)
CC := gcc
endif
MAKEFLAGS += -j$(or $(JOBS),$(shell nproc 2>/dev/null || echo 2))

# --- sources -----------------------------------------------------------------------------------------------------------

LIB_SOURCES := $(wildcard lib/*/*.c lib/storage/sqlite/*.c)
# A library of its own, because it needs hiredis; and the adapter to libuv, because that needs libuv.
REDIS_SOURCES := $(wildcard lib/storage/redis/*.c)
REDIS_SCRIPTS := $(wildcard lib/storage/redis/*.lua)
REDIS_UV_SOURCES := $(wildcard lib/storage/redis/uv/*.c)
# What the shared library of it shares with the other one, in which these are hidden.
REDIS_BASE := $(addprefix lib/base/,memory.c random.c siphash.c table.c)
CORE_SOURCES := $(filter-out lib/stanza/% lib/session/% lib/storage/sqlite/%,$(LIB_SOURCES))
CONSOLE_SOURCES := $(wildcard examples/console/*.c)
NODE_SOURCES := $(wildcard examples/nodes/*.c)
SERVER_SOURCES := $(wildcard examples/server/*.c)
MULTIPLEXER_SOURCES := $(wildcard examples/multiplexer/*.c)
SUPPORT_SOURCES := $(wildcard tests/support/*.c)
BENCH_SOURCES := $(wildcard tests/bench/*.c)
BENCH_REDIS_SOURCES := $(wildcard tests/bench/redis/*.c)
HEADERS := include/xmppbind.h $(wildcard include/xmppbind/*.h)
TESTS := $(patsubst tests/%.c,%,$(foreach folder,unit model fault reentrancy sessions threads store redis,$(wildcard tests/$(folder)/*_test.c)))
THREAD_TESTS := $(filter threads/% redis/threads_test,$(TESTS))
FUZZERS := $(patsubst tests/fuzz/%_fuzz.c,%,$(wildcard tests/fuzz/*_fuzz.c))
FORMATTED := $(HEADERS) $(wildcard $(foreach folder,lib examples tests,$(folder)/*.[ch] $(folder)/*/*.[ch] $(folder)/*/*/*.[ch] $(folder)/*/*/*/*.[ch])) tests/server/gloox_client.cpp
SCRIPTS := .ci/run lib/storage/redis/embed.sh $(wildcard examples/*.sh tests/*.sh tests/*/*.sh)

# --- flags -------------------------------------------------------------------------------------------------------------

MORE_CFLAGS = # of a single object
# Asked for only when the first command needs it, once: before `make setup` there may be no pkg-config.
XML_CFLAGS = $(eval XML_CFLAGS := $$(shell pkg-config --cflags libxml-2.0))$(XML_CFLAGS)
XML_LIBS = $(eval XML_LIBS := $$(shell pkg-config --libs libxml-2.0))$(XML_LIBS)
# Without GNU libidn (WITHOUT_LIBIDN=1) there is no address-profile rfc3920.
LIBIDN := $(if $(WITHOUT_LIBIDN),,libidn)
IDN_CFLAGS = $(eval IDN_CFLAGS := $$(shell pkg-config --cflags libidn2 $(LIBIDN)) $(LIBIDN:%=-DXMPPBIND_WITH_LIBIDN))$(IDN_CFLAGS)
IDN_LIBS = $(eval IDN_LIBS := $$(shell pkg-config --libs libidn2 $(LIBIDN)) -lunistring)$(IDN_LIBS)
# The store in SQLite is built in where that is present; WITHOUT_SQLITE=1: nowhere.
SQLITE = $(eval SQLITE := $$(if $$(WITHOUT_SQLITE),,$$(if $$(call has,sqlite3),sqlite3)))$(SQLITE)
SQLITE_CFLAGS = $(eval SQLITE_CFLAGS := $$(if $$(SQLITE),$$(shell pkg-config --cflags sqlite3) -DXMPPBIND_WITH_SQLITE))$(SQLITE_CFLAGS)
SQLITE_LIBS = $(eval SQLITE_LIBS := $$(if $$(SQLITE),$$(shell pkg-config --libs sqlite3)))$(SQLITE_LIBS)
REDIS_CFLAGS = $(eval REDIS_CFLAGS := -Ibuild/generated $$(shell pkg-config --cflags-only-other hiredis) -I$$(shell pkg-config --variable=includedir hiredis))$(REDIS_CFLAGS)
REDIS_LIBS = $(eval REDIS_LIBS := $$(shell pkg-config --libs hiredis))$(REDIS_LIBS)
UV_CFLAGS = $(eval UV_CFLAGS := $$(shell pkg-config --cflags libuv))$(UV_CFLAGS)
UV_LIBS = $(eval UV_LIBS := $$(shell pkg-config --libs libuv))$(UV_LIBS)
SASL_LIBS = $(eval SASL_LIBS := $$(shell pkg-config --libs libgsasl))$(SASL_LIBS)
TLS_LIBS = $(eval TLS_LIBS := $$(shell pkg-config --libs openssl))$(TLS_LIBS)
EDIT_LIBS = $(eval EDIT_LIBS := $$(shell pkg-config --libs libedit))$(EDIT_LIBS)
# Only the benchmark has to do with GLib: its hash table stands beside the library's own.
GLIB_CFLAGS = $(eval GLIB_CFLAGS := $$(shell pkg-config --cflags glib-2.0))$(GLIB_CFLAGS)
GLIB_LIBS = $(eval GLIB_LIBS := $$(shell pkg-config --libs glib-2.0))$(GLIB_LIBS)
CMOCKA_LIBS = $(eval CMOCKA_LIBS := $$(shell pkg-config --libs cmocka))$(CMOCKA_LIBS)

LANGUAGE := -std=c11 -D_POSIX_C_SOURCE=200809L -Iinclude -I.
OUTPUT := -fvisibility=hidden -fPIC -pthread -MMD -MP
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wsign-conversion -Wstrict-prototypes -Wmissing-prototypes \
	-Wold-style-definition -Wcast-qual -Wpointer-arith -Wundef -Wformat=2 -Wvla $(WERROR)

# Of each variant its compiler, the flags to compile and link with, and what only its linker gets.
SANITIZE := -O1 -g -fno-omit-frame-pointer -fno-sanitize-recover=all
release_CC := $(CC)
release_FLAGS := $(CPPFLAGS) $(CFLAGS)
release_LINK := $(LDFLAGS)
clang_CC := clang
clang_FLAGS := -O1 -g
asan_CC := gcc
asan_FLAGS := $(SANITIZE) -fsanitize=address,undefined
tsan_CC := gcc
tsan_FLAGS := $(SANITIZE) -fsanitize=thread
coverage_CC := gcc
coverage_FLAGS := -O0 -g --coverage -fprofile-abs-path
fuzz_CC := clang
fuzz_FLAGS := $(SANITIZE) -fsanitize=fuzzer-no-link,address,undefined
fuzz_LINK := -fsanitize=fuzzer
VARIANTS := release clang asan tsan coverage fuzz

# --- goals that come first -----------------------------------------------------------------------------------------------

# `make setup check`: nothing is compiled or run before setup is done. `make clean all`: one after the other.
FIRST := $(filter setup,$(MAKECMDGOALS))
ifneq ($(filter clean,$(MAKECMDGOALS)),)
.NOTPARALLEL:
endif

.PHONY: all core redis install uninstall setup demo nodes serve check lint format coverage fuzz bench docs clean help
.DELETE_ON_ERROR:
.SECONDARY:
.SECONDEXPANSION:

Q := $(if $(V),,@)
archive = $(Q)echo '  $@'; mkdir -p $(@D); rm -f $@; $(AR) rcs $@ $^

# What needs more than the library itself is built where that is present (or asked for: `make redis`, `make check`).
has = $(shell pkg-config --exists $(1) 2>/dev/null && echo yes)
EXTRAS := $(if $(WITHOUT_REDIS),,$(if $(call has,hiredis),redis) $(if $(call has,hiredis libuv),redis-uv))
extra_libraries = $(foreach extra,$(1),build/libxmppbind-$(extra).a build/libxmppbind-$(extra).so.$(MAJOR))
EVERY_EXTRA := redis redis-uv

all: build/libxmppbind.a build/$(SONAME) core build/examples/console build/examples/minimal $(call extra_libraries,$(EXTRAS)) \
	$(if $(filter redis-uv,$(EXTRAS)),$(if $(call has,libgsasl openssl),build/examples/xmppbind-server build/examples/multiplexer))
redis: $(call extra_libraries,redis)

help:
	@echo 'make all            the library, shared and static, and the examples'
	@echo 'make core           the library without libxml2 and SQLite'
	@echo 'make setup          install what all of this needs (Debian, Ubuntu)'
	@echo 'make demo           play the flow of XEP-0193 as a dialogue; im=1: sessions'
	@echo 'make nodes          three servers share accounts by Redis, one of them is killed'
	@echo 'make serve          a server for clients, with two accounts; port=N'
	@echo 'make check          all tests, under sanitizers'
	@echo 'make lint, format   check the sources; reformat them'
	@echo 'make coverage       what the tests reach, by layer (COVERAGE_LINES, COVERAGE_BRANCHES: the least, in percent)'
	@echo 'make fuzz           the fuzzers, each for FUZZ_SECONDS'
	@echo 'make bench          instructions and memory, beside their limits'
	@echo 'make docs           the reference as HTML and man pages'
	@echo 'make install        and uninstall; PREFIX, DESTDIR, LIBDIR, INCLUDEDIR'
	@echo 'make clean          remove build/'
	@echo 'also: CC, CFLAGS, CPPFLAGS, LDFLAGS, WERROR= (warnings are no errors), JOBS, V=1'

# --- the rules of each variant -------------------------------------------------------------------------------------------

# The .c files beside a test program are linked into it; those of unit/ stand alone.
helpers_of = $(patsubst %.c,%.o,$(filter-out tests/unit/% %_test.c,$(wildcard $(dir $(1))*.c)))

define variant
$(1)_objects = $$(patsubst %.c,build/$(1)/obj/%.o,$$(1))
$(1)_program = $$(Q)echo '  $$@'; mkdir -p $$(@D); $$($(1)_CC) $$($(1)_FLAGS) $$($(1)_LINK) $$^

build/$(1)/obj/%.o: %.c | $(FIRST)
	$$(Q)mkdir -p $$(@D)
	$$(Q)$$($(1)_CC) $$(LANGUAGE) $$(XML_CFLAGS) $$(IDN_CFLAGS) $$(SQLITE_CFLAGS) $$(MORE_CFLAGS) $$(OUTPUT) $$(WARNINGS) $$($(1)_FLAGS) -c $$< -o $$@

build/$(1)/libxmppbind.a: $$(call $(1)_objects,$$(LIB_SOURCES))
	$$(archive)

$$(call $(1)_objects,$$(REDIS_SOURCES)): MORE_CFLAGS = $$(REDIS_CFLAGS)
$$(call $(1)_objects,$$(REDIS_SOURCES) tests/redis/account_test.c): | build/generated/redis_scripts.h
$$(call $(1)_objects,$$(REDIS_UV_SOURCES)): MORE_CFLAGS = $$(UV_CFLAGS)

build/$(1)/libxmppbind-redis.a: $$(call $(1)_objects,$$(REDIS_SOURCES))
	$$(archive)

build/$(1)/libxmppbind-redis-uv.a: $$(call $(1)_objects,$$(REDIS_UV_SOURCES))
	$$(archive)

build/$(1)/libsupport.a: $$(call $(1)_objects,$$(SUPPORT_SOURCES))
	$$(archive)

build/$(1)/examples/console: $$(call $(1)_objects,$$(CONSOLE_SOURCES)) build/$(1)/libxmppbind.a
	$$($(1)_program) $$(XML_LIBS) $$(IDN_LIBS) $$(SQLITE_LIBS) $$(EDIT_LIBS) -pthread -o $$@

build/$(1)/examples/minimal: build/$(1)/obj/examples/minimal.o build/$(1)/libxmppbind.a
	$$($(1)_program) $$(XML_LIBS) $$(IDN_LIBS) $$(SQLITE_LIBS) -pthread -o $$@

$$(call $(1)_objects,$$(NODE_SOURCES)): MORE_CFLAGS = $$(UV_CFLAGS)

build/$(1)/examples/node: $$(call $(1)_objects,$$(NODE_SOURCES)) build/$(1)/libxmppbind-redis-uv.a build/$(1)/libxmppbind-redis.a build/$(1)/libxmppbind.a
	$$($(1)_program) $$(XML_LIBS) $$(IDN_LIBS) $$(SQLITE_LIBS) $$(REDIS_LIBS) $$(UV_LIBS) -pthread -o $$@

$$(call $(1)_objects,$$(SERVER_SOURCES)): MORE_CFLAGS = $$(UV_CFLAGS)

build/$(1)/examples/xmppbind-server: $$(call $(1)_objects,$$(SERVER_SOURCES)) build/$(1)/libxmppbind-redis-uv.a build/$(1)/libxmppbind-redis.a build/$(1)/libxmppbind.a
	$$($(1)_program) $$(XML_LIBS) $$(IDN_LIBS) $$(SQLITE_LIBS) $$(REDIS_LIBS) $$(UV_LIBS) $$(SASL_LIBS) $$(TLS_LIBS) -pthread -o $$@

# The server with storage and a clock that obey a test.
$$(call $(1)_objects,tests/server/controlled_storage.c): MORE_CFLAGS = $$(UV_CFLAGS)

build/$(1)/tests/server/controlled-server: $$(call $(1)_objects,$$(filter-out %/storage.c,$$(SERVER_SOURCES)) \
		tests/server/controlled_storage.c examples/console/store.c) build/$(1)/libxmppbind.a
	$$($(1)_program) $$(XML_LIBS) $$(IDN_LIBS) $$(SQLITE_LIBS) $$(UV_LIBS) $$(SASL_LIBS) $$(TLS_LIBS) -pthread -o $$@

$$(call $(1)_objects,$$(MULTIPLEXER_SOURCES)): MORE_CFLAGS = $$(UV_CFLAGS)

build/$(1)/examples/multiplexer: $$(call $(1)_objects,$$(MULTIPLEXER_SOURCES)) build/$(1)/libxmppbind.a
	$$($(1)_program) $$(XML_LIBS) $$(IDN_LIBS) $$(SQLITE_LIBS) $$(UV_LIBS) $$(SASL_LIBS) -pthread -o $$@

$(TESTS:%=build/$(1)/tests/%): build/$(1)/tests/%: build/$(1)/obj/tests/%.o \
		$$$$(addprefix build/$(1)/obj/,$$$$(call helpers_of,tests/$$$$*)) build/$(1)/libsupport.a \
		$$$$(if $$$$(findstring redis/,$$$$*),build/$(1)/libxmppbind-redis.a build/$(1)/libxmppbind-redis-uv.a) build/$(1)/libxmppbind.a
	$$($(1)_program) $$(XML_LIBS) $$(IDN_LIBS) $$(SQLITE_LIBS) $$(CMOCKA_LIBS) $$(if $$(filter redis/%,$$*),$$(REDIS_LIBS) $$(UV_LIBS)) -pthread -o $$@

-include $$(shell find build/$(1)/obj -name '*.d' 2>/dev/null)
endef
$(foreach name,$(VARIANTS),$(eval $(call variant,$(name))))

build/generated/redis_scripts.h: lib/storage/redis/embed.sh $(REDIS_SCRIPTS)
	$(Q)mkdir -p $(@D)
	$(Q)sh lib/storage/redis/embed.sh $(filter-out %/prelude.lua,$(REDIS_SCRIPTS)) >$@

# --- what is installed -----------------------------------------------------------------------------------------------

build/libxmppbind.a build/libxmppbind-redis.a build/libxmppbind-redis-uv.a build/examples/console build/examples/minimal \
build/examples/xmppbind-server build/examples/multiplexer: build/%: build/release/%
	$(Q)mkdir -p $(@D)
	$(Q)cp $< $@

build/$(SONAME): $(call release_objects,$(LIB_SOURCES)) lib/xmppbind.map
	$(Q)echo '  $@'
	$(Q)$(CC) $(release_FLAGS) $(LDFLAGS) -shared -Wl,-soname,$(SONAME) -Wl,--version-script=lib/xmppbind.map -Wl,--no-undefined \
		$(filter %.o,$^) $(XML_LIBS) $(IDN_LIBS) $(SQLITE_LIBS) -pthread -o $@

build/libxmppbind-redis.so.$(MAJOR): $(call release_objects,$(REDIS_SOURCES) $(REDIS_BASE))
build/libxmppbind-redis.so.$(MAJOR): EXTRA_LIBS = $(REDIS_LIBS)
build/libxmppbind-redis-uv.so.$(MAJOR): $(call release_objects,$(REDIS_UV_SOURCES) lib/base/memory.c) build/libxmppbind-redis.so.$(MAJOR)
build/libxmppbind-redis-uv.so.$(MAJOR): EXTRA_LIBS = $(UV_LIBS)
# They export what their headers mark, of their own only: what they share with the library is hidden by the map.
build/libxmppbind-redis.so.$(MAJOR) build/libxmppbind-redis-uv.so.$(MAJOR): build/$(SONAME) lib/xmppbind-redis.map
	$(Q)echo '  $@'
	$(Q)$(CC) $(release_FLAGS) $(LDFLAGS) -shared -Wl,-soname,$(@F) -Wl,--version-script=lib/xmppbind-redis.map -Wl,--no-undefined \
		$(filter %.o,$^) $(filter %.so.$(MAJOR),$^) $(EXTRA_LIBS) -pthread -o $@

core: build/libxmppbind-core.a
build/libxmppbind-core.a: $(call release_objects,$(CORE_SOURCES))
	$(archive)
	$(Q)! nm $@ | grep -E ' U (xml|sqlite3_)' || { echo 'the core needs libxml2 or SQLite' >&2; exit 1; }

# Which of a list of headers belongs to a library of its own.
EXTRA_HEADERS := include/xmppbind/redis.h include/xmppbind/redis_uv.h
headers_of = $(if $(filter redis,$(1)),include/xmppbind/redis.h) $(if $(filter redis-uv,$(1)),include/xmppbind/redis_uv.h)
INSTALLED_HEADERS := $(filter-out include/xmppbind.h $(EXTRA_HEADERS),$(HEADERS)) $(call headers_of,$(EXTRAS))
INSTALLED := xmppbind $(EXTRAS:%=xmppbind-%)

define install_library
	install -m 644 build/lib$(1).a $(DESTDIR)$(LIBDIR)
	install -m 755 build/lib$(1).so.$(MAJOR) $(DESTDIR)$(LIBDIR)/lib$(1).so.$(VERSION)
	ln -sf lib$(1).so.$(VERSION) $(DESTDIR)$(LIBDIR)/lib$(1).so.$(MAJOR)
	ln -sf lib$(1).so.$(MAJOR) $(DESTDIR)$(LIBDIR)/lib$(1).so
	sed -e 's|@PREFIX@|$(PREFIX)|' -e 's|@LIBIDN@|$(LIBIDN)|' -e 's|@SQLITE@|$(SQLITE)|' -e 's|@LIBDIR@|$(LIBDIR)|' -e 's|@INCLUDEDIR@|$(INCLUDEDIR)|' \
		-e 's|@VERSION@|$(VERSION)|' pkgconfig/$(1).pc.in >$(DESTDIR)$(LIBDIR)/pkgconfig/$(1).pc

endef

install: build/libxmppbind.a build/$(SONAME) $(call extra_libraries,$(EXTRAS))
	install -d $(DESTDIR)$(LIBDIR)/pkgconfig $(DESTDIR)$(INCLUDEDIR)/xmppbind
	install -m 644 include/xmppbind.h $(DESTDIR)$(INCLUDEDIR)
	install -m 644 $(INSTALLED_HEADERS) $(DESTDIR)$(INCLUDEDIR)/xmppbind
	$(foreach library,$(INSTALLED),$(call install_library,$(library)))

uninstall:
	rm -f $(HEADERS:include/%=$(DESTDIR)$(INCLUDEDIR)/%) $(foreach library,xmppbind $(EVERY_EXTRA:%=xmppbind-%),$(addprefix \
		$(DESTDIR)$(LIBDIR)/lib$(library).,a so so.$(MAJOR) so.$(VERSION)) $(DESTDIR)$(LIBDIR)/pkgconfig/$(library).pc)
	rmdir $(DESTDIR)$(INCLUDEDIR)/xmppbind 2>/dev/null || true

# --- what people run -------------------------------------------------------------------------------------------------

setup:
	@sh tests/setup.sh

demo: build/examples/console | $(FIRST)
	@sh examples/demo.sh $< $(if $(im),examples/demo_im.txt)

# With what it needs of Redis and libuv, which setup installs.
nodes: build/release/examples/node | $(FIRST)
	@sh examples/nodes.sh $<

serve: build/examples/xmppbind-server build/examples/multiplexer | $(FIRST)
	@sh examples/serve.sh $< $(port)

# Clients made with other libraries, which the tests of the server start.
OTHER_CLIENTS := build/asan/tests/server/strophe build/asan/tests/server/gloox

build/asan/tests/server/strophe: build/asan/obj/tests/server/strophe_client.o
	$(asan_program) $(shell pkg-config --libs libstrophe) -o $@

build/asan/tests/server/gloox: tests/server/gloox_client.cpp | $(FIRST)
	$(Q)echo '  $@'; mkdir -p $(@D)
	$(Q)g++ -std=c++17 -Wall -Wextra -Wshadow -Wconversion $(WERROR) $(asan_FLAGS) $(patsubst -I%,-isystem %,$(shell pkg-config --cflags gloox)) $< \
		$(shell pkg-config --libs gloox) -o $@

# What keeps the server busy in the tests of it.
SERVER_LOADS := build/release/tests/server/load build/release/tests/server/names
$(SERVER_LOADS): build/release/tests/server/%: build/release/obj/tests/server/%.o build/release/obj/tests/server/client.o
	$(release_program) $(XML_LIBS) -o $@

# What clang only has to compile, without a warning; the tests run in the builds with sanitizers.
CHECKED_BY_CLANG := $(TESTS:%=build/clang/tests/%) build/clang/examples/console build/clang/examples/minimal \
	build/clang/examples/node build/clang/examples/xmppbind-server build/clang/examples/multiplexer build/clang/tests/server/controlled-server
CHECKED := $(TESTS:%=build/asan/tests/%) $(THREAD_TESTS:%=build/tsan/tests/%)

check: all $(call extra_libraries,$(EVERY_EXTRA)) $(CHECKED) $(CHECKED_BY_CLANG) build/asan/examples/console build/asan/examples/node \
		build/asan/examples/xmppbind-server build/asan/examples/multiplexer build/asan/tests/server/controlled-server $(OTHER_CLIENTS) \
		build/release/examples/xmppbind-server $(SERVER_LOADS) | $(FIRST)
	@SONAME=$(SONAME) MAJOR=$(MAJOR) sh tests/check.sh $(CHECKED)

COVERED := $(TESTS:%=build/coverage/tests/%)

coverage: $(COVERED) build/coverage/examples/console | $(FIRST)
	@COVERAGE_LINES=$(COVERAGE_LINES) COVERAGE_BRANCHES=$(COVERAGE_BRANCHES) sh tests/coverage.sh $(COVERED)

# libxml2's own headers are not ours to correct.
lint: build/generated/redis_scripts.h | $(FIRST)
	@echo clang-format && clang-format --dry-run -Werror $(FORMATTED)
	@echo clang-tidy
	@printf '%s\n' $(LIB_SOURCES) $(REDIS_SOURCES) $(REDIS_UV_SOURCES) $(CONSOLE_SOURCES) $(NODE_SOURCES) $(SERVER_SOURCES) $(MULTIPLEXER_SOURCES) examples/minimal.c | xargs -n 1 -P "$$(nproc)" sh -c 'clang-tidy --quiet "$$@" -- \
		$(LANGUAGE) $(XML_CFLAGS:-I%=-isystem%) $(IDN_CFLAGS) $(SQLITE_CFLAGS) -Ibuild/generated 2>&1 | { ! grep -vE "^[0-9]+ warnings? (generated|treated)|^Suppressed|^Use -header"; }' sh
	@echo cppcheck && cppcheck --quiet --std=c11 --enable=warning,performance,portability --suppress=ctuuninitvar --inline-suppr \
		--error-exitcode=1 -D_POSIX_C_SOURCE=200809L -Iinclude -I. lib examples tests
	@echo shellcheck && shellcheck $(SCRIPTS)

format:
	clang-format -i $(FORMATTED)

$(FUZZERS:%=build/fuzz/%): build/fuzz/%: build/fuzz/obj/tests/fuzz/%_fuzz.o build/fuzz/obj/tests/fuzz/fuzz.o build/fuzz/libxmppbind.a
	$(fuzz_program) $(XML_LIBS) $(IDN_LIBS) $(SQLITE_LIBS) -pthread -o $@

fuzz: $(FUZZERS:%=build/fuzz/%) | $(FIRST)
	@for fuzzer in $(FUZZERS); do mkdir -p build/fuzz/corpus/$$fuzzer && build/fuzz/$$fuzzer -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=build/fuzz/ \
		build/fuzz/corpus/$$fuzzer tests/corpus/$$fuzzer || exit 1; done

build/release/obj/tests/bench/directory_glib.o: MORE_CFLAGS = $(GLIB_CFLAGS)
build/bench: $(call release_objects,$(BENCH_SOURCES)) build/release/libxmppbind.a
	$(release_program) $(XML_LIBS) $(IDN_LIBS) $(SQLITE_LIBS) $(GLIB_LIBS) -pthread -o $@

$(call release_objects,$(BENCH_REDIS_SOURCES) tests/redis/server.c): MORE_CFLAGS = $(REDIS_CFLAGS)
$(call release_objects,$(BENCH_REDIS_SOURCES)): | build/generated/redis_scripts.h
build/bench-redis: $(call release_objects,$(BENCH_REDIS_SOURCES) tests/redis/server.c $(SUPPORT_SOURCES)) build/release/libxmppbind-redis.a \
		build/release/libxmppbind.a
	$(release_program) $(XML_LIBS) $(IDN_LIBS) $(SQLITE_LIBS) $(REDIS_LIBS) $(CMOCKA_LIBS) -pthread -o $@

build/bench-libxml: $(call release_objects,tests/bench/server/libxml.c)
	$(release_program) $(XML_LIBS) -o $@

bench: build/bench build/bench-redis build/bench-libxml build/release/examples/xmppbind-server | $(FIRST)
	@sh tests/bench/run.sh $<
	@sh tests/bench/server/run.sh build/release/examples/xmppbind-server build/bench-libxml
	@build/bench-redis

docs: | $(FIRST)
	@mkdir -p build/docs
	VERSION=$(VERSION) doxygen .doxyfile

clean:
	rm -rf build
