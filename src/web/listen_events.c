/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listen_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "auth.h"
#include "feed.h"

#define EVENTS_BUFFER 65536 /* bytes that the kernel keeps for a reader of events */
#define EVENTS_BLOCK 16384

/* A reader of events. */
struct reader {
	struct web *web;
	struct feed_cursor cursor;
	char last_id[80], grant[HTTP_GRANT_SIZE];
	char *text;
	size_t length, given;
	bool over;
};

static void free_reader(void *user)
{
	struct reader *reader = user;

	free(reader->text);
	free(reader);
}

/* The reader's last event. */
static void end(struct reader *reader, const char *why)
{
	free(reader->text);
	reader->text = NULL;
	if (asprintf(&reader->text, "event: dropped\ndata: {\"reason\":\"%s\"}\n\n", why) < 0)
		reader->text = NULL;
	reader->over = true;
}

/* The next text, after a wait. False: the program ends. */
static bool next_text(struct reader *reader)
{
	struct feed *feed = reader->web->feed;
	enum feed_next next = FEED_TEXT;

	if (reader->cursor.begun)
		next = feed_next(feed, &reader->cursor, &reader->text);
	else
		reader->text = feed_begin(feed, reader->last_id, &reader->cursor);
	switch (next) {
	case FEED_TEXT:
		break;
	case FEED_BEHIND:
		web_say("a reader of events was dropped: it does not keep up");
		end(reader, "this reader does not keep up");
		break;
	case FEED_OVER:
		return false;
	}
	/* The user may have been locked out meanwhile. */
	if (!reader->over && reader->grant[0] && !auth_holds(reader->web->auth, reader->grant)) {
		web_say("a reader of events was dropped: its login is not valid any more");
		end(reader, "the login is not valid any more");
	}
	return true;
}

/* From the connection's own thread, which may wait. */
static ssize_t read_events(void *user, uint64_t position, char *buffer, size_t most)
{
	struct reader *reader = user;
	size_t give;

	(void)position;
	while (reader->given == reader->length) {
		free(reader->text);
		reader->text = NULL;
		if (reader->over || !next_text(reader))
			return MHD_CONTENT_READER_END_OF_STREAM;
		if (!reader->text)
			return MHD_CONTENT_READER_END_WITH_ERROR;
		reader->length = strlen(reader->text);
		reader->given = 0;
	}
	give = reader->length - reader->given;
	give = give < most ? give : most;
	memcpy(buffer, reader->text + reader->given, give);
	reader->given += give;
	return (ssize_t)give;
}

struct MHD_Response *events_response(struct web *web, struct MHD_Connection *connection,
				     const struct http_answer *answer)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct reader *reader = calloc(1, sizeof(*reader));
	int size = EVENTS_BUFFER;

	if (!reader)
		return NULL;
	reader->web = web;
	memcpy(reader->last_id, answer->last_id, sizeof(reader->last_id));
	memcpy(reader->grant, answer->grant, sizeof(reader->grant));
	if (info)
		setsockopt(info->connect_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, EVENTS_BLOCK, read_events,
						 reader, free_reader);
}
