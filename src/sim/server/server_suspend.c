/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A computer that sleeps. CLOCK_MONOTONIC, and the fleet's time with it, stands still meanwhile;
 * CLOCK_BOOTTIME and CLOCK_REALTIME do not (clock_gettime(2)). */
#include "server_private.h"
#include "tray.h"

#define NS_PER_MS UINT64_C(1000000)
#define NS_PER_S UINT64_C(1000000000)
#define BACK_NS (200 * NS_PER_MS) /* from the resume until a board is on the bus again */

bool server_suspend(struct server *server, unsigned seconds, enum fleet_asleep boards)
{
	if (!server->clock)
		return false;
	atomic_fetch_add(&server->clock->suspended, seconds * NS_PER_S);
	for (unsigned i = 0; i < tray_targets(server->tray) && boards != FLEET_ASLEEP_KEPT; i++)
		tray_dark(server->tray, i, BACK_NS, boards == FLEET_ASLEEP_EXCHANGED);
	return true;
}

uint64_t server_suspend_next(const struct server *server)
{
	const struct fleet_host *host = fleet_host(server->fleet);

	return server->clock && server->suspends < host->suspends
		       ? host->suspend[server->suspends].at_ms * NS_PER_MS
		       : UINT64_MAX;
}

void server_suspend_run(struct server *server)
{
	const struct fleet_host *host = fleet_host(server->fleet);

	while (server_suspend_next(server) <= server_now(server)) {
		const struct fleet_suspend *suspend = &host->suspend[server->suspends++];

		server_suspend(server, suspend->for_s, suspend->boards);
	}
}
