# SPDX-License-Identifier: GPL-2.0-or-later
$(B)/tests/make_log: tests/store/make_log.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -o $@ $< $(LIB) $(LDFLAGS) $(LIBS)

-include $(B)/tests/make_log.d
