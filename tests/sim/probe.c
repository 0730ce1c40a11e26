/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Awkward orders of libusb calls against one ST DFU target. Prints each result, without times
 * or addresses: the transcript under the stand-in and under a kernel's libusb must be the same.
 * Usage: probe [UNPLUG-COMMAND PLUG-COMMAND], run by the shell. The target's first sector is
 * erased. */
#include <libusb.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { DFU_DNLOAD = 1, DFU_UPLOAD = 2, DFU_GETSTATUS = 3, DFU_CLRSTATUS = 4, DFU_GETSTATE = 5 };
enum { TO_DEVICE = 0x21, TO_HOST = 0xa1, TIMEOUT_MS = 5000, BUFFERS = 4, BUFFER = 4200 };

struct shot {
	struct libusb_transfer *transfer;
	unsigned char buffer[BUFFER];
	bool ended;
};

static libusb_context *context;
static libusb_device *device;
static libusb_device_handle *handle;
static struct shot shots[BUFFERS];

static void say(const char *what, int result)
{
	if (result < 0)
		printf("%s: %s\n", what, libusb_error_name(result));
	else
		printf("%s: %d\n", what, result);
}

static void pause_ms(long ms)
{
	const struct timespec wait = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	nanosleep(&wait, NULL);
}

static void LIBUSB_CALL ended(struct libusb_transfer *transfer)
{
	((struct shot *)transfer->user_data)->ended = true;
}

static int submit(struct shot *shot, uint8_t type, uint8_t request, uint16_t length, unsigned ms)
{
	shot->ended = false;
	libusb_fill_control_setup(shot->buffer, type, request, 0, 0, length);
	libusb_fill_control_transfer(shot->transfer, handle, shot->buffer, ended, shot, ms);
	return libusb_submit_transfer(shot->transfer);
}

static void reap(const char *what, struct shot *shot)
{
	static const char *const names[] = {"COMPLETED", "ERROR",     "TIMED_OUT", "CANCELLED",
					    "STALL",     "NO_DEVICE", "OVERFLOW"};

	for (int i = 0; i < 20 && !shot->ended; i++) {
		struct timeval wait = {.tv_sec = 1};

		libusb_handle_events_timeout_completed(context, &wait, NULL);
	}
	if (shot->ended)
		printf("%s: %s\n", what, names[shot->transfer->status]);
	else
		printf("%s: not called back\n", what);
}

static int control(uint8_t type, uint8_t request, uint16_t value, unsigned char *data,
		   uint16_t length)
{
	return libusb_control_transfer(handle, type, request, value, 0, data, length, TIMEOUT_MS);
}

static void state(const char *what)
{
	unsigned char status[6] = {0};
	int result = control(TO_HOST, DFU_GETSTATUS, 0, status, sizeof(status));

	if (result == sizeof(status))
		printf("%s: status %u state %u\n", what, status[0], status[4]);
	else
		say(what, result);
}

/* The next GETSTATUS runs for the better part of a second. */
static void begin_erase(void)
{
	unsigned char command[5] = {0x41, 0, 0, 0, 8};

	say("erase command", control(TO_DEVICE, DFU_DNLOAD, 0, command, sizeof(command)));
}

static bool find(void)
{
	libusb_device **list;
	ssize_t count = libusb_get_device_list(context, &list);
	bool found = false;

	for (ssize_t i = 0; i < count && !found; i++) {
		struct libusb_device_descriptor descriptor;

		libusb_get_device_descriptor(list[i], &descriptor);
		found = descriptor.idVendor == 0x0483 && descriptor.idProduct == 0xdf11;
		if (found)
			device = libusb_ref_device(list[i]);
	}
	if (count >= 0)
		libusb_free_device_list(list, 1);
	return found;
}

static void open_target(void)
{
	say("open", libusb_open(device, &handle));
	say("claim", libusb_claim_interface(handle, 0));
	say("alternate setting", libusb_set_interface_alt_setting(handle, 0, 0));
}

static void claims(void)
{
	libusb_device_handle *other;

	say("claim twice", libusb_claim_interface(handle, 0));
	say("claim of no interface", libusb_claim_interface(handle, 5));
	say("alternate setting that is not there", libusb_set_interface_alt_setting(handle, 0, 9));
	say("open again", libusb_open(device, &other));
	say("claim by the other", libusb_claim_interface(other, 0));
	say("alternate setting by the other", libusb_set_interface_alt_setting(other, 0, 0));
	say("release by the other", libusb_release_interface(other, 0));
	libusb_close(other);
}

