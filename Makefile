# SPDX-License-Identifier: GPL-2.0-or-later
# make, make check, make install DESTDIR= prefix=, make uninstall, make clean. Everything built goes under build/.
# CPPFLAGS, CFLAGS and LDFLAGS belong to the user and are added to the project's own flags. WERROR=-Werror makes
# warnings errors, as CI does. Changed flags, a changed VERSION and changed sanitizers (SAN=) rebuild what they affect.

ifeq ($(origin CC),default)
CC := gcc
endif
prefix ?= /usr/local
DESTDIR ?=
B ?= build
VERSION := $(shell cat VERSION)
PKGS := libusb-1.0 yaml-0.1 jansson libcrypto libelf zlib ncursesw sqlite3 libpq libevdev
PKG_CONFIG ?= pkg-config
# XLSX=no builds without libxlsxwriter, and so without export --xlsx.
XLSX ?= $(shell $(PKG_CONFIG) --exists xlsxwriter && echo yes || echo no)
PKGS += $(if $(filter yes,$(XLSX)),xlsxwriter)
# SYSTEMD=no builds without libsystemd: no socket from systemd, no readiness, no watchdog.
SYSTEMD ?= $(shell $(PKG_CONFIG) --exists libsystemd && echo yes || echo no)
PKGS += $(if $(filter yes,$(SYSTEMD)),libsystemd)
WARN := -Wall -Wextra -Wpedantic -Wshadow -Wconversion
WERROR ?=
OPT ?= -O2 -g
SAN ?=
# _FORTIFY_SOURCE needs an optimization, and the user's own flags may have another level.
FORTIFY := $(if $(filter -O0,$(OPT) $(CFLAGS))$(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2)
HARDEN := -fPIE -fstack-protector-strong $(FORTIFY)
BASE_CPPFLAGS := -D_GNU_SOURCE -Iinclude $(if $(filter yes,$(XLSX)),-DH7GANG_XLSX) \
	$(if $(filter yes,$(SYSTEMD)),-DH7GANG_SYSTEMD) $(shell $(PKG_CONFIG) --cflags $(PKGS))
BASE_CFLAGS := -std=c17 $(WARN) $(WERROR) $(OPT) $(HARDEN) $(SAN) -pthread -MMD -MP
BASE_LDFLAGS = -pie -Wl,-z,relro,-z,now $(SAN) -pthread
# ALL_CFLAGS compiles a room, TEST_CFLAGS a test: only tests may include the private header of any room.
ALL_CFLAGS = $(BASE_CPPFLAGS) $(BASE_CFLAGS) $(CPPFLAGS) $(CFLAGS)
TEST_CFLAGS = -Isrc $(ALL_CFLAGS)
ALL_LDFLAGS = $(BASE_LDFLAGS) $(LDFLAGS)
LIBS := $(shell $(PKG_CONFIG) --libs $(PKGS)) -lm
FLAGS_NOW := $(filter-out ccache,$(CC)) $(ALL_CFLAGS) $(ALL_LDFLAGS) $(LIBS)

ROOMS := base dfu usb stm32 image audit profile trace store serial attempt characterize scanner gang report station ui cli
SRC := $(filter-out src/cli/main.c,$(foreach r,$(ROOMS),$(wildcard src/$(r)/*.c)))
OBJ := $(SRC:src/%.c=$(B)/obj/%.o) $(B)/obj/store/sql.o $(B)/obj/report/assets.o
LIB := $(B)/libh7gang.a
UNIT := $(patsubst tests/unit/%.c,$(B)/tests/%,$(wildcard tests/unit/test_*.c))

LANGUAGES := de es pl zh_CN
CATALOGS := $(LANGUAGES:%=$(B)/locale/%/LC_MESSAGES/h7gang.mo)

all: $(B)/h7gang $(CATALOGS)

# What operators read, in their languages: found beside the program, or in ../share/locale.
$(B)/locale/%/LC_MESSAGES/h7gang.mo: src/ui/po/%.po
	@mkdir -p $(@D)
	msgfmt --check-format -o $@ $<

$(B)/h7gang: $(B)/obj/cli/main.o $(LIB)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(LIBS)

$(LIB): $(OBJ)
	rm -f $@
	$(AR) rcs $@ $^

$(B)/obj/%.o: src/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# One object knows the version.
NOW := $(shell date +%s)
BUILT := $(shell [ "$(SOURCE_DATE_EPOCH)" -lt $(NOW) ] 2>/dev/null && echo $(SOURCE_DATE_EPOCH) || echo $(NOW))
%/base/version.o: BASE_CPPFLAGS += -DH7GANG_VERSION='"$(VERSION)"' -DH7GANG_BUILT=$(BUILT)
$(B)/obj/base/version.o: VERSION

# The flags of the last build. The file changes only if they do, and every object depends on it. tests/run sets
# KEEP_FLAGS=1, so that a test that calls make does not rebuild the program that other tests run.
$(B)/flags: $(if $(KEEP_FLAGS),,always)
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(FLAGS_NOW))' >$@.new
	@cmp -s $@.new $@ && rm $@.new || mv $@.new $@

always:

$(B)/gen/store_sql.c: scripts/embed-sql $(wildcard src/store/sql/*/*.sql) src/store/sql/sqlite src/store/sql/postgresql
	@mkdir -p $(@D)
	./scripts/embed-sql >$@

$(B)/obj/store/sql.o: BASE_CPPFLAGS += -iquote src/store
$(B)/obj/store/sql.o: $(B)/gen/store_sql.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

# What the report's pages carry.
$(B)/gen/report_assets.c: scripts/embed-text $(wildcard src/report/page/*)
	@mkdir -p $(@D)
	./scripts/embed-text report_page_css=src/report/page/page.css report_page_js=src/report/page/page.js \
		report_record_css=src/report/page/record.css report_record_sh=src/report/page/record.sh >$@

$(B)/obj/report/assets.o: $(B)/gen/report_assets.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -c -o $@ $<

$(B)/tests/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -o $@ $< $(LIB) $(ALL_LDFLAGS) $(LIBS) -lcmocka

# Calls that tests/unit/faults.h, or the test itself, lets fail.
FAULTS = $(shell awk -F '[(,)] *' '/^FAULT_IO/ { print $$4; next } /^FAULT/ { print $$5 } \
	/^[A-Za-z].*__wrap_/ { sub(/.*__wrap_/, "", $$1); print $$1 }' $(if $(shell grep '"faults.h"' $<),tests/unit/faults.h) $<)
comma := ,
$(B)/tests/test_%_faults: BASE_LDFLAGS += $(addprefix -Wl$(comma)--wrap=,$(FAULTS))

-include src/sim/sim.mk
-include src/web/web.mk
-include src/publish/publish.mk
-include tests/bench/bench.mk
-include tests/campaign/campaign.mk
-include tests/fuzz/fuzz.mk
-include tests/adversary/adversary.mk
-include tests/hub-campaign/hub-campaign.mk
-include tests/audit.mk
-include tests/store/store.mk
-include tests/report/report.mk
-include tests/ui/ui.mk
-include tests/tools.mk

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

compile_commands.json: always
	$(MAKE) -s -n -B all units | ./scripts/compile-commands >$@

units: $(CATALOGS) $(UNIT) $(SIM_UNIT) $(ROM_UNIT)

# Where it is installed; each use is quoted, since it may have a blank.
INTO = $(DESTDIR)$(prefix)
# What belongs to a program, or to the library of systemd, that this build does not have.
ABSENT := $(if $(WEB_SRC),,%/h7gang-web.1 %/h7gang-web@.service %/h7gang-web.sysusers) \
	$(if $(PUBLISH_SRC),,%/h7gang-publish.1 %/h7gang-publish@.service %/h7gang-publish.sysusers %/publish.schema.json) \
	$(if $(filter yes,$(SYSTEMD)),,%.service %.socket %.sysusers)
present = $(filter-out $(ABSENT),$(wildcard $(1)))

# udev reads /usr/local/lib/udev/rules.d as well as /usr/lib/udev/rules.d.
install: all
	install -d "$(INTO)/bin" "$(INTO)/lib/h7gang" "$(INTO)/lib/udev/rules.d" "$(INTO)/share/man/man1" \
		"$(INTO)/share/man/man5" "$(INTO)/share/h7gang/profiles/fleets" "$(INTO)/share/h7gang/profiles/hooks"
	install $(B)/h7gang $(B)/h7gang-sim $(if $(WEB_SRC),$(B)/h7gang-web) $(if $(PUBLISH_SRC),$(B)/h7gang-publish) "$(INTO)/bin"
	install -m 644 $(B)/sim/*.so* "$(INTO)/lib/h7gang"
	install -m 644 contrib/60-h7gang.rules "$(INTO)/lib/udev/rules.d"
	install -m 644 $(call present,docs/man/*.1) "$(INTO)/share/man/man1"
	install -m 644 $(call present,docs/man/*.5) "$(INTO)/share/man/man5"
	install -d "$(INTO)/share/doc/h7gang/grafana" "$(INTO)/share/doc/h7gang/prometheus"
	install -m 644 contrib/grafana/* "$(INTO)/share/doc/h7gang/grafana"
	install -m 644 contrib/prometheus/* "$(INTO)/share/doc/h7gang/prometheus"
	install -m 644 README.md CHANGELOG.md $(wildcard docs/*.md docs/*.svg) "$(INTO)/share/doc/h7gang"
	install -m 644 profiles/*.yaml "$(INTO)/share/h7gang/profiles"
	install -d "$(INTO)/share/bash-completion/completions" "$(INTO)/share/zsh/vendor-completions"
	install -m 644 contrib/completions/h7gang.bash "$(INTO)/share/bash-completion/completions/h7gang"
	install -m 644 contrib/completions/_h7gang "$(INTO)/share/zsh/vendor-completions"
	for language in $(LANGUAGES); do \
		install -d "$(INTO)/share/locale/$$language/LC_MESSAGES" && \
		install -m 644 $(B)/locale/$$language/LC_MESSAGES/h7gang.mo "$(INTO)/share/locale/$$language/LC_MESSAGES" || exit 1; \
	done
	for unit in $(call present,contrib/*.service contrib/*.socket); do \
		to="$(INTO)/lib/systemd/system/$${unit##*/}"; \
		install -d "$${to%/*}" && sed 's,/usr/bin/h7gang,$(prefix)/bin/h7gang,' $$unit >"$$to" && chmod 644 "$$to" || exit 1; \
	done
	for users in $(call present,contrib/*.sysusers); do \
		name=$${users##*/}; \
		install -D -m 644 $$users "$(INTO)/lib/sysusers.d/$${name%.sysusers}.conf" || exit 1; \
	done
	install -m 644 $(call present,docs/events.schema.json docs/report.schema.json docs/board.schema.json docs/publish.schema.json) \
		"$(INTO)/share/h7gang"
	install -d "$(INTO)/share/h7gang/sql/sqlite" "$(INTO)/share/h7gang/sql/postgresql"
	install -m 644 src/store/sql/sqlite/*.sql "$(INTO)/share/h7gang/sql/sqlite"
	install -m 644 src/store/sql/postgresql/*.sql "$(INTO)/share/h7gang/sql/postgresql"
	install profiles/hooks/* "$(INTO)/share/h7gang/profiles/hooks"
	install -m 644 profiles/fleets/* "$(INTO)/share/h7gang/profiles/fleets"

# Removes what the same make install would write, and the folders of its own that are empty then.
uninstall: STAGE = $(abspath $(B))/uninstall
uninstall: all
	rm -rf '$(STAGE)'
	$(MAKE) -s install DESTDIR='$(STAGE)'
	cd '$(STAGE)$(prefix)' && find . ! -type d -exec sh -c 'for file; do rm -f "$(INTO)/$$file"; done' - {} +
	cd '$(STAGE)$(prefix)' && find . -depth -type d -path '*/h7gang*' \
		-exec sh -c 'for folder; do rmdir "$(INTO)/$$folder" 2>/dev/null || :; done' - {} +
	rm -rf '$(STAGE)'

# The Debian packages in build/deb; check-deb installs them in a clean chroot (root, network, minutes).
deb: all
	./scripts/deb

# The bill of materials of these packages: build/h7gang.spdx.json.
sbom: deb
	./scripts/sbom

check-deb: deb
	./tests/deb/check

clean:
	rm -rf $(B)

-include $(OBJ:.o=.d) $(B)/obj/cli/main.d $(UNIT:=.d)

.PHONY: always analyse check-asan check-tsan check-valgrind coverage deb check-deb sbom all check check-watch check-stations check-ui units serials clean install uninstall
.DELETE_ON_ERROR:
