/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/walk.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "h7gang/base/durable.h"
#include "scan.h"

struct audit_walk {
	struct audit_reader *reader;
	struct sha256 *sha;
	struct scan scan;
	struct audit_link link;
	char *header;
	char why[300];
};

/* The names as one line: none of them needs quotes. */
static char *header_line(const struct audit_reader *reader)
{
	size_t length = 0;
	char *line, *to;

	for (size_t i = 0; i < reader->names.count; i++)
		length += reader->names.length[i] + 1;
	line = to = malloc(length + 1);
	if (!line)
		return NULL;
	for (size_t i = 0; i < reader->names.count; i++) {
		memcpy(to, reader->names.field[i], reader->names.length[i]);
		to += reader->names.length[i];
		*to++ = i + 1 < reader->names.count ? ',' : '\0';
	}
	return line;
}

enum audit_status audit_walk_open(const char *path, struct audit_walk **out, char *why,
				  size_t why_size)
{
	struct audit_walk *walk = calloc(1, sizeof(*walk));
	enum audit_status status = AUDIT_MEMORY;

	*out = NULL;
	if (walk)
		walk->sha = sha256_new();
	if (walk && walk->sha)
		status = audit_reader_open_any(path, &walk->reader, why, why_size);
	else
		snprintf(why, why_size, "%s", audit_status_text(status));
	if (status == AUDIT_OK) {
		walk->scan.first_is_any = true;
		chain_start(&walk->scan.chain);
		walk->header = header_line(walk->reader);
		if (walk->header) {
			*out = walk;
			return AUDIT_OK;
		}
		snprintf(why, why_size, "%s", audit_status_text(AUDIT_MEMORY));
		status = AUDIT_MEMORY;
	}
	audit_walk_close(walk);
	return status;
}

void audit_walk_close(struct audit_walk *walk)
{
	if (!walk)
		return;
	audit_reader_close(walk->reader);
	sha256_free(walk->sha);
	free(walk->header);
	free(walk);
}

static enum audit_read no_way_on(struct audit_walk *walk, enum scan_end end)
{
	memset(&walk->link, 0, sizeof(walk->link));
	walk->link.seq = walk->scan.chain.seq + 1;
	scan_describe(&walk->scan, end, walk->why, sizeof(walk->why));
	return end == SCAN_IO ? AUDIT_READ_ERROR : AUDIT_READ_BAD;
}

enum audit_read audit_walk_next(struct audit_walk *walk, const struct audit_record **record)
{
	enum audit_read read = audit_reader_next(walk->reader, record);
	enum scan_end end;

	switch (read) {
	case AUDIT_READ_ROW:
		memcpy(walk->link.prev_hash, (*record)->field[(*record)->count - 2],
		       SHA256_HEX_SIZE);
		end = scan_row(&walk->scan, walk->reader, walk->sha);
		if (end != SCAN_WHOLE)
			return no_way_on(walk, end);
		walk->link.seq = walk->scan.chain.seq;
		memcpy(walk->link.row_hash, walk->scan.chain.hash, SHA256_HEX_SIZE);
		return AUDIT_READ_ROW;
	case AUDIT_READ_BAD:
		return no_way_on(walk, scan_no_row(&walk->scan, walk->reader));
	case AUDIT_READ_ERROR:
		snprintf(walk->why, sizeof(walk->why), "%s", audit_reader_why(walk->reader));
		return walk->reader->failed ? AUDIT_READ_ERROR : AUDIT_READ_BAD;
	case AUDIT_READ_PARTIAL:
	case AUDIT_READ_END:
		break;
	}
	return read;
}

const char *audit_walk_why(const struct audit_walk *walk)
{
	return walk->why;
}

const struct audit_link *audit_walk_link(const struct audit_walk *walk)
{
	return &walk->link;
}

const struct audit_reader *audit_walk_reader(const struct audit_walk *walk)
{
	return walk->reader;
}

uint64_t audit_walk_offset(const struct audit_walk *walk)
{
	return audit_reader_offset(walk->reader);
}

int audit_walk_sync(const struct audit_walk *walk, uint64_t *size)
{
	struct stat st;

	if (fstat(walk->reader->fd, &st) < 0)
		return -errno;
	*size = (uint64_t)st.st_size;
	return durable_sync(walk->reader->fd);
}

const char *audit_walk_header(const struct audit_walk *walk)
{
	return walk->header;
}

bool audit_walk_is(const struct audit_walk *walk, const char *path)
{
	struct stat mine, named;

	return fstat(walk->reader->fd, &mine) == 0 && stat(path, &named) == 0 &&
	       mine.st_dev == named.st_dev && mine.st_ino == named.st_ino;
}
