/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "note.h"

#include <inttypes.h>
#include <stdio.h>

#include "h7gang/audit/overrides.h"
#include "h7gang/base/clock.h"

static struct audit_event event_of(const struct gang *gang, const char *slot, const char *path,
				   const char *text)
{
	return (struct audit_event){.run_id = gang->run_id,
				    .station = gang->options->station,
				    .operator_name = gang->operator_name,
				    .lot = gang->lot,
				    .tags = gang->options->tags,
				    .profile = gang->options->profile->name,
				    .profile_sha256 = gang->options->profile->sha256,
				    .slot = slot,
				    .usb_path = path,
				    .text = text};
}

static void keep(struct gang_early *early, const char *text)
{
	char at[CLOCK_TEXT_SIZE];
	unsigned i = early->count < GANG_EARLY_MAX ? early->count : GANG_EARLY_MAX - 1;

	clock_wall_text(at);
	snprintf(early->text[i], sizeof(early->text[i]), "%s: %.*s", at,
		 AUDIT_TEXT_MAX - CLOCK_TEXT_SIZE - 2, text);
	early->count++;
}

void note_row(struct gang *gang, const char *slot, const char *path, const char *text)
{
	char overrides[AUDIT_OVERRIDES_SIZE];
	struct audit_event event = event_of(gang, slot, path, text);

	if (!gang->log) {
		keep(&gang->early, text);
		return;
	}
	audit_overrides_text(gang->options->overrides, overrides);
	event.overrides = overrides;
	audit_note_later(gang->log, &event);
}

bool note_row_now(struct gang *gang, const char *slot, const char *text, int64_t deadline)
{
	const struct audit_event event = event_of(gang, slot, NULL, text);

	if (gang->log)
		return audit_note(gang->log, &event, deadline) == AUDIT_OK;
	keep(&gang->early, text);
	return true;
}

void note_early(struct gang *gang)
{
	struct gang_early *early = &gang->early;
	char text[AUDIT_TEXT_MAX];

	for (unsigned i = 0; i < early->count && i < GANG_EARLY_MAX; i++) {
		if (i == GANG_EARLY_MAX - 1 && early->count > GANG_EARLY_MAX) {
			snprintf(text, sizeof(text),
				 "%u events before this log was known have no row",
				 early->count - GANG_EARLY_MAX);
			note_row(gang, NULL, NULL, text);
		}
		note_row(gang, NULL, NULL, early->text[i]);
	}
	early->count = 0;
}

bool note_clock(struct gang *gang, struct clock_steps *steps, char *text, size_t size)
{
	int64_t step = clock_step_ms(steps), far = step < 0 ? -step : step;

	if (step == 0)
		return false;
	snprintf(text, size, "the clock of this computer was set %s by %" PRId64 ".%03d s",
		 step < 0 ? "back" : "forward", far / 1000, (int)(far % 1000));
	note_row(gang, NULL, NULL, text);
	return true;
}
