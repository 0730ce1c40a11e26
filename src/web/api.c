/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The API under /api/v1/; src/web/page/openapi.json describes it. */
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assets.h"
#include "auth.h"
#include "feed.h"
#include "h7gang/audit/text.h"
#include "h7gang/gang/control.h"
#include "h7gang/station/event.h"
#include "http.h"
#include "log.h"
#include "report.h"

#define UNITS_DEFAULT 50
#define UNITS_MAX 500
#define TRACE_MAX (64u << 20)

static const char *query(const struct http_request *request, const char *name)
{
	const char *text = request->query(request->from, name);

	return text && text[0] ? text : NULL;
}

/* Digits alone; false: something else. */
static bool number(const char *text, uint64_t most, uint64_t *value)
{
	char *end;

	if (!text[0] || strlen(text) > 19 || strspn(text, "0123456789") != strlen(text))
		return false;
	*value = strtoull(text, &end, 10);
	return *value <= most;
}

/* --- the station --- */

/* Where the log of the slot's unit is, once its row was read: a verdict that is on disk. */
static bool add_place(struct web *web, json_t *slot)
{
	const json_t *unit = json_object_get(slot, "unit");
	bool sealed = false;
	uint64_t seq = 0;
	char run[40], id[40];

	if (json_is_object(unit)) {
		station_get_text(unit, "run_id", run, sizeof(run));
		station_get_text(unit, "unit_id", id, sizeof(id));
		seq = log_unit_seq(web->log, run, id, &sealed);
	}
	return station_set_number(slot, "seq", (int64_t)seq) &&
	       station_set_flag(slot, "sealed", sealed);
}

static void station(struct web *web, struct http_answer *answer)
{
	json_t *object = feed_snapshot(web->feed), *log;
	struct log_state state;
	bool good;

	log_state(web->log, &state);
	log = json_object();
	good = object && log && station_set_text(log, "file", state.path) &&
	       station_set_number(log, "rows", (int64_t)state.rows) &&
	       station_set_number(log, "first", (int64_t)state.first) &&
	       station_set_number(log, "last", (int64_t)state.last) &&
	       station_set_flag(log, "seals", state.seals) &&
	       station_set_number(log, "sealed_seq", (int64_t)state.sealed_seq) &&
	       station_set_text(log, "why", state.why);
	if (object) {
		json_object_del(object, "slots");
		json_object_del(object, "finished_ms_ago");
		json_object_del(object, "event");
	}
	good = json_object_set_new(object, "read", log) == 0 && good;
	if (!good) {
		json_decref(object);
		object = NULL;
	}
	answer_json(answer, 200, object);
}

static void slots(struct web *web, struct http_answer *answer)
{
	json_t *object = feed_snapshot(web->feed), *list = json_object_get(object, "slots"),
	       *whole = json_object(), *slot;
	bool good = object && whole;
	size_t i;

	json_array_foreach(list, i, slot)
	{
		good = good && add_place(web, slot);
	}
	good = good && json_object_set(whole, "slots", list) == 0 &&
	       json_object_set(whole, "connected", json_object_get(object, "connected")) == 0 &&
	       json_object_set(whole, "time", json_object_get(object, "time")) == 0;
	json_decref(object);
	if (!good) {
		json_decref(whole);
		whole = NULL;
	}
	answer_json(answer, 200, whole);
}

static void one_slot(struct web *web, const char *name, struct http_answer *answer)
{
	json_t *slot = feed_slot(web->feed, name);

	if (slot && add_place(web, slot)) {
		answer_json(answer, 200, slot);
		return;
	}
	json_decref(slot);
	answer_error(answer, 404, "there is no such slot");
}

/* --- the log --- */

static bool since(const char *text, int64_t *ms)
{
	*ms = text ? audit_since_ms(text) : 0;
	return *ms >= 0;
}

