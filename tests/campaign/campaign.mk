# SPDX-License-Identifier: GPL-2.0-or-later
# make campaign UNITS=20000 SEED=1 [FIRST=batch BATCHES=n] [JOBS=4] [SECONDS=600]: random boards against an oracle of
# its own. A batch follows from seed and number alone: parts can be run anywhere and summed. WIDER=1: the same boards with
# ELF, DfuSe and files of many pieces, option bytes, limits of a lot, hooks, and a second command (verify, or the run
# again) on the tray as the first one left it; results of batches without WIDER do not change.
# WINDOWS=1: boards are also exchanged, or come back, while they are reset, opened or asked for an alternate setting.
# make campaign-million: all missing parts of the million; make campaign-sum: the sum of the finished parts.
# make campaign-replay: the batches of tests/campaign/slice.txt and wider.txt once more; they must come out the same.
# make mutants: each safeguard taken out turns a test red.

UNITS ?= 2000
SEED ?= 1
FIRST ?= 0
BATCHES ?= 0
JOBS ?= 0
SECONDS ?= 0
WIDER ?=
WINDOWS ?=
CAMPAIGN := $(B)/tests/campaign

$(CAMPAIGN): $(wildcard tests/campaign/*.c tests/campaign/*.h) $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -o $@ $(filter %.c,$^) $(ALL_LDFLAGS) -lcrypto

$(B)/tests/leaks.so: tests/shim/leaks.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=gnu17 $(filter-out -Wpedantic,$(WARN)) -O1 -shared -fPIC -o $@ $< -ldl

# A share of the batches runs under AddressSanitizer.
$(B)/asan/h7gang: always
	+$(MAKE) -s B=$(B)/asan SAN=-fsanitize=address,undefined OPT="-O1 -g -fno-omit-frame-pointer" $@

campaign-tools: all $(CAMPAIGN) $(B)/tests/leaks.so $(B)/asan/h7gang

campaign: campaign-tools
	$(CAMPAIGN) $(if $(WIDER),--wider) $(if $(WINDOWS),--windows) --units $(UNITS) --seed $(SEED) --first $(FIRST) --batches $(BATCHES) --jobs $(JOBS) --seconds $(SECONDS)

campaign-million: campaign-tools
	tests/campaign/million run

campaign-sum:
	tests/campaign/million sum

campaign-replay: campaign-tools
	tests/campaign/replay

# The Nth malloc, libusb call, thread or file fails, for every N; STEP=50 takes every 50th.
STEP ?= 1

$(B)/tests/nth.so: tests/shim/nth.c
	@mkdir -p $(@D)
	$(CC) -D_GNU_SOURCE -std=gnu17 $(filter-out -Wpedantic -Wconversion,$(WARN)) -O1 -shared -fPIC \
		$(if $(findstring thread,$(SAN)),-DNTH_NO_MEMORY) $(shell $(PKG_CONFIG) --cflags libusb-1.0) -o $@ $< -ldl

exhaust: all $(B)/tests/nth.so
	tests/exhaust $(STEP)

mutants: all
	scripts/mutants

.PHONY: campaign campaign-tools campaign-million campaign-sum campaign-replay exhaust mutants
