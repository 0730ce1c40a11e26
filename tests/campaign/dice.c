/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "campaign.h"

uint64_t draw(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9E3779B97F4A7C15);

	z = (z ^ z >> 30) * UINT64_C(0xBF58476D1CE4E5B9);
	z = (z ^ z >> 27) * UINT64_C(0x94D049BB133111EB);
	return z ^ z >> 31;
}

uint32_t below(uint64_t *state, uint32_t limit)
{
	return (uint32_t)(draw(state) % limit);
}

bool percent(uint64_t *state, uint32_t chance)
{
	return below(state, 100) < chance;
}

const char *one_of(uint64_t *state, const char *const *words)
{
	uint32_t count = 0;

	while (words[count])
		count++;
	return words[below(state, count)];
}

uint32_t any_size(uint64_t *state, uint32_t most)
{
	uint32_t limit = most;

	while (limit > 1 && percent(state, 30))
		limit /= 2;
	return 1 + below(state, limit);
}
