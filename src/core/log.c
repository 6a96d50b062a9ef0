#include "core/log.h"

#include <stdarg.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "core/clock.h"
#include "core/json.h"

static struct {
    enum log_level most;
    FILE *file;
    bool json; /* what goes to the file */
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

void log_set_file(FILE *f, bool json)
{
    if (logger.file)
        fclose(logger.file);
    logger.file = f;
    logger.json = json;
}

void log_use_syslog(bool on)
{
    logger.to_syslog = on;
    if (on)
        openlog("burrow", LOG_PID, LOG_DAEMON);
}

/* A record like those of EVE: event_type engine. */
static void write_json(enum log_level level, const char *text)
{
    static const char *const levels[] = {"Error", "Warning", "Notice", "Info", "Debug"};
    struct buf b = {0};
    struct json j = json_of(&b);
    json_open_object(&j, NULL);
    json_time(&j, "timestamp", clock_wall_ns());
    json_str(&j, "log_level", levels[level]);
    json_str(&j, "event_type", "engine");
    json_open_object(&j, "engine");
    json_str(&j, "message", text);
    json_end_object(&j);
    json_end_object(&j);
    if (buf_add_byte(&b, '\n'))
        fwrite(b.data, 1, b.len, logger.file);
    buf_fini(&b);
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
        if (logger.json) {
            line[len - 1] = '\0';
            write_json(level, line + head);
        } else {
            fwrite(line, 1, len, logger.file);
        }
        fflush(logger.file);
    }
}