static void units(struct web *web, const struct http_request *request, struct http_answer *answer)
{
	struct log_question question = {.uid = query(request, "uid"),
					.serial = query(request, "serial"),
					.lot = query(request, "lot"),
					.slot = query(request, "slot"),
					.result = query(request, "result"),
					.limit = UNITS_DEFAULT};
	const char *limit = query(request, "limit"), *before = query(request, "before");
	uint64_t value = UNITS_DEFAULT, next;
	json_t *list, *object;

	if (limit && (!number(limit, UNITS_MAX, &value) || value == 0)) {
		answer_error(answer, 400, "limit: a number from 1 to %d", UNITS_MAX);
		return;
	}
	question.limit = (unsigned)value;
	if (before && !number(before, INT64_MAX, &question.before)) {
		answer_error(answer, 400, "before: the number of a row");
		return;
	}
	if (!since(query(request, "since"), &question.since_ms)) {
		answer_error(answer, 400, "since: a time in UTC as in the log, or its beginning");
		return;
	}
	if (question.result && strcmp(question.result, "PASS") != 0 &&
	    strcmp(question.result, "FAIL") != 0 && strcmp(question.result, "ABORTED") != 0) {
		answer_error(answer, 400, "result: PASS, FAIL or ABORTED");
		return;
	}
	list = log_units(web->log, &question, &next);
	object = list ? json_object() : NULL;
	if (object && json_object_set(object, "units", list) == 0 &&
	    json_object_set_new(object, "next",
				next ? json_integer((json_int_t)next) : json_null()) == 0)
		json_incref(object);
	json_decref(list);
	answer_json(answer, 200, object);
	json_decref(object);
}

static void row(struct web *web, const char *text, struct http_answer *answer)
{
	json_t *object = NULL;
	uint64_t seq;

	if (number(text, INT64_MAX, &seq))
		object = log_row(web->log, seq);
	if (object)
		answer_json(answer, 200, object);
	else
		answer_error(answer, 404,
			     "there is no such row here: the log has none, or it is too old");
}

/* A name of a trace, as the recorder makes it: no way out of the folder. */
static bool trace_name_ok(const char *name)
{
	size_t length = strlen(name);

	return length > 7 && length < 200 && name[0] != '.' &&
	       strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789._-") ==
		       length &&
	       strcmp(name + length - 7, ".pcapng") == 0;
}

static void trace(struct web *web, const char *name, struct http_answer *answer)
{
	int folder = -1, fd = -1;
	char *bytes = NULL;
	struct stat st;

	if (web->options->trace && trace_name_ok(name))
		folder = open(web->options->trace, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (folder >= 0)
		fd = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size <= TRACE_MAX)
		bytes = malloc((size_t)st.st_size + 1);
	if (bytes && read(fd, bytes, (size_t)st.st_size) == st.st_size) {
		answer_bytes(answer, "application/vnd.tcpdump.pcap", bytes, (size_t)st.st_size);
		answer->download = true;
	} else {
		answer_error(answer, 404, "there is no such trace");
	}
	free(bytes);
	if (fd >= 0)
		close(fd);
	if (folder >= 0)
		close(folder);
}

/* --- the user's session --- */

static void session(struct web *web, const struct auth_user *user, struct http_answer *answer)
{
	json_t *object = json_object();

	if (object && !(station_set_text(object, "user", user->name) &&
			station_set_text(object, "role", auth_role_name(user->role)) &&
			station_set_text(object, "csrf", user->csrf) &&
			station_set_flag(object, "login", web->auth != NULL) &&
			station_set_flag(object, "trace", web->options->trace != NULL) &&
			station_set_flag(object, "control",
					 web->options->control && user->role >= AUTH_LEAD))) {
		json_decref(object);
		object = NULL;
	}
	answer_json(answer, 200, object);
}

/* --- control --- */

static const struct control {
	const char *path, *command, *member; /* of the body: the argument of the command */
	enum auth_role role;
} controls[] = {
	{"station/lot", "lot", "lot", AUTH_LEAD},
	{"station/operator", "operator", "operator", AUTH_LEAD},
	{"station/scan", "scan -", "scan", AUTH_LEAD},
	{"station/unlock", "unlock", NULL, AUTH_LEAD},
	{"station/stop", "stop", NULL, AUTH_ADMIN},
};

static void tell_station(struct web *web, const struct http_request *request,
			 const struct auth_user *user, const char *command,
			 struct http_answer *answer)
{
	char asker[HTTP_PEER_SIZE + AUTH_NAME_SIZE + 8];
	struct feed_answer said = {.accepted = false};
	json_t *object;

