/* Files of rules: whatever stands in them is loaded or refused line by line, and what was loaded can be analysed. */
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "config/config.h"
#include "detect/ruleset.h"

static struct config *config;
static char folder[] = "/tmp/fuzz-rules-XXXXXX";

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    static const char *const sets[] = {"vars.address-groups.A=[192.0.2.0/24,!192.0.2.1]",
                                       "vars.port-groups.P=[80,443]"};
    char error[256];
    (void)argc;
    (void)argv;
    if (!mkdtemp(folder) || config_create(NULL, sets, 2, &config, error, sizeof error) != 0)
        abort();
    return 0;
}

/* What a loaded rule promises the engine. */
static void check(const struct rule *r)
{
    if (!r->sid || !r->src || !r->dst || !r->sport || !r->dport || !r->text || !r->msg)
        abort();
    for (uint32_t i = 0; i < r->buffer_count; i++)
        if (!r->buffers[i].matches.count || r->buffers[i].buffer >= detect_buffer_count())
            abort();
    if (!r->fast.has)
        return;
    if (r->fast.buffer >= r->buffer_count || r->fast.match >= r->buffers[r->fast.buffer].matches.count)
        abort();
    const struct match_content *c = r->buffers[r->fast.buffer].matches.m[r->fast.match].content;
    if (!c->len || c->fast_offset + c->fast_len > c->len)
        abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char path[64], error[256];
    int fd = memfd_create("rules", 0);
    if (fd < 0 || write(fd, data, size) != (ssize_t)size)
        abort();
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct ruleset_options o = {.settings = config_settings(config),
                                .exclusive = path,
                                .quiet = true,
                                .keep = RULESET_KEEP_TEXT | RULESET_KEEP_METADATA | RULESET_KEEP_REFERENCES};
    struct ruleset *set = NULL;
    if (ruleset_create(&o, &set, error, sizeof error) != 0)
        abort();
    for (uint32_t i = 0; i < set->rule_count; i++)
        check(set->rules[i]);
    if (set->rule_count)
        ruleset_analyse(set, folder, error, sizeof error);
    ruleset_destroy(&set);
    close(fd);
    return 0;
}
