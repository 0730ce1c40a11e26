# SPDX-License-Identifier: GPL-2.0-or-later
# The virtual ROM and the fleet file, and their units. Included by sim.mk.

ROM_OBJ := $(patsubst src/sim/%.c,$(B)/obj/sim/%.o,$(wildcard src/sim/rom/*.c src/sim/fleet/*.c))
ROM_UNIT := $(patsubst tests/sim/%.c,$(B)/tests/sim_%,$(wildcard tests/sim/test_rom*.c tests/sim/test_fleet*.c))

# The program's own tables ($(LIB)) are for test_rom_agrees.c.
$(ROM_UNIT): $(B)/tests/sim_%: tests/sim/%.c $(ROM_OBJ) $(LIB)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -o $@ $< $(ROM_OBJ) $(LIB) $(ALL_LDFLAGS) -lyaml -lcmocka

sim-units: $(ROM_UNIT)
	@set -e; for t in $^; do echo "== $$t"; $$t; done

.PHONY: sim-units
-include $(ROM_OBJ:.o=.d) $(ROM_UNIT:=.d)
