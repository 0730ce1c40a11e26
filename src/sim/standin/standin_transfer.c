/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A transfer flies from its submission until the server's answer, then waits its turn for an event
 * handler to call its callback. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "standin.h"

enum { FIRST_SLOTS = 64 };

static struct libusb_transfer *public_part(struct standin_transfer *transfer)
{
	return (struct libusb_transfer *)(void *)(transfer + 1);
}

static struct standin_transfer *private_part(struct libusb_transfer *transfer)
{
	return (struct standin_transfer *)(void *)transfer - 1;
}

struct libusb_transfer *LIBUSB_CALL libusb_alloc_transfer(int packets)
{
	struct standin_transfer *transfer;

	if (packets < 0)
		return NULL;
	transfer = calloc(1, sizeof(*transfer) + sizeof(struct libusb_transfer) +
				     (size_t)packets * sizeof(struct libusb_iso_packet_descriptor));
	return transfer ? public_part(transfer) : NULL;
}

void LIBUSB_CALL libusb_free_transfer(struct libusb_transfer *transfer)
{
	if (!transfer)
		return;
	if (transfer->flags & LIBUSB_TRANSFER_FREE_BUFFER)
		free(transfer->buffer);
	free(private_part(transfer));
}

static bool more_slots(struct libusb_context *context)
{
	uint32_t count = context->slot_count ? context->slot_count * 2 : FIRST_SLOTS;
	struct standin_transfer **slots = realloc(context->slots, count * sizeof(*slots));
	uint32_t *numbers;

	if (!slots)
		return false;
	context->slots = slots;
	numbers = realloc(context->free_slots, count * sizeof(*numbers));
	if (!numbers)
		return false;
	context->free_slots = numbers;
	for (uint32_t i = context->slot_count; i < count; i++) {
		slots[i] = NULL;
		numbers[context->free_count++] = i;
	}
	context->slot_count = count;
	return true;
}

/* Mostly the new deadline is the latest, as programs use one time-out for all. */
static void add_deadline(struct libusb_context *context, struct standin_transfer *transfer)
{
	struct standin_transfer *before = context->latest;

	transfer->timed = true;
	while (before && before->deadline > transfer->deadline)
		before = before->sooner;
	transfer->sooner = before;
	transfer->later = before ? before->later : context->soonest;
	if (transfer->later)
		transfer->later->sooner = transfer;
	else
		context->latest = transfer;
	if (before)
		before->later = transfer;
	else
		context->soonest = transfer;
}

static void drop_deadline(struct libusb_context *context, struct standin_transfer *transfer)
{
	if (!transfer->timed)
		return;
	transfer->timed = false;
	if (transfer->sooner)
		transfer->sooner->later = transfer->later;
	else
		context->soonest = transfer->later;
	if (transfer->later)
		transfer->later->sooner = transfer->sooner;
	else
		context->latest = transfer->sooner;
}

static void land(struct libusb_context *context, struct standin_transfer *transfer)
{
	uint32_t slot = (uint32_t)transfer->tag;

	drop_deadline(context, transfer);
	standin_discharge(transfer->charged);
	context->slots[slot] = NULL;
	context->free_slots[context->free_count++] = slot;
}

static void end(struct libusb_context *context, struct standin_transfer *transfer,
		enum libusb_transfer_status status)
{
	land(context, transfer);
	transfer->state = STANDIN_ENDED;
	transfer->status = status;
	transfer->next = NULL;
	*context->ended_tail = transfer;
	context->ended_tail = &transfer->next;
}

/* Refuses the transfers that libusb and usbfs refuse at once. */
static int check(const struct libusb_transfer *transfer)
{
	size_t wanted;

	if (transfer->type != LIBUSB_TRANSFER_TYPE_CONTROL)
		return LIBUSB_ERROR_IO; /* there is no other endpoint */
	if (transfer->length - (int)LIBUSB_CONTROL_SETUP_SIZE > PROTO_CONTROL_MAX)
		return LIBUSB_ERROR_INVALID_PARAM;
	if (transfer->length < (int)LIBUSB_CONTROL_SETUP_SIZE)
		return LIBUSB_ERROR_IO;
	wanted = transfer->buffer[6] | (size_t)transfer->buffer[7] << 8;
	if ((size_t)transfer->length < wanted + LIBUSB_CONTROL_SETUP_SIZE)
		return LIBUSB_ERROR_IO;
	return LIBUSB_SUCCESS;
}

