/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usage:
 *   campaign [--wider] [--windows] [--seed S] [--first B] [--batches N | --units N] [--jobs J]
 *            [--seconds T] [--lines FILE]
 *   campaign [--wider] --seed S --batch B
 *
 * Runs batches of boards through build/h7gang on the virtual fleet and judges the results. The last
 * lines are a summary for machines and the totals; --lines also writes a line for each batch.
 * --batch runs only that one and keeps its files. --wider: with more formats of firmware, option
 * bytes, limits, hooks and a second command, by dice of their own; numbers, boards and faults are
 * the same as without it. */
#include "campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <getopt.h>
#include <inttypes.h>
#include <openssl/evp.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KEPT "build/campaign"
#define HUNG_S 300 /* of real time, for a run of a few seconds */

enum { JOBS_MAX = 64, BATCHES_MAX = 100000, EXIT_HUNG = -1 };

struct options {
	uint64_t seed, units, seconds, jobs, first, batches, batch;
	bool one, wider, windows;
	const char *lines;
};

/* Shared by the jobs. */
struct shared {
	atomic_uint next;
	unsigned batches; /* from options.first on */
	struct totals batch[BATCHES_MAX];
	bool done[BATCHES_MAX];
};

static char root[256]; /* where jobs work: in memory, if there is such a place */

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *place)
{
	(void)status;
	(void)type;
	(void)place;
	return remove(path);
}

static bool no_folder(const char *path)
{
	return nftw(path, remove_one, 16, FTW_DEPTH | FTW_PHYS) == 0 || errno == ENOENT;
}

static bool fresh_folder(const char *path)
{
	return no_folder(path) && mkdir(path, 0777) == 0;
}

static bool choose_root(void)
{
	snprintf(root, sizeof(root), "/dev/shm/h7gang-campaign.XXXXXX");
	if (mkdtemp(root))
		return true;
	snprintf(root, sizeof(root), KEPT "/work.XXXXXX");
	return mkdtemp(root) != NULL;
}

static void set_environment(const struct batch *batch, const char *folder)
{
	char path[512];
	char *shim = realpath("build/tests/leaks.so", NULL);

	snprintf(path, sizeof(path), "%s/leaks", folder);
	setenv("LEAKS_FILE", path, 1);
	setenv("LEAKS_OF", "h7gang", 1);
	setenv("LD_PRELOAD", shim ? shim : "", 1); /* lives until exec */
	setenv("TMPDIR", folder, 1);
	snprintf(path, sizeof(path), "%s/state", folder);
	setenv("STATE_DIRECTORY", path, 1); /* the second place of the number file */
	/* Memory that was freed is overwritten and not handed out again at once. */
	setenv("GLIBC_TUNABLES", "glibc.malloc.perturb=165:glibc.malloc.tcache_count=0", 1);
	/* The virtual clock comes before the sanitizer's library. */
	if (batch->sanitized)
		setenv("ASAN_OPTIONS", "verify_asan_link_order=0:exitcode=99:detect_leaks=1", 1);
}

static void add_words(const char **command, size_t *words, const char *const *more)
{
	while (*more)
		command[(*words)++] = *more++;
}

static void run_child(const struct batch *batch, const char *folder)
{
	char fleet[512], profile[512], save[512], output[512], trace[512], hands[512], steps[512];
	const char *command[32] = {"h7gang-sim", "--fleet", fleet,         "--virtual-time",
				   "--save",     save,      "--save-pages"};
	size_t words = 7;
	int file;

	snprintf(fleet, sizeof(fleet), "%s/fleet.yaml", folder);
	snprintf(profile, sizeof(profile), "%s/profile.yaml", folder);
	snprintf(save, sizeof(save), "%s/saved", folder);
	snprintf(output, sizeof(output), "%s/output", folder);
	snprintf(trace, sizeof(trace), "%s/trace", folder);
	snprintf(hands, sizeof(hands), "%s/hands", folder);
	snprintf(steps, sizeof(steps), "%s/steps", folder);
	if (batch->wider.second != SECOND_NONE)
		add_words(command, &words,
			  (const char *[]){"--control", hands, "--", "sh", steps, NULL});
	else
		add_words(command, &words, (const char *[]){"--", NULL});
	add_words(command, &words,
		  (const char *[]){batch->sanitized ? "build/asan/h7gang" : "build/h7gang", "run",
				   "--profile", profile, "--quiet", NULL});
	if (batch->wider.on)
		add_words(command, &words, (const char *[]){"--lot", "L1", NULL});
	if (batch->json)
		command[words++] = "--json";
	if (batch->trace) {
		command[words++] = "--trace";
		command[words++] = trace;
		mkdir(trace, 0777);
	}
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* ends with the campaign */
	set_environment(batch, folder);
	file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (file < 0 || dup2(file, 1) < 0 || dup2(file, 2) < 0)
		_exit(125);
	execv("build/h7gang-sim", (char *const *)(uintptr_t)command);
	_exit(126);
}

