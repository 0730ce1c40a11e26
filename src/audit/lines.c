/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "lines.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BUFFER_SIZE (256 * 1024)

int lines_open(struct lines *lines, int fd, size_t max)
{
	*lines = (struct lines){.fd = fd, .max = max};
	lines->buffer = malloc(BUFFER_SIZE);
	return lines->buffer ? 0 : -ENOMEM;
}

void lines_close(struct lines *lines)
{
	free(lines->buffer);
	lines->buffer = NULL;
}

/* 1: more bytes, 0: the end of the file, -1: errno. */
static int refill(struct lines *lines)
{
	ssize_t n;

	if (lines->start > 0) {
		memmove(lines->buffer, lines->buffer + lines->start, lines->fill - lines->start);
		lines->fill -= lines->start;
		lines->start = 0;
	}
	do {
		n = pread(lines->fd, lines->buffer + lines->fill, BUFFER_SIZE - lines->fill,
			  lines->offset + (off_t)lines->fill);
	} while (n < 0 && errno == EINTR);
	if (n > 0)
		lines->fill += (size_t)n;
	return n > 0 ? 1 : (int)n;
}

bool lines_torn(struct lines *lines, off_t most)
{
	char bytes[16384];
	off_t at = 0;
	ssize_t n;

	while (at <= most) {
		n = pread(lines->fd, bytes, sizeof(bytes), lines->offset + at);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 || memchr(bytes, '\n', (size_t)n))
			return false;
		if (n == 0) {
			lines->text = lines->buffer + lines->start;
			lines->length = lines->max;
			lines->tail = at;
			return true;
		}
		at += n;
	}
	return false;
}

enum line_kind lines_next(struct lines *lines)
{
	for (;;) {
		char *from = lines->buffer + lines->start;
		size_t have = lines->fill - lines->start;
		size_t look = have < lines->max ? have : lines->max;
		char *end = look > 0 ? memchr(from, '\n', look) : NULL;
		int more;

		if (end) {
			lines->text = from;
			lines->length = (size_t)(end - from);
			lines->start += lines->length + 1;
			lines->offset += (off_t)lines->length + 1;
			lines->number++;
			return LINE_WHOLE;
		}
		if (have >= lines->max)
			return LINE_LONG;
		more = refill(lines);
		if (more < 0)
			return LINE_ERROR;
		if (more == 0) {
			lines->text = lines->buffer + lines->start;
			lines->length = lines->fill - lines->start;
			lines->tail = (off_t)lines->length;
			/* Forgotten, so that the next call reads it again. */
			lines->fill = lines->start;
			return lines->length > 0 ? LINE_PARTIAL : LINE_END;
		}
	}
}
