/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "boards.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 1024
#define INDEX_MAX (UINT32_MAX - 1)

static uint64_t mixed(uint64_t x)
{
	x = (x ^ (x >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
	x = (x ^ (x >> 27)) * UINT64_C(0x94d049bb133111eb);
	return x ^ (x >> 31);
}

static uint64_t hash_of(const unsigned char key[BOARD_KEY_SIZE], uint32_t lot)
{
	uint64_t low;
	uint32_t high;

	memcpy(&low, key, sizeof(low));
	memcpy(&high, key + sizeof(low), sizeof(high));
	return mixed(mixed(low) ^ ((uint64_t)high << 32 | lot));
}

/* The bucket of the key, or the free bucket where it belongs. */
static uint32_t *look_up(const struct boards *boards, const unsigned char key[BOARD_KEY_SIZE],
			 uint32_t lot)
{
	size_t mask = boards->buckets - 1;
	size_t at = (size_t)hash_of(key, lot) & mask;

	for (; boards->bucket[at]; at = (at + 1) & mask) {
		const struct board *board = &boards->board[boards->bucket[at] - 1];

		if (board->lot == lot && memcmp(board->key, key, BOARD_KEY_SIZE) == 0)
			break;
	}
	return &boards->bucket[at];
}

/* Buckets are three quarters full at most: 5.3 to 10.7 bytes a board, and 16 while they are laid
 * out anew. */
static bool make_buckets(struct boards *boards)
{
	size_t buckets = boards->buckets ? boards->buckets * 2 : 2 * (size_t)FIRST_ROOM;
	uint32_t *old = boards->bucket;

	if (boards->buckets && boards->count < boards->buckets / 4 * 3)
		return true;
	boards->bucket = calloc(buckets, sizeof(*boards->bucket));
	if (!boards->bucket) {
		boards->bucket = old;
		return false;
	}
	free(old);
	boards->buckets = buckets;
	for (size_t i = 0; i < boards->count; i++)
		*look_up(boards, boards->board[i].key, boards->board[i].lot) = (uint32_t)i + 1;
	return true;
}

/* The pages behind the last board are not touched, and so cost nothing. */
static bool make_room(struct boards *boards)
{
	size_t room = boards->room ? boards->room * 2 : FIRST_ROOM;
	struct board *grown;

	if (boards->count < boards->room)
		return true;
	if (boards->count >= INDEX_MAX)
		return false;
	grown = reallocarray(boards->board, room, sizeof(*grown));
	if (!grown)
		return false;
	boards->board = grown;
	boards->room = room;
	return true;
}

struct board *boards_get(struct boards *boards, const unsigned char key[BOARD_KEY_SIZE],
			 uint32_t lot)
{
	struct board *board;
	uint32_t *bucket;

	if (!make_buckets(boards) || !make_room(boards))
		return NULL;
	bucket = look_up(boards, key, lot);
	if (*bucket)
		return &boards->board[*bucket - 1];
	board = &boards->board[boards->count];
	*board = (struct board){.lot = lot};
	memcpy(board->key, key, BOARD_KEY_SIZE);
	*bucket = (uint32_t)++boards->count;
	return board;
}

static int by_time(const void *a, const void *b, void *user)
{
	const struct board *board = user;
	uint32_t left = *(const uint32_t *)a, right = *(const uint32_t *)b;

	if (board[left].first_ms != board[right].first_ms)
		return board[left].first_ms < board[right].first_ms ? -1 : 1;
	return left < right ? -1 : left > right;
}

uint32_t *boards_in_order(struct boards *boards)
{
	uint32_t *order;

	free(boards->bucket);
	boards->bucket = NULL;
	boards->buckets = 0;
	order = calloc(boards->count + 1, sizeof(*order));
	if (!order)
		return NULL;
	for (size_t i = 0; i < boards->count; i++)
		order[i] = (uint32_t)i;
	if (boards->count)
		qsort_r(order, boards->count, sizeof(*order), by_time, boards->board);
	return order;
}

void boards_free(struct boards *boards)
{
	free(boards->board);
	free(boards->bucket);
	*boards = (struct boards){0};
}

/* --- keys --- */

static int digit(char c)
{
	return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool board_key_uid(unsigned char key[BOARD_KEY_SIZE], const char *hex, size_t length)
{
	if (length != 2 * (size_t)BOARD_KEY_SIZE)
		return false;
	for (size_t i = 0; i < BOARD_KEY_SIZE; i++) {
		int high = digit(hex[2 * i]), low = digit(hex[2 * i + 1]);

		if (high < 0 || low < 0)
			return false;
		key[i] = (unsigned char)(high << 4 | low);
	}
	return true;
}

void board_key_hash(unsigned char key[BOARD_KEY_SIZE], uint64_t unit)
{
	uint64_t other = mixed(unit + 1);

	memcpy(key, &unit, sizeof(unit));
	memcpy(key + sizeof(unit), &other, BOARD_KEY_SIZE - sizeof(unit));
}

void board_uid(const struct board *board, char hex[2 * BOARD_KEY_SIZE + 1])
{
	for (size_t i = 0; i < BOARD_KEY_SIZE; i++)
		snprintf(hex + 2 * i, 3, "%02x", board->key[i]);
}
