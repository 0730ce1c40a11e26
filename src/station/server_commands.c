/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Commands of clients: one JSON object a line, {"id":"1","command":"unlock A1","for":"ann"}. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/text.h"
#include "server_private.h"

#define FOR_MAX 120 /* bytes of "for", the person behind a command */
#define ID_MARK "socket-"

struct server_asked *server_asked_find(struct station_server *server, const char *id)
{
	char *end;
	uint64_t number;

	if (strncmp(id, ID_MARK, strlen(ID_MARK)) != 0)
		return NULL;
	number = strtoull(id + strlen(ID_MARK), &end, 10);
	for (unsigned i = 0; i < SERVER_ASKED_MAX; i++)
		if (server->asked[i].used && server->asked[i].number == number)
			return &server->asked[i];
	return NULL;
}

/* An answer of the server itself, to that client alone. */
static void answer(struct station_server *server, struct peer *peer, const char *id,
		   const char *command, bool accepted, const char *text)
{
	json_t *object = json_object();
	char time[CLOCK_TEXT_SIZE], *line = NULL;

	clock_wall_text(time);
	if (object && station_set_number(object, "v", 2) &&
	    station_set_text(object, "event", "answer") && station_set_text(object, "time", time) &&
	    station_set_text(object, "run_id", server->model->run_id) &&
	    station_set_text(object, "command", command) && station_set_text(object, "id", id) &&
	    station_set_flag(object, "accepted", accepted) &&
	    station_set_flag(object, "later", false) && station_set_text(object, "text", text))
		line = station_json_line(object);
	if (line)
		server_tell(server, peer, line);
	free(line);
	json_decref(object);
}

static void hand_over(struct station_server *server, struct peer *peer, const char *id,
		      const char *command, const char *asker)
{
	struct server_asked *asked = &server->asked[server->asked_number % SERVER_ASKED_MAX];
	char number[GANG_COMMAND_ID_SIZE], who[GANG_COMMAND_WHO_SIZE];

	*asked = (struct server_asked){
		.used = true, .peer = peer->number, .number = server->asked_number++};
	snprintf(asked->id, sizeof(asked->id), "%s", id);
	snprintf(number, sizeof(number), ID_MARK "%" PRIu64, asked->number);
	snprintf(who, sizeof(who), "%s%s%s", peer->who, asker[0] ? ", for " : "", asker);
	if (gang_control_from(server->options.gang_control, number, command, who))
		return;
	asked->used = false;
	answer(server, peer, id, command, false,
	       "the run takes no command now, or the command is too long");
}

/* Whether the member is absent, or a text of less than `size` bytes. */
static bool is_text(const json_t *object, const char *key, size_t size)
{
	const json_t *member = json_object_get(object, key);

	return !member || (json_is_string(member) && json_string_length(member) < size);
}

static void obey(struct station_server *server, struct peer *peer, const json_t *object)
{
	char id[SERVER_ID_MAX], asker[FOR_MAX], why[300], shown[200];
	char command[GANG_COMMAND_SIZE + 1];

	station_get_text(object, "id", id, sizeof(id));
	station_get_text(object, "for", asker, sizeof(asker));
	station_get_text(object, "command", command, sizeof(command));
	if (!peer_may_ask(peer, clock_now())) {
		answer(server, peer, id, command, false, "too many commands: wait a second");
	} else if (!is_text(object, "id", sizeof(id)) || !is_text(object, "for", SIZE_MAX)) {
		answer(server, peer, "", command, false,
		       "\"id\" is a text of at most 64 bytes and \"for\" is a text, such as "
		       "{\"id\":\"1\",\"command\":\"unlock A1\"}");
	} else if (!command[0] || strpbrk(command, "\r\n")) {
		answer(server, peer, id, command, false,
		       "a command is a text without line ends, such as unlock A1");
	} else if (strcmp(command, "snapshot") == 0) {
		server_snapshot(server, peer);
	} else if (!profile_control_allows(&server->options.profile->control, peer->uid, command,
					   why, sizeof(why))) {
		text_terminal(command, shown, sizeof(shown));
		server_trouble(server, "socket: \"%.80s\" of %s is refused: %.150s", shown,
			       peer->who, why);
		answer(server, peer, id, command, false, why);
	} else {
		hand_over(server, peer, id, command, asker);
	}
}

void server_obey(struct station_server *server, struct peer *peer)
{
	char *line;
	size_t taken;

	while (peer->leaves == CLOCK_NEVER && peer->outbox.fd >= 0 &&
	       (line = peer_line(peer, &taken))) {
		json_t *object = json_loadb(line, taken - 1, JSON_REJECT_DUPLICATES, NULL);

		if (json_is_object(object))
			obey(server, peer, object);
		else
			server_dismiss(server, peer, "a line is not a JSON object");
		json_decref(object);
		if (peer->outbox.fd >= 0)
			peer_line_done(peer, taken);
	}
	if (peer->length == sizeof(peer->said) && peer->leaves == CLOCK_NEVER)
		server_dismiss(server, peer, "a line is longer than 4096 bytes");
}
