# SPDX-License-Identifier: GPL-2.0-or-later
# medians.csv as a table for people, then what was to be reached.
BEGIN {
	FS = ","
	printf "%-9s %-13s %-6s %5s %7s %10s %9s %8s %9s %9s\n", "program", "time", "boards", "poll", "number", "s",
		"multiple", "ms/unit", "us/transf", "KiB"
}

NR > 1 {
	printf "%-9s %-13s %-6s %5d %7d %10.3f %9.3f %8.1f %9s %9d\n", $1, $2, $3, $4, $5, $7, $8, $9, $10, $11
	at = $1 "," $3 "," $4 "," $5
	if ($2 == "virtual-time") {
		seconds[at] = $7
		multiple[at] = $8
		memory[at] = $11
	}
	if ($1 == "h7gang" && $2 != "virtual-time" && $10 > worst) {
		worst = $10
		worst_at = $5 " at once"
	}
}

function target(what, value, most, how)
{
	if (value == "")
		printf "  not measured  %-62s         at most %s\n", what, most
	else
		printf "  %-12s  %-62s %7.3f at most %s %s\n", value <= most ? "reached" : "NOT REACHED", what, value, most, how
}

function ratio(a, b)
{
	return a != "" && b > 0 ? a / b : ""
}

function against(contents, poll, boards, most)
{
	target("against dfu-util: " contents ", write poll " poll " ms, boards: " boards,
		ratio(seconds["h7gang," contents "," poll "," boards], seconds["dfu-util," contents "," poll "," boards]), most)
}

END {
	print "\nTo reach:"
	target("one blank board, multiple of the unavoidable time", multiple["h7gang,blank,5,1"], 1.05)
	target("one dirty board, likewise", multiple["h7gang,dirty,5,1"], 1.08)
	target("64 blank boards against one", ratio(seconds["h7gang,blank,5,64"], seconds["h7gang,blank,5,1"]), 1.10)
	target("64 dirty boards against one", ratio(seconds["h7gang,dirty,50,64"], seconds["h7gang,dirty,50,1"]), 1.10)
	target("120 blank boards against one (no target was set)", ratio(seconds["h7gang,blank,5,120"], seconds["h7gang,blank,5,1"]), 1.10)
	for (boards = 1; boards <= 8; boards += 7) {
		against("blank", 5, boards, 0.35)
		against("dirty", 5, boards, 0.50)
		against("blank", 50, boards, 0.12)
		against("dirty", 50, boards, 0.18)
	}
	target("processor time a control transfer, us (fleets in real time)", worst, 15, "(" worst_at ")")
	few = memory["h7gang,blank,5,8"]
	many = memory["h7gang,blank,5,120"]
	target("memory a board, KiB: (at 120 boards - at 8) / 112", many == "" ? "" : (many - few) / 112, 256)
}
