/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "listen_events.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "feed.h"

#define EVENTS_BUFFER 65536 /* bytes that the kernel keeps for a reader of events */
#define EVENTS_BLOCK 16384

/* A reader of events. */
struct reader {
	struct feed *feed;
	struct feed_cursor cursor;
	char last_id[80];
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

/* From the connection's own thread, which may wait. */
static ssize_t read_events(void *user, uint64_t position, char *buffer, size_t most)
{
	static const char behind[] =
		"event: dropped\ndata: {\"reason\":\"this reader does not keep up\"}\n\n";
	struct reader *reader = user;
	size_t give;

	(void)position;
	while (reader->given == reader->length) {
		free(reader->text);
		reader->text = NULL;
		if (reader->over)
			return MHD_CONTENT_READER_END_OF_STREAM;
		if (!reader->cursor.begun) {
			reader->text = feed_begin(reader->feed, reader->last_id, &reader->cursor);
		} else {
			switch (feed_next(reader->feed, &reader->cursor, &reader->text)) {
			case FEED_TEXT:
				break;
			case FEED_BEHIND:
				web_say("a reader of events was dropped: it does not keep up");
				reader->text = strdup(behind);
				reader->over = true;
				break;
			case FEED_OVER:
				return MHD_CONTENT_READER_END_OF_STREAM;
			}
		}
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

struct MHD_Response *events_response(struct feed *feed, struct MHD_Connection *connection,
				     const char *last_id)
{
	const union MHD_ConnectionInfo *info =
		MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct reader *reader = calloc(1, sizeof(*reader));
	int size = EVENTS_BUFFER;

	if (!reader)
		return NULL;
	reader->feed = feed;
	snprintf(reader->last_id, sizeof(reader->last_id), "%s", last_id);
	if (info)
		setsockopt(info->connect_fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof(size));
	return MHD_create_response_from_callback(MHD_SIZE_UNKNOWN, EVENTS_BLOCK, read_events,
						 reader, free_reader);
}