/* The exit status of the run, EXIT_HUNG if it did not end by itself. */
static int run_batch(const struct batch *batch, const char *folder)
{
	pid_t child = fork();
	struct pollfd ended = {.events = POLLIN};
	int status, ready;

	if (child == 0)
		run_child(batch, folder);
	if (child < 0)
		return 125;
	ended.fd = (int)syscall(SYS_pidfd_open, child, 0);
	do {
		ready = poll(&ended, 1, HUNG_S * 1000);
	} while (ready < 0 && errno == EINTR);
	close(ended.fd);
	if (ready <= 0)
		kill(-child, SIGKILL);
	waitpid(child, &status, 0);
	if (ready <= 0)
		return EXIT_HUNG;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void show_complaints(const char *path, unsigned number)
{
	char line[256];
	FILE *file = fopen(path, "r");

	while (file && fgets(line, sizeof(line), file))
		printf("batch %u: %s", number, line);
	if (file)
		fclose(file);
}

/* Out of memory, where nothing stays. */
static void keep(const struct batch *batch, const char *folder)
{
	char kept[512], command[1100];

	snprintf(kept, sizeof(kept), KEPT "/failed-%" PRIu64 "-%u%s", batch->seed, batch->number,
		 batch->wider.on ? "w" : "");
	snprintf(command, sizeof(command), "cp -r '%s' '%s'", folder, kept);
	if (!no_folder(kept) || system(command) != 0)
		perror(kept);
	printf("batch %u: kept in %s; again: build/tests/campaign %s%s--seed %" PRIu64
	       " --batch %u\n",
	       batch->number, kept, batch->wider.on ? "--wider " : "",
	       batch->windows ? "--windows " : "", batch->seed, batch->number);
	fflush(stdout);
}

static bool one_batch(struct batch *batch, const char *folder, struct totals *totals)
{
	char complaints[512];
	unsigned bad = 1;
	int status;

	if (!fresh_folder(folder) || !batch_make(batch, folder)) {
		fprintf(stderr, "campaign: %s: %s\n", folder, strerror(errno));
		exit(2);
	}
	snprintf(complaints, sizeof(complaints), "%s/complaints", folder);
	status = run_batch(batch, folder);
	if (status == EXIT_HUNG) {
		printf("batch %u: it hung and was killed\n", batch->number);
		*totals = (struct totals){.batches = 1, .violations = 1};
	} else {
		bad = batch_judge(batch, folder, status, totals, complaints);
	}
	if (bad)
		show_complaints(complaints, batch->number);
	return bad == 0;
}

/* A job and its runs stay on one processor: fleet and program take turns, and waking the other one
 * there is cheap. */
static void stay_on_one(unsigned index)
{
	cpu_set_t all, one;
	int wanted;

	if (sched_getaffinity(0, sizeof(all), &all) < 0)
		return;
	wanted = (int)index % CPU_COUNT(&all);
	for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
		if (!CPU_ISSET((size_t)cpu, &all) || wanted-- > 0)
			continue;
		CPU_ZERO(&one);
		CPU_SET((size_t)cpu, &one);
		sched_setaffinity(0, sizeof(one), &one);
		return;
	}
}

static void job(const struct options *options, struct shared *shared, unsigned index)
{
	static struct batch batch;
	double end = now() + (double)options->seconds;
	char folder[512];

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	stay_on_one(index);
	batch.seed = options->seed;
	batch.wider.on = options->wider;
	batch.windows = options->windows;
	snprintf(folder, sizeof(folder), "%s/%u", root, index);
	while (options->seconds == 0 || now() < end) {
		unsigned next = atomic_fetch_add(&shared->next, 1);

		if (next >= shared->batches)
			break;
		batch.number = (unsigned)options->first + next;
		if (!one_batch(&batch, folder, &shared->batch[next]))
			keep(&batch, folder);
		shared->done[next] = true;
	}
	no_folder(folder);
}

/* The digest of a part is that of its batches' digests. */
static bool sum_up(const struct options *options, const struct shared *shared, struct totals *sum)
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	FILE *lines = options->lines ? fopen(options->lines, "w") : NULL;
	bool good = context && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
		    (lines || !options->lines);
	char what[64];

	for (unsigned i = 0; good && i < shared->batches && shared->done[i]; i++) {
		totals_add(sum, &shared->batch[i]);
		good = EVP_DigestUpdate(context, shared->batch[i].digest, sizeof(sum->digest)) == 1;
		snprintf(what, sizeof(what), "batch %sseed=%" PRIu64 " number=%" PRIu64,
			 options->wider ? "wider=1 " : "", options->seed, options->first + i);
		if (lines)
			totals_line(lines, what, &shared->batch[i]);
	}
	good = good && EVP_DigestFinal_ex(context, sum->digest, NULL) == 1;
	EVP_MD_CTX_free(context);
	if (lines && fclose(lines) != 0)
		good = false;
	return good;
}

