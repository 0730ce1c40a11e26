/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Finds leaks of descriptors and threads. LD_PRELOAD; counts those of the program named LEAKS_OF
 * when main begins and when it ends, and writes the difference to LEAKS_FILE. The virtual clock may
 * be loaded beside it: its own thread and the main thread's bell do not count. The thread that
 * ThreadSanitizer starts with the program's first thread does not count either. */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { FDS_MAX = 1024 };

typedef int main_function(int, char **, char **);

static main_function *real_main;
static bool open_before[FDS_MAX];
static unsigned threads_before;

static unsigned count_threads(void)
{
	DIR *folder = opendir("/proc/self/task");
	unsigned count = 0;

	while (folder && readdir(folder))
		count++;
	if (folder)
		closedir(folder);
	return count;
}

/* Where a descriptor leads; false: it is not open. */
static bool leads_to(int fd, char *to, size_t size)
{
	char link[64];
	ssize_t length;

	if (fcntl(fd, F_GETFD) < 0)
		return false; /* costs less than a look at /proc */
	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	length = readlink(link, to, size - 1);
	to[length < 0 ? 0 : length] = '\0';
	return length >= 0;
}

static void compare(void)
{
	const char *path = getenv("LEAKS_FILE");
	bool clock = getenv("H7GANG_SIM_CLOCK") != NULL;
	unsigned others = clock + (dlsym(RTLD_DEFAULT, "__tsan_init") ? 1u : 0u);
	unsigned threads = count_threads(), bells = clock, left = 0;
	FILE *file = path ? fopen(path, "w") : NULL;
	char to[256];

	if (!file)
		return;
	for (int fd = 0; fd < FDS_MAX; fd++) {
		if (open_before[fd] || fd == fileno(file) || !leads_to(fd, to, sizeof(to)))
			continue;
		if (bells && strcmp(to, "anon_inode:[eventfd]") == 0) {
			bells--;
			continue;
		}
		fprintf(file, "descriptor %d: %s; ", fd, to);
		left++;
	}
	if (threads > threads_before + others) {
		fprintf(file, "%u threads; ", threads - threads_before - others);
		left++;
	}
	fputs(left ? "\n" : "nothing left\n", file);
	fclose(file);
}

static int counted_main(int argc, char **argv, char **env)
{
	char to[256];
	int status;

	for (int fd = 0; fd < FDS_MAX; fd++)
		open_before[fd] = leads_to(fd, to, sizeof(to));
	threads_before = count_threads();
	status = real_main(argc, argv, env);
	compare();
	return status;
}

int __libc_start_main(main_function *entry, int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	int (*real)(main_function *, int, char **, void (*)(void), void (*)(void), void (*)(void),
		    void *) =
		(int (*)(main_function *, int, char **, void (*)(void), void (*)(void),
			 void (*)(void), void *))dlsym(RTLD_NEXT, "__libc_start_main");
	const char *wanted = getenv("LEAKS_OF");

	real_main = entry;
	if (wanted && strcmp(program_invocation_short_name, wanted) == 0)
		entry = counted_main;
	return real(entry, argc, argv, init, fini, rtld_fini, stack_end);
}
