/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Many threads at many devices, each with a window of asynchronous uploads on one event thread,
 * with cancels among them and a second context listing meanwhile. Checks the data read. Usage:
 * storm [ROUNDS]. Exit status 0 if all is correct. */
#include <libusb.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { WINDOW = 8, BLOCK = 1024, DEVICES_MAX = 128, TIMEOUT_MS = 5000 };
enum { DFU_DNLOAD = 1, DFU_UPLOAD = 2, DFU_GETSTATUS = 3, DFU_ABORT = 6 };
enum { TO_DEVICE = 0x21, TO_HOST = 0xa1 };

struct worker {
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t wake;
	libusb_device *device;
	libusb_device_handle *handle;
	struct libusb_transfer *transfers[WINDOW];
	bool ended[WINDOW];
	unsigned char buffers[WINDOW][LIBUSB_CONTROL_SETUP_SIZE + BLOCK];
	unsigned rounds;
	bool failed;
};

struct slot {
	struct worker *worker;
	unsigned number;
};

static libusb_context *context;
static atomic_bool stop;

static void LIBUSB_CALL ended(struct libusb_transfer *transfer)
{
	struct slot *slot = transfer->user_data;

	pthread_mutex_lock(&slot->worker->lock);
	slot->worker->ended[slot->number] = true;
	pthread_cond_signal(&slot->worker->wake);
	pthread_mutex_unlock(&slot->worker->lock);
}

static void *handle_events(void *unused)
{
	while (!atomic_load(&stop)) {
		struct timeval wait = {.tv_sec = 1};

		libusb_handle_events_timeout_completed(context, &wait, NULL);
	}
	return unused;
}

static bool submit(struct worker *worker, struct slot *slot, uint8_t type, uint8_t request,
		   uint16_t value, uint16_t length)
{
	unsigned char *buffer = worker->buffers[slot->number];
	struct libusb_transfer *transfer = worker->transfers[slot->number];

	libusb_fill_control_setup(buffer, type, request, value, 0, length);
	libusb_fill_control_transfer(transfer, worker->handle, buffer, ended, slot, TIMEOUT_MS);
	worker->ended[slot->number] = false;
	return libusb_submit_transfer(transfer) == 0;
}

static enum libusb_transfer_status reap(struct worker *worker, const struct slot *slot)
{
	pthread_mutex_lock(&worker->lock);
	while (!worker->ended[slot->number])
		pthread_cond_wait(&worker->wake, &worker->lock);
	pthread_mutex_unlock(&worker->lock);
	return worker->transfers[slot->number]->status;
}

static bool one(struct worker *worker, struct slot *slot, uint8_t type, uint8_t request,
		uint16_t value, uint16_t length)
{
	return submit(worker, slot, type, request, value, length) &&
	       reap(worker, slot) == LIBUSB_TRANSFER_COMPLETED;
}

static bool set_pointer(struct worker *worker, struct slot *slot)
{
	const unsigned char command[5] = {0x21, 0, 0, 0, 8};

	memcpy(worker->buffers[slot->number] + LIBUSB_CONTROL_SETUP_SIZE, command, sizeof(command));
	return one(worker, slot, TO_DEVICE, DFU_DNLOAD, 0, sizeof(command)) &&
	       one(worker, slot, TO_HOST, DFU_GETSTATUS, 0, 6) &&
	       one(worker, slot, TO_HOST, DFU_GETSTATUS, 0, 6) &&
	       one(worker, slot, TO_DEVICE, DFU_ABORT, 0, 0);
}

static bool blank(const unsigned char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (bytes[i] != 0xff)
			return false;
	}
	return true;
}

/* A window of uploads; every fourth round, the newest ones are cancelled. */
static bool round_of(struct worker *worker, struct slot *slots, bool cancel)
{
	bool good = set_pointer(worker, &slots[0]);

	for (unsigned i = 0; good && i < WINDOW; i++) {
		memset(worker->buffers[i], 0x55, sizeof(worker->buffers[i]));
		good = submit(worker, &slots[i], TO_HOST, DFU_UPLOAD, (uint16_t)(2 + i), BLOCK);
	}
	for (unsigned i = WINDOW; good && cancel && i-- > WINDOW / 2;)
		libusb_cancel_transfer(worker->transfers[i]);
	for (unsigned i = 0; good && i < WINDOW; i++) {
		enum libusb_transfer_status status = reap(worker, &slots[i]);
		const struct libusb_transfer *transfer = worker->transfers[i];

		if (cancel && status == LIBUSB_TRANSFER_CANCELLED)
			continue;
		good = status == LIBUSB_TRANSFER_COMPLETED && transfer->actual_length == BLOCK &&
		       blank(transfer->buffer + LIBUSB_CONTROL_SETUP_SIZE, BLOCK);
	}
	return good && one(worker, &slots[0], TO_DEVICE, DFU_ABORT, 0, 0);
}

static void *work(void *argument)
{
	struct worker *worker = argument;
	struct slot slots[WINDOW];

	worker->failed = libusb_open(worker->device, &worker->handle) < 0;
	if (worker->failed)
		return NULL;
	worker->failed = libusb_claim_interface(worker->handle, 0) < 0 ||
			 libusb_set_interface_alt_setting(worker->handle, 0, 0) < 0;
	for (unsigned i = 0; i < WINDOW; i++) {
		slots[i] = (struct slot){worker, i};
		worker->transfers[i] = libusb_alloc_transfer(0);
	}
	for (unsigned i = 0; !worker->failed && i < worker->rounds; i++)
		worker->failed = !round_of(worker, slots, i % 4 == 3);
	for (unsigned i = 0; i < WINDOW; i++)
		libusb_free_transfer(worker->transfers[i]);
	libusb_close(worker->handle);
	return NULL;
}

static bool list_apart(ssize_t expected)
{
	libusb_context *second;
	libusb_device **list;
	ssize_t count;

	if (libusb_init(&second) < 0)
		return false;
	count = libusb_get_device_list(second, &list);
	if (count >= 0)
		libusb_free_device_list(list, 1);
	libusb_exit(second);
	return count == expected;
}

int main(int argc, char **argv)
{
	static struct worker workers[DEVICES_MAX];
	const struct timespec pause = {.tv_nsec = 20000000};
	libusb_device **list;
	pthread_t events;
	ssize_t count;
	unsigned failures = 0;

	if (libusb_init(&context) < 0)
		return 2;
	count = libusb_get_device_list(context, &list);
	if (count <= 0 || count > DEVICES_MAX || pthread_create(&events, NULL, handle_events, NULL))
		return 2;
	for (ssize_t i = 0; i < count; i++) {
		pthread_mutex_init(&workers[i].lock, NULL);
		pthread_cond_init(&workers[i].wake, NULL);
		workers[i].device = list[i];
		workers[i].rounds = argc > 1 ? (unsigned)atoi(argv[1]) : 20;
		if (pthread_create(&workers[i].thread, NULL, work, &workers[i]))
			return 2;
	}
	for (int i = 0; i < 5; i++) {
		failures += !list_apart(count);
		nanosleep(&pause, NULL);
	}
	for (ssize_t i = 0; i < count; i++) {
		pthread_join(workers[i].thread, NULL);
		failures += workers[i].failed;
	}
	atomic_store(&stop, true);
	libusb_interrupt_event_handler(context);
	pthread_join(events, NULL);
	libusb_free_device_list(list, 1);
	libusb_exit(context);
	printf("%zd devices, %u failures\n", count, failures);
	return failures != 0;
}
