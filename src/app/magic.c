#include "app/magic.h"

#include <magic.h>
#include <string.h>

#include "core/log.h"

static bool load(struct app_magic *m)
{
    if (m->cookie || m->failed)
        return m->cookie;
    magic_t cookie = magic_open(MAGIC_NONE);
    if (cookie && magic_load(cookie, m->file && m->file[0] ? m->file : NULL) == 0) {
        m->cookie = cookie;
        return true;
    }
    log_error("file.magic: libmagic's database can't be loaded: %s; no rule on it matches",
              cookie ? magic_error(cookie) : "out of memory");
    if (cookie)
        magic_close(cookie);
    m->failed = true;
    return false;
}

char *app_magic_ask(struct app_magic *m, const uint8_t *p, size_t n)
{
    const char *text = n && load(m) ? magic_buffer(m->cookie, p, n < APP_MAGIC_BYTES ? n : APP_MAGIC_BYTES) : NULL;
    return text ? strndup(text, APP_MAGIC_TEXT_MAX) : NULL;
}

void app_magic_fini(struct app_magic *m)
{
    if (m->cookie)
        magic_close(m->cookie);
    m->cookie = NULL;
}
