/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "state.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "h7gang/base/durable.h"
#include "h7gang/profile/serial.h"

#define LINE_MAX_BYTES (4 * PATH_MAX + 256) /* an escaped path is the longest field */
#define COUNTER_DIGITS 15                   /* PROFILE_COUNTER_MAX */
#define CHUNK 65536
#define STATE_MODE 0640
#define LOCK_MS 10000
#define LOCK_LOOK_MS 10

const char state_numbers[] = "h7gang numbers 1\n";
const char state_place[] = "h7gang taken 1\n";

static const char *const kinds[] = {
	[STATE_TAKE] = "take", [STATE_PASS] = "pass", [STATE_HAD] = "had", [STATE_FILE] = "file",
	[STATE_HOME] = "home", [STATE_POOL] = "pool", [STATE_ASK] = "ask", [STATE_LEASE] = "lease",
	[STATE_BACK] = "back", [STATE_GONE] = "gone", [STATE_RUN] = "run",
};

static bool failed(const struct state *state, char *why, size_t why_size, const char *what)
{
	snprintf(why, why_size, "%s: %s", state->path, what);
	return false;
}

/* --- reading --- */

/* Digits alone: strtoull also accepts a sign, and returns its maximum on overflow. */
static bool is_counter(const char *text)
{
	size_t digits = strspn(text, "0123456789");

	return digits > 0 && digits <= COUNTER_DIGITS && text[digits] == '\0';
}

static bool is_range(const struct state_line *line)
{
	return is_counter(line->unit) && strtoull(line->unit, NULL, 10) >= line->counter;
}

/* A path that lost its end names another file. */
static bool is_home(const struct state_line *line)
{
	const char *name = strrchr(line->unit, '/');

	return name && strcmp(name + 1, line->number) == 0;
}

/* Parses a line in place, without its LF. False: it is not valid. */
static bool parse_line(char *text, struct state_line *line)
{
	char *field[5] = {text};
	size_t count = 1;

	*line = (struct state_line){.kind = STATE_TAKE};
	for (char *at = text; (at = strchr(at, '\t')) != NULL && count < 5;) {
		*at++ = '\0';
		field[count++] = at;
	}
	if (count != 5 || strchr(field[4], '\t') || !is_counter(field[1]) || !field[2][0] ||
	    strlen(field[2]) >= PROFILE_SERIAL_SIZE || !field[3][0] || strlen(field[3]) > 24 ||
	    !field[4][0])
		return false;
	while (line->kind <= STATE_RUN && strcmp(field[0], kinds[line->kind]) != 0)
		line->kind++;
	line->counter = strtoull(field[1], NULL, 10);
	line->number = field[2];
	line->uid = strcmp(field[3], "-") == 0 ? "" : field[3];
	line->unit = field[4];
	return line->kind <= STATE_RUN && (line->kind != STATE_LEASE || is_range(line)) &&
	       (line->kind != STATE_HOME || is_home(line));
}

static bool take_line(struct state *state, char *text, char *why, size_t why_size)
{
	struct state_line line;
	char what[200];

	if (!parse_line(text, &line)) {
		snprintf(what, sizeof(what),
			 "is damaged: not a line of ours after %" PRIu64 " good ones%s",
			 state->lines,
			 state->head == state_place ? ""
						    : "; if it has a second place (h7gang doctor), "
						      "move it away: the next run makes it anew");
		return failed(state, why, why_size, what);
	}
	state->lines++;
	return state->sink(state->user, &line) || failed(state, why, why_size, "out of memory");
}

static bool not_ours(const struct state *state, char *why, size_t why_size)
{
	return failed(state, why, why_size,
		      state->head == state_place ? "is no second place of a file of numbers"
						 : "is no file of numbers");
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
			if (size != strlen(state->head) || memcmp(text, state->head, size) != 0)
				return not_ours(state, why, why_size);
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
	 * when other code in this process closes the same file. */
	return fcntl(fd, F_OFD_SETLK, &whole) == 0 ? 0 : -errno;
}

