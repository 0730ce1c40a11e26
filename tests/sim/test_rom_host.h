/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A host for the tests: one ROM, its clock, and the requests of DFU. */
#ifndef TEST_ROM_HOST_H
#define TEST_ROM_HOST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "sim/rom/rom.h"
#include "sim/rom/rom_config.h"

struct host {
	struct rom_config config;
	struct rom *rom;
	uint64_t now;
	struct rom_result result;
	uint8_t status, state;
	uint32_t poll;
};

enum { DNLOAD = 1, UPLOAD, GETSTATUS, CLRSTATUS, GETSTATE, ABORT };

static inline void host_config(struct host *host, const char *part, const char *bootloader)
{
	memset(host, 0, sizeof(*host));
	rom_config_init(&host->config);
	assert_true(rom_config_part(&host->config, part));
	assert_true(rom_config_bootloader(&host->config, bootloader));
	host->config.seed = 1;
}

static inline void host_plug(struct host *host)
{
	host->rom = rom_new(&host->config);
	assert_non_null(host->rom);
	rom_power_on(host->rom, host->now);
}

static inline struct host host_new(const char *bootloader)
{
	struct host host;

	host_config(&host, "stm32h743xi", bootloader);
	return host;
}

static inline enum rom_answer host_setup(struct host *host, uint8_t type, uint8_t code,
					 uint16_t value, const uint8_t *out, uint16_t length)
{
	const uint8_t setup[8] = {type, code, (uint8_t)value,  (uint8_t)(value >> 8),
				  0,    0,    (uint8_t)length, (uint8_t)(length >> 8)};

	memset(&host->result, 0xA5, sizeof(host->result));
	rom_control(host->rom, host->now, setup, out, type & 0x80 ? 0 : length, &host->result);
	host->now += host->result.ns;
	return host->result.answer;
}

static inline enum rom_answer host_in(struct host *host, uint8_t code, uint16_t value,
				      uint16_t length)
{
	return host_setup(host, 0xA1, code, value, NULL, length);
}

static inline enum rom_answer host_out(struct host *host, uint8_t code, uint16_t value,
				       const uint8_t *out, uint16_t length)
{
	return host_setup(host, 0x21, code, value, out, length);
}

static inline enum rom_answer host_getstatus(struct host *host)
{
	const enum rom_answer answer = host_in(host, GETSTATUS, 0, 6);

	if (answer == ROM_ACK && host->result.length == 6) {
		host->status = host->result.data[0];
		host->poll = host->result.data[1] | (uint32_t)host->result.data[2] << 8 |
			     (uint32_t)host->result.data[3] << 16;
		host->state = host->result.data[4];
	}
	return answer;
}

static inline uint8_t host_state(struct host *host)
{
	assert_int_equal(host_in(host, GETSTATE, 0, 1), ROM_ACK);
	return host->result.data[0];
}

/* DNLOAD, GETSTATUS, GETSTATUS; the state then. */
static inline uint8_t host_group(struct host *host, uint16_t value, const uint8_t *out,
				 uint16_t length)
{
	assert_int_equal(host_out(host, DNLOAD, value, out, length), ROM_ACK);
	assert_int_equal(host_getstatus(host), ROM_ACK);
	if (host->state == 4)
		assert_int_equal(host_getstatus(host), ROM_ACK);
	return host->state;
}

static inline uint8_t host_command(struct host *host, uint8_t command, uint32_t address)
{
	const uint8_t bytes[5] = {command, (uint8_t)address, (uint8_t)(address >> 8),
				  (uint8_t)(address >> 16), (uint8_t)(address >> 24)};

	return host_group(host, 0, bytes, 5);
}

static inline uint8_t host_mass(struct host *host)
{
	return host_group(host, 0, (const uint8_t[]){0x41}, 1);
}

static inline uint8_t host_write(struct host *host, uint32_t address, const uint8_t *data,
				 uint16_t length)
{
	assert_int_equal(host_command(host, 0x21, address), 5);
	return host_group(host, 2, data, length);
}

/* The answer of the UPLOAD; its data are in result. */
static inline enum rom_answer host_read(struct host *host, uint32_t address, uint16_t length)
{
	enum rom_answer answer;
	struct rom_result kept;

	assert_int_equal(host_command(host, 0x21, address), 5);
	assert_int_equal(host_out(host, ABORT, 0, NULL, 0), ROM_ACK);
	answer = host_in(host, UPLOAD, 2, length);
	kept = host->result;
	if (answer == ROM_ACK)
		assert_int_equal(host_out(host, ABORT, 0, NULL, 0), ROM_ACK);
	host->result = kept;
	return answer;
}

static inline void host_read_is(struct host *host, uint32_t address, const uint8_t *data,
				uint16_t length)
{
	assert_int_equal(host_read(host, address, length), ROM_ACK);
	assert_int_equal(host->result.length, length);
	assert_memory_equal(host->result.data, data, length);
}

static inline void host_fill(uint8_t *data, size_t length)
{
	for (size_t i = 0; i < length; i++)
		data[i] = (uint8_t)(i * 7 + 3);
}

/* The first block of counters: a correct programmer never causes these. */
static inline void host_innocent(const struct host *host)
{
	const struct rom_counters *c = rom_counters(host->rom);

	assert_int_equal(c->busy_touches + c->double_programs + c->stray_downloads + c->value_one +
				 c->short_numbered + c->outside,
			 0);
}

static inline struct rom_fault *host_fault(struct host *host, enum rom_fault_kind kind, uint32_t on)
{
	struct rom_fault *fault = &host->config.fault[host->config.faults++];

	fault->kind = kind;
	fault->on = on;
	fault->count = 1;
	return fault;
}

#endif
