/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A file line by line, in bounded memory, by pread: the descriptor's own position is left alone. */
#ifndef AUDIT_LINES_H
#define AUDIT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

enum line_kind {
	LINE_WHOLE,
	LINE_PARTIAL, /* the last one has no LF; asked again, the file is looked at again */
	LINE_END,
	LINE_LONG, /* no LF within the bytes a line may have; cannot go on */
	LINE_ERROR /* errno has the reason */
};

struct lines {
	int fd;
	size_t max; /* of a line with its LF */
	char *buffer;
	size_t start, fill;
	off_t offset;     /* in the file, of buffer[start] */
	uint64_t number;  /* of the line last given, from 1 */
	const char *text; /* that line, without its LF; until the next call */
	size_t length;
	off_t tail; /* of a line without LF: its bytes to the end of the file */
};

/* 0 or -ENOMEM. Borrows `fd`. */
int lines_open(struct lines *lines, int fd, size_t max);
enum line_kind lines_next(struct lines *lines);

/* After LINE_LONG: whether the file ends within `most` bytes, and none of them is an LF. Then
 * `text` is the beginning of that line, as much as a line may have, and `tail` all of it. */
bool lines_torn(struct lines *lines, off_t most);
void lines_close(struct lines *lines);

#endif
