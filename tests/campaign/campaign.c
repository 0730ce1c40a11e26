/* SPDX-License-Identifier: GPL-2.0-or-later */
/* usage: campaign [--units N] [--seed S] [--jobs J] [--seconds T] [--batch B]
 * Runs batches of boards through build/h7gang on the virtual fleet and judges what came out. --batch runs
 * that one alone and keeps its files. */
#include "campaign.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROOT "build/campaign"
#define HUNG_S 300 /* of real time, for a run of a few seconds */

enum { JOBS_MAX = 64, EXIT_HUNG = -1 };

struct options {
	uint64_t seed, units, seconds;
	unsigned jobs;
	bool one;
	unsigned batch;
};

/* What the jobs share. */
struct shared {
	atomic_uint next;
	struct totals totals[JOBS_MAX];
};

static double now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A folder that did not exist before, or is emptied. */
static bool fresh_folder(const char *path)
{
	char command[1100];

	snprintf(command, sizeof(command), "rm -rf '%s' && mkdir -p '%s'", path, path);
	return system(command) == 0;
}

static void run_child(const char *folder)
{
	char fleet[512], profile[512], save[512], output[512];
	int file;

	snprintf(fleet, sizeof(fleet), "%s/fleet.yaml", folder);
	snprintf(profile, sizeof(profile), "%s/profile.yaml", folder);
	snprintf(save, sizeof(save), "%s/saved", folder);
	snprintf(output, sizeof(output), "%s/output", folder);
	setpgid(0, 0);
	prctl(PR_SET_PDEATHSIG, SIGKILL); /* who stops the campaign stops its run */
	file = open(output, O_WRONLY | O_CREAT | O_TRUNC, 0666);
	if (file < 0 || dup2(file, 1) < 0 || dup2(file, 2) < 0)
		_exit(125);
	execl("build/h7gang-sim", "h7gang-sim", "--fleet", fleet, "--virtual-time", "--save", save, "--", "build/h7gang",
	      "run", "--profile", profile, "--quiet", (char *)NULL);
	_exit(126);
}

