/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The queue between the gang and the output, and the one thread that writes. Output goes by
 * write(2): a thread that hangs in a full pipe then holds no lock that exit() needs. */
#include "h7gang/ui/ui.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h7gang/base/clock.h"
#include "panel.h"
#include "render.h"
#include "sink.h"

#define PROGRESS_MAX 256 /* progress is left out while this many events wait */
#define STALLED_MS 5000  /* at the end: how long output may be blocked */
#define DRAIN_MS 60000   /* and how long writing may take in all */
#define RETRY_MS 10      /* for an output that another process made non-blocking */

struct node {
	struct node *next;
	struct gang_event event;
};

struct ui {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t changed;
	/* under the lock */
	struct node *first, **last;
	unsigned waiting;
	unsigned written;
	bool closing, ended;
	bool left;            /* the operator closed the panel, or there is none */
	bool stays;           /* the panel shows the result until the operator closes it */
	bool lost;            /* something other than progress was not written */
	struct ui_sink *sink; /* NULL: no --events */
	/* the thread's own */
	struct ui_view view;
	struct ui_lines lines;
	struct panel *panel; /* NULL: lines or JSON */
	bool out_broken, err_broken;
};

bool ui_colour_wanted(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");

	return !(no_color && no_color[0]) && term && term[0] && strcmp(term, "dumb") != 0;
}

static bool terminal_moves(void)
{
	const char *term = getenv("TERM");

	return term && term[0] && strcmp(term, "dumb") != 0;
}

/* Returns 0 or an errno value. */
static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		ssize_t wrote = write(fd, text, left);

		if (wrote >= 0) {
			text += wrote;
			left -= (size_t)wrote;
		} else if (errno == EAGAIN) {
			clock_sleep_until(clock_after_ms(RETRY_MS));
		} else if (errno != EINTR) {
			return errno;
		}
	}
	return 0;
}

static void put_err(struct ui *ui, const char *text)
{
	if (text[0] && !ui->err_broken && write_all(ui->view.options.err, text) != 0)
		ui->err_broken = true;
}

static bool put_out(struct ui *ui, const char *text)
{
	char warning[160];
	int error;

	if (!text[0])
		return true;
	if (ui->out_broken)
		return false;
	error = write_all(ui->view.options.out, text);
	if (error == 0)
		return true;
	ui->out_broken = true;
	snprintf(warning, sizeof(warning),
		 "h7gang: warning: standard output: %s; the rows are in the log all the same\n",
		 strerror(error));
	put_err(ui, warning);
	return false;
}

static bool put(struct ui *ui, const struct gang_event *event)
{
	bool silent = false, done;
	char *json;

	if (ui->panel)
		return panel_event(ui->panel, event);
	if (!ui->view.options.json) {
		ui_render_lines(&ui->view, event, &ui->lines);
		done = put_out(ui, ui->lines.out);
		put_err(ui, ui->lines.err);
		return done;
	}
	json = ui_render_json(&ui->view, event, &silent);
	done = silent || (json && put_out(ui, json));
	free(json);
	return done;
}

/* With the lock. */
static void look_at_panel(struct ui *ui)
{
	ui->stays = ui->panel && panel_stays(ui->panel);
	ui->left = !ui->panel || panel_left(ui->panel);
}

/* With the lock: waits for the next event, NULL at the end. */
static struct node *next_event(struct ui *ui)
{
	while (!ui->first && !ui->closing) {
		clock_wait_until(&ui->changed, &ui->lock,
				 ui->panel ? clock_after_ms(PANEL_TICK_MS) : CLOCK_NEVER);
		if (!ui->panel)
			continue;
		pthread_mutex_unlock(&ui->lock);
		panel_tick(ui->panel);
		pthread_mutex_lock(&ui->lock);
		look_at_panel(ui);
	}
	return ui->first;
}

static void piece(void *user, bool err, const char *text)
{
	struct ui *ui = user;

	if (err)
		put_err(ui, text);
	else
		put_out(ui, text);
}

static void end_panel(struct ui *ui)
{
	struct panel *panel = ui->panel;

	ui->panel = NULL;
	if (panel)
		panel_close(panel, piece, ui);
}

static void *write_events(void *user)
{
	struct ui *ui = user;
	struct node *node;

	if (ui->view.options.panel)
		ui->panel = panel_open(&ui->view);
	pthread_mutex_lock(&ui->lock);
	for (;;) {
		node = next_event(ui);
		if (!node)
			break;
		ui->first = node->next;
		if (!ui->first)
			ui->last = &ui->first;
		ui->waiting--;
		pthread_mutex_unlock(&ui->lock);

		bool done = put(ui, &node->event);

		if (ui->panel)
			panel_tick(ui->panel); /* keys do not wait for many events */
		pthread_mutex_lock(&ui->lock);
		look_at_panel(ui);
		if (!done && node->event.kind != GANG_PROGRESS)
			ui->lost = true;
		ui->written++;
		free(node);
		pthread_cond_broadcast(&ui->changed);
	}
	pthread_mutex_unlock(&ui->lock);
	end_panel(ui);
	pthread_mutex_lock(&ui->lock);
	if (ui->out_broken)
		ui->lost = true;
	ui->ended = true;
	pthread_cond_broadcast(&ui->changed);
	pthread_mutex_unlock(&ui->lock);
	return NULL;
}

