/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "host.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "sim/fleet/fleet_host.h"
#include "sim/proto.h"
#include "shared.h"

#define KIB UINT64_C(1024)
#define NS_PER_MS UINT64_C(1000000)

struct host {
	char file[PATH_MAX], budget[PATH_MAX], pci[PATH_MAX];
	struct proto_host *shared;
};

static void put_number(const char *file, unsigned number)
{
	FILE *out = fopen(file, "we");

	if (!out)
		return;
	fprintf(out, "%u\n", number);
	fclose(out);
}

struct host *host_new(const struct fleet *fleet, const char *folder, uint64_t base)
{
	const struct fleet_host *config = fleet_host(fleet);
	struct host *host = calloc(1, sizeof(*host));

	if (!host)
		return NULL;
	snprintf(host->file, sizeof(host->file), "%s/" PROTO_HOST_FILE, folder);
	snprintf(host->budget, sizeof(host->budget), "%s/" PROTO_BUDGET_FILE, folder);
	snprintf(host->pci, sizeof(host->pci), "%s/" PROTO_PCI_FILE, folder);
	host->shared = shared_new(host->file, sizeof(*host->shared));
	if (!host->shared) {
		free(host);
		return NULL;
	}
	host->shared->usbfs_bytes = config->usbfs_kib * KIB;
	host->shared->every_ns = config->every_ms * NS_PER_MS;
	host->shared->for_ns = config->for_ms * NS_PER_MS;
	host->shared->base = base;
	host_take(host, config->taken_kib);
	put_number(host->budget, (config->usbfs_kib + 1023) / 1024);
	if (config->id_paths)
		put_number(host->pci, 1);
	return host;
}

void host_free(struct host *host)
{
	if (!host)
		return;
	munmap(host->shared, sizeof(*host->shared));
	unlink(host->file);
	unlink(host->budget);
	unlink(host->pci);
	free(host);
}

void host_take(struct host *host, unsigned kib)
{
	atomic_store(&host->shared->taken_bytes, kib * KIB);
}
