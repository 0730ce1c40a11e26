/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The hubs of a batch: boards wait for a shared wire, without any other effect. Hubs have dice of
 * their own, so that the boards of a batch do not change. */
#include "campaign.h"

#include <inttypes.h>
#include <string.h>

enum { NAME = 32 };

/* The hub above the port `path`; false: a root hub. */
static bool hub_above(const char *path, char *hub)
{
	const char *dot = strrchr(path, '.');

	if (!dot || dot - path >= NAME)
		return false;
	memcpy(hub, path, (size_t)(dot - path));
	hub[dot - path] = '\0';
	return true;
}

static bool is_new(const struct batch *batch, unsigned board, const char *hub)
{
	char other[NAME];

	for (unsigned i = 0; i < board; i++)
		if (hub_above(batch->board[i].path, other) && strcmp(other, hub) == 0)
			return false;
	return true;
}

void write_hubs(const struct batch *batch, FILE *file)
{
	static const char *const kinds[] = {"tt: single", "tt: single", "tt: multi", "speed: full"};
	uint64_t dice = batch->seed * UINT64_C(0x9E3779B97F4A7C15) + batch->number;
	char hub[NAME];
	bool any = false;

	if (!percent(&dice, 50))
		return;
	for (unsigned i = 0; i < batch->boards; i++) {
		if (!hub_above(batch->board[i].path, hub) || !is_new(batch, i, hub))
			continue;
		fprintf(file, "%s{path: %s, %s}", any ? ", " : "hubs: [", hub,
			kinds[below(&dice, 4)]);
		any = true;
	}
	if (any)
		fputs("]\n", file);
}