struct ui *ui_open(const struct ui_options *options, char *why, size_t why_size)
{
	struct ui *ui = calloc(1, sizeof(*ui));

	snprintf(why, why_size, "the display: out of memory, or no thread could be started");
	if (!ui)
		return NULL;
	ui->last = &ui->first;
	ui->view.options = *options;
	ui->view.colour_out = options->colour && isatty(options->out);
	ui->view.options.panel = options->panel && !options->json && !options->quiet &&
				 isatty(options->out) && terminal_moves();
	if (pthread_mutex_init(&ui->lock, NULL) != 0)
		goto err_free;
	if (clock_cond_init(&ui->changed) != 0)
		goto err_lock;
	if (options->events) {
		ui->sink = ui_sink_open(options->events, options, why, why_size);
		if (!ui->sink)
			goto err_cond;
	}
	if (pthread_create(&ui->thread, NULL, write_events, ui) != 0)
		goto err_sink;
	return ui;

err_sink:
	ui_sink_close(ui->sink);
err_cond:
	pthread_cond_destroy(&ui->changed);
err_lock:
	pthread_mutex_destroy(&ui->lock);
err_free:
	free(ui);
	return NULL;
}

static void queue_event(struct ui *ui, const struct gang_event *event)
{
	struct node *node;

	pthread_mutex_lock(&ui->lock);
	if (event->kind == GANG_PROGRESS && ui->waiting >= PROGRESS_MAX)
		goto out;
	node = malloc(sizeof(*node));
	if (!node) {
		if (event->kind != GANG_PROGRESS)
			ui->lost = true;
		goto out;
	}
	node->next = NULL;
	node->event = *event;
	*ui->last = node;
	ui->last = &node->next;
	ui->waiting++;
	pthread_cond_broadcast(&ui->changed);
out:
	pthread_mutex_unlock(&ui->lock);
}

void ui_event(void *user, const struct gang_event *event)
{
	struct gang_event trouble = {.kind = GANG_NOTE};
	struct ui *ui = user;

	queue_event(ui, event);
	if (ui->view.options.also)
		ui->view.options.also(ui->view.options.also_user, event);
	if (!ui->sink)
		return;
	ui_sink_put(ui->sink, event);
	if (!ui_sink_trouble(ui->sink, trouble.detail, sizeof(trouble.detail)))
		return;
	memcpy(trouble.time, event->time, sizeof(trouble.time));
	memcpy(trouble.run_id, event->run_id, sizeof(trouble.run_id));
	queue_event(ui, &trouble);
}

bool ui_left(struct ui *ui)
{
	bool left;

	pthread_mutex_lock(&ui->lock);
	left = ui->left;
	pthread_mutex_unlock(&ui->lock);
	return left;
}

void ui_wait_result(struct ui *ui)
{
	struct timespec look = {.tv_nsec = 100000000};
	sigset_t set;
	bool wait = ui->view.options.panel && ui->view.options.stays;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	while (wait) {
		if (sigtimedwait(&set, NULL, &look) > 0)
			return;
		pthread_mutex_lock(&ui->lock);
		wait = ui->first || ui->stays;
		pthread_mutex_unlock(&ui->lock);
	}
}

/* Waits for the thread to end as long as the output takes something now and then. */
static bool drained(struct ui *ui)
{
	int64_t limit = clock_after_ms(DRAIN_MS);
	int64_t deadline = clock_earlier(clock_after_ms(STALLED_MS), limit);
	unsigned written = ui->written;

	while (!ui->ended) {
		if (!clock_wait_until(&ui->changed, &ui->lock, deadline) && !ui->ended &&
		    ui->written == written)
			return false;
		if (ui->written != written) {
			written = ui->written;
			deadline = clock_earlier(clock_after_ms(STALLED_MS), limit);
			if (clock_now() >= limit)
				return ui->ended;
		}
	}
	return true;
}

/* Says nothing if the messages themselves hang. */
static void warn_unwritten(int fd)
{
	static const char text[] =
		"h7gang: warning: not all output could be written; the rows are in "
		"the log all the same\n";
	struct pollfd takes = {.fd = fd, .events = POLLOUT};

	if (poll(&takes, 1, 0) == 1 && (takes.revents & POLLOUT))
		(void)!write(fd, text, sizeof(text) - 1);
}

bool ui_close(struct ui *ui)
{
	bool ended, lost;

	if (!ui)
		return true;
	ui_sink_close(ui->sink);
	pthread_mutex_lock(&ui->lock);
	ui->closing = true;
	pthread_cond_broadcast(&ui->changed);
	ended = drained(ui);
	lost = ui->lost;
	pthread_mutex_unlock(&ui->lock);
	if (!ended) {
		/* The thread hangs in write(2) and may still return: its memory is not freed. */
		warn_unwritten(ui->view.options.err);
		pthread_detach(ui->thread);
		return false;
	}
	pthread_join(ui->thread, NULL);
	if (lost && !ui->out_broken)
		warn_unwritten(ui->view.options.err);
	pthread_cond_destroy(&ui->changed);
	pthread_mutex_destroy(&ui->lock);
	free(ui);
	return !lost;
}
