/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The steps in the order in which a board that hangs costs least. The file is written after each,
 * and says which one was running when a board hung or the program was killed. */
#include "h7gang/characterize/characterize.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "measure.h"

enum {
	TRIES = 2,
	ROUNDS = 3,          /* of a board that is attached again while it is identified */
	IDENTIFYING = 1 | 2, /* the first steps, a bit each */
	FOUND_BUSY_MS = 26000
};

/* clang-format off */
static const struct step {
	const char *name;
	bool (*run)(struct measure *m);
	unsigned limit_s;
	bool destructive;
	bool always; /* the others need its findings */
} steps[] = {
	{"descriptors", characterize_descriptors, 60,  false, true},
	{"identity",    characterize_identity,    120, false, true},
	{"manners",     characterize_manners,     60,  false, false},
	{"wire",        characterize_wire,        120, false, false},
	{"reset",       characterize_reset,       60,  false, false},
	{"erase",       characterize_erase,       120, true,  false},
	{"program",     characterize_program,     60,  true,  false},
	{"mass",        characterize_mass,        240, true,  false},
	{"bank2",       characterize_bank2,       120, true,  false},
	{"twice",       characterize_twice,       120, true,  false},
	{"leave",       characterize_leave,       60,  true,  false},
};
/* clang-format on */

enum { STEPS = sizeof(steps) / sizeof(steps[0]) };

static void note_arrival(void *user, enum usb_change change, const struct usb_seen *seen)
{
	struct measure *m = user;

	if (change == USB_ARRIVED && strcmp(seen->path, m->job->path) == 0)
		atomic_store(&m->arrived, clock_now());
}

static json_t *step_of(const struct measure *m, const struct step *step)
{
	json_t *all = json_object_get(m->root, "steps");
	json_t *one = json_object_get(all, step->name);

	if (!one && json_object_set_new(all, step->name, json_object()) == 0)
		one = json_object_get(all, step->name);
	return one;
}

static void set_result(json_t *step, const char *result, const char *why)
{
	json_object_set_new(step, "result", json_string(result));
	if (why && *why)
		json_object_set_new(step, "why", word_of(why));
	else
		json_object_del(step, "why");
}

static const char *result_of(const json_t *step)
{
	const char *text = json_string_value(json_object_get(step, "result"));

	return text ? text : "";
}

static void tell(struct measure *m, const char *what, const char *name, const char *why)
{
	char text[320];

	snprintf(text, sizeof(text), "%s: %s%s%s%s", m->job->path, name, *what ? " " : "", what,
		 why);
	m->job->tell(m->job->user, text);
}

static void start_clock(struct measure *m, unsigned limit_s)
{
	m->link.deadline = clock_after_ms((int64_t)limit_s * 1000);
	m->link.session.deadline = m->link.deadline;
}

/* Results of an earlier run that later steps need. */
static void recall(struct measure *m)
{
	const char *reads = json_string_value(json_object_get(m->measured, "read_before_write"));
	const json_t *small = json_object_get(m->measured, "wire_small_ms");
	const json_t *sector = json_object_get(m->measured, "sector_ms");
	const json_t *done = json_object_get(m->root, "steps");

	if (small)
		m->small_ns = (int64_t)(json_number_value(small) * 1e6);
	if (sector)
		m->sector_ns = (int64_t)(json_number_value(sector) * 1e6);
	m->early_stalls = json_is_true(json_object_get(m->measured, "early_poll_stall"));
	m->loses_word = reads && strcmp(reads, "loses_first_word") == 0;
	for (unsigned i = 0; i < STEPS; i++)
		if (strcmp(result_of(json_object_get(done, steps[i].name)), "done") == 0)
			m->recorded |= 1u << i;
}

/* An earlier run measured it: repeated only for the needs of this run, and kept as it was. */
static bool run_again(struct measure *m, const struct step *step)
{
	json_t *root = m->root, *measured = m->measured, *details = m->details;
	bool good;

	m->root = json_object();
	m->measured = json_object();
	m->details = json_object();
	good = m->root && m->measured && m->details && step->run(m) && !m->stopped;
	if (good && strcmp(step->name, "identity") == 0) {
		const json_t *hash = json_object_get(m->root, "uid_sha256");
		const json_t *before = json_object_get(root, "uid_sha256");

		if ((hash || before) && !json_equal(hash, before)) {
			good = stop(m, CHARACTERIZE_EXCHANGED,
				    "another board: its UID differs from the UID in the file");
		}
	}
	json_decref(m->root);
	json_decref(m->measured);
	json_decref(m->details);
	m->root = root;
	m->measured = measured;
	m->details = details;
	return good;
}

