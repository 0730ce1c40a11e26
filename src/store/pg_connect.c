/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "pg.h"

#define OLDEST_SERVER 120000 /* PostgreSQL 12 */
#define CONNECT_MS 10000     /* at most, even if answers may take longer */

static void say_nothing(void *user, const char *text)
{
	(void)user;
	(void)text;
}

/* Other users can read a command line and a profile; libpq has better places for a password.
 * libpq's message about an invalid URL may quote the password, and is not shown. */
enum db_error db_pg_check_url(const char *url, char *why, size_t why_size)
{
	PQconninfoOption *options = PQconninfoParse(url, NULL);
	bool password = false;

	if (!options) {
		snprintf(why, why_size, "the store's URL is none that libpq understands");
		return DB_URL;
	}
	for (PQconninfoOption *option = options; option->keyword; option++) {
		if (option->val && option->val[0] &&
		    (strcmp(option->keyword, "password") == 0 ||
		     strcmp(option->keyword, "sslpassword") == 0))
			password = true;
	}
	PQconninfoFree(options);
	if (!password)
		return DB_OK;
	snprintf(why, why_size,
		 "the store's URL holds a password: put it into ~/.pgpass, or use a service file, "
		 "peer or a certificate");
	return DB_URL;
}

static enum db_error shake_hands(struct pg *pg)
{
	int64_t patience = pg->db.patience_ms < CONNECT_MS ? pg->db.patience_ms : CONNECT_MS;
	int64_t deadline = clock_after_ms(patience);
	PostgresPollingStatusType status = PGRES_POLLING_WRITING;

	if (PQstatus(pg->connection) == CONNECTION_BAD)
		return pg_lost(pg, NULL);
	while (status != PGRES_POLLING_OK) {
		int64_t left = (deadline - clock_now()) / CLOCK_MS;
		short events = status == PGRES_POLLING_READING ? POLLIN : POLLOUT;

		if (left <= 0 || !clock_wait_other(PQsocket(pg->connection), events, left))
			return pg_lost(pg, "no answer while connecting");
		status = PQconnectPoll(pg->connection);
		if (status == PGRES_POLLING_FAILED)
			return pg_lost(pg, NULL);
	}
	return DB_OK;
}

/* Overrides settings of the server and the role. A commit counts only once it is on disk. The
 * server must release the locks of a dead station's transaction; during a COPY none of its
 * time-outs applies, and only keepalives notice that the station is gone. */
static enum db_error set_up(struct pg *pg)
{
	static const char sql[] =
		"SELECT set_config('search_path', 'h7gang', false),"
		" set_config('statement_timeout', $1, false),"
		" set_config('lock_timeout', $1, false),"
		" set_config('idle_in_transaction_session_timeout', $2, false),"
		" set_config('tcp_keepalives_idle', '20', false),"
		" set_config('tcp_keepalives_interval', '5', false),"
		" set_config('tcp_keepalives_count', '4', false),"
		" set_config('tcp_user_timeout', '30000', false),"
		" set_config('TimeZone', 'UTC', false),"
		" set_config('client_min_messages', 'warning', false),"
		" set_config('synchronous_commit', CASE current_setting('synchronous_commit')"
		" WHEN 'off' THEN 'on' ELSE current_setting('synchronous_commit') END, false)";
	char patience[24] = "", idle[24] = "";
	const struct db_value values[] = {db_text(patience), db_text(idle)};

	snprintf(patience, sizeof(patience), "%" PRId64, pg->db.patience_ms);
	snprintf(idle, sizeof(idle), "%" PRId64, 2 * pg->db.patience_ms + 10000);
	return pg->db.backend->query(&pg->db, sql, values, 2, NULL, NULL);
}

enum db_error pg_connect(struct pg *pg, const char *url)
{
	/* The URL may override the settings that stand before it. Without them a connection through
	 * a dead network is only noticed after hours. */
	static const char *const names[] = {"fallback_application_name", "keepalives_idle",
					    "keepalives_interval",       "keepalives_count",
					    "tcp_user_timeout",          "dbname",
					    "client_encoding",           NULL};
	const char *const values[] = {"h7gang", "20", "5", "4", "30000", url, "UTF8", NULL};
	enum db_error error;

	pg->connection = PQconnectStartParams(names, values, 1);
	if (!pg->connection)
		return db_fail(&pg->db, DB_MEMORY, "no memory");
	PQsetNoticeProcessor(pg->connection, say_nothing, NULL);
	error = shake_hands(pg);
	if (error != DB_OK)
		return error;
	if (PQserverVersion(pg->connection) < OLDEST_SERVER)
		return db_fail(&pg->db, DB_OTHER, "the server is older than PostgreSQL 12");
	if (PQsetnonblocking(pg->connection, 1) != 0)
		return pg_lost(pg, NULL);
	return set_up(pg);
}
