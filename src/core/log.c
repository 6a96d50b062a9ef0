#include "core/log.h"

#include <stdarg.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

static struct {
    enum log_level most;
    FILE *file;
    bool to_syslog;
} logger = {.most = LOG_LEVEL_NOTICE};

void log_set_level(enum log_level most)
{
    logger.most = most;
}

enum log_level log_get_level(void)
{
    return logger.most;
}

void log_set_file(FILE *f)
{
    if (logger.file)
        fclose(logger.file);
    logger.file = f;
}

void log_use_syslog(bool on)
{
    logger.to_syslog = on;
    if (on)
        openlog("burrow", LOG_PID, LOG_DAEMON);
}

void log_write(enum log_level level, const char *fmt, ...)
{
    static const char *const names[] = {"error: ", "warning: ", "", "", "debug: "};
    static const int priorities[] = {LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG};
    if (level > logger.most)
        return;
    char line[2048];
    int head = snprintf(line, sizeof line, "burrow: %s", names[level]);
    va_list ap;
    va_start(ap, fmt);
    int body = vsnprintf(line + head, sizeof line - (size_t)head - 1, fmt, ap);
    va_end(ap);
    if (body < 0)
        return;
    size_t len = strlen(line);
    line[len++] = '\n';
    if (logger.to_syslog)
        syslog(priorities[level], "%.*s", (int)(len - 1), line);
    else if (write(STDERR_FILENO, line, len) < 0)
        return; /* nowhere left to say it */
    if (logger.file) {
        fwrite(line, 1, len, logger.file);
        fflush(logger.file);
    }
}