	snprintf(asker, sizeof(asker), "%s at %s", user->name, request->peer);
	if (!feed_command(web->feed, command, asker, &said)) {
		answer_error(answer, 503, "%s", said.text);
		return;
	}
	object = json_object();
	if (object && !(station_set_flag(object, "accepted", said.accepted) &&
			station_set_flag(object, "later", said.later) &&
			station_set_text(object, "text", said.text))) {
		json_decref(object);
		object = NULL;
	}
	answer_json(answer, said.later ? 202 : said.accepted ? 200 : 409, object);
}

/* The text of a member of the request's JSON object, fit for a command. */
static bool body_text(const struct http_request *request, const char *member, char *to, size_t size)
{
	json_t *object = json_loadb(request->body ? request->body : "", request->length,
				    JSON_REJECT_DUPLICATES, NULL);
	const char *text = json_string_value(json_object_get(object, member));
	bool good = text && text[0] && strlen(text) < size;

	for (const char *at = text; good && *at; at++)
		good = (unsigned char)*at >= ' ' && *at != 0x7f;
	if (good)
		strcpy(to, text);
	json_decref(object);
	return good;
}

/* "slots/NAME/acknowledge" and "slots/NAME/unlock". False: it is neither. */
static bool slot_command(const char *path, char *command, size_t size)
{
	char name[PROFILE_NAME_SIZE], what[16], more[2];

	return sscanf(path, "slots/%64[^/]/%15[a-z]%1s", name, what, more) == 2 &&
	       profile_name_ok(name) &&
	       (strcmp(what, "acknowledge") == 0 || strcmp(what, "unlock") == 0) &&
	       snprintf(command, size, "%s %s", what, name) > 0;
}

static void control(struct web *web, const struct http_request *request, const char *path,
		    const struct auth_user *user, struct http_answer *answer)
{
	char command[GANG_COMMAND_SIZE], text[500];
	enum auth_role role = AUTH_LEAD;
	bool known = slot_command(path, command, sizeof(command));
	const struct control *found = NULL;

	for (size_t i = 0; i < sizeof(controls) / sizeof(controls[0]); i++)
		if (strcmp(controls[i].path, path) == 0)
			found = &controls[i];
	if (!known && !found) {
		answer_error(answer, 404, "there is no such path");
		return;
	}
	if (!web->options->control) {
		answer_error(answer, 403, "control is off: see --control");
		return;
	}
	role = found ? found->role : role;
	if (user->role < role) {
		answer_error(answer, 403, "this needs the role %s", auth_role_name(role));
		return;
	}
	if (found && found->member && !body_text(request, found->member, text, sizeof(text))) {
		answer_error(answer, 400, "a JSON object with the member \"%s\" (a text) is needed",
			     found->member);
		return;
	}
	if (found)
		snprintf(command, sizeof(command), "%s%s%s", found->command,
			 found->member ? " " : "", found->member ? text : "");
	tell_station(web, request, user, command, answer);
}

void api_answer(struct web *web, const struct http_request *request, const char *path,
		const struct auth_user *user, struct http_answer *answer)
{
	const char *last_id = request->header(request->from, "Last-Event-ID");

	if (strcmp(request->method, "POST") == 0) {
		control(web, request, path, user, answer);
	} else if (strcmp(path, "station") == 0) {
		station(web, answer);
	} else if (strcmp(path, "slots") == 0) {
		slots(web, answer);
	} else if (strncmp(path, "slots/", 6) == 0) {
		one_slot(web, path + 6, answer);
	} else if (strcmp(path, "units") == 0) {
		units(web, request, answer);
	} else if (strncmp(path, "rows/", 5) == 0) {
		row(web, path + 5, answer);
	} else if (strncmp(path, "traces/", 7) == 0) {
		trace(web, path + 7, answer);
	} else if (strcmp(path, "session") == 0) {
		session(web, user, answer);
	} else if (strcmp(path, "report") == 0) {
		report_answer(web, answer);
	} else if (strcmp(path, "openapi.json") == 0) {
		answer_bytes(answer, "application/json", web_openapi_json,
			     strlen(web_openapi_json));
	} else if (strcmp(path, "events") == 0) {
		answer->kind = HTTP_EVENTS;
		answer->status = 200;
		answer->type = "text/event-stream";
		snprintf(answer->last_id, sizeof(answer->last_id), "%s", last_id ? last_id : "");
		memcpy(answer->grant, user->grant, sizeof(answer->grant));
	} else {
		answer_error(answer, 404, "there is no such path");
	}
}
