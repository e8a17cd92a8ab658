/* time.c - transactional twins of functions on times that are given, not read from a clock:
 *   gmtime_r localtime_r mktime timegm strftime
 * The zone is the C library's own. llvm-pass/LibraryTable.def lists the same names for the plugin.
 */
#define _GNU_SOURCE /* timegm, tm_zone */
#include "libc/twin.h"

#include <errno.h>
#include <string.h>
#include <time.h>

static struct tm *break_down(struct tm *convert(const time_t *, struct tm *), const time_t *time,
                             struct tm *to, const void *place) {
    time_t seconds;
    struct tm parts;
    ame__stm_read(ame__self, &seconds, time, sizeof seconds, place);
    int before = errno;
    errno = 0;
    bool done = convert(&seconds, &parts);
    ame__errno_after(before, place);
    if (!done)
        return NULL;
    ame__stm_write(ame__self, to, &parts, sizeof parts, place);
    return to;
}

struct tm *ame__twin_gmtime_r(const time_t *, struct tm *) AME__TWIN("gmtime_r");
struct tm *ame__twin_gmtime_r(const time_t *time, struct tm *to) {
    return break_down(gmtime_r, time, to, AME__PLACE);
}

struct tm *ame__twin_localtime_r(const time_t *, struct tm *) AME__TWIN("localtime_r");
struct tm *ame__twin_localtime_r(const time_t *time, struct tm *to) {
    return break_down(localtime_r, time, to, AME__PLACE);
}

/* `convert` also puts the parts in their ranges. */
static time_t put_together(time_t convert(struct tm *), struct tm *parts, const void *place) {
    struct tm copy;
    ame__stm_read(ame__self, &copy, parts, sizeof copy, place);
    int before = errno;
    errno = 0;
    time_t seconds = convert(&copy);
    ame__errno_after(before, place);
    ame__stm_write(ame__self, parts, &copy, sizeof copy, place);
    return seconds;
}

time_t ame__twin_mktime(struct tm *) AME__TWIN("mktime");
time_t ame__twin_mktime(struct tm *parts) {
    return put_together(mktime, parts, AME__PLACE);
}

time_t ame__twin_timegm(struct tm *) AME__TWIN("timegm");
time_t ame__twin_timegm(struct tm *parts) {
    return put_together(timegm, parts, AME__PLACE);
}

/* Only then tm_zone must be valid. */
static bool names_zone(const char *format) {
    while ((format = strchr(format, '%'))) {
        format++;
        format += strspn(format, "_-^#+:EO0123456789");
        if (*format == 'Z')
            return true;
        format += *format == '%';
    }
    return false;
}

/* 0: the result has no bytes, or more than `size` with its NUL. */
static size_t format_time(struct ame__scratch *result, size_t size, const char *format,
                          const struct tm *parts, const void *place) {
    size_t room = size < result->room ? size : result->room;
    int before = errno;
    for (;;) {
        errno = 0;
        size_t length = strftime(ame__scratch_reserve(result, room), room, format, parts);
        if (length || room == size) {
            ame__errno_after(before, place);
            return length;
        }
        room = size; /* too long, or nothing */
    }
}

size_t ame__twin_strftime(char *, size_t, const char *, const struct tm *) AME__TWIN("strftime");
size_t ame__twin_strftime(char *to, size_t size, const char *format, const struct tm *parts) {
    const void *place = AME__PLACE;
    struct ame__scratch format_copy, zone_copy, result;
    struct tm copy;
    ame__stm_read(ame__self, &copy, parts, sizeof copy, place);
    const char *text = ame__scratch_text(&format_copy, format, place);
    bool zone = copy.tm_zone && names_zone(text);
    copy.tm_zone = ame__scratch_text(&zone_copy, zone ? copy.tm_zone : "", place);
    ame__scratch_start(&result);
    size_t length = format_time(&result, size, text, &copy, place);
    if (size)
        ame__stm_write(ame__self, to, length ? result.bytes : "", length + 1, place);
    ame__scratch_end(&result);
    ame__scratch_end(&zone_copy);
    ame__scratch_end(&format_copy);
    return length;
}
