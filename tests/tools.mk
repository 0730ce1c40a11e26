# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of several tests, made before the first test, so that no test builds a program that another one runs.

SHIMS := $(patsubst %,$(B)/tests/%.so,failfs clockback hangs)

$(SHIMS): $(B)/tests/%.so: tests/shim/%.c
	@mkdir -p $(@D)
	$(CC) -std=gnu17 -Wall -Wextra -O1 -shared -fPIC -o $@ $< -ldl

$(B)/tests/audit_driver: tests/audit_driver.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -o $@ $< $(LIB) $(ALL_LDFLAGS) $(LIBS)

# Sleeps on the fleet's time, where a shell would sleep on real time.
$(B)/tests/fleet-sleep: tests/shim/fleet-sleep.c
	@mkdir -p $(@D)
	$(CC) $(BASE_CPPFLAGS) -std=c17 $(WARN) -O1 -Wl,--no-as-needed -o $@ $< $(shell $(PKG_CONFIG) --libs libusb-1.0)

TEST_TOOLS := $(SHIMS) $(patsubst %,$(B)/tests/%,audit_driver fleet-sleep make_log between nth.so leaks.so) $(REPORT_TESTS)

test-tools: $(TEST_TOOLS)

units: test-tools

-include $(B)/tests/audit_driver.d

.PHONY: test-tools