static const char *why_of(const struct measure *m)
{
	return m->stopped ? m->stop_why : m->why;
}

enum went { WENT_ON, WENT_WRONG, WENT_UNSAVED };

static enum went run_step(struct measure *m, const struct step *step, char *first_why, size_t size)
{
	json_t *state = step_of(m, step);
	const bool done = m->recorded & 1u << (step - steps);
	const json_int_t tries = json_integer_value(json_object_get(state, "tries"));
	bool good;

	m->why[0] = '\0';
	start_clock(m, step->limit_s);
	if (done && !step->always)
		return WENT_ON;
	if (done) {
		good = run_again(m, step);
	} else {
		if (!step->always && tries >= TRIES) {
			set_result(state, "given up",
				   "the board did not come through it, or the program was killed");
			return WENT_ON;
		}
		tell(m, "", step->name, "");
		set_result(state, "running", NULL);
		json_object_set_new(state, "tries", json_integer(tries + 1));
		if (!document_save(m))
			return WENT_UNSAVED;
		good = step->run(m) && !m->stopped;
		set_result(state, good ? "done" : "failed", why_of(m));
		if (!good && m->dead && strcmp(step->name, "leave") != 0)
			json_object_set_new(state, "tries", json_integer(TRIES));
	}
	if (good)
		return WENT_ON;
	tell(m, "failed: ", step->name, why_of(m));
	if (!*first_why)
		snprintf(first_why, size, "%s: %s", step->name, why_of(m));
	if (step->always || m->dead || m->stopped)
		return WENT_WRONG;
	start_clock(m, steps[0].limit_s);
	if (back_to_idle(m))
		return WENT_ON;
	set_result(state, "failed", why_of(m));
	return WENT_WRONG;
}

static bool may_destroy(struct measure *m)
{
	struct characterize *job = m->job;

	return job->may_destroy(job->user, m->uid, job->why, sizeof(job->why));
}

static enum went take_step(struct measure *m, const struct step *step, char *first_why, size_t size)
{
	const enum went went = run_step(m, step, first_why, size);

	return went == WENT_ON && !document_save(m) ? WENT_UNSAVED : went;
}

/* All measurements: a board that was attached again before its UID was known may be another one. */
static void start_over(struct measure *m)
{
	m->recorded = 0;
	json_object_clear(m->measured);
	json_object_clear(m->details);
	json_object_del(m->root, "uid_sha256");
}

/* All its answers are of one board: once more if it was attached again meanwhile. */
static enum went identify(struct measure *m, char *first_why, size_t size)
{
	enum went went = WENT_ON;

	for (unsigned round = 0; round < ROUNDS; round++) {
		if (round && (m->recorded & IDENTIFYING) != IDENTIFYING)
			start_over(m);
		for (unsigned i = 0; steps[i].always && went == WENT_ON; i++)
			went = take_step(m, &steps[i], first_why, size);
		if (went != WENT_ON)
			return went;
		if (m->link.attached == m->described)
			break;
	}
	m->unproved = m->link.attached != m->described;
	keep_board(m);
	return went;
}

/* Before the first destructive step. False: why. */
static bool may_begin(struct measure *m, const struct step *step, char *first_why, size_t size)
{
	m->destroying = true;
	if (m->unproved && !unproved(m)) {
		set_result(step_of(m, step), "failed", why_of(m));
		snprintf(first_why, size, "%s: %s", step->name, why_of(m));
		return false;
	}
	if (!may_destroy(m)) {
		m->forbidden = true;
		return false;
	}
	if (m->flash_refused)
		snprintf(first_why, size, "the board is read-protected: nothing is erased");
	return !m->flash_refused;
}

static enum characterize_end run_steps(struct measure *m)
{
	struct characterize *job = m->job;
	char first_why[256] = "";
	enum went went;

