/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The socket to the server. One thread at a time reads it, an event handler or a caller that waits
 * for an answer, and hands the messages of other threads to them. */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "standin.h"

enum { READ_SIZE = 65536 };

_Thread_local struct libusb_context *standin_dispatching;

/* If the virtual clock is loaded, it must know of answers that are waiting to be read. */
extern void h7gang_vtime_watch(int socket, const _Atomic uint64_t *received) __attribute__((weak));
extern void h7gang_vtime_unwatch(int socket) __attribute__((weak));

uint64_t standin_now(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * UINT64_C(1000000000) + (uint64_t)now.tv_nsec;
}

static bool room(struct standin_buffer *buffer, size_t length)
{
	size_t size = buffer->size ? buffer->size : READ_SIZE;
	uint8_t *grown;

	if (buffer->start) {
		memmove(buffer->bytes, buffer->bytes + buffer->start, buffer->end - buffer->start);
		buffer->end -= buffer->start;
		buffer->start = 0;
	}
	if (buffer->size - buffer->end >= length)
		return true;
	while (size - buffer->end < length)
		size *= 2;
	grown = realloc(buffer->bytes, size);
	if (!grown)
		return false;
	buffer->bytes = grown;
	buffer->size = size;
	return true;
}

static void lose(struct libusb_context *context)
{
	if (context->lost)
		return;
	context->lost = true;
	context->out.end = 0;
	while (context->device_count)
		context->listens->left(context, context->devices[0]->generation);
	context->listens->lost(context);
	for (struct standin_rpc *rpc = context->rpcs; rpc; rpc = rpc->next) {
		if (!rpc->answered) {
			rpc->answered = true;
			rpc->status = PROTO_GONE;
		}
	}
}

static bool send_all(int fd, const uint8_t *bytes, size_t length)
{
	while (length) {
		ssize_t sent = send(fd, bytes, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent <= 0)
			return false;
		bytes += sent;
		length -= (size_t)sent;
	}
	return true;
}

void standin_flush(struct libusb_context *context)
{
	while (context->out.end && !context->sending && !context->lost) {
		struct standin_buffer full = context->out;
		bool sent;

		context->out = context->wire;
		context->wire = full;
		context->sending = true;
		pthread_mutex_unlock(&context->lock);
		sent = send_all(context->socket, full.bytes, full.end);
		pthread_mutex_lock(&context->lock);
		context->sending = false;
		context->wire.end = 0;
		if (!sent)
			lose(context);
	}
}

/* An event handler's own messages go out together once it has called all callbacks. */
void standin_send(struct libusb_context *context, struct proto_head *head, const void *body,
		  size_t length)
{
	struct standin_buffer *out = &context->out;

	if (context->lost)
		return;
	if (!room(out, sizeof(*head) + length)) {
		lose(context);
		return;
	}
	head->size = (uint32_t)(sizeof(*head) + length);
	memcpy(out->bytes + out->end, head, sizeof(*head));
	if (length)
		memcpy(out->bytes + out->end + sizeof(*head), body, length);
	out->end += sizeof(*head) + length;
	if (standin_dispatching != context || out->end > READ_SIZE / 2 || context->as_usbfs)
		standin_flush(context);
}

static void answer(struct libusb_context *context, const struct proto_head *head)
{
	for (struct standin_rpc *rpc = context->rpcs; rpc; rpc = rpc->next) {
		if (rpc->tag == head->tag) {
			rpc->answered = true;
			rpc->status = (enum proto_status)head->status;
		}
	}
}

static void take_messages(struct libusb_context *context)
{
	struct standin_buffer *in = &context->in;

	while (in->end - in->start >= sizeof(struct proto_head)) {
		struct proto_head head;
		const uint8_t *body;
		size_t length;

		memcpy(&head, in->bytes + in->start, sizeof(head));
		if (head.size < sizeof(head) || head.size > sizeof(head) + PROTO_BODY_MAX) {
			lose(context);
			return;
		}
		if (in->end - in->start < head.size)
			return;
		body = in->bytes + in->start + sizeof(head);
		length = head.size - sizeof(head);
		in->start += head.size;
		switch (head.type) {
		case PROTO_ARRIVED:
			context->listens->arrived(context, &head, body, length);
			break;
		case PROTO_LEFT:
			context->listens->left(context, head.device);
			break;
		case PROTO_REPLY:
			answer(context, &head);
			break;
		case PROTO_DONE:
			context->listens->done(context, &head, body, length);
			break;
		default:
			break;
		}
	}
}

static int poll_until(struct pollfd *fds, nfds_t count, uint64_t deadline)
{
	struct timespec left = {0};
	uint64_t now;

	if (deadline == STANDIN_NEVER)
		return ppoll(fds, count, NULL, NULL);
	now = deadline ? standin_now() : 0;
	if (deadline > now) {
		left.tv_sec = (time_t)((deadline - now) / 1000000000);
		left.tv_nsec = (long)((deadline - now) % 1000000000);
	}
	return ppoll(fds, count, &left, NULL);
}

