# SPDX-License-Identifier: GPL-2.0-or-later
# make campaign UNITS=20000 SEED=1 JOBS=2 [SECONDS=600]: random boards against an oracle of its own.
# make mutants: each safeguard taken out turns a test red.

UNITS ?= 2000
SEED ?= 1
JOBS ?= 2
SECONDS ?= 600

$(B)/tests/campaign: $(wildcard tests/campaign/*.c) tests/campaign/campaign.h
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $(filter %.c,$^) $(LDFLAGS) -lcrypto

campaign: all $(B)/tests/campaign
	$(B)/tests/campaign --units $(UNITS) --seed $(SEED) --jobs $(JOBS) --seconds $(SECONDS)

mutants: all
	scripts/mutants

.PHONY: campaign mutants
