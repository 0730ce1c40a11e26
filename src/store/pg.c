/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The parts of every call to a PostgreSQL server: send, wait, and judge the answer. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "pg.h"

#define GRACE_MS 2000 /* for the server to report its own time-out first */

struct pg *pg_of(struct db *db)
{
	return (struct pg *)(void *)db;
}

int64_t pg_deadline(const struct pg *pg)
{
	return clock_after_ms(pg->db.patience_ms + GRACE_MS);
}

/* By class or code: PostgreSQL, appendix A. */
static enum db_error kind_of(const char *state)
{
	static const struct {
		const char *begins;
		enum db_error error;
	} kinds[] = {
		{"40001", DB_BUSY},    {"40P01", DB_BUSY},    {"55P03", DB_BUSY},
		{"57014", DB_AWAY},    {"57P", DB_AWAY},      {"08", DB_AWAY},
		{"53", DB_AWAY},       {"25P03", DB_AWAY},    {"25006", DB_AWAY},
		{"58", DB_AWAY},       {"23", DB_CONSTRAINT}, {"XX001", DB_DAMAGED},
		{"XX002", DB_DAMAGED}, {"42P01", DB_SCHEMA},  {"3F000", DB_SCHEMA},
		{"42501", DB_DENIED},  {"28", DB_DENIED},     {"3D000", DB_DENIED},
	};

	for (size_t i = 0; state && i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(state, kinds[i].begins, strlen(kinds[i].begins)) == 0)
			return kinds[i].error;
	}
	return DB_OTHER;
}

enum db_error pg_lost(struct pg *pg, const char *what)
{
	const char *said = PQerrorMessage(pg->connection);
	enum db_error error = DB_AWAY;

	pg->broken = true;
	/* A server that answers "no" to a connection gives no code here. */
	if (!what &&
	    (strstr(said, "authentication failed") || strstr(said, "no pg_hba.conf entry") ||
	     strstr(said, "no password supplied") || strstr(said, "does not exist")))
		error = DB_DENIED;
	return db_fail(&pg->db, error, "%s", what ? what : said);
}

static enum db_error wait_io(struct pg *pg, short events, int64_t deadline)
{
	int64_t left = (deadline - clock_now()) / CLOCK_MS;
	short ready = left > 0 ? clock_wait_other(PQsocket(pg->connection), events, left) : 0;

	if (!ready)
		return pg_lost(pg, "the server does not answer");
	if ((ready & (POLLIN | POLLHUP | POLLERR)) && !PQconsumeInput(pg->connection))
		return pg_lost(pg, NULL);
	return DB_OK;
}

enum db_error pg_flush(struct pg *pg, int64_t deadline)
{
	enum db_error error = DB_OK;
	int more;

	while (error == DB_OK && (more = PQflush(pg->connection)) != 0)
		error = more < 0 ? pg_lost(pg, NULL) : wait_io(pg, POLLIN | POLLOUT, deadline);
	return error;
}

enum db_error pg_result(struct pg *pg, int64_t deadline, PGresult **result)
{
	enum db_error error = pg_flush(pg, deadline);

	*result = NULL;
	while (error == DB_OK && PQisBusy(pg->connection))
		error = wait_io(pg, POLLIN, deadline);
	if (error == DB_OK)
		*result = PQgetResult(pg->connection);
	return error;
}

enum db_error pg_judge(struct pg *pg, const PGresult *result)
{
	const char *primary, *detail;

	switch (PQresultStatus(result)) {
	case PGRES_COMMAND_OK:
	case PGRES_TUPLES_OK:
	case PGRES_PIPELINE_SYNC:
		return DB_OK;
	default:
		break;
	}
	if (PQstatus(pg->connection) == CONNECTION_BAD)
		pg->broken = true;
	primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
	detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
	if (!primary)
		return db_fail(&pg->db, pg->broken ? DB_AWAY : DB_OTHER, "%s",
			       PQresultErrorMessage(result));
	return db_fail(&pg->db, kind_of(PQresultErrorField(result, PG_DIAG_SQLSTATE)), "%s%s%s",
		       primary, detail ? ": " : "", detail ? detail : "");
}

enum db_error pg_values(struct pg *pg, struct pg_values *texts, const struct db_value *values,
			size_t count)
{
	if (count > DB_VALUES_MAX)
		return db_fail(&pg->db, DB_OTHER, "too many values");
	for (size_t i = 0; i < count; i++) {
		texts->text[i] = values[i].kind == DB_TEXT ? values[i].text : NULL;
		if (values[i].kind != DB_INT)
			continue;
		snprintf(texts->number[i], sizeof(texts->number[i]), "%" PRId64, values[i].number);
		texts->text[i] = texts->number[i];
	}
	return DB_OK;
}