/* Another process holds it for a moment, in real time even on a virtual clock. */
static bool wait_for_lock(struct state *state, char *why, size_t why_size)
{
	int64_t waited_ms = 0;
	int rc;

	while ((rc = set_lock(state->fd, F_WRLCK)) == -EAGAIN || rc == -EACCES || rc == -EINTR) {
		if (waited_ms >= LOCK_MS)
			return failed(state, why, why_size, "another process holds its lock");
		clock_wait_other(-1, 0, LOCK_LOOK_MS);
		waited_ms += LOCK_LOOK_MS;
	}
	return rc == 0 || failed(state, why, why_size, strerror(-rc));
}

/* If the file was deleted or replaced meanwhile, other processes use another one. */
static bool still_there(struct state *state, char *why, size_t why_size)
{
	struct stat here, there;

	if (durable_still_at(state->place, state->folder) < 0)
		return failed(state, why, why_size,
			      "was moved with its folder while it was in use");
	if (fstat(state->fd, &here) == 0 &&
	    fstatat(state->folder, state->name, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
	    here.st_dev == there.st_dev && here.st_ino == there.st_ino) {
		if (here.st_size >= state->read)
			return true;
		return failed(state, why, why_size, "was cut while it was in use");
	}
	return failed(state, why, why_size, "was removed or replaced while it was in use");
}

/* Whether the first line is the beginning of our head, cut off by a kill. */
static bool is_torn_head(const struct state *state)
{
	char text[32];
	ssize_t n = pread(state->fd, text, sizeof(text), 0);

	return n >= 0 && (size_t)n < strlen(state->head) &&
	       memcmp(text, state->head, (size_t)n) == 0;
}

/* Appends behind the last whole line, over a part of a line that may follow it. */
static int put_at_end(struct state *state, const char *text, size_t length)
{
	off_t end = state->read + (off_t)length;
	struct stat st;
	int rc = 0;

	if (lseek(state->fd, state->read, SEEK_SET) < 0)
		return -errno;
	rc = durable_write_all(state->fd, text, length);
	if (rc == 0 &&
	    (fstat(state->fd, &st) < 0 || (st.st_size > end && ftruncate(state->fd, end) < 0)))
		rc = -errno;
	return rc == 0 ? durable_sync(state->fd) : rc;
}

static bool make_head(struct state *state, char *why, size_t why_size)
{
	int rc;

	if (state->use == STATE_KEEP || !is_torn_head(state))
		return not_ours(state, why, why_size);
	rc = put_at_end(state, state->head, strlen(state->head));
	if (rc == 0)
		rc = durable_sync_folder(state->folder);
	if (rc < 0)
		return failed(state, why, why_size, strerror(-rc));
	state->read = (off_t)strlen(state->head);
	return true;
}

/* Under the lock no process is writing. A last line that has all its fields and no LF counts, since
 * an editor or a copy may have lost the LF: it gets it again. A part of a line was cut off by a
 * kill before anything acted on it; the next line takes its place. */
static bool settle_tail(struct state *state, char *why, size_t why_size)
{
	char text[LINE_MAX_BYTES], *line = text;
	struct state_line parsed;
	ssize_t n;
	int rc;

	if (state->read == 0)
		return make_head(state, why, why_size);
	do {
		n = pread(state->fd, text, sizeof(text) - 1, state->read);
	} while (n < 0 && errno == EINTR);
	if (n < 0)
		return failed(state, why, why_size, strerror(errno));
	if (n == 0)
		return true;
	text[n] = '\0';
	line = strdup(text);
	if (!line)
		return failed(state, why, why_size, "out of memory");
	state->torn = strlen(text) != (size_t)n || !parse_line(line, &parsed);
	free(line);
	if (state->torn)
		return true;
	text[n] = '\n';
	rc = put_at_end(state, text, (size_t)n + 1);
	if (rc < 0)
		return failed(state, why, why_size, strerror(-rc));
	state->mended = true;
	return state_read(state, why, why_size);
}

bool state_lock(struct state *state, char *why, size_t why_size)
{
	if (!wait_for_lock(state, why, why_size))
		return false;
	if (still_there(state, why, why_size) && state_read(state, why, why_size) &&
	    settle_tail(state, why, why_size))
		return true;
	state_unlock(state);
	return false;
}

void state_unlock(struct state *state)
{
	set_lock(state->fd, F_UNLCK);
}

static bool make_room(struct state *state, size_t more)
{
	size_t room = state->room ? state->room : 1024;
	char *text;

	while (room - state->length < more)
		room *= 2;
	if (room == state->room)
		return true;
	text = realloc(state->text, room);
	if (!text)
		return false;
	state->text = text;
	state->room = room;
	return true;
}

bool state_write(struct state *state, const struct state_line *line, char *why, size_t why_size)
{
	int n;

	if (!make_room(state, LINE_MAX_BYTES))
		return failed(state, why, why_size, "out of memory");
	n = snprintf(state->text + state->length, LINE_MAX_BYTES, "%s\t%" PRIu64 "\t%s\t%s\t%s\n",
		     kinds[line->kind], line->counter, line->number, line->uid[0] ? line->uid : "-",
		     line->unit[0] ? line->unit : "-");
	if (n < 0 || n >= LINE_MAX_BYTES)
		return failed(state, why, why_size, "a line would be too long");
	state->length += (size_t)n;
	state->lines++;
	return true;
}

bool state_flush(struct state *state, char *why, size_t why_size)
{
	size_t length = state->length;
	int rc;

	state->length = 0;
	if (length == 0)
		return true;
	rc = put_at_end(state, state->text, length);
	if (rc < 0) {
		/* A partly written line is cut off, now or by the next process: nothing acted on
		 * it.
		 */
		if (ftruncate(state->fd, state->read) < 0)
			rc = -errno;
		return failed(state, why, why_size, strerror(-rc));
	}
	state->read += (off_t)length;
	return true;
}

bool state_append(struct state *state, const struct state_line *line, char *why, size_t why_size)
{
	return state_write(state, line, why, why_size) && state_flush(state, why, why_size);
}

/* --- opening --- */

static bool not_open(struct state *state, int error, char *why, size_t why_size)
{
	failed(state, why, why_size, strerror(-error));
	state_close(state);
	state->error = error;
	return false;
}

bool state_open(struct state *state, const char *head, const char *path, enum state_use use,
		state_sink *sink, void *user, char *why, size_t why_size)
{
	static const int flags[] = {
		[STATE_LOOK] = O_RDONLY,
		[STATE_MAKE] = O_RDWR | O_CREAT,
		[STATE_KEEP] = O_RDWR,
	};
	bool good;

	*state = (struct state){
		.folder = -1, .fd = -1, .head = head, .use = use, .sink = sink, .user = user};
	state->path = strdup(path);
	state->place = durable_place(path);
	if (!state->path || !state->place) {
		snprintf(why, why_size, "out of memory");
		state_close(state);
		return false;
	}
	state->folder = durable_folder(state->path, use == STATE_MAKE, &state->name);
	if (state->folder == -ENOENT && use == STATE_LOOK)
		return true;
	if (state->folder < 0)
		return not_open(state, state->folder, why, why_size);
	state->fd = durable_open(state->folder, state->name, flags[use], STATE_MODE);
	if (state->fd == -ENOENT && use == STATE_LOOK)
		return true;
	if (state->fd < 0)
		return not_open(state, state->fd, why, why_size);
	if (use == STATE_LOOK) {
		good = state_read(state, why, why_size);
	} else {
		good = state_lock(state, why, why_size);
		if (good)
			state_unlock(state);
	}
	if (!good)
		state_close(state);
	return good;
}

void state_close(struct state *state)
{
	if (state->fd >= 0)
		close(state->fd);
	if (state->folder >= 0)
		close(state->folder);
	free(state->text);
	free(state->path);
	free(state->place);
	*state = (struct state){.folder = -1, .fd = -1};
}
