/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "hooks.h"

#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "before.h"
#include "child.h"
#include "h7gang/base/clock.h"
#include "h7gang/base/text.h"
#include "h7gang/base/version.h"

/* A file takes whole pages: room for more than the largest answer shows that it was exceeded. */
#define REPLY_ROOM (BEFORE_ANSWER_MAX + 8192u)

/* Text from outside that is not UTF-8 must not cost a hook its input. */
static json_t *text(const char *from)
{
	json_t *string = NULL;
	size_t size;
	char *clean;

	if (!from)
		from = "";
	size = 3 * strlen(from) + 1;
	clean = malloc(size);
	if (clean) {
		text_well_formed(from, clean, size);
		string = json_string(clean);
		free(clean);
	}
	return string;
}

static bool put(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0; /* also false without a value */
}

static bool put_text(json_t *object, const char *key, const char *value)
{
	return put(object, key, text(value));
}

/* An empty field in the log is null here. */
static bool put_number(json_t *object, const char *key, int64_t number)
{
	return put(object, key, number == AUDIT_NONE ? json_null() : json_integer(number));
}

/* "k=v;k=v" as an object. */
static json_t *tags(const char *from)
{
	json_t *object = json_object();
	char *copy = strdup(from), *left = copy, *tag;

	while (object && copy && (tag = strsep(&left, ";"))) {
		char *value = strchr(tag, '=');

		if (!value)
			continue;
		*value++ = '\0';
		if (!put(object, tag, text(value))) {
			json_decref(object);
			object = NULL;
		}
	}
	if (!copy) {
		json_decref(object);
		object = NULL;
	}
	free(copy);
	return object;
}

static json_t *describe(const struct gang *gang, enum profile_hook_time time, const char *lot,
			const char *operator_name, const char *unit_tags)
{
	const struct gang_options *options = gang->options;
	const struct profile *profile = options->profile;
	json_t *object = json_object();

	if (object && put_number(object, "v", 1) &&
	    put_text(object, "hook", profile_hook_name(time)) &&
	    put_text(object, "run_id", gang->run_id) &&
	    put_text(object, "station", options->station) &&
	    put_text(object, "operator", operator_name) && put_text(object, "lot", lot) &&
	    put(object, "tags", tags(unit_tags)) &&
	    put_text(object, "tool_version", h7gang_version) &&
	    put_text(object, "command", options->command == GANG_VERIFY ? "verify" : "run") &&
	    put_text(object, "profile", profile->name) &&
	    put_text(object, "profile_sha256", profile->sha256) &&
	    put_text(object, "firmware_version", profile->firmware_version) &&
	    put_text(object, "image_sha256", profile->flash.sha256) &&
	    put_text(object, "part", profile->part->name))
		return object;
	json_decref(object);
	return NULL;
}

static bool put_totals(json_t *object, const struct hooks_totals *totals)
{
	return put_number(object, "passed", totals->passed) &&
	       put_number(object, "failed", totals->failed) &&
	       put_number(object, "aborted", totals->aborted) &&
	       put_number(object, "not_recorded", totals->not_recorded) &&
	       put_number(object, "seq", (int64_t)totals->head.seq) &&
	       put_text(object, "row_hash", totals->head.row_hash);
}

static bool put_bank(json_t *object, unsigned number, const struct audit_bank *bank)
{
	static const char *const results[] = {
		[AUDIT_BANK_NONE] = "NONE",
		[AUDIT_BANK_UNREACHED] = "UNREACHED",
		[AUDIT_BANK_PASS] = "PASS",
		[AUDIT_BANK_FAIL] = "FAIL",
	};
	char key[32];

	snprintf(key, sizeof(key), "bank%u_bytes", number);
	if (!put_number(object, key, bank->bytes))
		return false;
	snprintf(key, sizeof(key), "bank%u_expected_sha256", number);
	if (!put_text(object, key, bank->expected_sha256))
		return false;
	snprintf(key, sizeof(key), "bank%u_readback_sha256", number);
	if (!put_text(object, key, bank->readback_sha256))
		return false;
	snprintf(key, sizeof(key), "bank%u_result", number);
	return put_text(object, key, results[bank->result]);
}