/* The exit status of the run, EXIT_HUNG if it did not end by itself. */
static int run_batch(const char *folder)
{
	double end = now() + HUNG_S;
	pid_t child = fork();
	int status;

	if (child == 0)
		run_child(folder);
	if (child < 0)
		return 125;
	while (waitpid(child, &status, WNOHANG) == 0) {
		if (now() > end) {
			kill(-child, SIGKILL);
			waitpid(child, &status, 0);
			return EXIT_HUNG;
		}
		nanosleep(&(struct timespec){.tv_nsec = 5000000}, NULL);
	}
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

static bool one_batch(struct batch *batch, const struct options *options, const char *folder, struct totals *totals)
{
	char complaints[512], kept[512];
	unsigned bad = 0;
	int status;

	if (!fresh_folder(folder) || !batch_make(batch, folder)) {
		fprintf(stderr, "campaign: %s: %s\n", folder, strerror(errno));
		exit(2);
	}
	snprintf(complaints, sizeof(complaints), "%s/complaints", folder);
	status = run_batch(folder);
	if (status == EXIT_HUNG) {
		printf("batch %u: it hung and was killed\n", batch->number);
		totals->violations++;
		bad++;
	} else {
		bad += batch_judge(batch, folder, status, totals, complaints);
	}
	if (bad == 0)
		return true;
	show_complaints(complaints, batch->number);
	snprintf(kept, sizeof(kept), ROOT "/failed-%" PRIu64 "-%u", batch->seed, batch->number);
	if (!options->one && fresh_folder(kept) && rmdir(kept) == 0)
		rename(folder, kept);
	printf("batch %u: kept in %s; again: build/tests/campaign --seed %" PRIu64 " --batch %u\n", batch->number,
	       options->one ? folder : kept, batch->seed, batch->number);
	fflush(stdout);
	return false;
}

static void job(const struct options *options, struct shared *shared, unsigned index)
{
	static struct batch batch;
	unsigned batches = (unsigned)((options->units + BOARDS - 1) / BOARDS);
	double end = now() + (double)options->seconds;
	char folder[512];

	batch.seed = options->seed;
	snprintf(folder, sizeof(folder), ROOT "/job-%" PRIu64 "-%u", options->seed, index);
	while (options->seconds == 0 || now() < end) {
		batch.number = atomic_fetch_add(&shared->next, 1);
		if (batch.number >= batches)
			break;
		one_batch(&batch, options, folder, &shared->totals[index]);
	}
	fresh_folder(folder);
	rmdir(folder);
}

static int report(const struct options *options, const struct shared *shared, double took)
{
	struct totals sum = {0};

	for (unsigned i = 0; i < options->jobs; i++) {
		const struct totals *part = &shared->totals[i];

		sum.batches += part->batches;
		sum.units += part->units;
		sum.attempts += part->attempts;
		sum.passed += part->passed;
		sum.failed += part->failed;
		sum.healthy += part->healthy;
		sum.violations += part->violations;
		for (unsigned e = 0; e < 64; e++)
			sum.error[e] += part->error[e];
	}
	printf("seed %" PRIu64 ": %" PRIu64 " batches, %" PRIu64 " units, %" PRIu64 " attempts in %.0f s (%.1f units/s)\n",
	       options->seed, sum.batches, sum.units, sum.attempts, took, (double)sum.units / took);
	printf("PASS %" PRIu64 ", FAIL %" PRIu64 "; %" PRIu64 " boards had no fault\n", sum.passed, sum.failed, sum.healthy);
	for (unsigned e = 0; error_name(e); e++) {
		if (sum.error[e])
			printf("  %s %" PRIu64 "\n", error_name(e), sum.error[e]);
	}
	if (sum.error[63])
		printf("  errors of no known name %" PRIu64 "\n", sum.error[63]);
	printf("violations: %" PRIu64 "\n", sum.violations);
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
	static const struct option names[] = {{"units", required_argument, NULL, 'u'}, {"seed", required_argument, NULL, 's'},
	                                      {"jobs", required_argument, NULL, 'j'}, {"seconds", required_argument, NULL, 't'},
	                                      {"batch", required_argument, NULL, 'b'}, {NULL, 0, NULL, 0}};
	uint64_t value;
	int option;

	while ((option = getopt_long(argc, argv, "", names, NULL)) != -1) {
		if (option == '?' || !number(optarg, &value))
			return false;
		if (option == 'u')
			options->units = value;
		else if (option == 's')
			options->seed = value;
		else if (option == 'j')
			options->jobs = (unsigned)value;
		else if (option == 't')
			options->seconds = value;
		else
			options->one = true, options->batch = (unsigned)value;
	}
	return optind == argc && options->units < UINT64_C(1) << 32 && options->jobs >= 1 && options->jobs <= JOBS_MAX;
}

int main(int argc, char **argv)
{
	struct options options = {.seed = 1, .units = 2000, .jobs = 1};
	double start = now();
	struct shared *shared;
	pid_t children[JOBS_MAX];

	if (!parse(argc, argv, &options)) {
		fputs("usage: campaign [--units N] [--seed S] [--jobs J] [--seconds T] [--batch B]\n", stderr);
		return 2;
	}
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (shared == MAP_FAILED) {
		perror("campaign");
		return 2;
	}
	if (options.one) {
		static struct batch batch;
		char folder[512];

		batch.seed = options.seed;
		batch.number = options.batch;
		options.jobs = 1;
		snprintf(folder, sizeof(folder), ROOT "/again-%" PRIu64 "-%u", batch.seed, batch.number);
		one_batch(&batch, &options, folder, &shared->totals[0]);
		return report(&options, shared, now() - start);
	}
	for (unsigned i = 0; i < options.jobs; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			job(&options, shared, i);
			fflush(stdout);
			_exit(0);
		}
	}
	for (unsigned i = 0; i < options.jobs; i++) {
		int status = 1;

		/* A job that dies is no job done. */
		if (children[i] < 0 || waitpid(children[i], &status, 0) < 0 || status != 0)
			shared->totals[i].violations++;
	}
	return report(&options, shared, now() - start);
}
