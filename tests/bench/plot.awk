# SPDX-License-Identifier: GPL-2.0-or-later
# medians.csv as a plot: fleet time as a multiple of the unavoidable one, over the number of boards.
BEGIN {
	FS = ","
	W = 880; H = 400; LEFT = 60; TOP = 64; PW = 300; PH = 260; GAP = 130; LOW = 0.9; HIGH = 16
	split("1 4 8 16 64 120", ticks, " ")
	for (i = 1; i in ticks; i++)
		position[ticks[i]] = i
	colour["h7gang,5"] = "#0b6e4f"
	colour["h7gang,50"] = "#0b6e4f"
	colour["dfu-util,5"] = "#c05621"
	colour["dfu-util,50"] = "#9b2c2c"
	# Lines that lie on each other are told apart by their dashes.
	dash["h7gang,50"] = "4 4"
}

NR > 1 && $2 == "virtual-time" {
	value[$1 "," $4, $3, $5] = $8
}

function x(panel, boards)
{
	return LEFT + panel * (PW + GAP) + (position[boards] - 0.5) * PW / 6
}

function y(multiple)
{
	return TOP + PH - PH * log(multiple / LOW) / log(HIGH / LOW)
}

function text(px, py, anchor, fill, size, what)
{
	printf "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\" fill=\"%s\" font-size=\"%d\">%s</text>\n", px, py, anchor,
		fill, size, what
}

function frame(panel, title,    i, m, px)
{
	px = LEFT + panel * (PW + GAP)
	text(px, TOP - 12, "start", "#222", 14, title)
	for (m = 1; m <= 16; m *= 2) {
		printf "<line x1=\"%d\" x2=\"%d\" y1=\"%.1f\" y2=\"%.1f\" stroke=\"%s\"/>\n", px, px + PW, y(m), y(m),
			m == 1 ? "#222" : "#ddd"
		text(px - 8, y(m) + 4, "end", "#444", 12, m)
	}
	for (i = 1; i in ticks; i++)
		text(x(panel, ticks[i]), TOP + PH + 18, "middle", "#444", 12, ticks[i])
	text(px + PW / 2, TOP + PH + 38, "middle", "#444", 12, "boards at once")
}

function line(panel, contents, program, poll, dy,    key, i, points, count, last, v)
{
	key = program "," poll
	for (i = 1; i in ticks; i++) {
		if (!((key, contents, ticks[i]) in value))
			continue
		v = value[key, contents, ticks[i]]
		points = points sprintf(" %.1f,%.1f", x(panel, ticks[i]), y(v))
		printf "<circle cx=\"%.1f\" cy=\"%.1f\" r=\"3\" fill=\"%s\"/>\n", x(panel, ticks[i]), y(v), colour[key]
		last = ticks[i]
		count++
	}
	if (!count)
		return
	printf "<polyline points=\"%s\" fill=\"none\" stroke=\"%s\" stroke-width=\"2\" stroke-dasharray=\"%s\"/>\n", points,
		colour[key], key in dash ? dash[key] : "none"
	if (program == "h7gang")
		text(x(panel, 120) + 20, y(v) + dy, "end", colour[key], 12, sprintf("%s, %d ms: %.2f", program, poll, v))
	else
		text(x(panel, last) + 8, y(v) + dy, "start", colour[key], 12,
			sprintf("%s, %d ms: %.2f", program, poll, v))
}

function panel(number, contents, title)
{
	frame(number, title)
	line(number, contents, "dfu-util", 50, 4)
	line(number, contents, "dfu-util", 5, 4)
	line(number, contents, "h7gang", 50, -8)
	line(number, contents, "h7gang", 5, 14)
}

END {
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 %d %d\" font-family=\"sans-serif\">\n", W, H
	print "<title>h7gang and dfu-util: time as a multiple of the unavoidable time</title>"
	printf "<rect width=\"%d\" height=\"%d\" fill=\"#fff\"/>\n", W, H
	text(LEFT - 30, 24, "start", "#222", 16, "2 MiB programmed, read back and compared: time as a multiple of the unavoidable time")
	panel(0, "blank", "Blank boards")
	panel(1, "dirty", "Dirty boards")
	text(LEFT - 30, H - 10, "start", "#666", 11, \
		"Virtual boards, each on a bus of its own; the times are those of the model. ms: the poll time that the ROM reports after a write.")
	print "</svg>"
}
