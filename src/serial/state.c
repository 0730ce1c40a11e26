/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/durable.h"
#include "h7gang/profile/serial.h"

#define HEAD "h7gang numbers 1\n"
#define LINE_MAX_BYTES 256
#define COUNTER_DIGITS 15 /* PROFILE_COUNTER_MAX */
#define CHUNK 65536
#define STATE_MODE 0640
#define LOCK_MS 10000
#define LOCK_LOOK_MS 10

static const char *const kinds[] = {
	[STATE_TAKE] = "take",	 [STATE_PASS] = "pass", [STATE_POOL] = "pool", [STATE_ASK] = "ask",
	[STATE_LEASE] = "lease", [STATE_BACK] = "back", [STATE_GONE] = "gone",
};

static bool failed(const struct state *state, char *why, size_t why_size, const char *what)
{
	snprintf(why, why_size, "%s: %s", state->path, what);
	return false;
}

/* --- reading --- */

/* Digits alone: strtoull would also take a sign, and the largest number for one that is too large. */
static bool is_counter(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits <= COUNTER_DIGITS && text[digits] == '\0';
}

static bool is_range(const struct state_line *line)
{
	return is_counter(line->unit) && strtoull(line->unit, NULL, 10) >= line->counter;
}

static bool take_line(struct state *state, char *text, char *why, size_t why_size)
{
	static const char damaged[] = "is damaged: not a line of ours after %" PRIu64 " good ones";
	struct state_line line = {0};
	char *field[5] = {text}, what[96];
	size_t count = 1;

	snprintf(what, sizeof(what), damaged, state->lines);
	for (char *at = text; (at = strchr(at, '\t')) != NULL && count < 5;) {
		*at++ = '\0';
		field[count++] = at;
	}
	if (count != 5 || strchr(field[4], '\t') || !is_counter(field[1]) || !field[2][0] ||
	    strlen(field[2]) >= PROFILE_SERIAL_SIZE || strlen(field[3]) > 24)
		return failed(state, why, why_size, what);
	while (line.kind <= STATE_GONE && strcmp(field[0], kinds[line.kind]) != 0)
		line.kind++;
	line.counter = strtoull(field[1], NULL, 10);
	line.number = field[2];
	line.uid = strcmp(field[3], "-") == 0 ? "" : field[3];
	line.unit = field[4];
	if (line.kind > STATE_GONE || (line.kind == STATE_LEASE && !is_range(&line)))
		return failed(state, why, why_size, what);
	state->lines++;
	return state->sink(state->user, &line) || failed(state, why, why_size, "out of memory");
}

/* Hands out the whole lines of a chunk; `*used` bytes of it. */
static bool take_chunk(struct state *state, char *chunk, size_t length, size_t *used, char *why,
		       size_t why_size)
{
	char *end;

	*used = 0;
	while ((end = memchr(chunk + *used, '\n', length - *used)) != NULL) {
		char *text = chunk + *used;
		size_t size = (size_t)(end - text) + 1;

		if (state->read == 0) {
			if (size != strlen(HEAD) || memcmp(text, HEAD, size) != 0)
				return failed(state, why, why_size, "is no file of numbers");
		} else {
			*end = '\0';
			if (strlen(text) != size - 1)
				return failed(state, why, why_size, "is damaged: has a NUL in it");
			if (!take_line(state, text, why, why_size))
				return false;
		}
		*used += size;
		state->read += (off_t)size;
	}
	if (length - *used >= LINE_MAX_BYTES)
		return failed(state, why, why_size, "is damaged: a line is too long");
	return true;
}

bool state_read(struct state *state, char *why, size_t why_size)
{
	char *chunk = malloc(CHUNK);
	bool good = chunk != NULL;
	size_t used = 1;

	if (!good)
		failed(state, why, why_size, "out of memory");
	while (good && used > 0 && state->fd >= 0) {
		ssize_t n = pread(state->fd, chunk, CHUNK, state->read);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			good = failed(state, why, why_size, strerror(errno));
		else
			good = take_chunk(state, chunk, (size_t)n, &used, why, why_size);
	}
	free(chunk);
	return good;
}

/* --- locking --- */

static int set_lock(int fd, short type)
{
	struct flock whole = {.l_type = type, .l_whence = SEEK_SET};

	/* An open file description lock: excludes and is seen by plain fcntl locks, and is not lost
	 * when somebody in this process closes the same file. */
	return fcntl(fd, F_OFD_SETLK, &whole) == 0 ? 0 : -errno;
}

static bool wait_for_lock(struct state *state, char *why, size_t why_size)
{
	int64_t deadline = clock_after_ms(LOCK_MS);
	int rc;

	while ((rc = set_lock(state->fd, F_WRLCK)) == -EAGAIN || rc == -EACCES || rc == -EINTR) {
		if (clock_now() >= deadline)
			return failed(state, why, why_size, "another process holds its lock");
		clock_sleep_until(clock_after_ms(LOCK_LOOK_MS));
	}
	return rc == 0 || failed(state, why, why_size, strerror(-rc));
}