static void launch(struct libusb_context *context, struct standin_transfer *transfer)
{
	const struct libusb_transfer *public = public_part(transfer);
	struct proto_head head = {.type = PROTO_SUBMIT, .handle = public->dev_handle->number};
	uint32_t slot = context->free_slots[--context->free_count];
	const uint8_t *setup = public->buffer;
	size_t length = LIBUSB_CONTROL_SETUP_SIZE;

	context->slots[slot] = transfer;
	transfer->tag = (uint64_t)++context->serial << 32 | slot;
	transfer->context = context;
	transfer->state = STANDIN_FLYING;
	transfer->cancelled = transfer->timed_out = false;
	transfer->actual = 0;
	if (public->timeout) {
		transfer->deadline = standin_now() + public->timeout * UINT64_C(1000000);
		add_deadline(context, transfer);
		if (context->reading && context->reading_until > transfer->deadline)
			standin_wake(context);
	}
	if (!(setup[0] & LIBUSB_ENDPOINT_IN))
		length += setup[6] | (size_t)setup[7] << 8;
	head.tag = transfer->tag;
	standin_send(context, &head, setup, length);
}

int LIBUSB_CALL libusb_submit_transfer(struct libusb_transfer *public)
{
	struct standin_transfer *transfer = private_part(public);
	struct libusb_context *context;
	bool refused = false;
	int result;

	if (!public->dev_handle)
		return LIBUSB_ERROR_INVALID_PARAM;
	context = public->dev_handle->device->context;
	pthread_mutex_lock(&context->lock);
	if (transfer->state != STANDIN_IDLE)
		result = LIBUSB_ERROR_BUSY;
	else if (atomic_load(&public->dev_handle->device->gone))
		result = LIBUSB_ERROR_NO_DEVICE;
	else
		result = check(public);
	if (result == LIBUSB_SUCCESS && !context->free_count && !more_slots(context))
		result = LIBUSB_ERROR_NO_MEM;
	if (result == LIBUSB_SUCCESS) {
		transfer->charged = (size_t) public->length;
		if (standin_charge(transfer->charged, standin_now())) {
			launch(context, transfer);
		} else { /* libusb has no other name for the kernel's answer */
			result = LIBUSB_ERROR_IO;
			refused = true;
		}
	}
	pthread_mutex_unlock(&context->lock);
	if (refused)
		errno = ENOMEM;
	return result;
}

static void ask_cancel(struct libusb_context *context, struct standin_transfer *transfer)
{
	struct proto_head head = {.type = PROTO_CANCEL,
				  .tag = transfer->tag,
				  .handle = public_part(transfer)->dev_handle->number};

	transfer->cancelled = true;
	drop_deadline(context, transfer);
	standin_send(context, &head, NULL, 0);
}

/* NOT_FOUND is also the answer when it has ended, but its callback is still to be called. */
int LIBUSB_CALL libusb_cancel_transfer(struct libusb_transfer *public)
{
	struct standin_transfer *transfer = private_part(public);
	struct libusb_context *context;
	int result = LIBUSB_ERROR_NOT_FOUND;

	if (!public->dev_handle)
		return result;
	context = public->dev_handle->device->context;
	pthread_mutex_lock(&context->lock);
	/* The kernel would know whether it has ended: reads waiting messages first. */
	if (transfer->state == STANDIN_FLYING && !transfer->cancelled && !context->reading)
		standin_wait(context, 0);
	if (transfer->state == STANDIN_FLYING && !transfer->cancelled) {
		if (atomic_load(&public->dev_handle->device->gone)) {
			result = LIBUSB_ERROR_NO_DEVICE;
		} else {
			ask_cancel(context, transfer);
			result = LIBUSB_SUCCESS;
		}
	}
	pthread_mutex_unlock(&context->lock);
	return result;
}

void standin_expire(struct libusb_context *context, uint64_t now)
{
	while (context->soonest && context->soonest->deadline <= now) {
		context->soonest->timed_out = true;
		ask_cancel(context, context->soonest);
	}
}

