/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "peer.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "h7gang/base/clock.h"
#include "h7gang/station/event.h"

static void name_peer(struct peer *peer)
{
	struct ucred ucred = {.uid = (uid_t)-1};
	socklen_t size = sizeof(ucred);
	struct passwd entry, *found = NULL;
	char bytes[4096];

	peer->uid = (uid_t)-1;
	if (getsockopt(peer->outbox.fd, SOL_SOCKET, SO_PEERCRED, &ucred, &size) != 0) {
		snprintf(peer->who, sizeof(peer->who), "an unknown process");
		return;
	}
	peer->uid = ucred.uid;
	if (getpwuid_r(ucred.uid, &entry, bytes, sizeof(bytes), &found) != 0)
		found = NULL;
	snprintf(peer->who, sizeof(peer->who), "user %.64s (uid %u), process %d",
		 found ? found->pw_name : "without a name", ucred.uid, (int)ucred.pid);
}

void peer_open(struct peer *peer, int fd, unsigned number)
{
	*peer = (struct peer){.outbox = {.fd = fd, .socket = true},
			      .number = number,
			      .tokens = PEER_BURST,
			      .refilled = clock_now(),
			      .leaves = CLOCK_NEVER};
	name_peer(peer);
}

void peer_dismiss(struct peer *peer, const char *reason)
{
	json_t *object = json_object();
	char *line = NULL;

	outbox_cut(&peer->outbox);
	peer->leaves = clock_after_ms(PEER_LEAVE_MS);
	if (object && station_set_text(object, "event", "bye") &&
	    station_set_text(object, "reason", reason))
		line = station_json_line(object);
	if (line)
		outbox_add(&peer->outbox, line, strlen(line), PEER_BEHIND_MAX);
	free(line);
	json_decref(object);
}

bool peer_tell(struct peer *peer, const char *line)
{
	if (peer->outbox.fd < 0 || peer->leaves != CLOCK_NEVER)
		return true;
	if (outbox_add(&peer->outbox, line, strlen(line), PEER_BEHIND_MAX))
		return true;
	peer_dismiss(peer, "this client does not keep up");
	return false;
}

bool peer_hear(struct peer *peer)
{
	ssize_t got;

	if (peer->leaves != CLOCK_NEVER)
		peer->length = 0; /* its further input is ignored */
	got = recv(peer->outbox.fd, peer->said + peer->length, sizeof(peer->said) - peer->length,
		   MSG_DONTWAIT);

	if (got < 0)
		return errno == EAGAIN || errno == EINTR;
	peer->length += (size_t)got;
	return got > 0;
}

char *peer_line(struct peer *peer, size_t *taken)
{
	char *end = peer->length ? memchr(peer->said, '\n', peer->length) : NULL;

	if (!end)
		return NULL;
	*end = 0;
	*taken = (size_t)(end - peer->said) + 1;
	return peer->said;
}

void peer_line_done(struct peer *peer, size_t taken)
{
	memmove(peer->said, peer->said + taken, peer->length - taken);
	peer->length -= taken;
}

bool peer_may_ask(struct peer *peer, int64_t now)
{
	int64_t more = (now - peer->refilled) / (PEER_REFILL_MS * CLOCK_MS);

	if (more > 0) {
		peer->tokens = more >= PEER_BURST - (int64_t)peer->tokens
				       ? PEER_BURST
				       : peer->tokens + (unsigned)more;
		peer->refilled = now;
	}
	if (peer->tokens == 0)
		return false;
	peer->tokens--;
	return true;
}
