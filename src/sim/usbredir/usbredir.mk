# SPDX-License-Identifier: GPL-2.0-or-later
# The front for QEMU's usb-redir device, where libusbredirparser is there; and the bench that uses it.

ifeq ($(shell $(PKG_CONFIG) --exists libusbredirparser-0.5 && echo yes),yes)
USBREDIR_OBJ := $(B)/obj/sim/usbredir/usbredir.o $(B)/obj/sim/usbredir/usbredir_port.o
USBREDIR_LIBS := $(shell $(PKG_CONFIG) --libs libusbredirparser-0.5)
$(USBREDIR_OBJ): CPPFLAGS += $(shell $(PKG_CONFIG) --cflags libusbredirparser-0.5)
else
USBREDIR_OBJ := $(B)/obj/sim/usbredir/usbredir_left_out.o
endif

# A scanner that the kernel sees, for the machine's tests.
$(B)/hubs/keyboard: tests/hubs/keyboard.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $<

check-hubs: all $(B)/hubs/keyboard
	./scripts/check-hubs

.PHONY: check-hubs
-include $(USBREDIR_OBJ:.o=.d)
