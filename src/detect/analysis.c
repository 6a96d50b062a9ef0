#include "detect/ruleset.h"
int ruleset_analyse(const struct ruleset *set, const char *folder, char *error, size_t error_len)
{
    (void)set;
    (void)folder;
    (void)error;
    (void)error_len;
    return 0;
}
