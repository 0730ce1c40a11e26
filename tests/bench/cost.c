/* SPDX-License-Identifier: GPL-2.0-or-later */
/* cost FILE COMMAND ARGUMENT...: runs COMMAND on a virtual fleet and appends to FILE what it alone
 * cost: exit status, fleet time on --virtual-time (else real time) and processor time in user and
 * system mode, all in microseconds, the most memory it held at a time, in KiB, and how often one of
 * its threads went to sleep. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sim/proto.h"

enum { EXIT_INTERNAL = 125, EXIT_NOT_FOUND = 127 };

static const struct proto_clock *fleet_clock(void)
{
	const char *path = getenv(PROTO_ENV_CLOCK);
	int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	void *map = MAP_FAILED;

	if (fd >= 0) {
		map = mmap(NULL, sizeof(struct proto_clock), PROT_READ, MAP_SHARED, fd, 0);
		close(fd);
	}
	return map == MAP_FAILED ? NULL : map;
}

static uint64_t now_us(const struct proto_clock *fleet)
{
	struct timespec now;

	if (fleet)
		return atomic_load(&fleet->now) / 1000;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static uint64_t us(struct timeval time)
{
	return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

int main(int argc, char **argv)
{
	const struct proto_clock *fleet = fleet_clock();
	struct rusage usage;
	uint64_t start, end;
	int status, code;
	FILE *file;
	pid_t child;

	if (argc < 3) {
		fputs("usage: cost FILE COMMAND [ARGUMENT]...\n", stderr);
		return 2;
	}
	start = now_us(fleet);
	child = fork();
	if (child == 0) {
		execvp(argv[2], argv + 2);
		fprintf(stderr, "cost: %s: %s\n", argv[2], strerror(errno));
		_exit(EXIT_NOT_FOUND);
	}
	if (child < 0 || wait4(child, &status, 0, &usage) != child) {
		fprintf(stderr, "cost: %s\n", strerror(errno));
		return EXIT_INTERNAL;
	}
	end = now_us(fleet);
	code = WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
	file = fopen(argv[1], "a");
	if (!file) {
		fprintf(stderr, "cost: %s: %s\n", argv[1], strerror(errno));
		return EXIT_INTERNAL;
	}
	fprintf(file, "%d %" PRIu64 " %" PRIu64 " %" PRIu64 " %ld %ld\n", code, end - start,
		us(usage.ru_utime), us(usage.ru_stime), usage.ru_maxrss, usage.ru_nvcsw);
	if (fclose(file) != 0) {
		fprintf(stderr, "cost: %s: %s\n", argv[1], strerror(errno));
		return EXIT_INTERNAL;
	}
	return code;
}
