/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "sysfs.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sim/proto.h"
#include "sysfs_private.h"

enum { DESCRIPTOR_INTERFACE = 4 /* USB 2.0 table 9-5 */ };

struct sysfs *sysfs_new(const char *folder)
{
	struct sysfs *sysfs = calloc(1, sizeof(*sysfs));

	if (!sysfs)
		return NULL;
	snprintf(sysfs->folder, sizeof(sysfs->folder), "%s", folder);
	if (mkdir(folder, 0755) < 0) {
		free(sysfs);
		return NULL;
	}
	sysfs_ports_open(sysfs);
	return sysfs;
}

/* Files, and folders of files: no deeper than a port in an interface in `folder`. */
static void remove_at(int above, const char *name, unsigned depth)
{
	int fd = openat(above, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *folder = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (entry->d_name[0] == '.')
			continue;
		if (unlinkat(dirfd(folder), entry->d_name, 0) < 0 && depth)
			remove_at(dirfd(folder), entry->d_name, depth - 1);
	}
	if (folder)
		closedir(folder);
	else if (fd >= 0)
		close(fd);
	unlinkat(above, name, AT_REMOVEDIR);
}

static void remove_folder(const char *path)
{
	remove_at(AT_FDCWD, path, 2);
}

void sysfs_free(struct sysfs *sysfs)
{
	if (!sysfs)
		return;
	sysfs_ports_close(sysfs);
	remove_at(AT_FDCWD, sysfs->folder, 3);
	free(sysfs);
}

static unsigned word(const uint8_t *bytes)
{
	return bytes[0] | (unsigned)bytes[1] << 8;
}

static void put_device(int folder, const struct sysfs_device *device)
{
	const struct proto_device *wire = device->wire;
	const uint8_t *descriptor = wire->descriptor;

	sysfs_put(folder, "idVendor", "%04x\n", word(descriptor + 8));
	sysfs_put(folder, "idProduct", "%04x\n", word(descriptor + 10));
	sysfs_put(folder, "bcdDevice", "%04x\n", word(descriptor + 12));
	sysfs_put(folder, "bDeviceClass", "%02x\n", descriptor[4]);
	sysfs_put(folder, "bDeviceSubClass", "%02x\n", descriptor[5]);
	sysfs_put(folder, "bDeviceProtocol", "%02x\n", descriptor[6]);
	sysfs_put(folder, "bMaxPacketSize0", "%u\n", descriptor[7]);
	sysfs_put(folder, "bNumConfigurations", "%u\n", descriptor[17]);
	sysfs_put(folder, "bNumInterfaces", "%2u\n", device->config[4]);
	sysfs_put(folder, "bmAttributes", "%02x\n", device->config[7]);
	sysfs_put(folder, "bMaxPower", "%umA\n", 2U * device->config[8]);
	sysfs_put(folder, "configuration", "%s", "");
	sysfs_put(folder, "version", "%2x.%02x\n", descriptor[3], descriptor[2]);
	sysfs_put(folder, "rx_lanes", "1\n");
	sysfs_put(folder, "tx_lanes", "1\n");
	sysfs_put(folder, "busnum", "%u\n", wire->bus);
	sysfs_put(folder, "devnum", "%u\n", wire->address);
	sysfs_put(folder, "speed", "%s\n",
		  wire->speed == PROTO_SUPER_SPEED  ? "5000"
		  : wire->speed == PROTO_HIGH_SPEED ? "480"
						    : "12");
	sysfs_put(folder, "maxchild", "%u\n", device->ports);
	sysfs_put(folder, "authorized", "%d\n", device->authorized);
	sysfs_put(folder, "bConfigurationValue", "%s\n", wire->configured ? "1" : "");
	if (*device->product)
		sysfs_put(folder, "product", "%s\n", device->product);
	if (*device->serial)
		sysfs_put(folder, "serial", "%s\n", device->serial);
	if (symlinkat("../../drivers/usb", folder, "driver") < 0)
		return; /* lsusb -t names no driver then */
}

