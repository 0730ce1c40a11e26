# SPDX-License-Identifier: GPL-2.0-or-later
# The time below which no program can get, in s, for boards that share wires.
# -v contents=blank|dirty|updated -v wires="8 7x4": boards on each wire of one bus (7x4: four wires of 7); the
# model: packets, upstream, block, small_ms, block_ms, word_ms, words, blocks, sectors, sector_ms, mass_ms, changed.
#
# A board goes through pieces in a fixed order, each with the time that it takes at least and the part of the
# wire that its packets need in it. Two bounds follow, and the higher one counts.
# 1. By time s a board has used at most what it uses on its way alone, and what is missing then comes one packet at
#    a time: s + (all - used(s)) / wires is a bound for every s.
# 2. A tray that ends by T leaves a board T less its way alone as slack: at time t it is at least t - slack far on
#    its way, and at most t. So at t it uses the wire no faster than the fastest piece between. Where all boards must
#    be programming, the wire idles, whatever the order: T is too short if the boards cannot use all that they need.
# Of the boards on a wire any number may be erased by a mass erase, which is quicker alone, and the others sector by
# sector, which leaves the wire less idle: the bound is that of the best number.
function bits(bytes) { # ms of the wire: USB 2.0 tables 5-2 and 5-9
	return (34 + bytes + int((bytes + 63) / 64) * 13) / (77 * packets)
}

function piece(way, ms, wire) {
	count[way]++
	takes[way, count[way]] = ms
	uses[way, count[way]] = wire
	ends[way, count[way]] = ends[way, count[way] - 1] + ms
}

function reading(way, n) {
	piece(way, n * block_ms, n * bits(block))
}

function writing(way, n) {
	piece(way, n * (block_ms + 2 * small_ms + words * word_ms), n * (bits(block) + 2 * bits(6)))
}

# What a board that goes `way` has used by `s`.
function used(way, s,    i, sum) {
	for (i = 1; i <= count[way] && s > 0; i++) {
		sum += uses[way, i] * (s < takes[way, i] ? s / takes[way, i] : 1)
		s -= takes[way, i]
	}
	return sum
}

function bound_at(s, first, second, capacity,    all) {
	all = first * used(1, 1e9) + second * used(2, 1e9)
	return s + (all - first * used(1, s) - second * used(2, s)) / capacity
}

function bound_of(first, second, capacity,    way, i, s, most, now) {
	most = bound_at(0, first, second, capacity)
	for (way = 1; way <= 2; way++) {
		if ((way == 1 ? first : second) == 0)
			continue
		s = 0
		for (i = 1; i <= count[way]; i++) {
			s += takes[way, i]
			now = bound_at(s, first, second, capacity)
			if (now > most)
				most = now
		}
	}
	return most
}

# The fastest that a board on that way can use the wire at t.
function fastest(way, t, slack,    i, end, rate, most) {
	for (i = 1; i <= count[way]; i++) {
		end = ends[way, i]
		rate = uses[way, i] / takes[way, i]
		if (end > t - slack && end - takes[way, i] < t && rate > most)
			most = rate
	}
	return most
}

# What the boards can use of the wire if all end by T.
function usable(T, first, second, capacity,    marks, mark, n, i, j, way, v, s, rate, sum) {
	n = 0
	marks[++n] = T
	for (way = 1; way <= 2; way++) {
		if ((way == 1 ? first : second) == 0)
			continue
		for (i = 1; i <= count[way]; i++) {
			marks[++n] = ends[way, i]
			marks[++n] = ends[way, i] + T - ends[way, count[way]]
		}
	}
	for (i = 2; i <= n; i++) {
		v = marks[i]
		for (j = i - 1; j > 0 && marks[j] > v; j--)
			marks[j + 1] = marks[j]
		marks[j + 1] = v
	}
	mark = 0
	for (i = 1; i <= n && mark < T; i++) {
		v = marks[i] < T ? marks[i] : T
		if (v <= mark)
			continue
		s = (mark + v) / 2
		rate = first ? first * fastest(1, s, T - ends[1, count[1]]) : 0
		rate += second ? second * fastest(2, s, T - ends[2, count[2]]) : 0
		sum += (v - mark) * (rate < capacity ? rate : capacity)
		mark = v
	}
	return sum
}

function bound_by_slack(first, second, capacity,    all, low, high, T, i) {
	all = first * used(1, 1e9) + second * used(2, 1e9)
	low = first ? ends[1, count[1]] : 0
	if (second && ends[2, count[2]] > low)
		low = ends[2, count[2]]
	high = low + all / capacity # one after the other
	for (i = 0; i < 30; i++) {
		T = (low + high) / 2
		if (usable(T, first, second, capacity) < all)
			low = T
		else
			high = T
	}
	return low
}

function bound(boards, capacity,    mass, least, now, other) {
	for (mass = 0; mass <= boards; mass++) {
		if (contents != "dirty" && mass < boards)
			continue # one way only
		now = bound_of(mass, boards - mass, capacity)
		if (least != "" && now >= least)
			continue
		other = bound_by_slack(mass, boards - mass, capacity)
		now = other > now ? other : now
		if (least == "" || now < least)
			least = now
	}
	return least
}

BEGIN {
	each = blocks / sectors
	if (contents == "blank") {
		reading(1, blocks) # the blank check that the contract requires
		writing(1, blocks)
	} else if (contents == "dirty") {
		piece(1, mass_ms, 0)
		writing(1, blocks)
		for (s = 1; s <= sectors; s++) {
			piece(2, sector_ms, 0)
			writing(2, each)
		}
		reading(2, blocks)
	} else {
		reading(1, (sectors - changed) * each) # what is kept must have been compared
		for (s = 1; s <= changed; s++) {
			piece(1, sector_ms, 0)
			writing(1, each)
		}
	}
	reading(1, blocks)
	most = 0
	for (n = split(wires, wire, " "); n > 0; n--) {
		split(wire[n], part, "x")
		times = part[2] ? part[2] : 1
		total += part[1] * times
		now = bound(part[1], 1)
		if (now > most)
			most = now
	}
	now = bound(total, upstream / packets)
	printf "%.3f\n", (now > most ? now : most) / 1000
}
