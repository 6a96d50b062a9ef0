#include "capture/mapping.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Entries are reused but never freed: the handler may be walking the list on another thread. */
static struct mapping *_Atomic mappings;
static pthread_mutex_t mappings_lock = PTHREAD_MUTEX_INITIALIZER;
static struct sigaction before;
static size_t page_size;

static bool patch(const void *where)
{
    const uint8_t *address = where;
    for (struct mapping *m = atomic_load(&mappings); m; m = atomic_load(&m->next)) {
        uint8_t *start = atomic_load(&m->start);
        if (!start || address < start || address >= start + m->len)
            continue;
        size_t at = (size_t)(address - start) / page_size * page_size;
        void *page = mmap(start + at, page_size, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0);
        if (page == MAP_FAILED)
            return false;
        atomic_store(&m->cut, true);
        return true;
    }
    return false;
}

/* mmap is a plain system call here: safe in a handler. */
static void on_sigbus(int number, siginfo_t *info, void *context)
{
    int saved = errno;
    bool patched = patch(info->si_addr);
    errno = saved;
    if (patched)
        return;
    if (before.sa_flags & SA_SIGINFO) {
        before.sa_sigaction(number, info, context);
        return;
    }
    /* Not ours: the instruction runs again and meets what was there before us. */
    sigaction(SIGBUS, &before, NULL);
}

/* Looked at with each mapping: others may have put their own handler there meanwhile. */
static void install(void)
{
    struct sigaction sa = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};
    struct sigaction now;
    sigemptyset(&sa.sa_mask);
    page_size = (size_t)sysconf(_SC_PAGESIZE);
    if (sigaction(SIGBUS, NULL, &now) != 0 || ((now.sa_flags & SA_SIGINFO) && now.sa_sigaction == on_sigbus))
        return;
    before = now;
    sigaction(SIGBUS, &sa, NULL);
}

struct mapping *mapping_guard(uint8_t *start, size_t len)
{
    pthread_mutex_lock(&mappings_lock);
    install();
    struct mapping *m = atomic_load(&mappings);
    while (m && atomic_load(&m->start))
        m = atomic_load(&m->next);
    if (!m) {
        m = calloc(1, sizeof *m);
        if (m) {
            atomic_store(&m->next, atomic_load(&mappings));
            atomic_store(&mappings, m);
        }
    }
    if (m) {
        m->len = len;
        atomic_store(&m->cut, false);
        atomic_store(&m->start, start);
    }
    pthread_mutex_unlock(&mappings_lock);
    return m;
}

void mapping_release(struct mapping *m)
{
    pthread_mutex_lock(&mappings_lock);
    atomic_store(&m->start, NULL);
    pthread_mutex_unlock(&mappings_lock);
}
