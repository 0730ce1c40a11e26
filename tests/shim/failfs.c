/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A disk that fails at the Nth call that changes it. LD_PRELOAD; counts only what goes to files
 * whose path holds FAILFS_MATCH. FAILFS_MODE:
 *
 * - count: nothing fails; FAILFS_COUNT (a file) gets the number of calls at the end
 * - kill: the process ends just before the call
 * - torn: the process ends in the middle of it: half a write, or just after anything else
 * - short: half a write, then, as for enospc, no more
 * - enospc: no write succeeds from there on
 * - eio: the sync fails (counts syncs only)
 * - hang: the sync does not return (counts syncs only)
 * - hangwrite: the write does not return (counts writes only)
 * - cut: the power is cut just before the sync: what was written since the sync before is lost
 * (counts syncs only)
 * - rename, renamed: the process ends just before, just after the rename (counts renames only) */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

enum kind { KIND_WRITE, KIND_SYNC, KIND_NAME, KIND_RENAME };

static atomic_int calls;

/* Like a kill: no more code of the program runs, not even its instrumentation. */
static void end(void)
{
	syscall(SYS_exit_group, 137);
}

static const char *mode(void)
{
	const char *text = getenv("FAILFS_MODE");

	return text ? text : "count";
}

static bool matches(int fd)
{
	const char *match = getenv("FAILFS_MATCH");
	char link[64], path[4096];
	ssize_t n;

	if (!match)
		return false;
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	return strstr(path, match) != NULL;
}

/* <0: not yet, 0: this call, >0: a later one. */
static int turn(enum kind kind)
{
	const char *nth = getenv("FAILFS_CALL");
	const char *m = mode();

	if ((strcmp(m, "eio") == 0 || strcmp(m, "hang") == 0 || strcmp(m, "cut") == 0) &&
	    kind != KIND_SYNC)
		return -1;
	if ((strcmp(m, "hangwrite") == 0 || strcmp(m, "short") == 0 || strcmp(m, "enospc") == 0) &&
	    kind != KIND_WRITE)
		return -1;
	if (strncmp(m, "rename", 6) == 0 && kind != KIND_RENAME)
		return -1;
	return atomic_fetch_add(&calls, 1) + 1 - (nth ? atoi(nth) : 1 << 30);
}

__attribute__((destructor)) static void report(void)
{
	const char *path = getenv("FAILFS_COUNT");
	FILE *file = path ? fopen(path, "w") : NULL;

	if (file) {
		fprintf(file, "%d\n", atomic_load(&calls));
		fclose(file);
	}
}

static void hang(void)
{
	for (;;)
		pause();
}

typedef ssize_t real_pwrite(int, const void *, size_t, off_t);
typedef ssize_t real_write(int, const void *, size_t);

static ssize_t pass(int fd, const void *data, size_t length, off_t at)
{
	static real_pwrite *to_pwrite;
	static real_write *to_write;

	if (!to_pwrite) {
		to_write = (real_write *)dlsym(RTLD_NEXT, "write");
		to_pwrite = (real_pwrite *)dlsym(RTLD_NEXT, "pwrite");
	}
	return at < 0 ? to_write(fd, data, length) : to_pwrite(fd, data, length, at);
}

/* How much of each open file is on the disk for certain, once it was written to; +1. */
static _Atomic off_t synced[1024];

static void first_write(int fd)
{
	struct stat st;

	if (fd < 1024 && synced[fd] == 0 && fstat(fd, &st) == 0)
		synced[fd] = st.st_size + 1;
}

int close(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "close");

	if (fd >= 0 && fd < 1024)
		synced[fd] = 0;
	return real(fd);
}

static void cut_power(int fd)
{
	if (fd < 1024 && synced[fd] > 0)
		(void)!syscall(SYS_ftruncate, fd, synced[fd] - 1);
	end();
}

