/* SPDX-License-Identifier: GPL-2.0-or-later */
/* screens LANGUAGE SLOTS:STATE...: draws the panel of an invented station on this terminal, one
 * screen after the other, the next at each key. States: blank running mixed blocked stopped asking
 * result. Its clock stands still, so that a screen is always the same. */
#include <locale.h>
#include <ncurses.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/base/clock.h"
#include "h7gang/ui/ui.h"
#include "ui/panel_draw.h"

#define SLOTS_MAX 64
#define MINUTE (60000 * CLOCK_MS)

static struct panel_model model;
static struct profile_slot slots[SLOTS_MAX];
static struct ui_options options = {
	.command = "run",
	.profile = "controller-a",
	.part = "stm32h743xi",
	.lot = "LOT-2211",
	.operator_name = "Kim",
	.firmware_version = "2.4.1",
	.watch = true,
	.slots = slots,
};

/* Rows of eight: A1 to A8, B1 ... */
static void fixture(unsigned count)
{
	memset(slots, 0, sizeof(slots));
	options.slot_count = count;
	for (unsigned i = 0; i < count; i++) {
		snprintf(slots[i].name, sizeof(slots[i].name), "%c%u", (char)('A' + i / 8),
			 i % 8 + 1);
		snprintf(slots[i].path, sizeof(slots[i].path), "1-%u.%u", i / 8 + 1, i % 8 + 1);
		slots[i].row = i / 8 + 1;
		slots[i].column = i % 8 + 1;
	}
}

static struct gang_event of_slot(enum gang_event_kind kind, unsigned slot)
{
	struct gang_event event = {.kind = kind, .attempt = 1, .attempts_allowed = 2};

	snprintf(event.slot, sizeof(event.slot), "%s", slots[slot].name);
	snprintf(event.path, sizeof(event.path), "%s", slots[slot].path);
	snprintf(event.uid, sizeof(event.uid), "3400320013513032%08x", slot);
	snprintf(event.bootloader, sizeof(event.bootloader), "V9.0");
	return event;
}

static void tell(const struct gang_event *event, int64_t at)
{
	panel_model_event(&model, event, at);
}

/* Identified, erased and in the middle of a phase. */
static void work(unsigned slot, enum gang_phase last, unsigned permille)
{
	struct gang_event event = of_slot(GANG_TARGET, slot);

	tell(&event, MINUTE);
	for (unsigned phase = 0; phase <= last; phase++) {
		event = of_slot(GANG_PHASE, slot);
		event.phase = (enum gang_phase)phase;
		tell(&event, MINUTE + phase * 2000 * CLOCK_MS);
	}
	event = of_slot(GANG_PROGRESS, slot);
	event.phase = last;
	event.permille = permille;
	tell(&event, MINUTE + last * 2000 * CLOCK_MS);
}

static void judge(unsigned slot, enum audit_result result, enum h7_error error, const char *detail,
		  bool recorded)
{
	struct gang_event event;

	work(slot, GANG_PHASE_RECORD, 1000);
	event = of_slot(GANG_UNIT, slot);
	event.result = result;
	event.error = error;
	event.recorded = recorded;
	event.total_ms = 16400;
	snprintf(event.detail, sizeof(event.detail), "%s", detail);
	snprintf(event.unit_serial, sizeof(event.unit_serial), "H7-%05u", slot + 1);
	tell(&event, 2 * MINUTE);
	event = of_slot(GANG_TAKE_OUT, slot);
	tell(&event, 2 * MINUTE);
}

static void station(enum gang_state state, const char *reason)
{
	struct gang_event event = {.kind = GANG_STATE, .state = state};

	snprintf(event.detail, sizeof(event.detail), "%s", reason);
	snprintf(event.lot, sizeof(event.lot), "%s", options.lot);
	snprintf(event.operator_name, sizeof(event.operator_name), "%s", options.operator_name);
	tell(&event, 2 * MINUTE);
}

static void mix(void)
{
	for (unsigned i = 0; i < options.slot_count; i++) {
		switch (i % 8) {
		case 1:
			judge(i, AUDIT_FAIL, H7_VERIFY_MISMATCH,
			      "bank 2: 1 of 1048576 bytes differs, first at 0x08100200", true);
			break;
		case 3:
			work(i, GANG_PHASE_PROGRAM, 430);
			break;
		case 4:
			judge(i, AUDIT_FAIL, H7_READ_PROTECTED,
			      "the part is read-protected (RDP level 1)", true);
			break;
		case 5:
			break;
		case 6:
			judge(i, AUDIT_PASS, H7_OK, "", i % 16 == 6);
			break;
		default:
			judge(i, AUDIT_PASS, H7_OK, "", true);
			break;
		}
	}
}

static void set_up(unsigned count, const char *state)
{
	struct gang_event event;

	fixture(count);
	panel_model_init(&model, &options, 0);
	if (strcmp(state, "blank") == 0)
		station(GANG_READY, "");
	if (strcmp(state, "running") == 0) {
		station(GANG_RUNNING, "");
		for (unsigned i = 0; i < count; i++)
			work(i, (enum gang_phase)(i % 5), i * 137 % 1000);
	}
	if (strcmp(state, "mixed") == 0 || strcmp(state, "result") == 0)
		mix();
	if (strcmp(state, "blocked") == 0) {
		mix();
		event = of_slot(GANG_BLOCKED, count / 2);
		snprintf(event.detail, sizeof(event.detail),
			 "2 boards in a row failed in this slot");
		tell(&event, 2 * MINUTE);
	}
	if (strcmp(state, "stopped") == 0) {
		mix();
		station(GANG_STOPPED, "3 boards in a row failed");
	}
	if (strcmp(state, "asking") == 0) {
		station(GANG_ASKING, "scan the operator");
		event = of_slot(GANG_SCAN, count - 1);
		event.accepted = true;
		snprintf(event.what, sizeof(event.what), "serial");
		snprintf(event.scan, sizeof(event.scan), "H7-00042");
		tell(&event, 2 * MINUTE);
	}
	if (strcmp(state, "result") == 0) {
		event = (struct gang_event){.kind = GANG_SUMMARY};
		tell(&event, 2 * MINUTE);
	}
}

int main(int argc, char **argv)
{
	struct panel_look look = {.utf8 = true};
	SCREEN *screen;

	if (argc < 3)
		return 2;
	ui_choose_language(argv[1]);
	set_escdelay(25);
	screen = newterm(NULL, stdout, stdin);
	if (!screen)
		return 1;
	raw();
	noecho();
	nonl();
	curs_set(0);
	look.colour = panel_draw_colours();
	for (int i = 2; i < argc; i++) {
		const char *state = strchr(argv[i], ':');
		unsigned count = (unsigned)strtoul(argv[i], NULL, 10);

		if (!state || count < 1 || count > SLOTS_MAX)
			break;
		set_up(count, state + 1);
		look.page = strcmp(state + 1, "result") == 0 ? PANEL_RESULT : PANEL_TRAY;
		clearok(curscr, TRUE);
		panel_draw(&model, &look, 2 * MINUTE + 3000 * CLOCK_MS);
		getch();
	}
	endwin();
	delscreen(screen);
	return 0;
}