/* As usbfs reports it: an answer that comes after a cancel was accepted is not told any more. */
static enum libusb_transfer_status outcome(const struct standin_transfer *transfer,
					   enum proto_status status)
{
	if (status == PROTO_GONE)
		return LIBUSB_TRANSFER_NO_DEVICE;
	if (transfer->cancelled)
		return transfer->timed_out ? LIBUSB_TRANSFER_TIMED_OUT : LIBUSB_TRANSFER_CANCELLED;
	switch (status) {
	case PROTO_OK:
		return LIBUSB_TRANSFER_COMPLETED;
	case PROTO_STALL:
		return LIBUSB_TRANSFER_STALL;
	case PROTO_OVERFLOW:
		return LIBUSB_TRANSFER_OVERFLOW;
	case PROTO_CANCELLED:
		return LIBUSB_TRANSFER_CANCELLED;
	default:
		return LIBUSB_TRANSFER_ERROR;
	}
}

void standin_done(struct libusb_context *context, const struct proto_head *head,
		  const uint8_t *body, size_t length)
{
	uint32_t slot = (uint32_t)head->tag;
	struct standin_transfer *transfer =
		slot < context->slot_count ? context->slots[slot] : NULL;
	struct libusb_transfer *public;

	/* Closed meanwhile, and the slot perhaps used again. */
	if (!transfer || transfer->tag != head->tag)
		return;
	public = public_part(transfer);
	if (public->buffer[0] & LIBUSB_ENDPOINT_IN) {
		size_t space = (size_t) public->length - LIBUSB_CONTROL_SETUP_SIZE;

		if (length > space)
			length = space;
		if (length)
			memcpy(public->buffer + LIBUSB_CONTROL_SETUP_SIZE, body, length);
		transfer->actual = (int)length;
	} else {
		transfer->actual = (int)head->actual;
	}
	end(context, transfer, outcome(transfer, (enum proto_status)head->status));
}

void standin_lose_transfers(struct libusb_context *context)
{
	for (uint32_t i = 0; i < context->slot_count; i++) {
		if (context->slots[i])
			end(context, context->slots[i], LIBUSB_TRANSFER_NO_DEVICE);
	}
}

/* A handle is closed: pending transfers are never called back. */
void standin_abandon(struct libusb_context *context, const struct libusb_device_handle *handle)
{
	struct libusb_device_handle **link = &context->handles;
	struct standin_transfer **ended = &context->ended;

	for (uint32_t i = 0; i < context->slot_count; i++) {
		struct standin_transfer *transfer = context->slots[i];

		if (!transfer || public_part(transfer)->dev_handle != handle)
			continue;
		land(context, transfer);
		transfer->state = STANDIN_IDLE;
		public_part(transfer)->dev_handle = NULL;
	}
	while (*ended) {
		if (public_part(*ended)->dev_handle == handle) {
			(*ended)->state = STANDIN_IDLE;
			*ended = (*ended)->next;
		} else {
			ended = &(*ended)->next;
		}
	}
	context->ended_tail = ended;
	while (*link && *link != handle)
		link = &(*link)->next;
	if (*link)
		*link = (*link)->next;
}

/* Calls the callbacks of ended transfers. With the lock, which is released for each. */
void standin_finish_ended(struct libusb_context *context)
{
	struct standin_transfer *transfer;

	while ((transfer = context->ended)) {
		struct libusb_transfer *public = public_part(transfer);
		bool drop = public->flags & LIBUSB_TRANSFER_FREE_TRANSFER;

		context->ended = transfer->next;
		if (!context->ended)
			context->ended_tail = &context->ended;
		transfer->state = STANDIN_IDLE;
		public->status = transfer->status;
		public->actual_length = transfer->actual;
		if (public->status == LIBUSB_TRANSFER_COMPLETED &&
		    public->flags & LIBUSB_TRANSFER_SHORT_NOT_OK &&
		    public->actual_length != public->length - (int)LIBUSB_CONTROL_SETUP_SIZE)
		public->status = LIBUSB_TRANSFER_ERROR;
		pthread_mutex_unlock(&context->lock);
		if (public->callback)
		public->callback(public);
		/* Without that flag it may be freed by now. */
		if (drop)
			libusb_free_transfer(public);
		pthread_mutex_lock(&context->lock);
	}
}
