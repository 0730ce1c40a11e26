/* SPDX-License-Identifier: GPL-2.0-or-later */
static const char help_text[] =
	"h7gang power SLOT|PORT off|on|cycle [--profile FILE]\n"
	"\n"
	"Switches the power of a hub port: PORT is a port path such as 1-1.4; SLOT is the name of\n"
	"a slot in the profile. cycle switches the port off, waits for power: {off_ms: ...} of\n"
	"the profile (1500 ms), switches it on and checks that the device left the bus meanwhile.\n"
	"A port on which h7gang works is refused, and so is a hub that switches all its ports\n"
	"together. `h7gang doctor` and `h7gang list` show which ports can be switched.\n"
	"\n"
	"  --profile FILE  the profile that names the slot\n"
	"\n"
	"Exit status: 0 done; 1 the port could not be switched, or its device stayed on the bus;\n"
	"2 usage, or the port is in use; 3 no USB; 5 internal error.\n";

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli.h"
#include "h7gang/base/clock.h"
#include "h7gang/usb/port.h"
#include "h7gang/usb/power.h"

#define RETURN_MS 3000 /* for a device to appear */
#define RETURN_LOOK_MS 50
#define TEXT_SIZE 320

enum action { ACTION_OFF, ACTION_ON, ACTION_CYCLE, ACTIONS };

static const char *const action_words[ACTIONS] = {"off", "on", "cycle"};

static void ignore(void *user, enum usb_change change, const struct usb_seen *seen)
{
	(void)user;
	(void)change;
	(void)seen;
}

/* Of a port that was switched on. */
static void say_what_is_there(struct usb_bus *bus, const char *path)
{
	int64_t until = clock_after_ms(RETURN_MS);
	struct usb_occupant occupant;
	char text[TEXT_SIZE];

	while (!usb_port_look(path, false, &occupant) && clock_now() < until) {
		usb_bus_look(bus);
		clock_sleep_until(clock_after_ms(RETURN_LOOK_MS));
	}
	usb_port_describe(path, text, sizeof(text));
	cli_print("%s is on: %s", path, text);
}

static enum h7_exit act(struct usb_bus *bus, const char *path, enum action action, uint32_t off_ms)
{
	char why[TEXT_SIZE] = "";
	bool done;

	if (action == ACTION_CYCLE)
		done = usb_power_cycle(bus, path, off_ms, why, sizeof(why)) == USB_CYCLE_DONE;
	else
		done = usb_power_switch(bus, path, action == ACTION_ON, why, sizeof(why));
	if (!done) {
		cli_say("%s: %s", path, why);
		return H7_EXIT_FAILED;
	}
	if (action == ACTION_OFF)
		cli_print("%s is off", path);
	else
		say_what_is_there(bus, path);
	return H7_EXIT_OK;
}

static enum h7_exit with_bus(struct usb_bus *bus, const char *path, enum action action,
			     uint32_t off_ms)
{
	struct usb_power power;
	int hold = usb_port_hold(path, true);
	enum h7_exit status = H7_EXIT_USAGE;

	if (hold < 0 && errno != EWOULDBLOCK) {
		cli_say("%s: the kernel shows no such port: %s", path, strerror(errno));
		return H7_EXIT_USAGE;
	}
	if (hold < 0 || usb_ports_held_below(path)) {
		cli_say("%s: h7gang works on this port; wait until its unit has ended", path);
	} else {
		usb_power_look(bus, path, &power);
		if (usb_switching_why_not(power.switching))
			cli_say("%s: hub %s %s", path, power.hub,
				usb_switching_why_not(power.switching));
		else
			status = act(bus, path, action, off_ms);
	}
	if (hold >= 0)
		close(hold);
	return status;
}

static enum h7_exit switch_port(const char *path, enum action action, uint32_t off_ms)
{
	const struct usb_filter rom = {.vid = USB_VID_ST, .pid = USB_PID_ST_DFU};
	char why[TEXT_SIZE];
	struct usb_bus *bus = usb_bus_open(&rom, ignore, NULL, why, sizeof(why));
	enum h7_exit status;

	if (!bus) {
		cli_say("no USB: %s", why);
		return H7_EXIT_NO_TARGET;
	}
	status = with_bus(bus, path, action, off_ms);
	usb_bus_close(bus);
	return status;
}

/* The kernel's name of the port that the word means; NULL: the reason was told. */
static const char *port_of(const struct profile *profile, const char *word,
			   char path[USB_PATH_SIZE])
{
	const struct profile_slot *slot = profile ? profile_slot_find(profile, word) : NULL;

	if (!slot && strchr(word, '-') && word[strspn(word, "0123456789-.")] == '\0')
		return word;
	if (!slot) {
		cli_usage("power", "\"%s\" is no port path such as 1-1.4%s", word,
			  profile ? " and no slot of the profile" : "; a slot needs --profile");
		return NULL;
	}
	if (profile_slot_port(slot, path))
		return path;
	cli_say("slot %s: this computer has no USB controller for %s", slot->name, slot->path);
	return NULL;
}

static enum h7_exit run(const struct cli_options *options)
{
	struct profile_problems problems = {0};
	struct profile *profile = NULL;
	enum h7_exit status = H7_EXIT_USAGE;
	char room[USB_PATH_SIZE];
	const char *path;
	unsigned action = 0;

	if (options->operands != 2)
		return cli_usage("power", "a slot or port, and off, on or cycle are required");
	while (action < ACTIONS && strcmp(options->operand[1], action_words[action]) != 0)
		action++;
	if (action == ACTIONS)
		return cli_usage("power", "\"%s\": must be off, on or cycle", options->operand[1]);
	if (options->profile && !(profile = cli_profile(options->profile, &problems)))
		goto out;
	path = port_of(profile, options->operand[0], room);
	if (path)
		status = switch_port(path, (enum action)action,
				     profile ? profile->power.off_ms : USB_CYCLE_OFF_MS);
out:
	profile_free(profile);
	profile_problems_free(&problems);
	return status;
}

const struct cli_command cli_power = {
	.name = "power",
	.summary = "switch the power of a hub port",
	.help = help_text,
	.accepts = CLI_LIST(CLI_PROFILE),
	.any_profile = true,
	.operands = true,
	.run = run,
};
