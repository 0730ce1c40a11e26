# SPDX-License-Identifier: GPL-2.0-or-later
# make, make check, make install DESTDIR= prefix=, make clean. Everything built goes under build/.

CC ?= gcc
prefix ?= /usr/local
DESTDIR ?=
B ?= build
VERSION := $(shell cat VERSION)
PKGS := libusb-1.0 yaml-0.1 jansson libcrypto libelf ncursesw sqlite3 libpq
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
HARDEN := -fPIE -fstack-protector-strong -D_FORTIFY_SOURCE=2
OPT ?= -O2 -g
SAN ?=
CPPFLAGS += -D_GNU_SOURCE -DH7GANG_VERSION='"$(VERSION)"' -Iinclude -Isrc $(shell pkg-config --cflags $(PKGS))
CFLAGS += -std=c17 $(WARN) $(OPT) $(HARDEN) $(SAN) -pthread -MMD -MP
LDFLAGS += -pie -Wl,-z,relro,-z,now $(SAN) -pthread
LIBS := $(shell pkg-config --libs $(PKGS))

ROOMS := base dfu usb stm32 image audit profile trace store serial gang ui cli
SRC := $(filter-out src/cli/main.c,$(foreach r,$(ROOMS),$(wildcard src/$(r)/*.c)))
OBJ := $(SRC:src/%.c=$(B)/obj/%.o) $(B)/obj/store/sql.o
LIB := $(B)/libh7gang.a
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))

all: $(B)/h7gang

$(B)/h7gang: $(B)/obj/cli/main.o $(LIB)
	$(CC) $(LDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/obj/%.o: src/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/gen/store_sql.c: scripts/embed-sql $(wildcard src/store/sql/*/*.sql) src/store/sql/sqlite src/store/sql/postgresql
	@mkdir -p $(@D)
	./scripts/embed-sql >$@

$(B)/obj/store/sql.o: $(B)/gen/store_sql.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

$(B)/tests/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LIB) $(LDFLAGS) $(LIBS) -lcmocka

# Calls that tests/unit/faults.h, or the test itself, lets fail.
FAULTS = $(shell awk -F '[(,)] *' '/^FAULT_IO/ { print $$4; next } /^FAULT/ { print $$5 } \
	/^[A-Za-z].*__wrap_/ { sub(/.*__wrap_/, "", $$1); print $$1 }' tests/unit/faults.h $<)
comma := ,
$(B)/tests/test_%_faults: LDFLAGS += $(addprefix -Wl$(comma)--wrap=,$(FAULTS))

-include src/sim/sim.mk
-include tests/bench/bench.mk
-include tests/campaign/campaign.mk
-include tests/fuzz/fuzz.mk
-include tests/audit.mk
-include tests/store/store.mk

check: all $(UNIT)
	./scripts/check-rooms
	@set -e; for t in $(UNIT); do echo "== $$t"; $$t; done

# 2,000 boards over a watching station.
check-watch: all
	bash tests/long/watch-2000.sh

# Eight stations with one store that is killed, stopped and full meanwhile: no number twice, no row lost, no lot with
# more than its quantity. Then a line that loses COMMITs, a network that is cut, a disk that is full.
check-stations: all $(B)/h7gang-sim $(B)/tests/make_log $(B)/tests/between
	bash tests/long/stations.sh
	bash tests/long/stations-limits.sh
	bash tests/long/store-line.sh
	bash tests/long/store-network.sh
	bash tests/long/store-full.sh

# The panel on a real terminal.
check-ui: all
	bash tests/ui/panel.sh
	bash tests/ui/walk.sh

# gcc -fanalyzer, clang-tidy, cppcheck: nothing but what tests/analyse/exceptions gives a reason for.
analyse:
	scripts/analyse

# The whole suite over a program that is watched from inside. Long: half an hour each and more.
check-asan check-tsan check-valgrind: check-%:
	tests/instrumented $* --all

# The same for lines and branches: what ran, a file and a room.
coverage:
	tests/instrumented cov; status=$$?; tests/coverage build/cov/tree && exit $$status

# 64 boards with numbers, the program killed 200 times: no number twice.
serials: all
	tests/serials

units: $(UNIT) $(SIM_UNIT) $(ROM_UNIT)

# udev reads /usr/local/lib/udev/rules.d as well as /usr/lib/udev/rules.d.
install: all
	install -d $(DESTDIR)$(prefix)/bin $(DESTDIR)$(prefix)/lib/h7gang \
		$(DESTDIR)$(prefix)/lib/udev/rules.d $(DESTDIR)$(prefix)/share/man/man1 \
		$(DESTDIR)$(prefix)/share/man/man5 $(DESTDIR)$(prefix)/share/h7gang/profiles/fleets \
		$(DESTDIR)$(prefix)/share/h7gang/profiles/hooks
	install $(B)/h7gang $(B)/h7gang-sim $(DESTDIR)$(prefix)/bin
	install -m 644 $(B)/sim/*.so* $(DESTDIR)$(prefix)/lib/h7gang
	install -m 644 scripts/60-h7gang.rules $(DESTDIR)$(prefix)/lib/udev/rules.d
	install -m 644 man/*.1 $(DESTDIR)$(prefix)/share/man/man1
	install -m 644 man/*.5 $(DESTDIR)$(prefix)/share/man/man5
	install -m 644 profiles/*.yaml $(DESTDIR)$(prefix)/share/h7gang/profiles
	install -d $(DESTDIR)$(prefix)/share/bash-completion/completions \
		$(DESTDIR)$(prefix)/share/zsh/vendor-completions $(DESTDIR)$(prefix)/lib/systemd/system
	install -m 644 completions/h7gang.bash $(DESTDIR)$(prefix)/share/bash-completion/completions/h7gang
	install -m 644 completions/_h7gang $(DESTDIR)$(prefix)/share/zsh/vendor-completions
	sed 's,/usr/bin/h7gang,$(prefix)/bin/h7gang,' contrib/h7gang-watch@.service \
		>$(DESTDIR)$(prefix)/lib/systemd/system/h7gang-watch@.service
	chmod 644 $(DESTDIR)$(prefix)/lib/systemd/system/h7gang-watch@.service
	install -m 644 docs/events.schema.json $(DESTDIR)$(prefix)/share/h7gang
	install -d $(DESTDIR)$(prefix)/share/h7gang/sql/sqlite $(DESTDIR)$(prefix)/share/h7gang/sql/postgresql
	install -m 644 src/store/sql/sqlite/*.sql $(DESTDIR)$(prefix)/share/h7gang/sql/sqlite
	install -m 644 src/store/sql/postgresql/*.sql $(DESTDIR)$(prefix)/share/h7gang/sql/postgresql
	install profiles/hooks/* $(DESTDIR)$(prefix)/share/h7gang/profiles/hooks
	install -m 644 profiles/fleets/* $(DESTDIR)$(prefix)/share/h7gang/profiles/fleets

# A Debian package in build/deb; check-deb installs it in a clean chroot (root, network, minutes).
deb: all
	./scripts/deb

check-deb: deb
	./tests/deb/check

clean:
	rm -rf $(B)

-include $(OBJ:.o=.d) $(B)/obj/cli/main.d $(UNIT:=.d)

.PHONY: analyse check-asan check-tsan check-valgrind coverage deb check-deb all check check-watch check-stations check-ui units serials clean install
.DELETE_ON_ERROR:
