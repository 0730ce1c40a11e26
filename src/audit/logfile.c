/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "logfile.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/audit/audit.h"
#include "h7gang/base/durable.h"

int logfile_check(const struct logfile *file)
{
	int rc = durable_still_at(file->place, file->folder);

	return rc < 0 ? rc : durable_still_named(file->folder, file->name, file->fd, file->end);
}

/* Whether the last row is still the one that was written: a file that another program wrote anew in
 * place has its inode, and may have its size. */
static int check_last_row(const struct logfile *file)
{
	char hash[CHAIN_HEX];
	int rc;

	if (file->end <= (off_t)strlen(audit_header()) + 1)
		return 0; /* it is in another file */
	rc = durable_read_at(file->fd, hash, sizeof(hash), file->end - 1 - CHAIN_HEX);
	if (rc < 0)
		return rc;
	return memcmp(hash, file->written.hash, sizeof(hash)) == 0 ? 0 : -ESTALE;
}

/* One write; a partial one is taken back. */
static int write_once(struct logfile *file, const char *bytes, size_t length)
{
	ssize_t n;
	int rc;

	do {
		n = pwrite(file->fd, bytes, length, file->end);
	} while (n < 0 && errno == EINTR);
	if (n == (ssize_t)length)
		return 0;
	rc = n < 0 ? -errno : -ENOSPC;
	if (n > 0 && ftruncate(file->fd, file->end) < 0)
		return -errno;
	return rc;
}

int logfile_put(struct logfile *file, const char *body, size_t length)
{
	char line[AUDIT_ROW_MAX];
	char hash[SHA256_HEX_SIZE];
	uint64_t seq = file->written.seq + 1;
	int n = snprintf(line, sizeof(line), "%" PRIu64 ",", seq);
	size_t used = (size_t)n;
	int rc = logfile_check(file);

	if (rc == 0)
		rc = check_last_row(file);
	if (rc < 0)
		return rc;
	memcpy(line + used, body, length);
	used += length;
	if (chain_hash(file->sha, file->written.hash, line, used, hash) < 0)
		return -EIO;
	memcpy(line + used, file->written.hash, CHAIN_HEX);
	used += CHAIN_HEX;
	line[used++] = ',';
	memcpy(line + used, hash, CHAIN_HEX);
	used += CHAIN_HEX;
	line[used++] = '\n';
	rc = write_once(file, line, used);
	if (rc < 0)
		return rc;
	file->end += (off_t)used;
	file->written.seq = seq;
	memcpy(file->written.hash, hash, sizeof(hash));
	return 0;
}

int logfile_commit(struct logfile *file)
{
	int rc = durable_sync(file->fd);

	if (rc == 0)
		rc = logfile_check(file);
	if (rc == 0) {
		file->size = file->end;
		file->chain = file->written;
		return 0;
	}
	/* Best effort: after a failed sync the disk's content is unknown. If these rows are found
	 * on the disk later, they are complete and correct; only their verdicts were never shown as
	 * recorded. If another process has changed the file, it must not be cut.
	 */
	if (rc != -ESTALE && ftruncate(file->fd, file->size) == 0) {
		file->end = file->size;
		file->written = file->chain;
	}
	return rc;
}

int logfile_put_header(struct logfile *file)
{
	char line[AUDIT_ROW_MAX];
	int n = snprintf(line, sizeof(line), "%s\n", audit_header());
	int rc = write_once(file, line, (size_t)n);

	if (rc < 0)
		return rc;
	file->end = n;
	rc = logfile_commit(file);
	return rc < 0 ? rc : durable_sync_folder(file->folder);
}
