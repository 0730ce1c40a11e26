/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "vhci_run.h"

#include <errno.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/fleet/fleet.h"
#include "sim/server/server.h"
#include "sim/server/tray.h"
#include "vhci.h"

#define SETTLE_MS 20000 /* 120 boards under plain emulation take less */

struct vhci_run {
	const struct fleet *fleet;
	struct tray *tray;
	struct vhci *vhci;
	char ports[PATH_MAX];
};

static bool write_list(const struct vhci_run *run, const char *path)
{
	FILE *file = fopen(path, "we");
	bool good;

	if (!file)
		return false;
	for (unsigned i = 0; i < fleet_targets(run->fleet); i++) {
		const char *port = vhci_port_name(run->vhci, i);

		fprintf(file, "%s %s %s\n", fleet_name(run->fleet, i), tray_path(run->tray, i),
			*port ? port : "-");
	}
	good = !ferror(file);
	return fclose(file) == 0 && good;
}

/* Readers find the old list or the new one, never half of one. */
static bool renew_list(const struct vhci_run *run)
{
	char fresh[PATH_MAX + 8];

	snprintf(fresh, sizeof(fresh), "%s.new", run->ports);
	return write_list(run, fresh) && rename(fresh, run->ports) == 0;
}

/* A board may come back on another port. */
static void changed(void *user, unsigned target, uint64_t generation, bool plugged)
{
	struct vhci_run *run = user;

	(void)target;
	(void)generation;
	if (plugged && !renew_list(run))
		fprintf(stderr, "h7gang-sim: %s: %s\n", run->ports, strerror(errno));
}

static void service(void *user)
{
	struct vhci_run *run = user;

	vhci_service(run->vhci);
}

static bool settled(void *user)
{
	const struct vhci_run *run = user;

	return vhci_missing(run->vhci) == 0;
}

struct vhci_run *vhci_run_open(const struct fleet *fleet, struct tray *tray, struct server *server,
			       const char *ports, char *why, size_t why_size)
{
	struct vhci_run *run = calloc(1, sizeof(*run));

	if (!run) {
		snprintf(why, why_size, "out of memory");
		return NULL;
	}
	run->fleet = fleet;
	run->tray = tray;
	snprintf(run->ports, sizeof(run->ports), "%s", ports);
	run->vhci = vhci_open(tray, why, why_size);
	if (!run->vhci)
		goto fail;
	if (!server_add_front(server, vhci_fd(run->vhci), service, run) ||
	    !tray_listen(tray, changed, run)) {
		snprintf(why, why_size, "out of memory");
		goto fail;
	}
	if (!server_settle(server, settled, run, SETTLE_MS))
		fprintf(stderr, "h7gang-sim: the kernel has not enumerated %u of the targets\n",
			vhci_missing(run->vhci));
	if (!renew_list(run)) {
		snprintf(why, why_size, "%s: %s", run->ports, strerror(errno));
		goto fail;
	}
	return run;

fail:
	vhci_run_close(run, NULL);
	return NULL;
}

void vhci_run_close(struct vhci_run *run, const char *folder)
{
	char path[PATH_MAX + 8];

	if (!run)
		return;
	tray_unlisten(run->tray, run);
	unlink(run->ports);
	if (run->vhci && folder) {
		snprintf(path, sizeof(path), "%s/ports", folder);
		if ((mkdir(folder, 0777) < 0 && errno != EEXIST) || !write_list(run, path))
			fprintf(stderr, "h7gang-sim: %s: %s\n", path, strerror(errno));
	}
	vhci_close(run->vhci);
	free(run);
}
