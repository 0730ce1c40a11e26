/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/station/outbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SPARE 4096u

int outbox_flush(struct outbox *outbox)
{
	size_t done = 0;
	int error = 0;

	while (outbox->fd >= 0 && done < outbox->used) {
		const char *bytes = outbox->waiting + done;
		size_t left = outbox->used - done;
		ssize_t wrote = outbox->socket
					? send(outbox->fd, bytes, left, MSG_DONTWAIT | MSG_NOSIGNAL)
					: write(outbox->fd, bytes, left);

		if (wrote > 0) {
			done += (size_t)wrote;
		} else if (wrote < 0 && errno == EINTR) {
			continue;
		} else {
			error = wrote < 0 && errno == EAGAIN ? 0 : wrote < 0 ? errno : EPIPE;
			break;
		}
	}
	if (done) {
		memmove(outbox->waiting, outbox->waiting + done, outbox->used - done);
		outbox->used -= done;
	}
	return error;
}

bool outbox_add(struct outbox *outbox, const char *bytes, size_t length, size_t most)
{
	if (outbox->used + length > outbox->room) {
		size_t room = outbox->used + length + SPARE;
		char *more = outbox->used + length <= most ? realloc(outbox->waiting, room) : NULL;

		if (!more)
			return false;
		outbox->waiting = more;
		outbox->room = room;
	}
	memcpy(outbox->waiting + outbox->used, bytes, length);
	outbox->used += length;
	return true;
}

void outbox_cut(struct outbox *outbox)
{
	const char *end = outbox->used ? memchr(outbox->waiting, '\n', outbox->used) : NULL;

	if (end)
		outbox->used = (size_t)(end - outbox->waiting) + 1;
}

void outbox_close(struct outbox *outbox)
{
	if (outbox->fd >= 0)
		close(outbox->fd);
	free(outbox->waiting);
	*outbox = (struct outbox){.fd = -1};
}
