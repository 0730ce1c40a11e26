# SPDX-License-Identifier: GPL-2.0-or-later
# Draws the screens that tests/ui/screens keeps; beside the catalogs, as the program is.
$(B)/screens: tests/ui/screens.c $(LIB)
	$(CC) $(TEST_CFLAGS) -o $@ $< $(LIB) $(ALL_LDFLAGS) $(LIBS)

screens: $(B)/screens $(CATALOGS)

-include $(B)/screens.d

.PHONY: screens
