/* The log: lines for the operator on stderr (and syslog when run as a daemon). The one global of the program. Any
 * thread; a line is written by one write. Traffic never logs a line per packet: what can repeat is a counter. */
#ifndef BURROW_CORE_LOG_H
#define BURROW_CORE_LOG_H

#include <stdbool.h>
#include <stdio.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_INFO, LOG_LEVEL_DEBUG };

/* Lines above `most` are dropped. Default: LOG_LEVEL_NOTICE. */
void log_set_level(enum log_level most);
enum log_level log_get_level(void);

/* Also write every line to this file (NULL: stop), as text or as JSON objects. The log owns the stream from here on. */
void log_set_file(FILE *f, bool json);

/* Send lines to syslog instead of stderr, once the process has no terminal any more. */
void log_use_syslog(bool on);

void log_write(enum log_level level, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

#define log_error(...)   log_write(LOG_LEVEL_ERROR, __VA_ARGS__)
#define log_warning(...) log_write(LOG_LEVEL_WARNING, __VA_ARGS__)
#define log_notice(...)  log_write(LOG_LEVEL_NOTICE, __VA_ARGS__)
#define log_info(...)    log_write(LOG_LEVEL_INFO, __VA_ARGS__)
#define log_debug(...)   log_write(LOG_LEVEL_DEBUG, __VA_ARGS__)

#endif
