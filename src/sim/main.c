/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <libgen.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/fleet/fleet.h"
#include "proto.h"
#include "sim/server/save.h"
#include "sim/server/server.h"
#include "sim/server/tray.h"
#include "sim/usbredir/usbredir.h"
#include "sim/vhci/vhci_run.h"

enum { EXIT_USAGE = 2, EXIT_INTERNAL = 125, EXIT_NOT_RUN = 126, EXIT_NOT_FOUND = 127 };

enum long_option {
	OPTION_TARGETS = 256,
	OPTION_FLEET,
	OPTION_TWIN,
	OPTION_SHOW,
	OPTION_SPEED,
	OPTION_VIRTUAL,
	OPTION_SAVE,
	OPTION_SAVE_PAGES,
	OPTION_CONTROL,
	OPTION_KERNEL,
	OPTION_USBREDIR,
	OPTION_HELP
};

static const char help_text[] =
	"usage: h7gang-sim [OPTION]... -- COMMAND [ARGUMENT]...\n"
	"       h7gang-sim ctl SOCKET WORD...\n"
	"       h7gang-sim keys\n"
	"Runs COMMAND, any libusb program, against virtual STM32H7 ROMs instead of the USB bus.\n"
	"keys lists the keys of a target in a fleet file; profiles/fleets/README.md explains "
	"them.\n"
	"  --targets N       the number of boards (default: as in the fleet file, or 1)\n"
	"  --fleet FILE      the boards, their ports and their behaviour (YAML)\n"
	"  --twin FILE       boards that behave as the one that h7gang characterize measured "
	"into\n"
	"                    FILE; with --fleet, its targets are such boards and may differ\n"
	"  --show            print all values of each target, a line of JSON each, and run "
	"nothing\n"
	"  --speed X         the fleet's time runs X times as fast as real time\n"
	"  --virtual-time    time stands still while a program works and jumps while it waits\n"
	"  --save DIR        afterwards, write NAME.bin and NAME.json for each target, and LEFT:\n"
	"                    the libusb objects that programs did not release\n"
	"  --save-pages      NAME.pages in place of NAME.bin: only changed, non-blank pages\n"
	"  --control SOCKET  listen there for the commands of ctl\n"
	"  --kernel          plug the ROMs into this kernel (root, vhci_hcd) instead of the "
	"stand-in;\n"
	"                    $H7GANG_SIM_PORTS names a list: NAME FLEETPATH KERNELPORT\n"
	"  --usbredir DIR    serve each board to QEMU's usb-redir device on the socket DIR/NAME "
	"instead\n"
	"The exit status is COMMAND's, 128 plus the signal's number if it was killed.\n"
	"ctl sends one of these to the fleet that listens at SOCKET:\n";

static const struct option options[] = {
	{"targets", required_argument, NULL, OPTION_TARGETS},
	{"fleet", required_argument, NULL, OPTION_FLEET},
	{"twin", required_argument, NULL, OPTION_TWIN},
	{"show", no_argument, NULL, OPTION_SHOW},
	{"speed", required_argument, NULL, OPTION_SPEED},
	{"virtual-time", no_argument, NULL, OPTION_VIRTUAL},
	{"save", required_argument, NULL, OPTION_SAVE},
	{"save-pages", no_argument, NULL, OPTION_SAVE_PAGES},
	{"control", required_argument, NULL, OPTION_CONTROL},
	{"kernel", no_argument, NULL, OPTION_KERNEL},
	{"usbredir", required_argument, NULL, OPTION_USBREDIR},
	{"help", no_argument, NULL, OPTION_HELP},
	{NULL, 0, NULL, 0},
};

static void show_help(FILE *to)
{
	fputs(help_text, to);
	server_control_help(to);
}

struct run {
	unsigned targets;
	const char *fleet_file, *twin, *save, *control, *usbredir;
	double speed;
	bool virtual_time, kernel, save_pages, show;
	struct server_left left;
	char **command;
	char library[PATH_MAX]; /* the folder with the stand-in */
	char folder[PATH_MAX];  /* socket and clock of this run */
	char socket[PATH_MAX + 8], sysfs[PATH_MAX + 16], clock[PATH_MAX + 8], ports[PATH_MAX + 8];
};

