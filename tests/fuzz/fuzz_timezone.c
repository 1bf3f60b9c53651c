/*
 * fuzz_timezone.c - any bytes as a time zone file: refused, or a zone whose buckets cover all time.
 */
#include "support/timezone.h"

#include <assert.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_instant(const struct timezone_table *zone, int64_t t)
{
    struct local_time local;
    timezone_local(zone, t, &local);
    assert(local.month >= 1 && local.month <= 12 && local.day >= 1 && local.day <= 31);
    assert(local.hour >= 0 && local.hour < 24 && local.weekday >= 1 && local.weekday <= 7);
    /* Of two instants with this local time it is the first. */
    assert(timezone_utc(zone, local.year, local.month, local.day, local.hour, local.minute,
                        local.second) <= t);
    for (enum grain grain = GRAIN_HOUR; grain <= GRAIN_YEAR; grain++) {
        int64_t start = bucket_start(zone, grain, t);
        int64_t next = bucket_next(zone, grain, t);
        assert(start <= t && t < next);
        assert(bucket_start(zone, grain, start) == start);
        assert(bucket_start(zone, grain, next) == next);
        assert(bucket_start(zone, grain, next - 1) == start);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    ecommerce_error err = {0};
    struct timezone_table *zone = timezone_parse(data, size, &err);
    if (!zone) {
        assert(err.code == ECOMMERCE_INVALID_CONFIGURATION || err.code == ECOMMERCE_OUT_OF_MEMORY);
        return 0;
    }
    /* Instants near what the file says: every eight of its bytes taken for seconds of a clock. */
    const int64_t limit = INT64_C(200000) * 365 * 86400;
    for (size_t at = 0; at + 8 <= size && at < 4096; at++) {
        uint64_t bits = 0;
        for (size_t i = 0; i < 8; i++)
            bits = bits << 8 | data[at + i];
        int64_t seconds = (int64_t)bits % limit;
        check_instant(zone, seconds * 1000000);
        check_instant(zone, seconds * 1000000 - 1);
    }
    for (int64_t t = 0, i = 0; i < 100; i++, t += INT64_C(5000000000001))
        check_instant(zone, t);
    timezone_free(&zone);
    return 0;
}
