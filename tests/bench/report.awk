# SPDX-License-Identifier: GPL-2.0-or-later
# bench.csv, costs.csv and calls.csv as tables for people, then what was to be reached.
BEGIN {
	FS = ","
	printf "%-9s %-9s %-8s %5s %7s %10s %10s %9s %9s\n", "topology", "program", "contents", "poll", "boards", "s",
		"bound, s", "multiple", "KiB"
	most["one"] = most["multi16"] = most["rack120"] = 1.05
	most["single8"] = most["single16"] = most["seven4"] = 1.10
}

FNR == 1 {
	file++
	next
}

file == 1 {
	printf "%-9s %-9s %-8s %5d %7d %10.3f %10.3f %9.3f %9d\n", $2, $1, $3, $4, $5, $6, $7, $8, $9
	seconds[$1, $2, $3, $4] = $6
	if ($1 == "h7gang" && $8 > worst[$2]) {
		worst[$2] = $8
		worst_at[$2] = $3 ", poll " $4 " ms"
	}
	if ($1 == "h7gang")
		cases[++n] = $2 SUBSEP $3 SUBSEP $4
	memory[$1, $5] = $9
}

file == 2 {
	us[$1, $2, ++rounds[$1, $2]] = $6
	kib[$1, $2] = $7
	sleeps[$1, $2] = $8
	if ($2 > 1 && !($2 in counted)) {
		counted[$2]
		counts[++sizes] = $2
	}
}

file == 3 {
	calls[$1] = $2
	each[$1] = $3
}

function median(program, boards,    i, j, v, k, list) {
	k = rounds[program, boards]
	for (i = 1; i <= k; i++) {
		v = us[program, boards, i] + 0
		for (j = i - 1; j > 0 && list[j] > v; j--)
			list[j + 1] = list[j]
		list[j + 1] = v
	}
	return list[int((k + 1) / 2)]
}

function target(what, value, limit, how) {
	printf "  %-12s  %-58s %8.3f at most %s %s\n", value <= limit ? "reached" : "NOT REACHED", what, value, limit, how
}

function slower_than(other,    i, c, ratio, found, at) {
	found = 0
	for (i = 1; i <= n; i++) {
		split(cases[i], c, SUBSEP)
		if (!((other, c[1], c[2], c[3]) in seconds))
			continue
		ratio = seconds["h7gang", c[1], c[2], c[3]] / seconds[other, c[1], c[2], c[3]]
		if (ratio > found) {
			found = ratio
			at = c[1] ", " c[2] ", poll " c[3] " ms"
		}
	}
	if (found)
		target("against " other ", the worst case", found, 1.005, "(" at ")")
}

END {
	split("plain threads h7gang", kinds, " ")
	printf "\n%-9s %7s %12s %16s %9s\n", "program", "boards", "us/transfer", "sleeps/transfer", "KiB"
	for (i = 0; i <= sizes; i++)
		for (k = 1; k <= 3; k++) {
			boards = i ? counts[i] : 1
			printf "%-9s %7d %12.1f %16.2f %9d\n", kinds[k], boards, median(kinds[k], boards),
				sleeps[kinds[k], boards], kib[kinds[k], boards]
		}
	if ("h7gang" in calls) {
		printf "\n%-9s %14s  with 8 boards\n", "program", "calls/transfer"
		for (k = 1; k <= 3; k++)
			printf "%-9s %14.2f  %s\n", kinds[k], calls[kinds[k]], each[kinds[k]]
	}
	print "\ntargets"
	for (t in worst)
		target("multiple of the bound: " t, worst[t], most[t], "(" worst_at[t] ")")
	slower_than("62f9427")
	slower_than("dfu-util")
	for (i = 1; i <= sizes; i++) {
		boards = counts[i]
		target("processor time a transfer against the plain loop, " boards " boards",
			median("h7gang", boards) / median("plain", boards), 1.5, "")
		target("and against a thread a board, " boards " boards",
			median("h7gang", boards) / median("threads", boards), 1, "")
	}
	if (calls["plain"])
		target("system calls a transfer against the plain loop, 8 boards", calls["h7gang"] / calls["plain"], 1.5, "")
	if (sizes && kib["h7gang", 1])
		target("memory a board, KiB: (at " counts[sizes] " boards - at 1) / " (counts[sizes] - 1),
			(kib["h7gang", counts[sizes]] - kib["h7gang", 1]) / (counts[sizes] - 1), 256, "")
	if (memory["h7gang", 120])
		target("memory a board, KiB: (at 120 boards - at 8) / 112", (memory["h7gang", 120] - memory["h7gang", 8]) / 112, 256, "")
}
