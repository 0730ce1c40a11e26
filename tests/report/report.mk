# SPDX-License-Identifier: GPL-2.0-or-later
REPORT_TESTS := $(B)/tests/month_log $(B)/tests/simulate $(B)/tests/statistics

$(B)/tests/month_log $(B)/tests/simulate $(B)/tests/statistics: $(B)/tests/%: tests/report/%.c tests/report/month.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(TEST_CFLAGS) -Itests/report -o $@ $< tests/report/month.c $(LIB) $(ALL_LDFLAGS) $(LIBS)

report-tests: $(REPORT_TESTS)

-include $(REPORT_TESTS:=.d)

.PHONY: report-tests
