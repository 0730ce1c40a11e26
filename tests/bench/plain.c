/* SPDX-License-Identifier: GPL-2.0-or-later */
/* plain IMAGE [threads]: does what a board of 2 MiB needs and no more, for all boards in ROM DFU:
 * reads it, writes IMAGE, reads it again. In one loop over libusb, or in a thread for each board
 * with libusb's synchronous calls. No checks but those of the status, no audit: the floors that
 * h7gang's cost for each transfer is compared with. */
#include <libusb.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum {
	BLOCK = 1024,
	BLOCKS = 2048,
	WINDOW = 8,
	DNLOAD = 1,
	UPLOAD = 2,
	GETSTATUS = 3,
	ABORT = 6,
	CLASS_OUT = 0x21,
	CLASS_IN = 0xa1,
	IDLE_AFTER_DNLOAD = 5,
	SPREAD_US = 1300, /* no two boards of a tray start at once */
	TIMEOUT_MS = 5000,
	BOARDS_MAX = 1000
};

/* Steps of a board, in their order. */
enum step { POINT, POINT_STATUS, LEAVE, READ, READ_END, WRITE, WRITE_STATUS, END };

struct board {
	libusb_device_handle *handle;
	struct libusb_transfer *transfer[WINDOW];
	unsigned char buffer[WINDOW][LIBUSB_CONTROL_SETUP_SIZE + BLOCK];
	enum step step;
	unsigned pass; /* 0 reads, 1 writes, 2 reads */
	unsigned asked, done;
	pthread_t thread;
};

static unsigned char image[BLOCKS * BLOCK];
static unsigned running;
static bool bad;

static void LIBUSB_CALL landed(struct libusb_transfer *transfer);

static void send(struct board *board, unsigned slot, uint8_t type, uint8_t request, uint16_t value,
		 const void *data, uint16_t length)
{
	libusb_fill_control_setup(board->buffer[slot], type, request, value, 0, length);
	if (data)
		memcpy(board->buffer[slot] + LIBUSB_CONTROL_SETUP_SIZE, data, length);
	libusb_fill_control_transfer(board->transfer[slot], board->handle, board->buffer[slot],
				     landed, board, 0);
	if (libusb_submit_transfer(board->transfer[slot])) {
		bad = true;
		running--;
	}
}

static void point(struct board *board)
{
	static const unsigned char command[5] = {0x21, 0, 0, 0, 8};

	board->step = POINT;
	board->asked = board->done = 0;
	send(board, 0, CLASS_OUT, DNLOAD, 0, command, sizeof(command));
}

static void write_next(struct board *board)
{
	board->step = WRITE;
	send(board, 0, CLASS_OUT, DNLOAD, (uint16_t)(2 + board->done),
	     image + (size_t)board->done * BLOCK, BLOCK);
}

static void read_next(struct board *board)
{
	unsigned slot = board->asked % WINDOW;

	send(board, slot, CLASS_IN, UPLOAD, (uint16_t)(2 + board->asked++), NULL, BLOCK);
}

static void finish(struct board *board)
{
	board->step = END;
	running--;
}

/* Behind a GETSTATUS: whether the target is done. */
static bool is_done(const struct board *board)
{
	return board->buffer[0][LIBUSB_CONTROL_SETUP_SIZE + 4] == IDLE_AFTER_DNLOAD;
}

static void ask(struct board *board, enum step step)
{
	board->step = step;
	send(board, 0, CLASS_IN, GETSTATUS, 0, NULL, 6);
}

static void go_on(struct board *board)
{
	switch (board->step) {
	case POINT:
		ask(board, POINT_STATUS);
		break;
	case POINT_STATUS:
		if (!is_done(board)) {
			ask(board, POINT_STATUS);
		} else if (board->pass == 1) {
			write_next(board);
		} else {
			board->step = LEAVE;
			send(board, 0, CLASS_OUT, ABORT, 0, NULL, 0);
		}
		break;
	case LEAVE:
		board->step = READ;
		while (board->asked < WINDOW)
			read_next(board);
		break;
	case READ:
		if (++board->done == BLOCKS) {
			board->step = READ_END;
			send(board, 0, CLASS_OUT, ABORT, 0, NULL, 0);
		} else if (board->asked < BLOCKS) {
			read_next(board);
		}
		break;
	case READ_END:
		if (board->pass++ == 2)
			finish(board);
		else
			point(board);
		break;
	case WRITE:
		ask(board, WRITE_STATUS);
		break;
	case WRITE_STATUS:
		if (!is_done(board)) {
			ask(board, WRITE_STATUS);
		} else if (++board->done < BLOCKS) {
			write_next(board);
		} else {
			board->pass++;
			point(board);
		}
		break;
	case END:
		break;
	}
}

