# SPDX-License-Identifier: GPL-2.0-or-later
$(B)/tests/make_log: tests/store/make_log.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -o $@ $< $(LIB) $(ALL_LDFLAGS) $(LIBS)

$(B)/tests/between: tests/store/between.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< $(ALL_LDFLAGS)

-include $(B)/tests/make_log.d $(B)/tests/between.d

# ROWS=10000000 make bench-store: how quick the store is, on both databases.
bench-store: all $(B)/tests/make_log
	tests/store/bench

.PHONY: bench-store
