/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tray_time.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h7gang/attempt/forecast.h"
#include "h7gang/usb/topology.h"
#include "h7gang/usb/wire.h"

void tray_port(const char *path, struct tray_port *port)
{
	char domain[USB_PATH_SIZE];

	usb_full_speed_domain(path, domain, sizeof(domain));
	tray_port_on(path, domain, port);
}

void tray_port_on(const char *path, const char *domain, struct tray_port *port)
{
	snprintf(port->wire, sizeof(port->wire), "%s", domain[0] ? domain : path);
	port->bus = (unsigned)strtoul(path, NULL, 10);
}

/* The series' version without a fault: which one a board has is known when it is connected. */
static const struct stm32_rom *healthy_rom(const struct stm32_part *part)
{
	const struct stm32_rom *rom;

	for (unsigned i = 0; (rom = stm32_rom_at(i)); i++)
		if (rom->series == part->series && rom->mass == STM32_MASS_WORKS &&
		    rom->sector[0] == STM32_ERASE_NORMAL && rom->sector[1] == STM32_ERASE_NORMAL)
			return rom;
	return stm32_rom_find(part->series, STM32_ROM_UNKNOWN);
}

static double best_s(const struct profile *profile, unsigned boards, double wires, bool dirty)
{
	struct forecast forecast;

	forecast_board(&forecast, profile, healthy_rom(profile->part), dirty);
	return forecast_ms(&forecast, boards, wires, forecast_mass(&forecast, boards, wires)) /
	       1000;
}

static double greater(double a, double b)
{
	return a > b ? a : b;
}

static bool same_wire(const struct tray_port *a, const struct tray_port *b)
{
	return strcmp(a->wire, b->wire) == 0;
}

static bool same_bus(const struct tray_port *a, const struct tray_port *b)
{
	return a->bus == b->bus;
}

/* The time of the group of ports that takes longest; a group shares, in the time of `wires` wires.
 */
static double slowest_s(const struct profile *profile, const struct tray_port *ports,
			unsigned count,
			bool (*share)(const struct tray_port *a, const struct tray_port *b),
			double wires, bool dirty)
{
	double most = 0;

	for (unsigned i = 0; i < count; i++) {
		unsigned sharers = 1, first = 0;

		while (!share(&ports[first], &ports[i]))
			first++;
		if (first < i)
			continue; /* its group is known */
		for (unsigned k = i + 1; k < count; k++)
			sharers += share(&ports[i], &ports[k]);
		most = greater(most, best_s(profile, sharers, wires, dirty));
	}
	return most;
}

double tray_time_own_buses(const struct profile *profile, bool dirty)
{
	return best_s(profile, 1, 1, dirty);
}

double tray_time_own_wires(const struct profile *profile, const struct tray_port *ports,
			   unsigned count, bool dirty)
{
	return greater(tray_time_own_buses(profile, dirty),
		       slowest_s(profile, ports, count, same_bus, USB_WIRES_A_BUS, dirty));
}

double tray_time(const struct profile *profile, const struct tray_port *ports, unsigned count,
		 bool dirty)
{
	return greater(tray_time_own_wires(profile, ports, count, dirty),
		       slowest_s(profile, ports, count, same_wire, 1, dirty));
}

static double to_tenth(double s)
{
	return round(s * 10) / 10;
}

json_t *tray_time_json(const char *hub, unsigned boards, double blank_s, double dirty_s)
{
	return json_pack("{s:s, s:I, s:f, s:f}", "hub", hub, "boards", (json_int_t)boards,
			 "blank_s", to_tenth(blank_s), "dirty_s", to_tenth(dirty_s));
}
