# SPDX-License-Identifier: GPL-2.0-or-later
# Rows of bench.csv sorted by case, without the header: one row a case, each figure the median of its rounds.
BEGIN {
	FS = OFS = ","
	print "program,time,contents,poll_write_ms,boards,rounds,seconds,multiple,cpu_ms_a_unit,cpu_us_a_transfer,memory_kib"
}

function median(values, count,    i, j, v)
{
	for (i = 2; i <= count; i++) {
		v = values[i]
		for (j = i - 1; j > 0 && values[j] > v; j--)
			values[j + 1] = values[j]
		values[j + 1] = v
	}
	return count % 2 ? values[(count + 1) / 2] : (values[count / 2] + values[count / 2 + 1]) / 2
}

function flush()
{
	if (n > 0)
		print key, n, sprintf("%.3f", median(seconds, n)), sprintf("%.4f", median(multiple, n)),
			sprintf("%.1f", median(unit, n)),
			transfers ? sprintf("%.1f", median(transfer, n)) : "", median(memory, n)
	n = 0
}

{
	this = $1 OFS $2 OFS $3 OFS $4 OFS $5
	if (this != key)
		flush()
	key = this
	transfers = $11 + 0
	n++
	seconds[n] = $7 + 0
	multiple[n] = $8 + 0
	unit[n] = ($9 + $10) / 1000 / $5
	transfer[n] = transfers ? ($9 + $10) / transfers : 0
	memory[n] = $12 + 0
}

END { flush() }
