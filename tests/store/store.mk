# SPDX-License-Identifier: GPL-2.0-or-later
$(B)/tests/make_log: tests/store/make_log.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LIB) $(LDFLAGS) $(LIBS)

-include $(B)/tests/make_log.d

# ROWS=10000000 make bench-store: how quick the store is, on both databases.
bench-store: all $(B)/tests/make_log
	tests/store/bench

.PHONY: bench-store