static int report(const struct options *options, const struct shared *shared, unsigned dead,
		  double took)
{
	struct totals sum = {.violations = dead};
	char what[128];

	if (!sum_up(options, shared, &sum)) {
		perror("campaign");
		return 2;
	}
	printf("seed %" PRIu64 ": %" PRIu64 " batches, %" PRIu64 " units, %" PRIu64
	       " attempts in %.0f s (%.1f units/s)\n",
	       options->seed, sum.batches, sum.units, sum.attempts, took, (double)sum.units / took);
	totals_show(&sum);
	snprintf(what, sizeof(what), "part %sseed=%" PRIu64 " first=%" PRIu64 " batches=%" PRIu64,
		 options->wider ? "wider=1 " : "", options->seed, options->first, sum.batches);
	totals_line(stdout, what, &sum);
	printf("campaign: %" PRIu64 " passed, %" PRIu64 " failed\n", sum.units, sum.violations);
	return sum.violations == 0 && sum.units > 0 ? 0 : 1;
}

static bool number(const char *text, uint64_t *value)
{
	char *end;

	errno = 0;
	*value = strtoull(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}

static bool parse(int argc, char **argv, struct options *options)
{
	static const char letters[] = "usjtbfn";
	static const struct option names[] = {{"units", required_argument, NULL, 'u'},
					      {"seed", required_argument, NULL, 's'},
					      {"jobs", required_argument, NULL, 'j'},
					      {"seconds", required_argument, NULL, 't'},
					      {"batch", required_argument, NULL, 'b'},
					      {"first", required_argument, NULL, 'f'},
					      {"batches", required_argument, NULL, 'n'},
					      {"lines", required_argument, NULL, 'l'},
					      {"wider", no_argument, NULL, 'w'},
					      {"windows", no_argument, NULL, 'i'},
					      {NULL, 0, NULL, 0}};
	uint64_t *values[] = {&options->units, &options->seed,  &options->jobs,   &options->seconds,
			      &options->batch, &options->first, &options->batches};
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == 'w') {
			options->wider = true;
			continue;
		}
		if (option == 'i') {
			options->windows = true;
			continue;
		}
		if (option == 'l') {
			options->lines = optarg;
			continue;
		}
		if (option == '?' || !number(optarg, values[strchr(letters, option) - letters]))
			return false;
		options->one = options->one || option == 'b';
	}
	if (options->jobs == 0)
		options->jobs = 2 * (uint64_t)sysconf(_SC_NPROCESSORS_ONLN);
	if (options->jobs > JOBS_MAX)
		options->jobs = JOBS_MAX;
	return optind == argc && options->first < BATCHES_MAX && options->batches <= BATCHES_MAX &&
	       options->batch < BATCHES_MAX && options->units < UINT64_C(1) << 32;
}

/* So many that they hold `units` boards. */
static unsigned count_batches(const struct options *options)
{
	uint64_t boards = 0;
	unsigned count = 0;

	if (options->batches)
		return (unsigned)options->batches;
	while (boards < options->units && count < BATCHES_MAX)
		boards += batch_boards(options->seed, (unsigned)options->first + count++);
	return count;
}

static unsigned run_jobs(const struct options *options, struct shared *shared)
{
	pid_t children[JOBS_MAX];
	unsigned dead = 0;

	for (unsigned i = 0; i < options->jobs; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			job(options, shared, i);
			fflush(stdout);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < options->jobs; i++) {
		int status = 1;

		/* A job that dies is no job done. */
		if (children[i] < 0 || waitpid(children[i], &status, 0) < 0 || status != 0)
			dead++;
	}
	return dead;
}

static int again(const struct options *options)
{
	static struct batch batch;
	struct totals totals = {0};
	char folder[512];

	batch.seed = options->seed;
	batch.number = (unsigned)options->batch;
	batch.wider.on = options->wider;
	batch.windows = options->windows;
	snprintf(folder, sizeof(folder), KEPT "/again-%" PRIu64 "-%u%s", batch.seed, batch.number,
		 options->wider ? "w" : "");
	one_batch(&batch, folder, &totals);
	totals_line(stdout, folder, &totals);
	return totals.violations ? 1 : 0;
}

int main(int argc, char **argv)
{
	struct options options = {.seed = 1, .units = 2000};
	double start = now();
	struct shared *shared;
	unsigned dead;

	if (!parse(argc, argv, &options)) {
		fputs("usage: campaign [--wider] [--windows] [--seed S] [--first B] [--batches N | "
		      "--units N] "
		      "[--jobs J] [--seconds T]\n"
		      "                [--lines FILE] [--batch B]\n",
		      stderr);
		return 2;
	}
	mkdir(KEPT, 0777);
	if (options.one)
		return again(&options);
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1,
		      0);
	if (shared == MAP_FAILED || !choose_root()) {
		perror("campaign");
		return 2;
	}
	shared->batches = count_batches(&options);
	dead = run_jobs(&options, shared);
	no_folder(root);
	return report(&options, shared, dead, now() - start);
}