/* How much of the next message is missing, its head first. */
static size_t missing(const struct standin_buffer *in)
{
	size_t have = in->end - in->start;
	struct proto_head head;

	if (have < sizeof(head))
		return sizeof(head) - have;
	memcpy(&head, in->bytes + in->start, sizeof(head));
	return head.size > have ? head.size - have : 0;
}

/* Without the lock, as the one thread at the socket. Returns as recv does. */
static ssize_t receive(struct libusb_context *context)
{
	struct standin_buffer *in = &context->in;
	size_t most = context->as_usbfs ? missing(in) : READ_SIZE;
	ssize_t got = recv(context->socket, in->bytes + in->end, most, MSG_DONTWAIT);

	if (got > 0) {
		in->end += (size_t)got;
		atomic_fetch_add_explicit(&context->received, (uint64_t)got, memory_order_release);
	}
	return got;
}

static void read_socket(struct libusb_context *context, uint64_t deadline)
{
	struct pollfd fds[2] = {
		{.fd = context->lost ? -1 : context->socket, .events = POLLIN},
		{.fd = context->kick, .events = POLLIN},
	};
	ssize_t got = -1;
	uint64_t kicks;
	int error = EAGAIN;

	context->reading = true;
	context->reading_until = deadline;
	standin_flush(context);
	if (!room(&context->in, READ_SIZE))
		lose(context);
	pthread_mutex_unlock(&context->lock);
	if (poll_until(fds, 2, deadline) > 0 && fds[0].revents) {
		got = receive(context);
		error = got < 0 ? errno : 0;
	}
	/* Only a wake-up: the count does not matter. */
	if (fds[1].revents && read(context->kick, &kicks, sizeof(kicks)) < 0)
		kicks = 0;
	pthread_mutex_lock(&context->lock);
	context->reading = false;
	if (got > 0) {
		take_messages(context);
		while (context->as_usbfs && !context->lost && room(&context->in, READ_SIZE) &&
		       receive(context) > 0)
			take_messages(context);
	} else if (got == 0 || (error != EAGAIN && error != EINTR)) {
		lose(context);
	}
	pthread_cond_broadcast(&context->changed);
}

void standin_wait(struct libusb_context *context, uint64_t deadline)
{
	struct timespec at;

	if (!context->reading) {
		read_socket(context, deadline);
	} else if (deadline == STANDIN_NEVER) {
		pthread_cond_wait(&context->changed, &context->lock);
	} else if (deadline) {
		at.tv_sec = (time_t)(deadline / 1000000000);
		at.tv_nsec = (long)(deadline % 1000000000);
		pthread_cond_timedwait(&context->changed, &context->lock, &at);
	}
}

void standin_wake(struct libusb_context *context)
{
	const uint64_t one = 1;

	if (context->reading) {
		/* Fails only if it is full of kicks. */
		ssize_t written = write(context->kick, &one, sizeof(one));

		(void)written;
	}
	pthread_cond_broadcast(&context->changed);
}

enum proto_status standin_call(struct libusb_context *context, struct proto_head *head,
			       const void *body, size_t length, uint64_t deadline)
{
	struct standin_rpc rpc = {.next = context->rpcs, .tag = ++context->last_rpc};
	struct standin_rpc **link = &context->rpcs;

	if (context->lost)
		return PROTO_GONE;
	context->rpcs = &rpc;
	head->tag = rpc.tag;
	standin_send(context, head, body, length);
	standin_flush(context);
	while (!rpc.answered) {
		if (deadline != STANDIN_NEVER && standin_now() >= deadline) {
			struct proto_head cancel = {
				.type = PROTO_CANCEL, .handle = head->handle, .tag = rpc.tag};

			standin_send(context, &cancel, NULL, 0);
			standin_flush(context);
			deadline = STANDIN_NEVER;
		}
		standin_wait(context, deadline);
	}
	while (*link != &rpc)
		link = &(*link)->next;
	*link = rpc.next;
	return rpc.status;
}

bool standin_link_open(struct libusb_context *context)
{
	const char *path = getenv(PROTO_ENV_SOCKET), *calls = getenv(PROTO_ENV_CALLS);
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct proto_head hello = {.type = PROTO_HELLO_USB, .tag = (uint64_t)getpid()};
	struct proto_head sync = {.type = PROTO_SYNC};

	if (!path || strlen(path) >= sizeof(address.sun_path))
		return false;
	memcpy(address.sun_path, path, strlen(path) + 1);
	context->as_usbfs = calls && strcmp(calls, "usbfs") == 0;
	context->kick = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	context->socket = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (context->kick < 0 || context->socket < 0 ||
	    connect(context->socket, (struct sockaddr *)&address, sizeof(address)) < 0)
		return false;
	if (h7gang_vtime_watch)
		h7gang_vtime_watch(context->socket, &context->received);
	standin_send(context, &hello, NULL, 0);
	return standin_call(context, &sync, NULL, 0, STANDIN_NEVER) == PROTO_OK;
}

void standin_link_close(struct libusb_context *context)
{
	if (context->socket >= 0) {
		if (h7gang_vtime_unwatch)
			h7gang_vtime_unwatch(context->socket);
		close(context->socket);
	}
	if (context->kick >= 0)
		close(context->kick);
	free(context->in.bytes);
	free(context->out.bytes);
	free(context->wire.bytes);
}
