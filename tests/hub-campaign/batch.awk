# SPDX-License-Identifier: GPL-2.0-or-later
# The fleet file of one batch: the virtual twin of the bench of tests/hubs, with what happens to it in a factory.
# -v seed=N -v batch=N -v dues=FILE: what each board must come to, a line "PORT PASS|FAIL|".
function below(n) { return int(rand() * n) }
function percent(n) { return below(100) < n }
function between(least, most) { return least + below(most - least + 1) }
function one_of(words, list, n) { n = split(words, list, " "); return list[1 + below(n)] }
function add(fault) { faults = faults (faults ? ", " : "") "{" fault "}" }
BEGIN {
	srand(seed * 100003 + batch)
	printf "seed: %.0f\n", seed * 1000 + batch # print of a large number loses digits
	print "hubs:"
	print "  - {path: 1-1, ports: 4, power: port, tt: " one_of("single multi") "}"
	print "  - {path: 1-2, ports: 4, power: port, tt: " one_of("single multi") "}"
	print "  - {path: 1-2.4, ports: 5, power: ganged, speed: " one_of("high full") "}"
	# Memory that other programs take now and then, nearly all of it or all.
	host = "usbfs_kib: 16384"
	if (percent(60))
		host = host ", taken_kib: " 16384 - one_of("0 2 8 24 64") ", every_ms: " between(4000, 20000) \
			", for_ms: " between(300, 2500)
	# Hubs that drop. A board is back within 5 s of leaving, also if its power fails on top.
	at = 0
	drops = ""
	for (n = below(5); n > 0; n--) {
		at += between(800, 9000)
		away = between(150, 2000)
		drops = drops (drops ? ", " : "") "{hub: " one_of("1-1 1-2 1-2.4") ", at_ms: " at ", for_ms: " away "}"
		at += away + 6000
	}
	print "host: {" host (drops ? ", drops: [" drops "]" : "") "}"
	print "targets:"
	split("1-1.1 1-1.2 1-1.3 1-1.4 1-2.1 1-2.2 1-2.3 1-2.4.1 1-2.4.2 1-2.4.3 1-2.4.4 1-2.4.5", port, " ")
	for (b = 1; b <= 12; b++) {
		faults = ""
		due = "PASS"
		keys = "path: " port[b] ", bootloader: " one_of("V9.0 V9.1 V9.2 V9.2 V13.3") ", contents: " one_of("blank random pattern")
		if (percent(30))
			keys = keys ", claimed_ms: " between(50, 1600)
		for (n = percent(35) * between(1, 2); n > 0; n--)
			add("fault: vanish, on: " one_of("write read getstatus op_program erase upload") ", nth: " \
			    between(1, 400) ", away_ms: " between(100, 1500))
		if (percent(6)) { # a worn word: no attempt mends it
			due = "FAIL"
			add("fault: stuck, address: 0x08000002, bit: 2, value: 0")
			add("fault: stuck, address: 0x08000002, bit: 3, value: 0")
		} else if (percent(4)) { # torn off for good
			due = "FAIL"
			add("fault: vanish, on: write, nth: " between(1, 60) ", away_ms: forever")
		}
		print "  - {" keys ", faults: [" faults "]}"
		print port[b], due >dues
	}
}
