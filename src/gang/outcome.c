/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "outcome.h"

#include <stdio.h>

#include "hooks.h"

/* The patches that the profile calls secret. Returns how many. */
static unsigned secrets(const struct profile *profile,
			struct trace_range range[PROFILE_PATCHES_MAX])
{
	unsigned count = 0;

	for (unsigned i = 0; profile->serial && i < profile->serial->patches; i++) {
		const struct profile_patch *patch = &profile->serial->patch[i];

		if (patch->secret)
			range[count++] = (struct trace_range){patch->address,
							      patch->address + patch->length - 1};
	}
	return count;
}

struct trace *outcome_recorder(const struct gang *gang,
			       struct trace_range secret[PROFILE_PATCHES_MAX])
{
	if (!gang->options->trace)
		return NULL;
	return trace_new(secret, secrets(gang->options->profile, secret));
}

void outcome_keep_trace(const struct gang *gang, const struct record_unit *unit, struct job *job)
{
	const struct trace_folder *folder = gang->options->trace;
	char name[TRACE_NAME_SIZE], why[100];

	if (!folder || job->error == H7_OK || job->trace_kept)
		return;
	job->trace_kept = true;
	snprintf(name, sizeof(name), "%.39s-%u.pcapng", unit->unit_id, unit->attempt);
	if (!job->link.trace)
		job_note(job, "no trace: out of memory");
	else if (trace_keep(job->link.trace, folder, name, why, sizeof(why)))
		job_note(job, "trace %s", name);
	else
		job_note(job, "no trace: %s", why);
}

bool outcome_wants_gate(const struct gang *gang, const struct job *job)
{
	return job->error == H7_OK && gang->options->profile->hook[PROFILE_HOOK_GATE].program;
}

void outcome_ask_gate(struct gang *gang, const struct record_unit *unit, struct job *job)
{
	struct record record;
	char why[240];

	record_fill(&record, gang, unit, job, true);
	switch (hooks_unit(gang, PROFILE_HOOK_GATE, &record.row, why, sizeof(why))) {
	case HOOKS_OK:
		break;
	case HOOKS_STOPPED:
		job_fail(job, H7_ABORTED, "gate hook %s", why);
		break;
	default:
		job_fail(job, H7_HOOK_REFUSED, "gate hook %s", why);
		break;
	}
}
