#include "config/conf_notes.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void conf_notes_init(struct conf_notes *n, char *error, size_t error_len)
{
    n->count = 0;
    n->dropped = 0;
    n->error = error;
    n->error_len = error_len;
    if (error_len)
        error[0] = 0;
}

void conf_notes_fini(struct conf_notes *n)
{
    for (size_t i = 0; i < n->count; i++)
        free(n->lines[i].text);
    n->count = 0;
}

void conf_notes_add(struct conf_notes *n, enum log_level level, const char *fmt, ...)
{
    char line[CONF_NOTE_LEN_MAX];
    if (n->count == CONF_NOTES_MAX) {
        n->dropped++;
        return;
    }
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(line, sizeof line, fmt, ap);
    va_end(ap);
    char *text = strdup(line);
    if (!text)
        return;
    n->lines[n->count++] = (struct conf_note){.level = level, .text = text};
}

bool conf_notes_fail(struct conf_notes *n, const char *fmt, ...)
{
    if (!n->error_len || n->error[0])
        return false;
    va_list ap;
    va_start(ap, fmt);
    vsnprintf(n->error, n->error_len, fmt, ap);
    va_end(ap);
    for (char *p = n->error; *p; p++)
        if (*p == '\n' || *p == '\r')
            *p = ' ';
    return false;
}
