/* Dates of certificates (RFC 5280 section 4.1.2.5), in the proleptic Gregorian calendar, UTC. */
#include "proto/tls/tls_der.h"
#include "proto/tls/tls_session.h"

#define DAY_SECONDS     86400
#define ERA_DAYS        146097 /* 400 years */
#define DAYS_TO_1970    719468 /* from 0000-03-01 */
#define UTC_TIME_PIVOT  50     /* RFC 5280 section 4.1.2.5.1: 50 to 99 are 19xx */
#define TWO_DIGITS_FAIL 100

/* Years begin in March, so that the leap day is the last: then days before a month are (153 m + 2) / 5. */
static int64_t days_of(unsigned year, unsigned month, unsigned day)
{
    unsigned y = month <= 2 ? year - 1 : year;
    unsigned of_era = y % 400;
    unsigned m = month > 2 ? month - 3 : month + 9;
    unsigned of_year = (153 * m + 2) / 5 + day - 1;
    return (int64_t)(y / 400) * ERA_DAYS + of_era * 365 + of_era / 4 - of_era / 100 + of_year - DAYS_TO_1970;
}

static unsigned two_digits(struct reader *r)
{
    unsigned a = reader_u8(r) - (unsigned)'0';
    unsigned b = reader_u8(r) - (unsigned)'0';
    return a <= 9 && b <= 9 ? a * 10 + b : TWO_DIGITS_FAIL;
}

static unsigned month_days(unsigned year, unsigned month)
{
    static const uint8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
    return month == 2 && leap ? 29 : days[month - 1];
}

bool tls_time_read(uint8_t tag, const uint8_t *p, size_t n, int64_t *seconds)
{
    struct reader r = reader_of(p, n);
    unsigned century = 0;
    if (tag == DER_GENERALIZED_TIME)
        century = two_digits(&r);
    else if (tag != DER_UTC_TIME)
        return false;
    unsigned years = two_digits(&r);
    unsigned month = two_digits(&r);
    unsigned day = two_digits(&r);
    unsigned hour = two_digits(&r);
    unsigned minute = two_digits(&r);
    unsigned second = 0;
    if (reader_left(&r) > 1) /* before RFC 2459, seconds could be left out */
        second = two_digits(&r);
    if (reader_u8(&r) != 'Z' || r.bad || reader_left(&r))
        return false;
    if (tag == DER_UTC_TIME)
        century = years < UTC_TIME_PIVOT ? 20 : 19;
    if (century >= TWO_DIGITS_FAIL || years >= TWO_DIGITS_FAIL || !month || month > 12 || hour > 23 || minute > 59 ||
        second > 60)
        return false;
    unsigned year = century * 100 + years;
    if (!year || !day || day > month_days(year, month))
        return false;
    *seconds = days_of(year, month, day) * DAY_SECONDS + hour * 3600 + minute * 60 + second;
    return true;
}

void tls_time_text(int64_t seconds, char out[TLS_TIME_SIZE])
{
    /* What tls_time_read gives begins in year 1; earlier times can't come here, and are shown as it. */
    int64_t days = seconds / DAY_SECONDS - (seconds % DAY_SECONDS < 0) + DAYS_TO_1970;
    unsigned of_day = (unsigned)(seconds - (days - DAYS_TO_1970) * DAY_SECONDS);
    if (days < 0)
        days = 0;
    unsigned of_era = (unsigned)(days % ERA_DAYS);
    unsigned y = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    unsigned of_year = of_era - (365 * y + y / 4 - y / 100);
    unsigned m = (5 * of_year + 2) / 153;
    unsigned day = of_year - (153 * m + 2) / 5 + 1;
    unsigned month = m < 10 ? m + 3 : m - 9;
    unsigned year = (y + (unsigned)(days / ERA_DAYS) * 400 + (month <= 2)) % 10000;
    const unsigned parts[] = {year / 100, year % 100, month, day, of_day / 3600, of_day / 60 % 60, of_day % 60};
    static const char after[] = {0, '-', '-', 'T', ':', ':', 0};
    char *o = out;
    for (unsigned i = 0; i < sizeof(after); i++) {
        *o++ = (char)('0' + parts[i] / 10);
        *o++ = (char)('0' + parts[i] % 10);
        if (after[i])
            *o++ = after[i];
    }
    *o = 0;
}
