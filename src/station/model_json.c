/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A complete station as one object, and back. */
#include <stdio.h>
#include <string.h>

#include "h7gang/station/event.h"
#include "h7gang/station/model.h"

static const char *const activities[] = {
	[STATION_EMPTY] = "empty", [STATION_WORKING] = "running", [STATION_DONE] = "done"};

#define ACTIVITIES (sizeof(activities) / sizeof(activities[0]))

/* Appends to a list that is a member. False: no memory. */
static bool append(json_t *list, json_t *item)
{
	return json_array_append_new(list, item) == 0;
}

static bool set_new(json_t *object, const char *key, json_t *value)
{
	return json_object_set_new(object, key, value) == 0;
}

/* --- slots --- */

json_t *station_slot_json(const struct station_slot *slot)
{
	static const struct station_facts none = {"", "", "", "", ""};
	json_t *object = json_object();

	if (object && station_set_text(object, "slot", slot->name) &&
	    station_set_text(object, "path", slot->path) &&
	    station_set_number(object, "row", slot->row) &&
	    station_set_number(object, "column", slot->column) &&
	    station_set_text(object, "state", station_slot_state(slot)) &&
	    station_set_text(object, "activity", activities[slot->activity]) &&
	    station_set_flag(object, "take_out", slot->take_out) &&
	    station_set_text(object, "unit_id", slot->unit_id) &&
	    station_set_number(object, "attempt", slot->attempt) &&
	    station_set_number(object, "attempts_allowed", slot->attempts_allowed) &&
	    station_set_text(object, "phase", gang_phase_name(slot->phase)) &&
	    station_set_number(object, "permille", slot->permille) &&
	    station_set_text(object, "since", slot->since) &&
	    station_set_text(object, "blocked", slot->blocked) &&
	    station_set_text(object, "note", slot->note) &&
	    station_set_number(object, "passed", slot->passed) &&
	    station_set_number(object, "failed", slot->failed) &&
	    station_set_number(object, "aborted", slot->aborted) &&
	    station_set_number(object, "not_recorded", slot->not_recorded) &&
	    set_new(object, "unit",
		    slot->has_unit ? station_event_json(&none, &slot->unit) : json_null()))
		return object;
	json_decref(object);
	return NULL;
}

static unsigned get_count(const json_t *object, const char *key)
{
	return (unsigned)station_get_number(object, key, 0, UINT32_MAX, 0);
}

static void read_slot(struct station_slot *slot, const json_t *object, int64_t now)
{
	const json_t *unit = json_object_get(object, "unit");
	char word[32];

	station_get_text(object, "slot", slot->name, sizeof(slot->name));
	station_get_text(object, "path", slot->path, sizeof(slot->path));
	slot->row = get_count(object, "row");
	slot->column = get_count(object, "column");
	station_get_text(object, "activity", word, sizeof(word));
	for (unsigned i = 0; i < ACTIVITIES; i++)
		if (strcmp(word, activities[i]) == 0)
			slot->activity = (enum station_activity)i;
	slot->take_out = json_is_true(json_object_get(object, "take_out"));
	station_get_text(object, "unit_id", slot->unit_id, sizeof(slot->unit_id));
	slot->attempt = get_count(object, "attempt");
	slot->attempts_allowed = get_count(object, "attempts_allowed");
	station_get_text(object, "phase", word, sizeof(word));
	for (unsigned i = 0; i < GANG_PHASE_COUNT; i++)
		if (strcmp(word, gang_phase_name((enum gang_phase)i)) == 0)
			slot->phase = (enum gang_phase)i;
	slot->permille = (unsigned)station_get_number(object, "permille", 0, 1000, 0);
	slot->phase_began = slot->activity == STATION_WORKING ? now : 0;
	station_get_text(object, "since", slot->since, sizeof(slot->since));
	station_get_text(object, "blocked", slot->blocked, sizeof(slot->blocked));
	station_get_text(object, "note", slot->note, sizeof(slot->note));
	slot->passed = get_count(object, "passed");
	slot->failed = get_count(object, "failed");
	slot->aborted = get_count(object, "aborted");
	slot->not_recorded = get_count(object, "not_recorded");
	slot->has_unit = json_is_object(unit) && station_event_read(unit, &slot->unit, NULL) &&
			 slot->unit.kind == GANG_UNIT;
}

