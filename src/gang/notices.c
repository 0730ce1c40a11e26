/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "notices.h"

#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "note.h"

#define ASTRAY_MS 1000 /* boards that come together are told together */

void run_tell(struct run *run, enum gang_event_kind kind, const struct slot *slot,
	      const char *detail)
{
	struct gang_event event;

	memset(&event, 0, sizeof(event));
	event.kind = kind;
	snprintf(event.run_id, sizeof(event.run_id), "%s", run->gang.run_id);
	if (slot) {
		snprintf(event.slot, sizeof(event.slot), "%s", slot->name);
		snprintf(event.path, sizeof(event.path), "%s", slot->seen.path);
	}
	snprintf(event.detail, sizeof(event.detail), "%.*s", (int)sizeof(event.detail) - 1, detail);
	gang_emit(&run->gang, &event);
}

void notices_stop(struct run *run)
{
	int stop = atomic_load(&run->gang.stop);

	if (stop > 2)
		stop = 2;
	if (stop == run->told_stop)
		return;
	run->told_stop = stop;
	if (stop > 1)
		run->cut = clock_now();
	run_tell(run, GANG_NOTE, NULL,
		 stop == 1 ? "ending: what runs is finished, nothing more is started"
			   : "stopping at the next safe point");
}

void notices_clock(struct run *run)
{
	char text[120];

	if (note_clock(&run->gang, &run->clock_steps, text, sizeof(text)))
		run_tell(run, GANG_NOTE, NULL, text);
}

void notices_log(struct run *run)
{
	char why[200], text[260];

	if (run->log_told || !run->gang.log || audit_usable(run->gang.log, why, sizeof(why)))
		return;
	run->log_told = true;
	snprintf(text, sizeof(text), "the log takes no more rows, nothing further is started: %s",
		 why);
	run_tell(run, GANG_NOTE, NULL, text);
}

static void tell_twin(struct run *run)
{
	const struct slot *const *twin = run->slots.twin;
	char text[320];

	if (run->told_twin || !twin[0])
		return;
	run->told_twin = true;
	snprintf(text, sizeof(text), "slots %s and %s name the same port %s: only %s is used",
		 twin[0]->name, twin[1]->name, twin[0]->seen.path, twin[0]->name);
	run_tell(run, GANG_NOTE, NULL, text);
}

void notices_ports(struct run *run, bool now)
{
	struct slots *slots = &run->slots;
	char ports[400], text[480];
	size_t used = 0;
	unsigned count = 0;

	tell_twin(run);
	if (!now && clock_elapsed_ms(slots->astray_since) < ASTRAY_MS)
		return;
	for (unsigned i = 0; i < slots->astrays; i++) {
		if (slots->astray[i].told)
			continue;
		slots->astray[i].told = true;
		if (used < sizeof(ports))
			used += (size_t)snprintf(ports + used, sizeof(ports) - used, "%s%s",
						 count ? ", " : "", slots->astray[i].path);
		count++;
	}
	if (!count)
		return;
	snprintf(text, sizeof(text), "%u board%s at %s %s in no slot: h7gang slots --learn", count,
		 count == 1 ? "" : "s", ports, count == 1 ? "is" : "are");
	run_tell(run, GANG_NOTE, NULL, text);
}

bool notices_bus(struct run *run)
{
	char why[200];

	if (usb_bus_failed(run->gang.bus, why, sizeof(why))) {
		run_tell(run, GANG_NOTE, NULL, why);
		return false;
	}
	if (!run->told_stuck && usb_bus_stuck(run->gang.bus, STUCK_MS)) {
		run->told_stuck = true;
		run_tell(run, GANG_NOTE, NULL,
			 "the kernel has not answered for 5 s: a USB device hangs. Boards that "
			 "run are not affected; new boards may start late.");
	}
	return true;
}
