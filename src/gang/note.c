/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "note.h"

#include <inttypes.h>
#include <stdio.h>

#include "h7gang/audit/overrides.h"

void note_row(struct gang *gang, const char *slot, const char *path, const char *text)
{
	const struct gang_options *options = gang->options;
	char overrides[AUDIT_OVERRIDES_SIZE];
	const struct audit_event event = {.run_id = gang->run_id,
					  .station = options->station,
					  .operator_name = gang->operator_name,
					  .lot = gang->lot,
					  .tags = options->tags,
					  .profile = options->profile->name,
					  .profile_sha256 = options->profile->sha256,
					  .slot = slot,
					  .usb_path = path,
					  .overrides = overrides,
					  .text = text};

	if (!gang->log)
		return;
	audit_overrides_text(options->overrides, overrides);
	audit_note_later(gang->log, &event);
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