static void LIBUSB_CALL landed(struct libusb_transfer *transfer)
{
	struct board *board = transfer->user_data;

	if (transfer->status != LIBUSB_TRANSFER_COMPLETED) {
		bad = true;
		finish(board);
		return;
	}
	go_on(board);
}

static bool open_board(struct board *board, libusb_device *device)
{
	return !libusb_open(device, &board->handle) && !libusb_claim_interface(board->handle, 0);
}

static bool start(struct board *board, libusb_device *device)
{
	if (!open_board(board, device))
		return false;
	for (unsigned i = 0; i < WINDOW; i++)
		if (!(board->transfer[i] = libusb_alloc_transfer(0)))
			return false;
	running++;
	point(board);
	return true;
}

/* --- a thread for each board --- */

static bool call(struct board *board, uint8_t type, uint8_t request, uint16_t value, uint8_t *data,
		 uint16_t length)
{
	return libusb_control_transfer(board->handle, type, request, value, 0, data, length,
				       TIMEOUT_MS) == length;
}

static bool call_until_done(struct board *board)
{
	uint8_t status[6];

	do {
		if (!call(board, CLASS_IN, GETSTATUS, 0, status, sizeof(status)))
			return false;
	} while (status[4] != IDLE_AFTER_DNLOAD);
	return true;
}

static bool call_pass(struct board *board, bool writes)
{
	uint8_t command[5] = {0x21, 0, 0, 0, 8}, *data = board->buffer[0];

	if (!call(board, CLASS_OUT, DNLOAD, 0, command, sizeof(command)) || !call_until_done(board))
		return false;
	if (!writes && !call(board, CLASS_OUT, ABORT, 0, NULL, 0))
		return false;
	for (unsigned i = 0; i < BLOCKS; i++) {
		if (writes)
			memcpy(data, image + (size_t)i * BLOCK, BLOCK);
		if (!call(board, writes ? CLASS_OUT : CLASS_IN, writes ? DNLOAD : UPLOAD,
			  (uint16_t)(2 + i), data, BLOCK) ||
		    (writes && !call_until_done(board)))
			return false;
	}
	return writes || call(board, CLASS_OUT, ABORT, 0, NULL, 0);
}

static void *board_main(void *user)
{
	struct board *board = user;
	bool good = call_pass(board, false) && call_pass(board, true) && call_pass(board, false);

	return good ? NULL : board;
}

/* --- */

static uint64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}

static bool handle_for(unsigned us)
{
	uint64_t until = now_us() + us, now;

	while ((now = now_us()) < until) {
		struct timeval left = {.tv_usec = (suseconds_t)(until - now)};

		if (libusb_handle_events_timeout_completed(NULL, &left, NULL))
			return false;
	}
	return true;
}

static void end(struct board *board)
{
	for (unsigned i = 0; i < WINDOW; i++)
		libusb_free_transfer(board->transfer[i]);
	libusb_close(board->handle);
	free(board);
}

int main(int argc, char **argv)
{
	static struct board *boards[BOARDS_MAX];
	bool threads = argc == 3 && strcmp(argv[2], "threads") == 0;
	FILE *file = argc == 2 || threads ? fopen(argv[1], "rb") : NULL;
	unsigned count = 0;
	libusb_device **list;
	ssize_t devices;

	if (!file || fread(image, 1, sizeof(image), file) != sizeof(image) || libusb_init(NULL) ||
	    (devices = libusb_get_device_list(NULL, &list)) < 0) {
		fputs("usage: plain IMAGE [threads] (of 2 MiB)\n", stderr);
		return 2;
	}
	fclose(file);
	for (ssize_t i = 0; i < devices && count < BOARDS_MAX; i++) {
		struct libusb_device_descriptor descriptor;

		if (libusb_get_device_descriptor(list[i], &descriptor) ||
		    descriptor.idVendor != 0x0483 || descriptor.idProduct != 0xdf11)
			continue;
		boards[count] = calloc(1, sizeof(**boards));
		if (!boards[count])
			return 1;
		if (threads ? !open_board(boards[count], list[i]) ||
				      pthread_create(&boards[count]->thread, NULL, board_main,
						     boards[count])
			    : !start(boards[count], list[i]) || !handle_for(SPREAD_US))
			return 1;
		count++;
	}
	libusb_free_device_list(list, 1);
	while (running > 0)
		if (libusb_handle_events_completed(NULL, NULL))
			return 1;
	for (unsigned i = 0; threads && i < count; i++) {
		void *failed;

		pthread_join(boards[i]->thread, &failed);
		bad = bad || failed;
	}
	while (count > 0)
		end(boards[--count]);
	libusb_exit(NULL);
	return bad;
}
