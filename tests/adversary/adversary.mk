# SPDX-License-Identifier: GPL-2.0-or-later
# make adversary ACTS=400 SEED=1 [FIRST=episode] [SECONDS_MAX=240]: random acts of people against a running station.
# tests/adversary/acts.txt has the results of 10,000 of them.

ACTS ?= 400
SEED ?= 1
FIRST ?= 0
SECONDS_MAX ?= 240

adversary: all
	ACTS=$(ACTS) SEED=$(SEED) FIRST=$(FIRST) SECONDS_MAX=$(SECONDS_MAX) tests/adversary/adversary

.PHONY: adversary