static void put_interface(int folder, const struct sysfs_device *device, const uint8_t *descriptor)
{
	sysfs_put(folder, "bInterfaceNumber", "%02x\n", descriptor[2]);
	sysfs_put(folder, "bAlternateSetting", "%2u\n", descriptor[3]);
	sysfs_put(folder, "bNumEndpoints", "%02x\n", descriptor[4]);
	sysfs_put(folder, "bInterfaceClass", "%02x\n", descriptor[5]);
	sysfs_put(folder, "bInterfaceSubClass", "%02x\n", descriptor[6]);
	sysfs_put(folder, "bInterfaceProtocol", "%02x\n", descriptor[7]);
	if (device->ports && symlinkat("../../drivers/hub", folder, "driver") < 0)
		return;
}

/* A folder that a program finds complete; -1: there is none. To be closed. */
static int begin(const struct sysfs *sysfs, char made[PATH_MAX + 16])
{
	snprintf(made, PATH_MAX + 16, "%s/.new", sysfs->folder);
	if (mkdir(made, 0755) < 0)
		return -1;
	return open(made, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static void complete(const struct sysfs *sysfs, int folder, const char *made, const char *name)
{
	char final[PATH_MAX + 64];

	snprintf(final, sizeof(final), "%s/%s", sysfs->folder, name);
	if (folder >= 0)
		close(folder);
	if (rename(made, final) < 0)
		remove_folder(made);
}

/* The first alternate setting of each interface. */
static void add_interfaces(struct sysfs *sysfs, const struct sysfs_device *device)
{
	const uint8_t *config = device->config;
	size_t length = device->wire->config_length;
	char made[PATH_MAX + 16], name[SYSFS_NAME_SIZE], number[16];

	for (size_t at = 0; at + 9 <= length && config[at] >= 2; at += config[at]) {
		const uint8_t *descriptor = config + at;
		int folder;

		if (descriptor[1] != DESCRIPTOR_INTERFACE || descriptor[3] != 0)
			continue;
		snprintf(number, sizeof(number), "%u.%u", config[5], descriptor[2]);
		sysfs_interface(device->path, number, name);
		folder = begin(sysfs, made);
		if (folder >= 0)
			put_interface(folder, device, descriptor);
		if (folder >= 0 && device->ports)
			sysfs_ports_put(sysfs, folder, device);
		complete(sysfs, folder, made, name);
	}
}

void sysfs_add(struct sysfs *sysfs, const struct sysfs_device *device)
{
	char made[PATH_MAX + 16];
	int folder;

	if (!sysfs)
		return;
	/* A program that finds the device also finds its interfaces. */
	if (device->wire->configured)
		add_interfaces(sysfs, device);
	folder = begin(sysfs, made);
	if (folder >= 0)
		put_device(folder, device);
	complete(sysfs, folder, made, device->path);
}

static void remove_name(struct sysfs *sysfs, const char *name)
{
	char gone[PATH_MAX + 32], was[PATH_MAX + 300];

	snprintf(was, sizeof(was), "%s/%s", sysfs->folder, name);
	snprintf(gone, sizeof(gone), "%s/.gone%u", sysfs->folder, sysfs->removed++);
	if (rename(was, gone) == 0)
		remove_folder(gone);
}

void sysfs_remove(struct sysfs *sysfs, const char *path)
{
	char interfaces[SYSFS_NAME_SIZE];
	struct dirent *entry;
	DIR *folder;

	if (!sysfs)
		return;
	remove_name(sysfs, path);
	sysfs_ports_forget(sysfs, path);
	sysfs_interface(path, NULL, interfaces);
	folder = opendir(sysfs->folder);
	while (folder && (entry = readdir(folder)))
		if (strncmp(entry->d_name, interfaces, strlen(interfaces)) == 0)
			remove_name(sysfs, entry->d_name);
	if (folder)
		closedir(folder);
}
