/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/uio.h>
#include <unistd.h>

#define PIECE_MAX 65536u

struct piece_head {
	uint32_t length;
	uint32_t err;
};

int spool_open(void)
{
	int spool = open(P_tmpdir, O_TMPFILE | O_RDWR | O_EXCL | O_CLOEXEC, 0600);

	return spool >= 0 ? spool : memfd_create("h7gang-spool", MFD_CLOEXEC);
}

bool spool_add(int spool, bool err, const char *text, size_t length)
{
	struct piece_head head = {.length = (uint32_t)length, .err = err};
	struct iovec parts[2] = {{&head, sizeof(head)}, {(void *)(uintptr_t)text, length}};
	off_t before = lseek(spool, 0, SEEK_CUR);

	if (length == 0)
		return true;
	if (length >= PIECE_MAX)
		return false;
	if (writev(spool, parts, 2) == (ssize_t)(sizeof(head) + length))
		return true;
	/* A full disk: a half piece must not count as a whole one. */
	if (before < 0 || lseek(spool, before, SEEK_SET) < 0 || ftruncate(spool, before) < 0)
		(void)!ftruncate(spool, 0);
	return false;
}

bool spool_replay(int spool, void (*piece)(void *user, bool err, const char *text), void *user)
{
	static char text[PIECE_MAX]; /* the one ui thread's, at the end of the run */
	struct piece_head head;
	off_t at = 0;

	while (pread(spool, &head, sizeof(head), at) == (ssize_t)sizeof(head)) {
		at += (off_t)sizeof(head);
		if (head.length >= PIECE_MAX || pread(spool, text, head.length, at) != head.length)
			return false;
		text[head.length] = 0;
		at += head.length;
		piece(user, head.err, text);
	}
	return true;
}