static bool parse(struct run *run, int argc, char **argv)
{
	char *end;
	int option;

	run->speed = 1;
	while ((option = getopt_long(argc, argv, "+", options, NULL)) != -1) {
		switch (option) {
		case OPTION_TARGETS:
			errno = 0;
			run->targets = (unsigned)strtoul(optarg, &end, 10);
			if (errno || *end || !run->targets || run->targets > 1000) {
				fprintf(stderr, "h7gang-sim: --targets takes 1 to 1000\n");
				return false;
			}
			break;
		case OPTION_FLEET:
			run->fleet_file = optarg;
			break;
		case OPTION_TWIN:
			run->twin = optarg;
			break;
		case OPTION_SHOW:
			run->show = true;
			break;
		case OPTION_SPEED:
			run->speed = strtod(optarg, &end);
			if (*end || !(run->speed > 0 && run->speed <= 1e6)) {
				fprintf(stderr, "h7gang-sim: --speed takes a number above 0\n");
				return false;
			}
			break;
		case OPTION_VIRTUAL:
			run->virtual_time = true;
			break;
		case OPTION_SAVE:
			run->save = optarg;
			break;
		case OPTION_SAVE_PAGES:
			run->save_pages = true;
			break;
		case OPTION_CONTROL:
			run->control = optarg;
			break;
		case OPTION_KERNEL:
			run->kernel = true;
			break;
		case OPTION_USBREDIR:
			run->usbredir = optarg;
			break;
		case OPTION_HELP:
			show_help(stdout);
			exit(0);
		default:
			return false;
		}
	}
	if ((run->kernel || run->usbredir) && run->virtual_time) {
		fprintf(stderr, "h7gang-sim: the kernel keeps real time: no --virtual-time\n");
		return false;
	}
	run->command = argv + optind;
	if (!*run->command && !run->show)
		fprintf(stderr, "h7gang-sim: no command\n");
	return *run->command || run->show;
}

static bool has_library(struct run *run, const char *base, const char *relative)
{
	char path[PATH_MAX + 64];

	if (snprintf(run->library, sizeof(run->library), "%s/%s", base, relative) >=
	    (int)sizeof(run->library))
		return false;
	snprintf(path, sizeof(path), "%s/libusb-1.0.so.0", run->library);
	return access(path, R_OK) == 0;
}

static bool find_library(struct run *run)
{
	char self[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);
	const char *base;

	if (length < 0) {
		perror("h7gang-sim: /proc/self/exe");
		return false;
	}
	self[length] = '\0';
	base = dirname(self);
	if (has_library(run, base, "sim") || has_library(run, base, "../lib/h7gang"))
		return true;
	fprintf(stderr, "h7gang-sim: no libusb-1.0.so.0 in %s/sim or %s/../lib/h7gang\n", base,
		base);
	return false;
}

static bool folder_in(struct run *run, const char *base)
{
	snprintf(run->folder, sizeof(run->folder), "%s/h7gang-sim.XXXXXX", base);
	return mkdtemp(run->folder);
}

/* Some twenty files for each board are made and removed again: in memory, where that is possible.
 */
static bool make_folder(struct run *run)
{
	const char *base = getenv("TMPDIR");
	/* A socket's path holds 107 bytes only. */
	bool named = base && *base && strlen(base) <= 64;
	bool made =
		named ? folder_in(run, base) : folder_in(run, "/dev/shm") || folder_in(run, "/tmp");

	if (!made) {
		fprintf(stderr, "h7gang-sim: %s: %s\n", run->folder, strerror(errno));
		return false;
	}
	snprintf(run->socket, sizeof(run->socket), "%s/usb", run->folder);
	snprintf(run->sysfs, sizeof(run->sysfs), "%s/devices", run->folder);
	snprintf(run->clock, sizeof(run->clock), "%s/clock", run->folder);
	snprintf(run->ports, sizeof(run->ports), "%s/ports", run->folder);
	return true;
}

