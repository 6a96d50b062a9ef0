#include "detect/load_test.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "config/config.h"

static void keep(void *why, const char *line)
{
    if (why)
        snprintf(why, 1024, "%s", line);
}

struct ruleset *load_some_test(const char *text, char why[1024])
{
    static const char *const sets[] = {"vars.address-groups.HOME=[10.0.0.0/8]", "vars.address-groups.OUTSIDE=!$HOME",
                                       "vars.address-groups.LIST=[$HOME, 198.51.100.0/29]",
                                       "vars.address-groups.LOOP=[1.1.1.1, $LOOP]",
                                       "vars.port-groups.WEB=80,8080:8090"};
    char path[] = "/tmp/burrow-rules-XXXXXX", error[512];
    int fd = mkstemp(path);
    struct config *config = NULL;
    struct ruleset *set = NULL;
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    close(fd);
    assert_int_equal(config_create(NULL, sets, sizeof sets / sizeof sets[0], &config, error, sizeof error), 0);
    struct ruleset_options o = {.settings = config_settings(config),
                                .exclusive = path,
                                .quiet = true,
                                .keep = RULESET_KEEP_TEXT | RULESET_KEEP_METADATA | RULESET_KEEP_REFERENCES,
                                .refused = keep,
                                .arg = why};
    assert_int_equal(ruleset_create(&o, &set, error, sizeof error), 0);
    config_destroy(&config);
    unlink(path);
    return set;
}

struct ruleset *load_text_test(const char *text, unsigned rules, char why[1024])
{
    struct ruleset *set = load_some_test(text, why);
    assert_int_equal(set->rule_count, rules);
    return set;
}
