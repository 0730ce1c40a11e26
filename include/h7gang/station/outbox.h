/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes on their way to one reader, which may be slow; and the unix sockets for readers. Nothing
 * here blocks, except on the disk of a file. */
#ifndef H7GANG_STATION_OUTBOX_H
#define H7GANG_STATION_OUTBOX_H

#include <stdbool.h>
#include <stddef.h>

struct outbox {
	int fd; /* -1: none */
	bool socket;
	char *waiting;
	size_t used, room;
};

/* Adds bytes. False: more than `most` would wait, or memory is out; nothing was added. */
bool outbox_add(struct outbox *outbox, const char *bytes, size_t length, size_t most);

/* Writes waiting bytes as far as the reader takes them. 0, or an errno value: the reader is
 * gone. */
int outbox_flush(struct outbox *outbox);

/* Drops the waiting bytes, except the rest of a line that was begun. */
void outbox_cut(struct outbox *outbox);

/* Closes and frees; `fd` is -1 then. */
void outbox_close(struct outbox *outbox);

/* Listens at a new unix socket, mode 0660, of `group` (NULL: the process's). Removes the socket of
 * a run that was killed, and nothing else. The descriptor, or -1 and `why`. */
int station_listen(const char *path, const char *group, char *why, size_t why_size);

/* Connects to a unix socket. The descriptor, or -1 and errno. */
int station_connect(const char *path);

#endif