/* --- lists --- */

static json_t *slots_json(const struct station_model *model)
{
	json_t *list = json_array();

	for (unsigned i = 0; list && i < model->slots; i++) {
		if (append(list, station_slot_json(&model->slot[i])))
			continue;
		json_decref(list);
		return NULL;
	}
	return list;
}

static json_t *sayings_json(const struct station_model *model)
{
	unsigned kept = model->sayings < STATION_SAYINGS ? model->sayings : STATION_SAYINGS;
	json_t *list = json_array();
	bool good = list != NULL;

	for (unsigned i = model->sayings - kept; good && i < model->sayings; i++) {
		const struct station_saying *saying = &model->saying[i % STATION_SAYINGS];
		json_t *object = json_object();

		good = object && station_set_text(object, "time", saying->time) &&
		       station_set_text(object, "slot", saying->slot) &&
		       station_set_text(object, "text", saying->text);
		good = append(list, object) && good;
	}
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

/* How many ms ago units ended, within the time window of the rate. */
static json_t *finishes_json(const struct station_model *model, int64_t now)
{
	unsigned kept = model->finishes < STATION_FINISHES ? model->finishes : STATION_FINISHES;
	json_t *list = json_array();

	for (unsigned i = model->finishes - kept; list && i < model->finishes; i++) {
		int64_t ago = (now - model->finish[i % STATION_FINISHES]) / CLOCK_MS;

		if (ago <= STATION_RATE_MS && !append(list, json_integer(ago))) {
			json_decref(list);
			return NULL;
		}
	}
	return list;
}

static json_t *units_json(const struct station_model *model)
{
	json_t *list = json_array();
	bool good = list != NULL;

	for (unsigned result = 0; result < 4; result++) {
		for (unsigned error = 0; good && error < H7_ERROR_COUNT; error++) {
			const struct gang_event event = {.recorded = result < 3,
							 .result = (enum audit_result)(result % 3)};
			json_t *object;

			if (!model->units[result][error])
				continue;
			object = json_object();
			good = object &&
			       station_set_text(object, "result", station_verdict(&event)) &&
			       station_set_text(object, "error",
						h7_error_name((enum h7_error)error)) &&
			       station_set_number(object, "count", model->units[result][error]);
			good = append(list, object) && good;
		}
	}
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *phases_json(const struct station_model *model)
{
	json_t *list = json_array();
	bool good = list != NULL;

	for (unsigned phase = 0; good && phase < GANG_PHASE_COUNT; phase++) {
		json_t *object = json_object(), *counts = json_array();

		good = object && counts &&
		       station_set_text(object, "phase", gang_phase_name((enum gang_phase)phase)) &&
		       station_set_number(object, "ms", model->phase_ms[phase]);
		for (unsigned i = 0; good && i < STATION_BUCKETS; i++)
			good = append(counts,
				      json_integer((json_int_t)model->phase_count[phase][i]));
		good = object && set_new(object, "counts", counts) && good;
		good = append(list, object) && good;
	}
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

/* --- figures --- */

static json_t *usb_json(const struct station_figures *figures)
{
	json_t *list = json_array();
	bool good = list != NULL;

	for (unsigned type = 0; type < USB_COUNT_TYPES; type++) {
		for (unsigned status = 0; good && status < USB_COUNT_STATUSES; status++) {
			json_t *object;

			if (!figures->usb[type][status])
				continue;
			object = json_object();
			good = object && station_set_text(object, "type", usb_count_type(type)) &&
			       station_set_text(object, "status", usb_count_status(status)) &&
			       station_set_number(object, "count",
						  (int64_t)figures->usb[type][status]);
			good = append(list, object) && good;
		}
	}
	if (good)
		return list;
	json_decref(list);
	return NULL;
}

static json_t *log_json(const struct station_figures *figures)
{
	json_t *object = json_object();

	if (object && station_set_text(object, "file", figures->log) &&
	    station_set_number(object, "seq", (int64_t)figures->head.seq) &&
	    station_set_text(object, "row_hash", figures->head.row_hash) &&
	    station_set_flag(object, "sealed", figures->sealed) &&
	    station_set_number(object, "sealed_seq", (int64_t)figures->sealed_seq) &&
	    station_set_number(object, "seal_age_ms", figures->seal_age_ms))
		return object;
	json_decref(object);
	return NULL;
}

static json_t *store_json(const struct station_figures *figures)
{
	json_t *object = json_object();

	if (object && station_set_number(object, "lag_rows", (int64_t)figures->store_lag))
		return object;
	json_decref(object);
	return NULL;
}

static void read_figures(struct station_figures *figures, const json_t *object)
{
	const json_t *log = json_object_get(object, "log");
	const json_t *store = json_object_get(object, "store");
	const json_t *usb = json_object_get(object, "usb"), *item;
	size_t i;

	station_get_text(log, "file", figures->log, sizeof(figures->log));
	figures->head.seq = (uint64_t)station_get_number(log, "seq", 0, INT64_MAX, 0);
	station_get_text(log, "row_hash", figures->head.row_hash, sizeof(figures->head.row_hash));
	figures->sealed = json_is_true(json_object_get(log, "sealed"));
	figures->sealed_seq = (uint64_t)station_get_number(log, "sealed_seq", 0, INT64_MAX, 0);
	figures->seal_age_ms = station_get_number(log, "seal_age_ms", 0, INT64_MAX, 0);
	figures->store = json_is_object(store);
	figures->store_lag = (uint64_t)station_get_number(store, "lag_rows", 0, INT64_MAX, 0);
	json_array_foreach(usb, i, item)
	{
		char type[16], status[16];

		station_get_text(item, "type", type, sizeof(type));
		station_get_text(item, "status", status, sizeof(status));
		for (unsigned t = 0; t < USB_COUNT_TYPES; t++)
			for (unsigned s = 0; s < USB_COUNT_STATUSES; s++)
				if (strcmp(type, usb_count_type(t)) == 0 &&
				    strcmp(status, usb_count_status(s)) == 0)
					figures->usb[t][s] = (uint64_t)station_get_number(
						item, "count", 0, INT64_MAX, 0);
	}
}

/* --- the whole --- */

static bool add_facts(json_t *object, const struct station_model *model)
{
	return station_set_text(object, "run_id", model->run_id) &&
	       station_set_text(object, "started_at", model->started_at) &&
	       station_set_text(object, "tool_version", model->tool_version) &&
	       station_set_text(object, "command", model->command) &&
	       station_set_text(object, "profile", model->profile) &&
	       station_set_text(object, "part", model->part) &&
	       station_set_text(object, "firmware_version", model->firmware_version) &&
	       station_set_flag(object, "watch", model->watch) &&
	       station_set_text(object, "station", model->station) &&
	       station_set_text(object, "lot", model->lot) &&
	       station_set_text(object, "operator", model->operator_name) &&
	       station_set_text(object, "state", gang_state_name(model->state)) &&
	       station_set_text(object, "reason", model->reason) &&
	       station_set_flag(object, "over", model->over) &&
	       station_set_flag(object, "fixed_slots", model->fixed_slots);
}

json_t *station_model_json(const struct station_model *model, int64_t now)
{
	char time[CLOCK_TEXT_SIZE];
	json_t *object = json_object();

	clock_wall_text(time);
	if (object && station_set_number(object, "v", 2) &&
	    station_set_text(object, "event", "snapshot") &&
	    station_set_text(object, "time", time) && add_facts(object, model) &&
	    station_set_number(object, "passed", model->passed) &&
	    station_set_number(object, "failed", model->failed) &&
	    station_set_number(object, "aborted", model->aborted) &&
	    station_set_number(object, "not_recorded", model->not_recorded) &&
	    station_set_number(object, "running", station_model_running(model)) &&
	    station_set_number(object, "boards_per_hour", station_model_hourly(model, now)) &&
	    set_new(object, "log", log_json(&model->figures)) &&
	    set_new(object, "store",
		    model->figures.store ? store_json(&model->figures) : json_null()) &&
	    set_new(object, "slots", slots_json(model)) &&
	    set_new(object, "messages", sayings_json(model)) &&
	    set_new(object, "units", units_json(model)) &&
	    set_new(object, "phases", phases_json(model)) &&
	    set_new(object, "usb", usb_json(&model->figures)) &&
	    set_new(object, "finished_ms_ago", finishes_json(model, now)))
		return object;
	json_decref(object);
	return NULL;
}

static unsigned result_of(const char *text)
{
	unsigned result = 0;

	for (; result < 3; result++) {
		const struct gang_event event = {.recorded = true,
						 .result = (enum audit_result)result};

		if (strcmp(station_verdict(&event), text) == 0)
			break;
	}
	return result;
}

static void read_lists(struct station_model *model, const json_t *object, int64_t now)
{
	const json_t *item, *count;
	char word[64];
	size_t i, bucket;

	json_array_foreach(json_object_get(object, "slots"), i, item)
	{
		if (model->slots < STATION_SLOTS_MAX)
			read_slot(&model->slot[model->slots++], item, now);
	}
	json_array_foreach(json_object_get(object, "messages"), i, item)
	{
		struct station_saying *saying = &model->saying[model->sayings++ % STATION_SAYINGS];

		station_get_text(item, "time", saying->time, sizeof(saying->time));
		station_get_text(item, "slot", saying->slot, sizeof(saying->slot));
		station_get_text(item, "text", saying->text, sizeof(saying->text));
	}
	json_array_foreach(json_object_get(object, "units"), i, item)
	{
		enum h7_error error;

		station_get_text(item, "error", word, sizeof(word));
		error = h7_error_find(word);
		station_get_text(item, "result", word, sizeof(word));
		if (error < H7_ERROR_COUNT)
			model->units[result_of(word)][error] = get_count(item, "count");
	}
	json_array_foreach(json_object_get(object, "phases"), i, item)
	{
		if (i >= GANG_PHASE_COUNT)
			break;
		model->phase_ms[i] = station_get_number(item, "ms", 0, INT64_MAX, 0);
		json_array_foreach(json_object_get(item, "counts"), bucket, count)
		{
			if (bucket < STATION_BUCKETS && json_integer_value(count) >= 0)
				model->phase_count[i][bucket] = (uint64_t)json_integer_value(count);
		}
	}
	json_array_foreach(json_object_get(object, "finished_ms_ago"), i, item)
	{
		int64_t ago = json_integer_value(item);

		if (ago >= 0 && ago <= STATION_RATE_MS)
			model->finish[model->finishes++ % STATION_FINISHES] = now - ago * CLOCK_MS;
	}
}

#define GET(key, member) station_get_text(object, key, model->member, sizeof(model->member))

bool station_model_read(struct station_model *model, const json_t *object, int64_t now)
{
	char word[32];

	station_get_text(object, "event", word, sizeof(word));
	if (strcmp(word, "snapshot") != 0)
		return false;
	memset(model, 0, sizeof(*model));
	GET("run_id", run_id);
	GET("started_at", started_at);
	GET("tool_version", tool_version);
	GET("command", command);
	GET("profile", profile);
	GET("part", part);
	GET("firmware_version", firmware_version);
	GET("station", station);
	GET("lot", lot);
	GET("operator", operator_name);
	GET("reason", reason);
	model->watch = json_is_true(json_object_get(object, "watch"));
	model->over = json_is_true(json_object_get(object, "over"));
	model->fixed_slots = json_is_true(json_object_get(object, "fixed_slots"));
	station_get_text(object, "state", word, sizeof(word));
	for (unsigned i = 0; i < GANG_STATES; i++)
		if (strcmp(word, gang_state_name((enum gang_state)i)) == 0)
			model->state = (enum gang_state)i;
	model->passed = get_count(object, "passed");
	model->failed = get_count(object, "failed");
	model->aborted = get_count(object, "aborted");
	model->not_recorded = get_count(object, "not_recorded");
	read_lists(model, object, now);
	read_figures(&model->figures, object);
	return true;
}
