/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysfs.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DEVICES USB_SYSFS_DEVICES "/"
#define BUDGET "/sys/module/usbcore/parameters/usbfs_memory_mb"
#define BUDGET_USUAL_MB 16u

/* A decimal number up to 255. NULL: there is none. */
static const char *small_number(const char *p, unsigned *value)
{
	const char *start = p;
	unsigned sum = 0;

	while (*p >= '0' && *p <= '9') {
		sum = sum * 10 + (unsigned)(*p++ - '0');
		if (sum > 255)
			return NULL;
	}
	*value = sum;
	return p == start ? NULL : p;
}

bool usb_ports_parse(const char *path, struct usb_ports *ports)
{
	const char *p = small_number(path, &ports->bus);

	ports->count = 0;
	if (!p || *p != '-')
		return false;
	do {
		unsigned port;

		if (ports->count == USB_PORTS_MAX)
			return false;
		p = small_number(p + 1, &port);
		if (!p || port == 0)
			return false;
		ports->port[ports->count++] = (uint8_t)port;
	} while (*p == '.');
	return *p == '\0';
}

static void port_chain(const struct usb_ports *ports, unsigned count, char *text, size_t size)
{
	size_t used = 0;

	text[0] = '\0';
	for (unsigned i = 0; i < count && used < size; i++) {
		int n = snprintf(text + used, size - used, "%s%u", i ? "." : "", ports->port[i]);

		if (n < 0)
			return;
		used += (size_t)n;
	}
}

void usb_ports_name(const struct usb_ports *ports, unsigned count, char name[USB_PATH_SIZE])
{
	char chain[USB_PORTS_MAX * 4 + 1];

	if (count == 0) {
		snprintf(name, USB_PATH_SIZE, "usb%u", ports->bus & 0xff);
		return;
	}
	port_chain(ports, count, chain, sizeof(chain));
	/* Port numbers of three digits on every level cannot occur and would not fit. */
	if (snprintf(name, USB_PATH_SIZE, "%u-%s", ports->bus & 0xff, chain) >= USB_PATH_SIZE)
		name[0] = '\0';
}

/* The last part of the target of link `path`; "" if it is no link or its target is too long. */
static void link_name(const char *path, char *name, size_t size)
{
	char target[PATH_MAX];
	ssize_t n = readlink(path, target, sizeof(target) - 1);
	const char *base;

	name[0] = '\0';
	if (n <= 0)
		return;
	target[n] = '\0';
	base = strrchr(target, '/');
	base = base ? base + 1 : target;
	if (strlen(base) < size)
		memcpy(name, base, strlen(base) + 1);
}

static bool prepend(char id_path[USB_ID_PATH_SIZE], const char *kind, const char *name)
{
	char longer[2 * USB_ID_PATH_SIZE];
	int n = snprintf(longer, sizeof(longer), "%s-%s-%s", kind, name, id_path);

	if (n < 0 || n >= USB_ID_PATH_SIZE)
		return false;
	memcpy(id_path, longer, (size_t)n + 1);
	return true;
}

/* As udev's path_id builds it: from the host controller upwards, the nearest device of each run of
 * PCI or platform devices counts. */
void usb_id_path(const struct usb_ports *ports, char id_path[USB_ID_PATH_SIZE])
{
	char dir[PATH_MAX], path[PATH_MAX + 16], kind[32], last[32] = "",
							   chain[USB_PORTS_MAX * 4 + 1];
	bool known = false;
	char *slash;

	id_path[0] = '\0';
	snprintf(path, sizeof(path), DEVICES "usb%u", ports->bus);
	if (!realpath(path, dir))
		return;
	port_chain(ports, ports->count, chain, sizeof(chain));
	snprintf(id_path, USB_ID_PATH_SIZE, "usb-0:%s", chain);
	while ((slash = strrchr(dir, '/')) && slash != dir) {
		*slash = '\0';
		snprintf(path, sizeof(path), "%s/subsystem", dir);
		link_name(path, kind, sizeof(kind));
		if (kind[0] == '\0' || strcmp(kind, last) == 0)
			continue;
		memcpy(last, kind, sizeof(last));
		if (strcmp(kind, "pci") != 0 && strcmp(kind, "platform") != 0)
			continue;
		slash = strrchr(dir, '/');
		if (!slash || !prepend(id_path, kind, slash + 1)) {
			known = false;
			break;
		}
		known = true;
	}
	if (!known)
		id_path[0] = '\0';
}

/* The kernel hands out an attribute in one read. Each look at the bus reads a few of every device:
 * without the buffers of stdio. */
static bool read_line(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length;

	text[0] = '\0';
	if (fd < 0)
		return false;
	length = read(fd, text, size - 1);
	close(fd);
	text[length > 0 ? length : 0] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return length > 0;
}

void usb_sysfs_text(const char *device, const char *attribute, char *text, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), DEVICES "%s/%s", device, attribute);
	if (!read_line(path, text, size)) {
		text[0] = '\0';
		return;
	}
	/* A product string comes from the device; it goes to a terminal. */
	for (char *p = text; *p; p++)
		if ((unsigned char)*p < 0x20 || (unsigned char)*p > 0x7e)
			*p = '?';
}

bool usb_sysfs_number(const char *device, const char *attribute, int base, unsigned long max,
		      unsigned long *value)
{
	char text[16];
	char *end;

	usb_sysfs_text(device, attribute, text, sizeof(text));
	*value = strtoul(text, &end, base);
	return end != text && *end == '\0' && *value <= max;
}

void usb_sysfs_link(const char *device, const char *link, char *name, size_t size)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), DEVICES "%s/%s", device, link);
	link_name(path, name, size);
}

unsigned usb_memory_budget_mb(void)
{
	char text[32];
	char *end;
	unsigned long mb;

	if (!read_line(BUDGET, text, sizeof(text)) || text[0] < '0' || text[0] > '9')
		return BUDGET_USUAL_MB;
	mb = strtoul(text, &end, 10);
	return *end == '\0' && mb <= UINT_MAX ? (unsigned)mb : BUDGET_USUAL_MB;
}
