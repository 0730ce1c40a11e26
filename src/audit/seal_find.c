/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "h7gang/audit/seal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/durable.h"
#include "lines.h"
#include "seal.h"

_Static_assert(AUDIT_SEAL_LINE_MAX == SEAL_LINE_MAX, "one length for it");

static bool is_by(const struct seal *seal, const struct audit_key *key, const char *line)
{
	return strcmp(seal->key_id, audit_key_id(key)) == 0 &&
	       audit_key_verifies(key, line, seal->signed_length, seal->signature) == 1;
}

static void search(int fd, const struct audit_key *key, uint64_t seq, uint64_t *of,
		   char found[AUDIT_SEAL_LINE_MAX])
{
	struct lines lines;
	struct seal seal;

	if (lines_open(&lines, fd, SEAL_LINE_MAX) < 0)
		return;
	while (lines_next(&lines) == LINE_WHOLE) {
		if (!seal_parse(&seal, lines.text, lines.length) || seal.head.seq < seq ||
		    (*of && seal.head.seq >= *of) || !is_by(&seal, key, lines.text))
			continue;
		*of = seal.head.seq;
		memcpy(found, lines.text, lines.length);
		found[lines.length] = '\0';
	}
	lines_close(&lines);
}

static int search_beside(const char *path, const struct audit_key *key, uint64_t seq, uint64_t *of,
			 char found[AUDIT_SEAL_LINE_MAX])
{
	const char *name;
	int folder = durable_folder(path, false, &name), fd;
	char *seal;

	if (folder < 0)
		return folder;
	if (asprintf(&seal, "%s.seal", name) < 0) {
		close(folder);
		return -ENOMEM;
	}
	fd = durable_open(folder, seal, O_RDONLY, 0);
	free(seal);
	close(folder);
	if (fd < 0)
		return fd == -ENOENT ? 0 : fd;
	search(fd, key, seq, of, found);
	close(fd);
	return 0;
}

int audit_seal_find(const char *const *paths, size_t count, const struct audit_key *key,
		    uint64_t seq, uint64_t *of, char line[AUDIT_SEAL_LINE_MAX])
{
	*of = 0;
	for (size_t i = 0; i < count; i++) {
		int rc = search_beside(paths[i], key, seq, of, line);

		if (rc < 0)
			return rc;
	}
	return *of != 0;
}
