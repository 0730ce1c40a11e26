# SPDX-License-Identifier: GPL-2.0-or-later
# The virtual fleet on a real kernel: the vhci front of h7gang-sim, and the targets that use it.

VHCI_OBJ := $(patsubst src/sim/%.c,$(B)/obj/sim/%.o,$(wildcard src/sim/vhci/*.c))

# All of it, or the short form that ./scripts/test runs.
check-kernel: all $(B)/tests/sim/probe
	./scripts/check-kernel

check-kernel-short: all $(B)/tests/sim/probe
	./scripts/check-kernel --short

bench-kernel: all
	./scripts/bench-kernel

.PHONY: check-kernel check-kernel-short bench-kernel
-include $(VHCI_OBJ:.o=.d)