static void sizes(void)
{
	unsigned char data[64];
	struct shot *shot = &shots[0];

	libusb_fill_control_setup(shot->buffer, TO_HOST, DFU_UPLOAD, 2, 0, 4097);
	libusb_fill_control_transfer(shot->transfer, handle, shot->buffer, ended, shot, TIMEOUT_MS);
	say("submit of 4097 bytes", libusb_submit_transfer(shot->transfer));
	libusb_fill_control_setup(shot->buffer, TO_HOST, DFU_GETSTATUS, 0, 0, 6);
	shot->transfer->length = 10;
	say("submit with a buffer too short", libusb_submit_transfer(shot->transfer));
	say("short answer", control(TO_HOST, DFU_GETSTATUS, 0, data, sizeof(data)));
	say("unknown request", control(TO_HOST, 0x42, 0, data, sizeof(data)));
	state("after it");
	control(TO_DEVICE, DFU_CLRSTATUS, 0, NULL, 0);
}

static void cancels(void)
{
	say("cancel before submit", libusb_cancel_transfer(shots[0].transfer));
	begin_erase();
	say("submit", submit(&shots[0], TO_HOST, DFU_GETSTATUS, 6, 0));
	say("submit twice", libusb_submit_transfer(shots[0].transfer));
	say("submit behind", submit(&shots[1], TO_HOST, DFU_GETSTATE, 1, 0));
	pause_ms(100);
	say("cancel while queued", libusb_cancel_transfer(shots[1].transfer));
	say("cancel while executing", libusb_cancel_transfer(shots[0].transfer));
	say("cancel again", libusb_cancel_transfer(shots[0].transfer));
	reap("queued", &shots[1]);
	reap("executing", &shots[0]);
	state("after the cancels");
	say("submit", submit(&shots[0], TO_HOST, DFU_GETSTATE, 1, 0));
	pause_ms(200);
	say("late cancel", libusb_cancel_transfer(shots[0].transfer));
	reap("late", &shots[0]);
}

static void timeouts(void)
{
	unsigned char status[6];

	begin_erase();
	say("submit", submit(&shots[0], TO_HOST, DFU_GETSTATUS, 6, 200));
	reap("time-out", &shots[0]);
	state("after the time-out");
	begin_erase();
	say("synchronous time-out", libusb_control_transfer(handle, TO_HOST, DFU_GETSTATUS, 0, 0,
							    status, sizeof(status), 200));
	state("after the time-out");
}

static void second_context(void)
{
	libusb_context *second;
	libusb_device **list;

	say("submit", submit(&shots[0], TO_HOST, DFU_GETSTATE, 1, 0));
	say("second context", libusb_init(&second));
	say("it lists something", libusb_get_device_list(second, &list) > 0);
	libusb_free_device_list(list, 1);
	libusb_exit(second);
	reap("first context", &shots[0]);
}

static void run(const char *command)
{
	fflush(stdout);
	if (system(command) != 0)
		printf("command failed\n");
	pause_ms(1000);
}

static void unplug(const char *off, const char *on)
{
	begin_erase();
	say("submit", submit(&shots[0], TO_HOST, DFU_GETSTATUS, 6, 0));
	say("submit behind", submit(&shots[1], TO_HOST, DFU_GETSTATE, 1, 0));
	run(off);
	reap("executing", &shots[0]);
	reap("queued", &shots[1]);
	say("submit to the absent", submit(&shots[0], TO_HOST, DFU_GETSTATE, 1, 0));
	/* Not the alternate setting of the absent: libusb 1.0.26 spoils the handle's lock there,
	 * and aborts in libusb_close (its issue 1199, mended in 1.0.27). */
	say("reset of the absent", libusb_reset_device(handle));
	say("release of the absent", libusb_release_interface(handle, 0));
	libusb_close(handle);
	say("open of the absent", libusb_open(device, &handle));
	libusb_unref_device(device);
	run(on);
	printf("found again: %d\n", find());
	open_target();
	state("after the plug");
}

int main(int argc, char **argv)
{
	say("init", libusb_init(&context));
	for (int i = 0; i < BUFFERS; i++)
		shots[i].transfer = libusb_alloc_transfer(0);
	if (!find()) {
		printf("no target\n");
		return 1;
	}
	open_target();
	state("at first");
	claims();
	sizes();
	cancels();
	timeouts();
	second_context();
	say("reset", libusb_reset_device(handle));
	state("after the reset");
	if (argc == 3)
		unplug(argv[1], argv[2]);
	for (int i = 0; i < BUFFERS; i++)
		libusb_free_transfer(shots[i].transfer);
	libusb_close(handle);
	libusb_unref_device(device);
	libusb_exit(context);
	printf("end\n");
	return 0;
}
