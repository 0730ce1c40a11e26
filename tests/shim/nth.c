/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The Nth call fails. LD_PRELOAD over an unchanged program, from its main on:
 *
 * - NTH_OF: the program's name; others that inherit the environment go unharmed
 * - NTH_KIND: memory, thread, file, usb
 * - NTH_CALL: which call fails; 0: none
 * - NTH_MORE: so many after it fail, too
 * - NTH_ERROR: which of the errors that such a call can have, counted from 0, round and round
 * - NTH_COUNT: a file that gets the number of calls when main ends
 * - NTH_SLOW, NTH_MS: the NTH_CALLth call of this function of libusb takes so long
 *
 * Calls by the fleet's stand-in and clock do not count: these stand for the kernel. */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <libusb.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

enum kind { KIND_NONE, KIND_MEMORY, KIND_THREAD, KIND_FILE, KIND_USB };

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static bool counting;
static enum kind kind;
static unsigned long nth, more, which;
static atomic_ulong calls;

/* Code of the stand-in and the clock. */
static struct {
	uintptr_t start, end;
} spared[8];
static unsigned spared_count;

static int spare(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	if (!strstr(info->dlpi_name, "/sim/lib") && !strstr(info->dlpi_name, "/h7gang/lib"))
		return 0;
	for (int i = 0; i < info->dlpi_phnum && spared_count < 8; i++) {
		const ElfW(Phdr) *part = &info->dlpi_phdr[i];

		if (part->p_type == PT_LOAD && (part->p_flags & PF_X)) {
			spared[spared_count].start = info->dlpi_addr + part->p_vaddr;
			spared[spared_count++].end =
				info->dlpi_addr + part->p_vaddr + part->p_memsz;
		}
	}
	return 0;
}

static bool fails(enum kind of, const void *caller)
{
	unsigned long call;

	if (!counting || of != kind)
		return false;
	for (unsigned i = 0; i < spared_count; i++) {
		if ((uintptr_t)caller >= spared[i].start && (uintptr_t)caller < spared[i].end)
			return false;
	}
	call = atomic_fetch_add(&calls, 1) + 1;
	return nth && call >= nth && call <= nth + more;
}

#define FAILS(of) fails(of, __builtin_return_address(0))
#define REAL(type, name) ((__typeof__(type) *)dlsym(RTLD_NEXT, name))

/* ThreadSanitizer has an allocator of its own, which must not be replaced. */
#ifndef NTH_NO_MEMORY
void *malloc(size_t size)
{
	if (FAILS(KIND_MEMORY)) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	if (FAILS(KIND_MEMORY)) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
	if (FAILS(KIND_MEMORY)) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(old, size);
}

void *reallocarray(void *old, size_t count, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(count, size, &bytes) || FAILS(KIND_MEMORY)) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_realloc(old, bytes);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	if (FAILS(KIND_MEMORY)) {
		errno = ENOMEM;
		return NULL;
	}
	return __libc_memalign(alignment, size);
}

int posix_memalign(void **out, size_t alignment, size_t size)
{
	if (FAILS(KIND_MEMORY))
		return ENOMEM;
	*out = __libc_memalign(alignment, size);
	return *out ? 0 : ENOMEM;
}

/* Those of libc call its own malloc past us. */
char *strndup(const char *text, size_t most)
{
	size_t length = strnlen(text, most);
	char *copy = NULL;

	if (FAILS(KIND_MEMORY))
		errno = ENOMEM;
	else
		copy = __libc_malloc(length + 1);
	if (copy) {
		memcpy(copy, text, length);
		copy[length] = '\0';
	}
	return copy;
}

char *strdup(const char *text)
{
	char *copy = NULL;

	if (FAILS(KIND_MEMORY))
		errno = ENOMEM;
	else
		copy = __libc_malloc(strlen(text) + 1);
	return copy ? strcpy(copy, text) : NULL;
}

int __vasprintf_chk(char **out, int flag, const char *format, va_list args)
{
	if (FAILS(KIND_MEMORY)) {
		*out = NULL;
		errno = ENOMEM;
		return -1;
	}
	return REAL(int(char **, int, const char *, va_list), "__vasprintf_chk")(out, flag, format,
										 args);
}

int __asprintf_chk(char **out, int flag, const char *format, ...)
{
	va_list args;
	int length;

	if (FAILS(KIND_MEMORY)) {
		*out = NULL;
		errno = ENOMEM;
		return -1;
	}
	va_start(args, format);
	length = REAL(int(char **, int, const char *, va_list), "__vasprintf_chk")(out, flag,
										   format, args);
	va_end(args);
	return length;
}
#endif

int pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*start)(void *),
		   void *argument)
{
	if (FAILS(KIND_THREAD))
		return EAGAIN;
	return REAL(int(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *),
		    "pthread_create")(thread, attr, start, argument);
}

