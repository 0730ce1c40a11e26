# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: h7gang against its commit 62f9427, dfu-util and the bound on the virtual fleet (scripts/bench). make
# bench-plot: the same, and the plots in docs.

$(B)/bench/cost: tests/bench/cost.c
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -o $@ $< $(ALL_LDFLAGS)

$(B)/bench/plain: tests/bench/plain.c
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -o $@ $< $(ALL_LDFLAGS) -lusb-1.0 -pthread

bench: all $(B)/bench/cost $(B)/bench/plain
	./scripts/bench

bench-plot: bench
	@mkdir -p docs
	cp $(B)/bench/blank.svg docs/bench-blank.svg
	cp $(B)/bench/dirty.svg docs/bench-dirty.svg
	cp $(B)/bench/updated.svg docs/bench-updated.svg

.PHONY: bench bench-plot