/* A file that was deleted or replaced under us is not the one others look at. */
static bool still_there(struct state *state, char *why, size_t why_size)
{
	struct stat here, there;

	if (fstat(state->fd, &here) == 0 &&
	    fstatat(state->folder, state->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    here.st_dev == there.st_dev && here.st_ino == there.st_ino) {
		if (here.st_size >= state->read)
			return true;
		return failed(state, why, why_size, "was cut while it was in use");
	}
	return failed(state, why, why_size, "was removed or replaced while it was in use");
}

/* Whether what stands before the first line's end is the beginning of our head, cut off by a kill.
 */
static bool is_torn_head(const struct state *state)
{
	char text[sizeof(HEAD)];
	ssize_t n = pread(state->fd, text, sizeof(text), 0);

	return n >= 0 && (size_t)n < strlen(HEAD) && memcmp(text, HEAD, (size_t)n) == 0;
}

/* Under the lock nobody is writing: what has no end yet was cut off by a kill. */
static bool cut_tail(struct state *state, char *why, size_t why_size)
{
	struct stat st;
	int rc = 0;

	if (state->read == 0 && !is_torn_head(state))
		return failed(state, why, why_size, "is no file of numbers");
	if (fstat(state->fd, &st) < 0 ||
	    (st.st_size > state->read && ftruncate(state->fd, state->read) < 0))
		return failed(state, why, why_size, strerror(errno));
	if (state->read > 0)
		return true;
	rc = durable_write_all(state->fd, HEAD, strlen(HEAD));
	if (rc == 0)
		rc = durable_sync(state->fd);
	if (rc == 0)
		rc = durable_sync_folder(state->folder);
	if (rc < 0)
		return failed(state, why, why_size, strerror(-rc));
	state->read = (off_t)strlen(HEAD);
	return true;
}

bool state_lock(struct state *state, char *why, size_t why_size)
{
	if (!wait_for_lock(state, why, why_size))
		return false;
	if (still_there(state, why, why_size) && state_read(state, why, why_size) &&
	    cut_tail(state, why, why_size))
		return true;
	state_unlock(state);
	return false;
}

void state_unlock(struct state *state)
{
	set_lock(state->fd, F_UNLCK);
}

bool state_append(struct state *state, const struct state_line *line, char *why, size_t why_size)
{
	char text[LINE_MAX_BYTES];
	int n = snprintf(text, sizeof(text), "%s\t%" PRIu64 "\t%s\t%s\t%s\n",
			 kinds[line->kind], line->counter, line->number, line->uid[0] ? line->uid : "-", line->unit);
	int rc;

	if (n < 0 || (size_t)n >= sizeof(text))
		return failed(state, why, why_size, "a line would be too long");
	rc = durable_write_all(state->fd, text, (size_t)n);
	if (rc == 0)
		rc = durable_sync(state->fd);
	if (rc < 0) {
		/* What got there is cut off now or by whoever is next; it was not acted on. */
		if (ftruncate(state->fd, state->read) < 0)
			rc = -errno;
		return failed(state, why, why_size, strerror(-rc));
	}
	state->read += n;
	state->lines++;
	return true;
}

/* --- opening --- */

bool state_open(struct state *state, const char *path, bool writes, state_sink *sink, void *user,
		char *why, size_t why_size)
{
	int flags = writes ? O_RDWR | O_APPEND | O_CREAT : O_RDONLY;

	*state = (struct state){
		.folder = -1, .fd = -1, .writes = writes, .sink = sink, .user = user};
	state->path = strdup(path);
	if (!state->path) {
		snprintf(why, why_size, "out of memory");
		return false;
	}
	state->folder = durable_folder(state->path, writes, &state->name);
	if (state->folder == -ENOENT && !writes)
		return true;
	if (state->folder < 0) {
		failed(state, why, why_size, strerror(-state->folder));
		goto err;
	}
	state->fd = durable_open(state->folder, state->name, flags, STATE_MODE);
	if (state->fd == -ENOENT && !writes)
		return true;
	if (state->fd < 0) {
		failed(state, why, why_size, strerror(-state->fd));
		goto err;
	}
	if (!writes) {
		if (!state_read(state, why, why_size))
			goto err;
		return true;
	}
	if (!state_lock(state, why, why_size))
		goto err;
	state_unlock(state);
	return true;
err:
	state_close(state);
	return false;
}

void state_close(struct state *state)
{
	if (state->fd >= 0)
		close(state->fd);
	if (state->folder >= 0)
		close(state->folder);
	free(state->path);
	*state = (struct state){.folder = -1, .fd = -1};
}
