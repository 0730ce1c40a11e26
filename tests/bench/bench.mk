# SPDX-License-Identifier: GPL-2.0-or-later
# make bench: h7gang against dfu-util on the virtual fleet (scripts/bench). make bench-plot: the same, and
# the plot that README shows.

$(B)/bench/cost: tests/bench/cost.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LDFLAGS)

bench: all $(B)/bench/cost
	./scripts/bench

bench-plot: bench
	@mkdir -p docs
	cp $(B)/bench/bench.svg docs/bench.svg

.PHONY: bench bench-plot
