/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "schedule.h"

#include "sim/fleet/fleet_host.h"

#define NS_PER_MS UINT64_C(1000000)

/* A drop is two steps, in the order of the fleet file: out and in again. */
static uint64_t step_time(const struct fleet_drop *drop, unsigned step)
{
	return (step % 2 ? (uint64_t)drop->at_ms + drop->for_ms : drop->at_ms) * NS_PER_MS;
}

uint64_t schedule_next(const struct fleet *fleet, unsigned done)
{
	const struct fleet_host *host = fleet_host(fleet);

	return done / 2 < host->drops ? step_time(&host->drop[done / 2], done) : UINT64_MAX;
}

void schedule_run(const struct fleet *fleet, struct hubs *hubs, unsigned *done, uint64_t now)
{
	const struct fleet_host *host = fleet_host(fleet);

	while (schedule_next(fleet, *done) <= now) {
		const struct fleet_drop *drop = &host->drop[*done / 2];

		if (*done % 2)
			hub_plug(hubs, drop->hub);
		else
			hub_unplug(hubs, drop->hub);
		++*done;
	}
}
