/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang-publish. One thread sends; this one takes signals, and ends the process when the sending
 * thread hangs in a call that has no deadline of its own (a name server, a disk). The next process
 * sends rows again that were not acknowledged. */
#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "url.h"
#include "h7gang/base/clock.h"
#include "h7gang/base/secrets.h"
#include "h7gang/base/sha256.h"
#include "options.h"
#include "publisher.h"

#define END_MS 5000   /* for the sending thread, after a signal */
#define SLACK_MS 5000 /* with --once, beyond --wait and --timeout */
#define NICE 10       /* boards are programmed on this computer */

struct sender {
	pthread_t thread;
	int done; /* readable once `status` is set */
	struct publisher publisher;
	enum h7_exit status;
};

static void *sender_main(void *user)
{
	struct sender *sender = user;

	sender->status = publisher_run(&sender->publisher);
	(void)!eventfd_write(sender->done, 1);
	return NULL;
}

/* How long the sending thread may still take; -1: without a limit. */
static int64_t left_ms(const struct sender *sender, int64_t asked_at)
{
	const struct publish_options *options = sender->publisher.options;
	int64_t most = ((int64_t)options->wait_s + options->timeout_s) * 1000 + SLACK_MS, left;

	if (asked_at)
		left = END_MS - clock_elapsed_ms(asked_at);
	else if (options->once)
		left = most - clock_elapsed_ms(atomic_load(&sender->publisher.progress_at));
	else
		return -1;
	return left > 0 ? left : 0;
}

/* False: the sending thread hangs. */
static bool wait_for_end(struct sender *sender, int signals)
{
	struct pollfd fds[] = {{sender->done, POLLIN, 0}, {signals, POLLIN, 0}};
	struct signalfd_siginfo info;
	int64_t asked_at = 0, left;

	for (;;) {
		left = left_ms(sender, asked_at);
		if (left == 0)
			return false;
		if (poll(fds, 2, (int)left) < 0 && errno != EINTR)
			return false;
		if (fds[0].revents)
			return true;
		if (fds[1].revents && read(signals, &info, sizeof(info)) == sizeof(info) &&
		    !asked_at) {
			asked_at = clock_now();
			publish_end();
		}
	}
}

static enum h7_exit serve(struct sender *sender, int signals)
{
	bool ended;

	atomic_store(&sender->publisher.progress_at, clock_now());
	if (pthread_create(&sender->thread, NULL, sender_main, sender) != 0) {
		publish_say("no thread");
		return H7_EXIT_INTERNAL;
	}
	ended = wait_for_end(sender, signals);
	publish_say("%s, %llu row%s sent", ended ? "ended" : "ended, although a call hangs",
		    atomic_load(&sender->publisher.sent),
		    atomic_load(&sender->publisher.sent) == 1 ? "" : "s");
	if (!ended) /* the thread still uses memory that exit frees */
		_exit(sender->publisher.options->once ? H7_EXIT_FAILED : H7_EXIT_OK);
	pthread_join(sender->thread, NULL);
	return sender->status;
}

/* Finds mistakes in the options before anything is sent. */
static bool check_files(const struct publish_options *options)
{
	char why[PUBLISH_WHY] = "", secret[PUBLISH_ONE_TEXT];
	const char *file = options->token_file ? options->token_file : options->password_file;
	struct url address;
	bool good = url_files(options, why, sizeof(why)) &&
		    (!file || url_secret(file, secret, why, sizeof(why))) &&
		    url_read(options->mqtt ? options->mqtt : options->http,
			     options->mqtt ? "mqtt" : "http", file, &address, why, sizeof(why));

	explicit_bzero(secret, sizeof(secret));
	if (!good)
		publish_say("%s", why);
	return good;
}

static bool read_position(const char *path, struct audit_published *at)
{
	int rc = audit_published_read(path, at);

	if (rc == 0)
		return true;
	*at = (struct audit_published){0};
	if (rc == -ENOENT)
		return true;
	publish_say("%s: %s. Nothing is sent. Say where to go on: h7gang publish --log LOG --name "
		    "NAME --after SEQ (0: everything again, end: only later rows)",
		    path,
		    rc == -EBADMSG ? "it is not a position that h7gang-publish wrote"
				   : strerrordesc_np(-rc));
	return false;
}

static bool take_lock(const char *path)
{
	int fd = audit_published_lock(path); /* held until the process ends */

	if (fd >= 0)
		return true;
	if (fd == -EAGAIN)
		publish_say("%s: another h7gang-publish uses this name: end it, or choose another "
			    "--name",
			    path);
	else
		publish_say("%s.lock: %s: the folder must be there, and writable for this user; "
			    "--positions names another one",
			    path, strerrordesc_np(-fd));
	return false;
}

static int block_signals(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGXFSZ);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigdelset(&set, SIGPIPE);
	sigdelset(&set, SIGXFSZ);
	return signalfd(-1, &set, SFD_CLOEXEC);
}

static enum h7_exit publish(const struct publish_options *options, const char *position)
{
	struct sender *sender = calloc(1, sizeof(*sender));
	enum h7_exit status = H7_EXIT_LOG;
	int signals = block_signals();

	if (!sender || signals < 0 || !publish_ending_init() ||
	    (sender->done = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) < 0) {
		publish_say("no memory or no descriptor");
		status = H7_EXIT_INTERNAL;
	} else if (take_lock(position)) {
		sender->publisher.options = options;
		sender->publisher.position = position;
		if (options->after)
			status = publisher_set(options, position);
		else if (read_position(position, &sender->publisher.at))
			status = serve(sender, signals);
	}
	free(sender);
	return status;
}

int main(int argc, char **argv)
{
	struct publish_options options;
	enum h7_exit result;
	char *position;
	int status;

	if (!publish_options_read(&options, argc, argv, &status))
		return status;
	if (!sha256_ready()) {
		publish_say("libcrypto does not start");
		return H7_EXIT_INTERNAL;
	}
	if (!options.after && !check_files(&options))
		return H7_EXIT_USAGE;
	if (options.password_file || options.token_file || options.key)
		secrets_keep_in();
	(void)!nice(NICE);
	position = audit_published_path(options.log, options.positions, options.name);
	if (!position) {
		publish_say("no memory");
		return H7_EXIT_INTERNAL;
	}
	result = publish(&options, position);
	free(position);
	return (int)result;
}
