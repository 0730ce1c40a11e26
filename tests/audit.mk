# SPDX-License-Identifier: GPL-2.0-or-later
# make crash: kills at random moments, see tests/crash. make check-report: the HTML report in a browser.

crash: all
	./tests/crash

check-report: all
	bash tests/ui/report.sh

.PHONY: crash check-report