/* Prepends `value` to the environment variable `name`. */
static bool put_first(const char *name, const char *value)
{
	const char *old = getenv(name);
	char *joined;
	bool good;

	if (!old || !*old)
		return setenv(name, value, 1) == 0;
	if (asprintf(&joined, "%s:%s", value, old) < 0)
		return false;
	good = setenv(name, joined, 1) == 0;
	free(joined);
	return good;
}

static bool set_environment(const struct run *run)
{
	char preload[PATH_MAX + 64];

	if (run->usbredir)
		return unsetenv(PROTO_ENV_SOCKET) == 0;
	if (run->kernel)
		return setenv(VHCI_ENV_PORTS, run->ports, 1) == 0 &&
		       unsetenv(PROTO_ENV_SOCKET) == 0;
	if (setenv(PROTO_ENV_SOCKET, run->socket, 1) < 0 ||
	    setenv(PROTO_ENV_SYSFS, run->sysfs, 1) < 0 ||
	    !put_first("LD_LIBRARY_PATH", run->library))
		return false;
	if (!run->virtual_time)
		return unsetenv(PROTO_ENV_CLOCK) == 0;
	snprintf(preload, sizeof(preload), "%s/libh7gang-vtime.so", run->library);
	return setenv(PROTO_ENV_CLOCK, run->clock, 1) == 0 && put_first("LD_PRELOAD", preload);
}

static pid_t start(const struct run *run, const sigset_t *mask)
{
	pid_t child = fork();

	if (child)
		return child;
	/* Nothing may use the ROMs after they are freed. */
	prctl(PR_SET_PDEATHSIG, SIGTERM);
	sigprocmask(SIG_SETMASK, mask, NULL);
	if (!set_environment(run)) {
		perror("h7gang-sim: environment");
		_exit(EXIT_INTERNAL);
	}
	execvp(run->command[0], run->command);
	fprintf(stderr, "h7gang-sim: %s: %s\n", run->command[0], strerror(errno));
	_exit(errno == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_RUN);
}

/* On virtual time, fleet and program wait for each other all the time. A thread that is woken up
 * need not interrupt the one that woke it: that one waits soon, and often holds a lock that the
 * other wants first. */
static void take_turns(void)
{
	const struct sched_param none = {.sched_priority = 0};

	sched_setscheduler(0, SCHED_BATCH, &none); /* refused: slower */
}

static int serve(struct run *run, const struct fleet *fleet, struct tray *tray)
{
	const struct server_options server_options = {
		.socket = run->kernel || run->usbredir ? NULL : run->socket,
		.control = run->control,
		.clock = run->virtual_time ? run->clock : NULL,
		.sysfs = run->kernel || run->usbredir ? NULL : run->sysfs,
		.speed = run->speed,
		.left = &run->left,
	};
	struct vhci_run *vhci = NULL;
	struct usbredir *front = NULL;
	struct server *server;
	sigset_t set, old;
	char why[512];
	int status = -1;
	pid_t child;

	sigemptyset(&set);
	sigaddset(&set, SIGCHLD);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, &old);
	prctl(PR_SET_TIMERSLACK, 1UL, 0UL, 0UL, 0UL);
	if (run->virtual_time)
		take_turns();
	server = server_new(fleet, tray, &server_options, why, sizeof(why));
	if (!server) {
		fprintf(stderr, "h7gang-sim: %s\n", why);
		return EXIT_INTERNAL;
	}
	if (run->kernel) {
		vhci = vhci_run_open(fleet, tray, server, run->ports, why, sizeof(why));
		if (!vhci) {
			fprintf(stderr, "h7gang-sim: %s\n", why);
			server_free(server);
			return EXIT_INTERNAL;
		}
	}
	if (run->usbredir) {
		front = usbredir_open(fleet, tray, server, run->usbredir, why, sizeof(why));
		if (!front) {
			fprintf(stderr, "h7gang-sim: %s\n", why);
			server_free(server);
			return EXIT_INTERNAL;
		}
	}
	child = start(run, &old);
	if (child > 0)
		status = server_run(server, child);
	if (status == -1)
		fprintf(stderr, "h7gang-sim: %s\n", strerror(errno));
	vhci_run_close(vhci, run->save);
	usbredir_close(front);
	server_free(server);
	if (status == -1)
		return EXIT_INTERNAL;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