	recall(m);
	went = identify(m, first_why, sizeof(first_why));
	for (unsigned i = 0; i < STEPS && went == WENT_ON && !m->left; i++) {
		if (steps[i].always)
			continue;
		if (steps[i].destructive &&
		    (!job->destructive ||
		     (!m->destroying && !may_begin(m, &steps[i], first_why, sizeof(first_why)))))
			break;
		went = take_step(m, &steps[i], first_why, sizeof(first_why));
	}
	if (m->forbidden)
		return CHARACTERIZE_REFUSED;
	if (went == WENT_UNSAVED || !document_finish(m) || !findings_put(m) || !document_save(m))
		return CHARACTERIZE_INTERNAL;
	if (!*first_why)
		return CHARACTERIZE_DONE;
	snprintf(job->why, sizeof(job->why), "%s", first_why);
	return m->stopped ? m->stopped : CHARACTERIZE_FAILED;
}

/* The state that an earlier host left; a GETSTATUS could carry out an operation left pending. */
static void note_state(struct measure *m)
{
	struct dfu_status status;
	struct reply reply;
	const int state = ask_state(m);

	if (state < 0 || state > DFU_ERROR)
		return;
	put_word(m, "initial_state", dfu_state_name((uint8_t)state));
	if (state == DFU_ERROR && ask_status(m, MEASURE_TRANSFER_MS, &status, &reply))
		put_word(m, "initial_status", dfu_status_name(status.status));
	if (state == DFU_DNBUSY || state == DFU_DNLOAD_SYNC || state == DFU_DNLOAD_IDLE)
		m->link.busy_ms = FOUND_BUSY_MS;
}

static enum characterize_end with_board(struct measure *m)
{
	struct characterize *job = m->job;
	bool good;

	start_clock(m, steps[0].limit_s);
	if (link_attach(&m->link) != DFU_OK) {
		snprintf(job->why, sizeof(job->why), "%s", m->link.why);
		return CHARACTERIZE_FAILED;
	}
	if (!(job->resume ? document_load(m) : document_new(m)))
		return job->resume ? CHARACTERIZE_REFUSED : CHARACTERIZE_INTERNAL;
	if (!job->resume)
		note_state(m);
	good = back_to_idle(m);
	m->link.busy_ms = MEASURE_TRANSFER_MS;
	if (!good) {
		snprintf(job->why, sizeof(job->why), "%s", m->why);
		return document_finish(m) && findings_put(m) && document_save(m)
			       ? CHARACTERIZE_FAILED
			       : CHARACTERIZE_INTERNAL;
	}
	return run_steps(m);
}

static void open_link(struct measure *m)
{
	m->link = (struct link){
		.bus = m->bus,
		.path = m->job->path,
		.targets = 1,
		.claim_ms = USB_CLAIM_MS,
		.busy_ms = MEASURE_TRANSFER_MS,
		.limits = {.transfer_ms = MEASURE_TRANSFER_MS,
			   .sector_ms = STM32_SECTOR_WORST_MS,
			   .mass_ms = STM32_MASS_WORST_MS,
			   .write_ms = MEASURE_TRANSFER_MS,
			   .flash_word = 32,
			   .window = 1,
			   .poll = DFU_POLL_ADAPTIVE},
		.deadline = CLOCK_NEVER,
		.trace = m->job->trace,
	};
}

enum characterize_end characterize_run(struct characterize *job)
{
	struct measure *m = calloc(1, sizeof(*m));
	enum characterize_end end = CHARACTERIZE_INTERNAL;
	struct usb_seen seen;

	if (!m) {
		snprintf(job->why, sizeof(job->why), "out of memory");
		return end;
	}
	m->job = job;
	m->answers.id = STM32_ROM_UNKNOWN;
	m->bus = usb_bus_open(&job->filter, note_arrival, m, job->why, sizeof(job->why));
	if (!m->bus)
		goto out;
	usb_bus_rescan(m->bus);
	open_link(m);
	if (!usb_bus_find(m->bus, job->path, &seen)) {
		snprintf(job->why, sizeof(job->why), "no board in ROM bootloader mode there");
		end = CHARACTERIZE_NO_BOARD;
	} else {
		end = with_board(m);
		if (job->page && json_object_get(m->root, "findings"))
			findings_print(m, job->page);
	}
	link_close(&m->link);
	json_decref(m->root);
	if (m->link.leaked) { /* the bus may still call back */
		usb_bus_hush(m->bus);
		return end;
	}
	usb_bus_close(m->bus);
out:
	free(m);
	return end;
}