static int file_error(void)
{
	static const int errors[] = {EMFILE, ENOENT, EACCES, EIO, EINTR};

	return errors[which % (sizeof(errors) / sizeof(errors[0]))];
}

#define FILE_OR(failed, call)                                                                      \
	if (FAILS(KIND_FILE)) {                                                                    \
		errno = file_error();                                                              \
		return failed;                                                                     \
	}                                                                                          \
	return call

static mode_t mode_of(int flags, va_list args)
{
	return flags & (O_CREAT | __O_TMPFILE) ? (mode_t)va_arg(args, int) : 0;
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	FILE_OR(-1, REAL(int(const char *, int, ...), "open")(path, flags, mode));
}

int openat(int folder, const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = mode_of(flags, args);
	va_end(args);
	FILE_OR(-1, REAL(int(int, const char *, int, ...), "openat")(folder, path, flags, mode));
}

FILE *fopen(const char *path, const char *how)
{
	FILE_OR(NULL, REAL(FILE * (const char *, const char *), "fopen")(path, how));
}

FILE *fdopen(int fd, const char *how)
{
	FILE_OR(NULL, REAL(FILE * (int, const char *), "fdopen")(fd, how));
}

int pipe2(int fds[2], int flags)
{
	FILE_OR(-1, REAL(int(int *, int), "pipe2")(fds, flags));
}

/* The errors that libusb 1.0.26 documents for a call, or that its Linux part returns. */
static int usb_error(const int *errors, unsigned count)
{
	return errors[which % count];
}

static void take_time(const char *name)
{
	static atomic_ulong named;
	const char *wanted = getenv("NTH_SLOW"), *ms = getenv("NTH_MS");
	struct timespec time = {.tv_sec = ms ? atol(ms) / 1000 : 0};

	if (counting && wanted && strcmp(wanted, name) == 0 &&
	    atomic_fetch_add(&named, 1) + 1 == nth)
		nanosleep(&time, NULL);
}

#define ERRORS(...)                                                                                \
	usb_error((const int[]){__VA_ARGS__}, sizeof((int[]){__VA_ARGS__}) / sizeof(int))
#define USB_OR(failed, type, name, ...)                                                            \
	take_time(name);                                                                           \
	if (FAILS(KIND_USB))                                                                       \
		return failed;                                                                     \
	return REAL(type, name)(__VA_ARGS__)

int libusb_init(libusb_context **context)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NO_MEM, LIBUSB_ERROR_IO, LIBUSB_ERROR_OTHER),
	       int(libusb_context **), "libusb_init", context);
}

ssize_t libusb_get_device_list(libusb_context *context, libusb_device ***list)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NO_MEM, LIBUSB_ERROR_IO, LIBUSB_ERROR_OTHER),
	       ssize_t(libusb_context *, libusb_device ***), "libusb_get_device_list", context,
	       list);
}

int libusb_get_device_descriptor(libusb_device *device, struct libusb_device_descriptor *descriptor)
{
	USB_OR(ERRORS(LIBUSB_ERROR_IO, LIBUSB_ERROR_NO_DEVICE),
	       int(libusb_device *, struct libusb_device_descriptor *),
	       "libusb_get_device_descriptor", device, descriptor);
}

int libusb_get_port_numbers(libusb_device *device, uint8_t *ports, int count)
{
	USB_OR(ERRORS(LIBUSB_ERROR_OVERFLOW, 0), int(libusb_device *, uint8_t *, int),
	       "libusb_get_port_numbers", device, ports, count);
}

int libusb_get_active_config_descriptor(libusb_device *device,
					struct libusb_config_descriptor **config)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NOT_FOUND, LIBUSB_ERROR_NO_MEM, LIBUSB_ERROR_IO),
	       int(libusb_device *, struct libusb_config_descriptor **),
	       "libusb_get_active_config_descriptor", device, config);
}

int libusb_get_config_descriptor(libusb_device *device, uint8_t index,
				 struct libusb_config_descriptor **config)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NOT_FOUND, LIBUSB_ERROR_NO_MEM, LIBUSB_ERROR_IO),
	       int(libusb_device *, uint8_t, struct libusb_config_descriptor **),
	       "libusb_get_config_descriptor", device, index, config);
}

int libusb_open(libusb_device *device, libusb_device_handle **handle)
{
	USB_OR(ERRORS(LIBUSB_ERROR_ACCESS, LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_NO_MEM,
		      LIBUSB_ERROR_IO),
	       int(libusb_device *, libusb_device_handle **), "libusb_open", device, handle);
}

