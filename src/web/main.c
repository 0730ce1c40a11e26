/* SPDX-License-Identifier: GPL-2.0-or-later */
/* h7gang-web: threads are started here, and ended by SIGINT or SIGTERM. */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auth.h"
#include "feed.h"
#include "h7gang/base/errors.h"
#include "h7gang/base/sha256.h"
#include "h7gang/station/client.h"
#include "listen.h"
#include "log.h"
#include "options.h"
#include "rate.h"
#include "report.h"
#include "tls.h"

#define REQUESTS 400u /* at once, of one address */
#define REQUEST_MS 10 /* for one more */
#define NICE 10       /* boards are programmed on this computer */

/* An address that other computers can reach requires TLS and users. */
static bool safe(const struct web_options *options, const struct address *address)
{
	if (!address->local &&
	    (!options->certificate || (!options->users && !options->client_ca))) {
		web_say("%s: an address that other computers can reach needs TLS and users: "
			"--certificate, --key and --users (docs/web.md)",
			address->host);
		return false;
	}
	if (!address->local && options->trusted_header) {
		web_say("--trusted-header needs addresses of this computer alone: anyone could "
			"send that header");
		return false;
	}
	return true;
}

struct running {
	struct web web;
	struct listener *listener[WEB_LISTENERS_MAX + 1];
	unsigned listeners;
};

static bool open_listeners(struct running *running, const struct web_options *options)
{
	char why[WEB_WHY];
	struct address address;

	for (unsigned i = 0; i < options->listeners + (options->metrics ? 1 : 0); i++) {
		bool metrics = i == options->listeners;
		const char *text = metrics ? options->metrics : options->listen[i];

		if (!address_read(text, &address, why, sizeof(why))) {
			web_say("%s", why);
			return false;
		}
		if (!metrics && !safe(options, &address))
			return false;
		running->listener[running->listeners] =
			listener_open(&running->web, &address, metrics, why, sizeof(why));
		if (!running->listener[running->listeners]) {
			web_say("%s", why);
			return false;
		}
		running->listeners++;
		web_say("%s at %s", metrics ? "metrics" : "listening", text);
	}
	return true;
}

static enum h7_exit open_web(struct running *running, const struct web_options *options)
{
	struct web *web = &running->web;
	char why[WEB_WHY] = "";

	web->options = options;
	if (!station_path(options->connect, web->path, sizeof(web->path), why, sizeof(why))) {
		web_say("--connect: %s", why);
		return H7_EXIT_USAGE;
	}
	if (options->certificate &&
	    !tls_open(options->certificate, options->key, why, sizeof(why))) {
		web_say("%s", why);
		return H7_EXIT_USAGE;
	}
	web->tls = options->certificate != NULL;
	if (options->users || options->client_ca || options->trusted_header) {
		web->auth = auth_open(options, why, sizeof(why));
		if (!web->auth) {
			web_say("%s", why);
			return H7_EXIT_USAGE;
		}
	}
	web->rate = rate_new(REQUESTS, REQUEST_MS);
	web->report = report_open();
	web->feed = feed_start(web->path);
	web->log = web->feed ? log_start(web->feed, options->log) : NULL;
	if (!web->rate || !web->report || !web->feed || !web->log) {
		web_say("out of memory, or no thread could be started");
		return H7_EXIT_INTERNAL;
	}
	return open_listeners(running, options) ? H7_EXIT_OK : H7_EXIT_USAGE;
}

static enum h7_exit serve(const struct web_options *options)
{
	struct running *running = calloc(1, sizeof(*running));
	enum h7_exit status;
	sigset_t set;
	int signal;

	sigemptyset(&set);
	sigaddset(&set, SIGPIPE);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &set, NULL);
	sigdelset(&set, SIGPIPE);
	if (!running)
		return H7_EXIT_INTERNAL;
	(void)!nice(NICE);
	status = open_web(running, options);
	if (status != H7_EXIT_OK)
		return status; /* threads that were begun end with the process */
	sigwait(&set, &signal);
	feed_stop(running->web.feed);
	for (unsigned i = 0; i < running->listeners; i++)
		listener_close(running->listener[i]);
	log_stop(running->web.log);
	return H7_EXIT_OK;
}

int main(int argc, char **argv)
{
	struct web_options options;
	int status;

	if (!web_options_read(&options, argc, argv, &status))
		return status;
	if (!sha256_ready()) {
		web_say("libcrypto does not start");
		return H7_EXIT_INTERNAL;
	}
	if (options.add_user || options.add_token)
		return auth_add(&options);
	return (int)serve(&options);
}
