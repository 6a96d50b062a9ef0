#include "flow/overlap.h"

/* How the newer one lies to the older one. */
enum { BEFORE, SAME, AFTER };

/* FreeBSD 4, NetBSD, OpenBSD and what came from them: the older one stays unless the newer one begins before it. */
#define BSD OVERLAP_BEGINS_BEFORE
/* HP JetDirect: the newer one wins unless it begins before the older one. */
#define BSD_RIGHT (OVERLAP_BEGINS_SAME | OVERLAP_BEGINS_AFTER)

overlap_rule overlap_of_segments(enum settings_os os)
{
    static const overlap_rule rules[OS_COUNT] = {
        [OS_FIRST] = OVERLAP_OLD,
        [OS_VISTA] = OVERLAP_OLD,
        [OS_OLD_SOLARIS] = OVERLAP_OLD,
        [OS_LAST] = OVERLAP_NEW,
        [OS_BSD] = BSD,
        [OS_BSD_RIGHT] = BSD_RIGHT,
        [OS_WINDOWS] = BSD,
        [OS_WINDOWS2K3] = BSD,
        [OS_HPUX10] = BSD,
        [OS_IRIX] = BSD,
        [OS_MACOS] = BSD,
        /* Linux from 2.4 on: also one that begins with the older one and ends after it. */
        [OS_LINUX] = BSD | OVERLAP_BIT(SAME, AFTER),
        /* Before: also one that is exactly the older one's place. */
        [OS_OLD_LINUX] = BSD | OVERLAP_BIT(SAME, AFTER) | OVERLAP_BIT(SAME, SAME),
        /* The newer one wins if it covers the older one's end, and, where it begins later, more than that. */
        [OS_SOLARIS] = OVERLAP_BIT(BEFORE, SAME) | OVERLAP_BIT(BEFORE, AFTER) | OVERLAP_BIT(SAME, SAME) |
                       OVERLAP_BIT(SAME, AFTER) | OVERLAP_BIT(AFTER, AFTER),
        [OS_HPUX11] = OVERLAP_BIT(BEFORE, SAME) | OVERLAP_BIT(BEFORE, AFTER) | OVERLAP_BIT(SAME, SAME) |
                      OVERLAP_BIT(SAME, AFTER) | OVERLAP_BIT(AFTER, AFTER),
    };
    return rules[os];
}

overlap_rule overlap_of_fragments(enum settings_os os)
{
    static const overlap_rule rules[OS_COUNT] = {
        [OS_FIRST] = OVERLAP_OLD,
        [OS_OLD_SOLARIS] = OVERLAP_OLD,
        [OS_HPUX11] = OVERLAP_OLD,
        [OS_MACOS] = OVERLAP_OLD,
        [OS_LAST] = OVERLAP_NEW,
        [OS_BSD] = BSD,
        [OS_HPUX10] = BSD,
        [OS_IRIX] = BSD,
        [OS_BSD_RIGHT] = BSD_RIGHT,
        /* The older one stays only if it begins before the newer one. */
        [OS_LINUX] = BSD | OVERLAP_BEGINS_SAME,
        [OS_OLD_LINUX] = BSD | OVERLAP_BEGINS_SAME,
        /* Only one that reaches over the older one on both sides wins. */
        [OS_WINDOWS] = OVERLAP_BIT(BEFORE, AFTER),
        [OS_WINDOWS2K3] = OVERLAP_BIT(BEFORE, AFTER),
        [OS_VISTA] = OVERLAP_BIT(BEFORE, AFTER),
        /* Likewise; to reach as far is enough at the end. */
        [OS_SOLARIS] = OVERLAP_BIT(BEFORE, AFTER) | OVERLAP_BIT(BEFORE, SAME),
    };
    return rules[os];
}
