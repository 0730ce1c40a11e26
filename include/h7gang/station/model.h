/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The state of a station at one moment. Events build it. Each new client of the socket gets the
 * whole state and keeps it up to date with the events that follow. No I/O and no clock; texts are
 * kept as received. */
#ifndef H7GANG_STATION_MODEL_H
#define H7GANG_STATION_MODEL_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "h7gang/gang/events.h"
#include "h7gang/usb/counts.h"

#define STATION_SLOTS_MAX 128 /* one bus carries 127 devices */
#define STATION_SAYINGS 40
#define STATION_FINISHES 1024
#define STATION_RATE_MS 600000 /* boards an hour are those of the last ten minutes */
#define STATION_BUCKETS 12     /* of a phase's histogram, the last one without a limit */
#define STATION_NAME_SIZE 256
#define STATION_PATH_SIZE 1024

enum station_activity { STATION_EMPTY, STATION_WORKING, STATION_DONE };

struct station_slot {
	char name[PROFILE_NAME_SIZE];
	char path[USB_PATH_SIZE];
	unsigned row, column; /* in the fixture, from 1; 0: not said */
	enum station_activity activity;
	bool take_out;
	char unit_id[40];
	unsigned attempt, attempts_allowed;
	enum gang_phase phase;
	unsigned permille;
	int64_t phase_began; /* base/clock; 0: no phase runs */
	char since[CLOCK_TEXT_SIZE];
	char blocked[AUDIT_TEXT_MAX]; /* the reason; "": not blocked */
	char note[AUDIT_TEXT_MAX];    /* the last one about the present board */
	bool has_unit;
	struct gang_event unit; /* the last verdict here */
	unsigned passed, failed, aborted, not_recorded;
};

struct station_saying {
	char time[CLOCK_TEXT_SIZE];
	char slot[PROFILE_NAME_SIZE];
	char text[AUDIT_TEXT_MAX];
};

/* Figures that no event carries, fetched for each snapshot. */
struct station_figures {
	char log[STATION_PATH_SIZE]; /* absolute; "": not known yet */
	struct audit_head head;      /* of the log */
	bool sealed;                 /* the log has a key */
	uint64_t sealed_seq;         /* the last row that is sealed, 0: none */
	int64_t seal_age_ms;         /* since the oldest row without a seal; 0: none is without */
	bool store;                  /* rows go to a store */
	uint64_t store_lag;          /* rows that it has not yet */
	uint64_t usb[USB_COUNT_TYPES][USB_COUNT_STATUSES]; /* transfers that ended */
};

struct station_model {
	/* as given at the start of the run */
	char tool_version[32], command[16], profile[PROFILE_NAME_SIZE], part[64];
	char firmware_version[256];
	bool watch;
	char run_id[37], started_at[CLOCK_TEXT_SIZE];
	/* as it is now */
	char station[STATION_NAME_SIZE];
	char lot[AUDIT_TEXT_MAX], operator_name[AUDIT_TEXT_MAX];
	enum gang_state state;
	char reason[AUDIT_TEXT_MAX];
	bool over; /* the run is */
	unsigned passed, failed, aborted, not_recorded;
	unsigned slots;
	bool fixed_slots; /* they are the profile's, else they come as ports are seen */
	struct station_slot slot[STATION_SLOTS_MAX];
	struct station_saying saying[STATION_SAYINGS]; /* a ring */
	unsigned sayings;
	int64_t finish[STATION_FINISHES]; /* a ring: when units ended (base/clock) */
	unsigned finishes;
	/* for metrics */
	uint32_t units[4][H7_ERROR_COUNT]; /* by audit_result, 3: not recorded; and error */
	uint64_t phase_count[GANG_PHASE_COUNT][STATION_BUCKETS];
	int64_t phase_ms[GANG_PHASE_COUNT]; /* sums */
	struct station_figures figures;
};

/* An event at `now` (base/clock). */
void station_model_event(struct station_model *model, const struct gang_event *event, int64_t now);

struct station_slot *station_model_slot(struct station_model *model, const char *name);

unsigned station_model_running(const struct station_model *model);

/* Boards an hour over the last ten minutes, or since the first of them; 0: not known yet. */
unsigned station_model_hourly(const struct station_model *model, int64_t now);

/* "empty", "running", "passed", "failed", "aborted", "not_recorded" or "blocked". Static. */
const char *station_slot_state(const struct station_slot *slot);
/* The same by number; NULL past the last. */
const char *station_slot_state_at(unsigned i);

/* The whole as an object, event "snapshot"; one slot. NULL: no memory. */
json_t *station_model_json(const struct station_model *model, int64_t now);
json_t *station_slot_json(const struct station_slot *slot);

/* A model from such an object. False: it is none. */
bool station_model_read(struct station_model *model, const json_t *object, int64_t now);

/* One screen of plain text; the metrics in the text format of Prometheus 0.0.4. Failures show in
 * ferror(). */
void station_model_text(FILE *to, const struct station_model *model, int64_t now);
void station_model_metrics(FILE *to, const struct station_model *model);

/* The upper limit of a bucket in ms; INT64_MAX: none. */
int64_t station_bucket_ms(unsigned bucket);

#endif