static bool put_identity(json_t *object, const struct audit_row *row)
{
	char id[8] = "";

	if (row->bootloader_id != AUDIT_NONE)
		snprintf(id, sizeof(id), "0x%02x", (unsigned)row->bootloader_id & 0xff);
	return put_text(object, "unit_id", row->unit_id) &&
	       put_number(object, "attempt", row->attempt) &&
	       put_number(object, "attempts_allowed", row->attempts_allowed) &&
	       put_text(object, "started_at", row->started_at) &&
	       put_text(object, "finished_at", row->finished_at) &&
	       put_text(object, "slot", row->slot) && put_text(object, "usb_path", row->usb_path) &&
	       put_text(object, "uid", row->uid) &&
	       put_text(object, "dfu_serial", row->dfu_serial) &&
	       put_number(object, "flash_kib", row->flash_kib) &&
	       put_text(object, "layout", row->layout) && put_text(object, "bootloader_id", id) &&
	       put_text(object, "bootloader", row->bootloader) &&
	       put_text(object, "unit_serial", row->unit_serial) &&
	       put_text(object, "scan", row->scan);
}

static bool put_outcome(json_t *object, const struct audit_row *row)
{
	static const char *const results[] = {
		[AUDIT_PASS] = "PASS", [AUDIT_FAIL] = "FAIL", [AUDIT_ABORTED] = "ABORTED"};

	return put_text(object, "erase_method", row->erase_method) &&
	       put_text(object, "verify_scope", row->verify_scope) &&
	       put_number(object, "blank_ms", row->blank_ms) &&
	       put_number(object, "erase_ms", row->erase_ms) &&
	       put_number(object, "program_ms", row->program_ms) &&
	       put_number(object, "verify_ms", row->verify_ms) &&
	       put_number(object, "total_ms", row->total_ms) &&
	       put_bank(object, 1, &row->bank[0]) && put_bank(object, 2, &row->bank[1]) &&
	       put_text(object, "option_bytes", row->option_bytes) &&
	       put_text(object, "leave", row->leave) &&
	       put_text(object, "result", results[row->result]) &&
	       put_text(object, "error", h7_error_name(row->error)) &&
	       put_text(object, "detail", row->detail);
}

static enum hooks_answer answer(const struct child_outcome *outcome, uint32_t timeout_s, char *why,
				size_t size)
{
	const char *colon = outcome->line[0] ? ": " : "";

	switch (outcome->end) {
	case CHILD_EXITED:
		if (outcome->number == 0)
			return HOOKS_OK;
		if (outcome->number == 1) {
			snprintf(why, size, "refused%s%s", colon, outcome->line);
			return HOOKS_REFUSED;
		}
		snprintf(why, size, "exit status %d%s%s", outcome->number, colon, outcome->line);
		return HOOKS_FAILED;
	case CHILD_SIGNALLED:
		snprintf(why, size, "ended by signal %d%s%s", outcome->number, colon,
			 outcome->line);
		return HOOKS_FAILED;
	case CHILD_LATE:
		snprintf(why, size, "not done within %" PRIu32 " s%s%s", timeout_s, colon,
			 outcome->line);
		return HOOKS_FAILED;
	case CHILD_STOPPED:
		snprintf(why, size, "stopped%s%s", colon, outcome->line);
		return HOOKS_STOPPED;
	case CHILD_NOT_STARTED:
		break;
	}
	snprintf(why, size, "not started: %s", strerrordesc_np(outcome->number));
	return HOOKS_FAILED;
}

/* A signal that comes while a hook runs lets it finish if it is the run's first. */
struct patience {
	struct gang *gang;
	int signals; /* so many are no reason to stop */
};

static bool told_to_stop(void *user)
{
	const struct patience *patience = user;

	return atomic_load(&patience->gang->stop) > patience->signals;
}

/* Whether a board waits in its slot until the hook ends. The second signal ends such a hook. */
static bool boards_wait(enum profile_hook_time time)
{
	return time == PROFILE_HOOK_GATE || time == PROFILE_HOOK_BEFORE;
}

/* Takes `object` over; NULL: there was no memory for it. `reply` may be NULL. */
static enum hooks_answer run_hook(struct gang *gang, enum profile_hook_time time, json_t *object,
				  struct hooks_reply *reply, char *why, size_t why_size)
{
	const struct profile_hook *hook = &gang->options->profile->hook[time];
	int signals = atomic_load(&gang->stop);
	struct patience patience = {gang, signals > 1 && !boards_wait(time) ? signals : 1};
	char *input = object ? json_dumps(object, JSON_COMPACT) : NULL;
	struct child_outcome outcome;
	struct child child = {
		.program = hook->program,
		.argv = hook->argv,
		.input = input,
		.length = input ? strlen(input) : 0,
		.deadline = clock_after_ms((int64_t)hook->timeout_s * 1000),
		.stop = told_to_stop,
		.stop_user = &patience,
		.leftovers = gang->leftovers,
	};
	enum hooks_answer result = HOOKS_FAILED;