int libusb_claim_interface(libusb_device_handle *handle, int number)
{
	USB_OR(ERRORS(LIBUSB_ERROR_BUSY, LIBUSB_ERROR_NOT_FOUND, LIBUSB_ERROR_NO_DEVICE,
		      LIBUSB_ERROR_OTHER),
	       int(libusb_device_handle *, int), "libusb_claim_interface", handle, number);
}

int libusb_release_interface(libusb_device_handle *handle, int number)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NOT_FOUND, LIBUSB_ERROR_NO_DEVICE),
	       int(libusb_device_handle *, int), "libusb_release_interface", handle, number);
}

int libusb_reset_device(libusb_device_handle *handle)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NOT_FOUND, LIBUSB_ERROR_IO, LIBUSB_ERROR_NO_DEVICE),
	       int(libusb_device_handle *), "libusb_reset_device", handle);
}

struct libusb_transfer *libusb_alloc_transfer(int packets)
{
	USB_OR(NULL, struct libusb_transfer * (int), "libusb_alloc_transfer", packets);
}

int libusb_submit_transfer(struct libusb_transfer *transfer)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_IO, LIBUSB_ERROR_NO_MEM,
		      LIBUSB_ERROR_BUSY, LIBUSB_ERROR_INVALID_PARAM, LIBUSB_ERROR_NOT_SUPPORTED),
	       int(struct libusb_transfer *), "libusb_submit_transfer", transfer);
}

int libusb_cancel_transfer(struct libusb_transfer *transfer)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NOT_FOUND, LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_IO),
	       int(struct libusb_transfer *), "libusb_cancel_transfer", transfer);
}

int libusb_handle_events_timeout_completed(libusb_context *context, struct timeval *time,
					   int *completed)
{
	USB_OR(ERRORS(LIBUSB_ERROR_INTERRUPTED, LIBUSB_ERROR_IO, LIBUSB_ERROR_OTHER),
	       int(libusb_context *, struct timeval *, int *),
	       "libusb_handle_events_timeout_completed", context, time, completed);
}

int libusb_hotplug_register_callback(libusb_context *context, int events, int flags, int vid,
				     int pid, int class, libusb_hotplug_callback_fn callback,
				     void *user, libusb_hotplug_callback_handle *handle)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NOT_SUPPORTED, LIBUSB_ERROR_NO_MEM),
	       int(libusb_context *, int, int, int, int, int, libusb_hotplug_callback_fn, void *,
		   libusb_hotplug_callback_handle *),
	       "libusb_hotplug_register_callback", context, events, flags, vid, pid, class,
	       callback, user, handle);
}

int libusb_wrap_sys_device(libusb_context *context, intptr_t fd, libusb_device_handle **handle)
{
	USB_OR(ERRORS(LIBUSB_ERROR_NO_MEM, LIBUSB_ERROR_IO, LIBUSB_ERROR_NOT_SUPPORTED),
	       int(libusb_context *, intptr_t, libusb_device_handle **), "libusb_wrap_sys_device",
	       context, fd, handle);
}

int libusb_has_capability(uint32_t capability)
{
	USB_OR(0, int(uint32_t), "libusb_has_capability", capability);
}

static unsigned long number(const char *name)
{
	const char *text = getenv(name);

	return text ? strtoul(text, NULL, 10) : 0;
}

typedef int main_function(int, char **, char **);
static main_function *real_main;

static void report(void)
{
	const char *path = getenv("NTH_COUNT");
	FILE *file;

	counting = false;
	file = path ? fopen(path, "w") : NULL;
	if (file) {
		fprintf(file, "%lu\n", atomic_load(&calls));
		fclose(file);
	}
}

static int counted_main(int argc, char **argv, char **env)
{
	static const char *const names[] = {"", "memory", "thread", "file", "usb"};
	const char *wanted = getenv("NTH_KIND");
	int status;

	for (unsigned i = 1; wanted && i < 5; i++) {
		if (strcmp(wanted, names[i]) == 0)
			kind = (enum kind)i;
	}
	nth = number("NTH_CALL");
	more = number("NTH_MORE");
	which = number("NTH_ERROR");
	dl_iterate_phdr(spare, NULL);
	counting = true;
	status = real_main(argc, argv, env);
	report();
	return status;
}

int __libc_start_main(main_function *entry, int argc, char **argv, void (*init)(void),
		      void (*fini)(void), void (*rtld_fini)(void), void *stack_end)
{
	const char *wanted = getenv("NTH_OF");

	real_main = entry;
	if (wanted && strcmp(program_invocation_short_name, wanted) == 0)
		entry = counted_main;
	return REAL(int(main_function *, int, char **, void (*)(void), void (*)(void),
			void (*)(void), void *),
		    "__libc_start_main")(entry, argc, argv, init, fini, rtld_fini, stack_end);
}
