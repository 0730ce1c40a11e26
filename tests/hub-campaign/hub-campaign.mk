# SPDX-License-Identifier: GPL-2.0-or-later
# make hub-campaign UNITS=1000 SEED=1 [FIRST=batch]: boards on the virtual twin of the bench of tests/hubs, with random
# drops of hubs, power cuts, claims and shortage of memory. tests/hub-campaign/units.txt has the results of a large run.

hub-campaign: UNITS = 1000
hub-campaign: SEED = 1
hub-campaign: FIRST = 1
hub-campaign: all
	UNITS=$(UNITS) SEED=$(SEED) FIRST=$(FIRST) tests/hub-campaign/hub-campaign

.PHONY: hub-campaign
