/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a station as events build it, and as it goes over the socket. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "h7gang/station/event.h"
#include "h7gang/station/model.h"
#include "h7gang/station/queue.h"

#define SECOND (1000 * CLOCK_MS)

static struct station_model *model;
static int64_t now;

static int begin(void **state)
{
	(void)state;
	model = calloc(1, sizeof(*model));
	now = SECOND;
	return model ? 0 : -1;
}

static int end(void **state)
{
	(void)state;
	free(model);
	return 0;
}

static void tell(enum gang_event_kind kind, const char *slot, struct gang_event event)
{
	event.kind = kind;
	strcpy(event.slot, slot);
	station_model_event(model, &event, now);
}

static void tell_verdict(const char *slot, enum audit_result result, bool recorded)
{
	struct gang_event event = {.result = result, .recorded = recorded};

	strcpy(event.unit_id, "u");
	tell(GANG_UNIT, slot, event);
}

static const char *state_of(const char *slot)
{
	return station_slot_state(station_model_slot(model, slot));
}

/* Slots come as ports are seen, unless the profile names them; a full model takes no more. */
static void slots(void **state)
{
	char name[8];

	(void)state;
	tell(GANG_TARGET, "1-1", (struct gang_event){.path = "1-1"});
	assert_non_null(station_model_slot(model, "1-1"));
	assert_null(station_model_slot(model, "1-2"));
	for (unsigned i = 0; i < 2 * STATION_SLOTS_MAX; i++) {
		snprintf(name, sizeof(name), "s%u", i);
		tell(GANG_TARGET, name, (struct gang_event){.path = "2-1"});
	}
	assert_int_equal(model->slots, STATION_SLOTS_MAX);
	memset(model, 0, sizeof(*model));
	model->fixed_slots = true;
	tell(GANG_TARGET, "1-1", (struct gang_event){.path = "1-1"});
	assert_int_equal(model->slots, 0);
}

/* From insertion to removal. */
static void unit(void **state)
{
	(void)state;
	tell(GANG_TARGET, "A1", (struct gang_event){.unit_id = "u", .path = "1-1"});
	assert_string_equal(state_of("A1"), "running");
	assert_int_equal(station_model_running(model), 1);
	tell(GANG_PHASE, "A1", (struct gang_event){.phase = GANG_PHASE_PROGRAM});
	tell(GANG_PROGRESS, "A1",
	     (struct gang_event){.phase = GANG_PHASE_PROGRAM, .permille = 500});
	assert_int_equal(station_model_slot(model, "A1")->permille, 500);
	now += 2 * SECOND;
	tell_verdict("A1", AUDIT_PASS, true);
	assert_string_equal(state_of("A1"), "passed");
	assert_int_equal(station_model_running(model), 0);
	assert_int_equal(model->passed, 1);
	assert_int_equal(model->phase_ms[GANG_PHASE_PROGRAM], 2000);
	tell(GANG_FREE, "A1", (struct gang_event){.permille = 0});
	assert_string_equal(state_of("A1"), "empty");
	assert_int_equal(model->passed, 1);
	tell(GANG_NOTE, "A1", (struct gang_event){.detail = GANG_NOTE_ASKING});
	assert_string_equal(state_of("A1"), "asking");
	tell(GANG_NOTE, "A1", (struct gang_event){.detail = "the board was removed"});
	assert_string_equal(state_of("A1"), "empty");
}

/* A PASS whose row is not on disk is none: not in the totals, not in a state, not in a text. */
static void not_recorded(void **state)
{
	struct gang_event event = {.kind = GANG_UNIT, .result = AUDIT_PASS};

	(void)state;
	tell(GANG_TARGET, "A1", (struct gang_event){.unit_id = "u", .path = "1-1"});
	tell_verdict("A1", AUDIT_PASS, false);
	assert_string_equal(state_of("A1"), "not_recorded");
	assert_int_equal(model->passed, 0);
	assert_int_equal(model->not_recorded, 1);
	assert_int_equal(model->units[AUDIT_PASS][0], 0);
	assert_int_equal(model->units[3][0], 1);
	assert_string_not_equal(station_verdict(&event), "PASS");
}