static int sync_file(int fd, int (*real)(int))
{
	struct stat st;
	int rc = real(fd);

	if (rc == 0 && fd < 1024 && synced[fd] > 0 && fstat(fd, &st) == 0)
		synced[fd] = st.st_size + 1;
	return rc;
}

static ssize_t any_write(int fd, const void *data, size_t length, off_t at)
{
	const char *m = mode();
	int when = matches(fd) ? turn(KIND_WRITE) : -1;

	if (matches(fd))
		first_write(fd);
	if (when == 0 && strcmp(m, "kill") == 0)
		end();
	if (when == 0 && strcmp(m, "torn") == 0) {
		(void)!pass(fd, data, length / 2, at);
		end();
	}
	if (when == 0 && strcmp(m, "hangwrite") == 0)
		hang();
	if (when == 0 && strcmp(m, "short") == 0)
		return pass(fd, data, length / 2, at);
	if (when >= 0 && (strcmp(m, "enospc") == 0 || strcmp(m, "short") == 0)) {
		errno = ENOSPC;
		return -1;
	}
	return pass(fd, data, length, at);
}

ssize_t write(int fd, const void *data, size_t length)
{
	return any_write(fd, data, length, -1);
}

ssize_t pwrite(int fd, const void *data, size_t length, off_t at)
{
	return any_write(fd, data, length, at);
}

ssize_t pwrite64(int fd, const void *data, size_t length, off_t at)
{
	return any_write(fd, data, length, at);
}

static int before(int fd, enum kind kind)
{
	const char *m = mode();
	int when = matches(fd) ? turn(kind) : -1;

	if (when == 0 && strcmp(m, "cut") == 0)
		cut_power(fd);

	if (when == 0 && (strcmp(m, "kill") == 0 || strcmp(m, "rename") == 0))
		end();
	if (when == 0 && strcmp(m, "hang") == 0)
		hang();
	if (when == 0 && strcmp(m, "eio") == 0) {
		errno = EIO;
		return -1;
	}
	return when == 0 && (strcmp(m, "torn") == 0 || strcmp(m, "renamed") == 0);
}

/* Does as `before` said, and then makes the call itself. */
#define FAIL_OR_DO(fd, kind, call)                                                                 \
	int said = before(fd, kind);                                                               \
	int rc = said < 0 ? -1 : (call);                                                           \
	if (said > 0)                                                                              \
		end();                                                                             \
	return rc

int fdatasync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");
	FAIL_OR_DO(fd, KIND_SYNC, sync_file(fd, real));
}

int fsync(int fd)
{
	int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fsync");
	FAIL_OR_DO(fd, KIND_SYNC, sync_file(fd, real));
}

int ftruncate(int fd, off_t size)
{
	int (*real)(int, off_t) = (int (*)(int, off_t))dlsym(RTLD_NEXT, "ftruncate");
	FAIL_OR_DO(fd, KIND_NAME, real(fd, size));
}

int unlinkat(int folder, const char *name, int flags)
{
	int (*real)(int, const char *, int) =
		(int (*)(int, const char *, int))dlsym(RTLD_NEXT, "unlinkat");
	FAIL_OR_DO(folder, KIND_NAME, real(folder, name, flags));
}

int renameat2(int from, const char *name, int to, const char *fresh, unsigned flags)
{
	int (*real)(int, const char *, int, const char *, unsigned) =
		(int (*)(int, const char *, int, const char *, unsigned))dlsym(RTLD_NEXT,
									       "renameat2");
	FAIL_OR_DO(from, KIND_RENAME, real(from, name, to, fresh, flags));
}

int renameat(int from, const char *name, int to, const char *fresh)
{
	int (*real)(int, const char *, int, const char *) =
		(int (*)(int, const char *, int, const char *))dlsym(RTLD_NEXT, "renameat");
	FAIL_OR_DO(from, KIND_RENAME, real(from, name, to, fresh));
}
