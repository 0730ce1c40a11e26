# SPDX-License-Identifier: GPL-2.0-or-later
# bench.csv as a plot, -v contents=blank|dirty|updated: time as a multiple of the bound, for each topology.
BEGIN {
	FS = ","
	W = 900; H = 430; LEFT = 60; TOP = 70; PW = 800; PH = 260; LOW = 0.9; HIGH = 16
	colour["h7gang"] = "#0b6e4f"
	colour["62f9427"] = "#2b6cb0"
	colour["dfu-util"] = "#c05621"
	name["one"] = "1 board"
	name["single8"] = "8, single-TT"
	name["single16"] = "16, single-TT"
	name["multi16"] = "16, multi-TT"
	name["seven4"] = "4 hubs of 7"
	name["rack120"] = "120, 2 controllers"
}

$3 == contents {
	if (!($2 in place)) {
		place[$2] = ++places
		topology[places] = $2
	}
	if (!($1 in row)) {
		row[$1] = ++rows
		program[rows] = $1
	}
	value[$1, $2, $4] = $8
}

function y(multiple) {
	return TOP + PH - PH * log(multiple / LOW) / log(HIGH / LOW)
}

function text(px, py, anchor, fill, size, what) {
	printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\" font-size=\"%d\">%s</text>\n", px, py, anchor,
		fill, size, what
}

function bar(px, width, multiple, fill, opacity) {
	printf "<rect x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\" fill=\"%s\" fill-opacity=\"%s\"/>\n", px,
		y(multiple), width, y(LOW) - y(multiple), fill, opacity
	text(px + width / 2, y(multiple) - 4, "middle", fill, 10, sprintf("%.2f", multiple))
}

END {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n", W, H
	printf "<title>%s boards: time as a multiple of the bound</title>\n", contents
	printf "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", W, H
	text(30, 26, "start", "#222", 16, contents " boards: 2 MiB programmed, read back and compared; time as a multiple of the bound")
	for (m = 1; m <= 16; m *= 2) {
		printf "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", LEFT, LEFT + PW, y(m), y(m),
			m == 1 ? "#222" : "#ddd"
		text(LEFT - 8, y(m) + 4, "end", "#444", 12, m)
	}
	slot = PW / (places ? places : 1)
	width = slot * 0.8 / (2 * (rows ? rows : 1))
	for (p = 1; p <= places; p++) {
		px = LEFT + (p - 1) * slot + slot * 0.1
		for (r = 1; r <= rows; r++)
			for (poll = 5; poll <= 50; poll += 45) {
				if ((program[r], topology[p], poll) in value)
					bar(px, width - 1, value[program[r], topology[p], poll], colour[program[r]],
						poll == 5 ? 1 : 0.55)
				px += width
			}
		text(LEFT + (p - 0.5) * slot, TOP + PH + 18, "middle", "#444", 12, name[topology[p]])
	}
	for (r = 1; r <= rows; r++)
		text(LEFT + (r - 1) * 150, TOP - 20, "start", colour[program[r]], 13, program[r])
	text(30, H - 30, "start", "#666", 11, "Virtual boards behind the hubs that are named; the times are those of the model.")
	text(30, H - 14, "start", "#666", 11, \
		"Full colour: the ROM reports a poll time of 5 ms after a write; pale: 50 ms. dfu-util: one process a board, no blank check.")
	print "</svg>"
}