/* Boards an hour: over ten minutes at most, and of those that ended alone. */
static void hourly(void **state)
{
	(void)state;
	assert_int_equal(station_model_hourly(model, now), 0);
	tell(GANG_TARGET, "A1", (struct gang_event){.unit_id = "u", .path = "1-1"});
	for (unsigned i = 0; i < 60; i++) {
		now += 10 * SECOND;
		tell_verdict("A1", AUDIT_PASS, true);
	}
	assert_in_range(station_model_hourly(model, now), 350, 370);
	assert_int_equal(station_model_hourly(model, now + 3600 * SECOND), 0);
}

/* Another process receives the same values; text that looks like markup or a terminal command stays
 * text. */
static void over_the_socket(void **state)
{
	struct station_model *other = calloc(1, sizeof(*other));
	json_t *object;
	char *line;

	(void)state;
	assert_non_null(other);
	strcpy(model->lot, "<b>\x1b[2J\"\\");
	strcpy(model->station, "line 1");
	tell(GANG_TARGET, "A1", (struct gang_event){.unit_id = "u", .path = "1-1"});
	tell(GANG_TARGET, "A2", (struct gang_event){.unit_id = "v", .path = "1-2"});
	tell_verdict("A1", AUDIT_PASS, true);
	tell_verdict("A2", AUDIT_PASS, false);
	object = station_model_json(model, now);
	assert_non_null(object);
	line = station_json_line(object);
	assert_non_null(line);
	assert_null(strchr(line, 0x1b));
	assert_int_equal(strchr(line, '\n') - line, strlen(line) - 1);
	json_decref(object);
	object = json_loads(line, 0, NULL);
	assert_true(station_model_read(other, object, now));
	assert_string_equal(other->lot, model->lot);
	assert_int_equal(other->passed, 1);
	assert_int_equal(other->not_recorded, 1);
	assert_int_equal(other->slots, 2);
	assert_string_equal(station_slot_state(station_model_slot(other, "A1")), "passed");
	assert_string_equal(station_slot_state(station_model_slot(other, "A2")), "not_recorded");
	json_decref(object);
	free(line);
	free(other);
}

/* A hostile station: each member missing, of another type, or absurd. */
static void hostile(void **state)
{
	static const char *const values[] = {"null", "-1",  "1e300", "99999999999999999999",
					     "[]",   "{}",  "\"\"",  "\"\\u0000\"",
					     "true", "[[]]"};
	json_t *whole = station_model_json(model, now), *value, *broken;
	struct station_model *other = calloc(1, sizeof(*other));
	const char *key;
	void *at;

	(void)state;
	assert_non_null(other);
	assert_false(station_model_read(other, NULL, now));
	json_object_foreach_safe(whole, at, key, value)
	{
		for (size_t i = 0; i < sizeof(values) / sizeof(values[0]); i++) {
			broken = json_deep_copy(whole);
			json_object_set_new(broken, key,
					    json_loads(values[i], JSON_DECODE_ANY, NULL));
			(void)station_model_read(other, broken, now);
			assert_true(other->slots <= STATION_SLOTS_MAX);
			json_decref(broken);
		}
	}
	json_decref(whole);
	free(other);
}

/* Never more than asked for, in order, and closed only when it is empty. */
static void queue(void **state)
{
	struct event_queue q;
	struct queued_event *one;
	struct gang_event event = {.kind = GANG_NOTE};

	(void)state;
	assert_true(event_queue_open(&q));
	for (unsigned i = 0; i < 3; i++) {
		event.permille = i;
		assert_int_equal(event_queue_put(&q, &event, 2), i < 2);
	}
	assert_false(event_queue_close(&q, 20));
	assert_false(event_queue_closing(&q));
	for (unsigned i = 0; i < 2; i++) {
		one = event_queue_take(&q);
		assert_int_equal(one->event.permille, i);
		free(one);
	}
	assert_null(event_queue_take(&q));
	assert_true(event_queue_closing(&q));
	event_queue_end(&q);
	assert_true(event_queue_close(&q, 20));
	assert_true(event_queue_put(&q, &event, 1)); /* frees the rest */
	event_queue_free(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(slots, begin, end),
		cmocka_unit_test_setup_teardown(unit, begin, end),
		cmocka_unit_test_setup_teardown(not_recorded, begin, end),
		cmocka_unit_test_setup_teardown(hourly, begin, end),
		cmocka_unit_test_setup_teardown(over_the_socket, begin, end),
		cmocka_unit_test_setup_teardown(hostile, begin, end),
		cmocka_unit_test(queue),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