static void tell_missing(const char *key)
{
	fprintf(stderr, " %s", key);
}

static struct fleet *make_fleet(const struct run *run, char *why, size_t why_size)
{
	struct fleet *fleet;

	if (!run->twin)
		return run->fleet_file
			       ? fleet_load(run->fleet_file, run->targets, why, why_size)
			       : fleet_default(run->targets ? run->targets : 1, why, why_size);
	fleet = fleet_load_twin(run->fleet_file, run->twin, run->targets, why, why_size);
	if (fleet) {
		fprintf(stderr, "h7gang-sim: %s: not measured, so as by default:", run->twin);
		fleet_twin_missing(run->twin, tell_missing);
		fputc('\n', stderr);
	}
	return fleet;
}

static int run_fleet(struct run *run)
{
	struct fleet *fleet;
	struct tray *tray;
	char why[512];
	int status;

	fleet = make_fleet(run, why, sizeof(why));
	if (!fleet) {
		fprintf(stderr, "h7gang-sim: %s\n", why);
		return EXIT_USAGE;
	}
	if (run->show) {
		for (unsigned i = 0; i < fleet_targets(fleet); i++)
			fleet_show(stdout, fleet, i);
		fleet_free(fleet);
		return fflush(stdout) == 0 ? 0 : EXIT_INTERNAL;
	}
	tray = tray_new(fleet, 0);
	if (!tray) {
		fprintf(stderr, "h7gang-sim: out of memory\n");
		fleet_free(fleet);
		return EXIT_INTERNAL;
	}
	status = make_folder(run) ? serve(run, fleet, tray) : EXIT_INTERNAL;
	unlink(run->clock);
	rmdir(run->folder);
	if (run->save &&
	    !(save_fleet(fleet, tray, run->save, run->save_pages, true, why, sizeof(why)) &&
	      save_left(&run->left, run->save, why, sizeof(why)))) {
		fprintf(stderr, "h7gang-sim: %s\n", why);
		status = EXIT_INTERNAL;
	}
	tray_free(tray);
	fleet_free(fleet);
	return status;
}

/* Sends one line, shows the answer: 0 if it was "ok". */
static int control(int argc, char **argv)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char line[256];
	FILE *file;
	int fd, status = EXIT_INTERNAL;

	if (argc < 2) {
		show_help(stderr);
		return EXIT_USAGE;
	}
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", argv[0]);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
	    !(file = fdopen(fd, "r+"))) {
		fprintf(stderr, "h7gang-sim: %s: %s\n", argv[0], strerror(errno));
		if (fd >= 0)
			close(fd);
		return EXIT_INTERNAL;
	}
	for (int i = 1; i < argc; i++)
		fprintf(file, "%s%c", argv[i], i + 1 < argc ? ' ' : '\n');
	fflush(file);
	while (fgets(line, sizeof(line), file)) {
		fputs(line, stdout);
		if (strcmp(line, "ok\n") == 0)
			status = 0;
		else if (strncmp(line, "error", 5) == 0)
			status = 1;
		else
			continue;
		break;
	}
	fclose(file);
	return status;
}

static int list_keys(void)
{
	const char *key;

	for (unsigned i = 0; (key = fleet_key(i)); i++)
		puts(key);
	return fflush(stdout) == 0 ? 0 : EXIT_INTERNAL;
}

/* Opens closed standard descriptors. Otherwise a socket or a saved flash file would get their
 * number and receive messages. */
static bool hold_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 &&
		    open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
			return false;
	}
	return true;
}

int main(int argc, char **argv)
{
	static struct run run;

	if (!hold_standard_descriptors())
		return EXIT_INTERNAL;
	if (argc > 1 && strcmp(argv[1], "ctl") == 0)
		return control(argc - 2, argv + 2);
	if (argc == 2 && strcmp(argv[1], "keys") == 0)
		return list_keys();
	if (!parse(&run, argc, argv)) {
		fprintf(stderr, "Try h7gang-sim --help.\n");
		return EXIT_USAGE;
	}
	if (!run.show && !run.kernel && !run.usbredir && !find_library(&run))
		return EXIT_INTERNAL;
	return run_fleet(&run);
}