	if (reply) {
		reply->text = malloc(REPLY_ROOM);
		child.output = reply->text;
		child.output_size = REPLY_ROOM;
	}
	if (input && (!reply || reply->text)) {
		child_run(&child, &outcome);
		if (reply)
			reply->length = outcome.output_length;
		result = answer(&outcome, hook->timeout_s, why, why_size);
	} else {
		snprintf(why, why_size, "not started: out of memory");
	}
	free(input);
	json_decref(object);
	return result;
}

static bool is_set(const struct gang *gang, enum profile_hook_time time)
{
	return gang->options->profile->hook[time].program != NULL;
}

enum hooks_answer hooks_run(struct gang *gang, enum profile_hook_time time,
			    const struct hooks_totals *totals, char *why, size_t why_size)
{
	json_t *object;

	why[0] = '\0';
	if (!is_set(gang, time))
		return HOOKS_OK;
	object = describe(gang, time, gang->lot, gang->operator_name, gang->options->tags);
	if (object && totals && !put_totals(object, totals)) {
		json_decref(object);
		object = NULL;
	}
	return run_hook(gang, time, object, NULL, why, why_size);
}

enum hooks_answer hooks_unit(struct gang *gang, enum profile_hook_time time,
			     const struct audit_row *row, char *why, size_t why_size)
{
	json_t *object;

	why[0] = '\0';
	if (!is_set(gang, time))
		return HOOKS_OK;
	object = describe(gang, time, row->lot, row->operator_name, row->tags);
	if (object && (!put_identity(object, row) || !put_outcome(object, row))) {
		json_decref(object);
		object = NULL;
	}
	return run_hook(gang, time, object, NULL, why, why_size);
}

enum hooks_answer hooks_before(struct gang *gang, const struct audit_row *row,
			       struct hooks_reply *reply, char *why, size_t why_size)
{
	json_t *object =
		describe(gang, PROFILE_HOOK_BEFORE, row->lot, row->operator_name, row->tags);

	enum hooks_answer result;

	why[0] = '\0';
	if (object && (!put_identity(object, row) || !put_text(object, "identity", row->identity) ||
		       !put_text(object, "option_bytes", row->option_bytes))) {
		json_decref(object);
		object = NULL;
	}
	result = run_hook(gang, PROFILE_HOOK_BEFORE, object, reply, why, why_size);
	/* Writing failed, even if the exit status is 0. */
	if (result != HOOKS_STOPPED && reply->length > BEFORE_ANSWER_MAX) {
		snprintf(why, why_size, "wrote more than %u bytes", BEFORE_ANSWER_MAX);
		result = HOOKS_FAILED;
	}
	return result;
}

enum hooks_answer hooks_state(struct gang *gang, const struct hooks_state *state, char *why,
			      size_t why_size)
{
	json_t *object = describe(gang, PROFILE_HOOK_STATE, state->lot, state->operator_name,
				  gang->options->tags);

	why[0] = '\0';
	if (object && (!put_text(object, "state", gang_state_name(state->state)) ||
		       !put_text(object, "reason", state->reason))) {
		json_decref(object);
		object = NULL;
	}
	return run_hook(gang, PROFILE_HOOK_STATE, object, NULL, why, why_size);
}

bool hooks_command(struct gang *gang, const struct profile_hook *command, const char *slot,
		   const char *path, uint32_t seconds, char *why, size_t why_size)
{
	json_t *object = json_pack("{s:s, s:s}", "slot", slot, "usb_path", path);
	char *input = object ? json_dumps(object, JSON_COMPACT) : NULL;
	struct patience patience = {gang, 1};
	struct child child = {
		.program = command->program,
		.argv = command->argv,
		.input = input,
		.length = input ? strlen(input) : 0,
		.deadline = clock_after_ms((int64_t)seconds * 1000),
		.stop = told_to_stop,
		.stop_user = &patience,
		.leftovers = gang->leftovers,
	};
	struct child_outcome outcome = {.end = CHILD_NOT_STARTED, .number = ENOMEM};
	bool good;

	if (input)
		child_run(&child, &outcome);
	free(input);
	json_decref(object);
	good = outcome.end == CHILD_EXITED && outcome.number == 0;
	if (!good)
		snprintf(why, why_size, "command %.60s: %s%s%.100s", command->argv[0],
			 outcome.end == CHILD_EXITED      ? "it failed"
			 : outcome.end == CHILD_LATE      ? "it did not end in time"
			 : outcome.end == CHILD_STOPPED   ? "it was ended with the run"
			 : outcome.end == CHILD_SIGNALLED ? "a signal ended it"
							  : "it could not be started",
			 outcome.line[0] ? ": " : "", outcome.line);
	return good;
}
