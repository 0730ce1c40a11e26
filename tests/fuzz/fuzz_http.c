/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Requests of anything to h7gang-web: method, path, query, headers and body, as a listener would
 * hand them over, with users and without. No station answers and there is no log. Every answer has
 * a status and a type; no POST without a token or a session is obeyed. reads: src/web/http.c
 * src/web/api.c src/web/answer.c src/web/auth.c */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "web/auth.h"
#include "web/feed.h"
#include "web/http.h"
#include "web/log.h"
#include "web/rate.h"
#include "web/report.h"
#include "web/secret.h"
#include "h7gang/base/sha256.h"
#include "h7gang/gang/control.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define FIELDS 12

static struct web web[2];
static struct web_options options[2];
static char *field[2 * FIELDS]; /* name, value */

/* In the place of those with threads, a station, a log and a journal. */
void say(const char *program, const char *format, ...)
{
	(void)program;
	(void)format;
}

json_t *feed_snapshot(struct feed *feed)
{
	static struct station_model model = {.slots = 1};

	(void)feed;
	return station_model_json(&model, 0);
}

json_t *feed_slot(struct feed *feed, const char *name)
{
	(void)feed;
	return strcmp(name, "A1") == 0 ? json_object() : NULL;
}

bool feed_command(struct feed *feed, const char *command, const char *asker, bool *accepted,
		  char *text, size_t size)
{
	(void)feed;
	/* The station gets only lines of a bounded length, each with its user. */
	if (strlen(command) >= GANG_COMMAND_SIZE || strpbrk(command, "\r\n") ||
	    strncmp(asker, " at", 3) == 0)
		abort();
	*accepted = true;
	snprintf(text, size, "done");
	return true;
}

void log_state(struct follow_log *log, struct log_state *state)
{
	(void)log;
	*state = (struct log_state){.rows = 0};
}

json_t *log_units(struct follow_log *log, const struct log_question *question, uint64_t *next)
{
	(void)log;
	if (question->limit == 0 || question->limit > 500)
		abort();
	*next = 0;
	return json_array();
}

json_t *log_row(struct follow_log *log, uint64_t seq)
{
	(void)log;
	return seq == 1 ? json_object() : NULL;
}

uint64_t log_unit_seq(struct follow_log *log, const char *run_id, const char *unit_id, bool *sealed)
{
	(void)log;
	(void)run_id;
	(void)unit_id;
	*sealed = false;
	return 0;
}

void report_answer(struct web *of, struct http_answer *answer)
{
	(void)of;
	answer_text(answer, 200, "report");
}

bool rate_allows(struct rate *rate, const char *key)
{
	(void)rate;
	(void)key;
	return true;
}

struct rate *rate_new(unsigned burst, int64_t refill_ms)
{
	(void)burst;
	(void)refill_ms;
	return (struct rate *)(void *)&web;
}

void rate_free(struct rate *rate)
{
	(void)rate;
}

/* Deriving a key from a password takes as long as it is meant to. */
bool secret_random(char *hex, size_t bytes)
{
	memset(hex, '1', 2 * bytes);
	hex[2 * bytes] = 0;
	return true;
}

bool secret_hash(const char *password, char hash[SECRET_HASH_SIZE])
{
	snprintf(hash, SECRET_HASH_SIZE, "%.100s", password);
	return true;
}

bool secret_is(const char *password, const char *hash)
{
	return strcmp(hash, "-") != 0 && strcmp(password, "right") == 0;
}

bool secret_token(const char *token, char hash[SECRET_HASH_SIZE])
{
	char hex[SHA256_HEX_SIZE];

	sha256_hex(token, strlen(token), hex);
	snprintf(hash, SECRET_HASH_SIZE, "sha256:%s", hex);
	return true;
}

bool secret_equal(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

/* Asset texts are the build's. */
const char web_page_html[] = "p", web_page_css[] = "c", web_page_js[] = "j", web_login_html[] = "l",
	   web_login_js[] = "k", web_icon_svg[] = "i", web_openapi_json[] = "{}";

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	static char path[] = "/tmp/fuzz-users.XXXXXX";
	char why[200];
	int fd = mkstemp(path);
	/* The token is 64 zeros. */
	static const char users[] =
		"user ann lead -\nuser root admin pbkdf2-sha256:1:00:00\ntoken mes lead "
		"sha256:60e05bd1b195af2f94112fa7197a5c88289058840ce7c6df9693756bc6250f55\n";

	(void)argc;
	(void)argv;
	if (fd < 0 || write(fd, users, strlen(users)) < 0)
		abort();
	close(fd);
	options[1] = (struct web_options){.users = path,
					  .control = true,
					  .session_minutes = 1,
					  .trace = "/tmp",
					  .trusted_header = "X-User"};
	for (unsigned i = 0; i < 2; i++)
		web[i].options = &options[i];
	web[1].auth = auth_open(&options[1], why, sizeof(why));
	if (!web[1].auth)
		abort();
	return 0;
}

static const char *find(const char *kind, const char *name)
{
	for (unsigned i = 0; i < FIELDS; i++)
		if (field[2 * i] && field[2 * i][0] == kind[0] &&
		    strcasecmp(field[2 * i] + 1, name) == 0)
			return field[2 * i + 1];
	return NULL;
}

static const char *header(const void *from, const char *name)
{
	(void)from;
	return find("h", name);
}

static const char *query(const void *from, const char *name)
{
	(void)from;
	return find("q", name);
}

/* Lines: method, path, then "hNAME=VALUE" and "qNAME=VALUE", an empty line, the body. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *at = text, *line;
	struct http_request request = {
		.header = header, .query = query, .peer = "192.0.2.1", .body = ""};
	struct http_answer answer = {.kind = HTTP_WHOLE};
	unsigned fields = 0, which;
	const char *method, *path;

	if (!text || size < 2) {
		free(text);
		return 0;
	}
	memcpy(text, data, size);
	text[size] = 0;
	which = text[0] & 1;
	request.local = text[0] & 2;
	at++;
	memset(field, 0, sizeof(field));
	method = strsep(&at, "\n");
	path = at ? strsep(&at, "\n") : "/";
	while (at && *at != '\n' && fields < FIELDS && (line = strsep(&at, "\n"))) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value = 0;
		field[2 * fields] = line;
		field[2 * fields++ + 1] = value + 1;
	}
	if (at && *at == '\n') {
		request.body = at + 1;
		request.length = (size_t)(text + size - request.body);
	}
	if (request.length > HTTP_BODY_MAX || strlen(path) >= HTTP_TARGET_MAX) {
		free(text);
		return 0;
	}
	request.method = method;
	request.path = path;
	http_answer(&web[which], &request, &answer);
	if (!answer.status || !answer.type ||
	    (answer.status != 503 && answer.kind == HTTP_WHOLE && !answer.body))
		abort();
	/* A command requires a user. */
	if (strcmp(method, "POST") == 0 && answer.status == 200 && !header(NULL, "Authorization") &&
	    !(request.local && header(NULL, "X-User")) && !header(NULL, "Cookie"))
		abort();
	free(answer.body);
	free(text);
	return 0;
}
