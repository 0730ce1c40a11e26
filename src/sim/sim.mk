# SPDX-License-Identifier: GPL-2.0-or-later
# The virtual fleet: h7gang-sim, the libusb stand-in and the virtual clock that programs load at run time.

-include src/sim/rom/rom.mk
-include src/sim/vhci/vhci.mk
-include src/sim/usbredir/usbredir.mk

SIM_SRC := src/sim/main.c $(wildcard src/sim/server/*.c)
SIM_OBJ := $(SIM_SRC:src/%.c=$(B)/obj/%.o) $(ROM_OBJ) $(VHCI_OBJ) $(USBREDIR_OBJ)
SIM_LIBS := $(shell $(PKG_CONFIG) --libs yaml-0.1) $(USBREDIR_LIBS) -lm
STANDIN_SRC := $(wildcard src/sim/standin/*.c)
VTIME_SRC := $(wildcard src/sim/vtime/*.c)

# Loaded into programs of any making, those under sanitizers included: never instrumented itself.
SIM_SO_CFLAGS := -std=c17 $(WARN) $(WERROR) -O2 -g -fPIC -fvisibility=hidden -fstack-protector-strong \
	-D_FORTIFY_SOURCE=2 -pthread -MMD -MP
SIM_SO_LDFLAGS := -shared -Wl,-z,relro,-z,now -pthread

all: $(B)/h7gang-sim $(B)/sim/libusb-1.0.so.0 $(B)/sim/libh7gang-vtime.so

# Includes between the rooms of src/sim are written from src/.
$(B)/obj/sim/%.o $(B)/obj/sim-so/%.o: BASE_CPPFLAGS += -Isrc

$(B)/h7gang-sim: $(SIM_OBJ)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SIM_LIBS)

$(B)/obj/sim-so/%.o: src/sim/%.c $(B)/flags
	@mkdir -p $(@D)
	$(CC) $(BASE_CPPFLAGS) $(SIM_SO_CFLAGS) -c -o $@ $<

$(B)/sim/libusb-1.0.so.0: $(STANDIN_SRC:src/sim/%.c=$(B)/obj/sim-so/%.o)
	@mkdir -p $(@D)
	$(CC) $(SIM_SO_LDFLAGS) -Wl,-soname,libusb-1.0.so.0 -o $@ $^

$(B)/sim/libh7gang-vtime.so: $(VTIME_SRC:src/sim/%.c=$(B)/obj/sim-so/%.o) src/sim/vtime/vtime.map
	@mkdir -p $(@D)
	$(CC) $(SIM_SO_LDFLAGS) -Wl,--version-script=src/sim/vtime/vtime.map -o $@ $(filter %.o,$^) -ldl

SIM_UNIT := $(B)/tests/sim_test_sysfs $(B)/tests/sim_test_tray $(B)/tests/sim_test_wire

$(SIM_UNIT): $(B)/tests/sim_%: tests/sim/%.c $(filter-out $(B)/obj/sim/main.o,$(SIM_OBJ))
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -o $@ $(filter %.c %.o,$^) $(ALL_LDFLAGS) $(SIM_LIBS) -lcmocka

# Plain libusb programs, for the stand-in and for a kernel's libusb alike.
$(B)/tests/sim/%: tests/sim/%.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -o $@ $< $(ALL_LDFLAGS) $(shell $(PKG_CONFIG) --libs libusb-1.0)

sim-units: $(SIM_UNIT)

.PHONY: sim-units

-include $(SIM_OBJ:.o=.d) $(wildcard $(B)/obj/sim-so/*/*.d) $(SIM_UNIT:=.d)
