/*
 * demo_market.c - what is how popular: Zipf's law over a ranking that drifts, times the season.
 *
 * A theme is chosen by the mass of its goods and a product within it by its own weight, so that
 * together they give each product its share of the whole law.
 */
#include "services/imports/demo_build.h"

#include <assert.h>

/* No basket holds a thing twice, which takes from the popular and gives to the others: sales come
 * out flatter than the weights. Measured for exponents from 0.4 to 1.2, this much steeper weights
 * give sales with the exponent that was asked for. */
enum { STEEPER_PERCENT = 125, NO_SEASON = -1 };

/* Goods grouped by theme; the catalogue deals them out in turn. */
static void group_by_theme(struct demo_build *build)
{
    struct demo_market *market = &build->market;
    size_t at = 0;
    for (uint32_t theme = 0; theme < DEMO_THEMES; theme++) {
        market->theme_first[theme] = at;
        for (uint32_t i = 0; i < market->count; i++) {
            if (build->products[i].theme == theme)
                market->members[at++] = i;
        }
    }
    market->theme_first[DEMO_THEMES] = at;
    assert(at == market->count);
}

/* month: 0 = January, or NO_SEASON. */
static void weigh(struct demo_build *build, int64_t at, int month)
{
    struct demo_market *market = &build->market;
    for (size_t rank = 0; rank < market->count; rank++) {
        uint32_t product = market->by_rank[rank];
        int season = build->families[product]->season;
        uint64_t percent = month == NO_SEASON ? 100 : demo_season_percent[season][month];
        bool sold = demo_on_sale(&build->products[product], at);
        market->weight[product] = sold ? market->zipf[rank] * percent / 100 : 0;
    }
    uint64_t sum = 0;
    for (uint32_t theme = 0; theme < DEMO_THEMES; theme++) {
        uint64_t before = sum;
        for (size_t i = market->theme_first[theme]; i < market->theme_first[theme + 1]; i++) {
            sum += market->weight[market->members[i]];
            market->sums[i] = sum;
        }
        market->theme_mass[theme] = sum - before;
    }
}

/* The share of everything that each product would sell if all were on sale all year. */
static void share_out(struct demo_market *market)
{
    uint64_t total = 0;
    for (size_t rank = 0; rank < market->count; rank++)
        total += market->zipf[rank];
    /* The first rank weighs 2^32, so total >> 16 is not zero; the result has 32 fraction bits. */
    for (size_t rank = 0; rank < market->count; rank++)
        market->share[market->by_rank[rank]] = (market->zipf[rank] << 16) / (total >> 16);
}

static bool allocate(struct demo_market *market, struct arena *arena)
{
    size_t count = market->count;
    market->by_rank = arena_array(arena, count, sizeof(*market->by_rank));
    market->zipf = arena_array(arena, count, sizeof(*market->zipf));
    market->share = arena_array(arena, count, sizeof(*market->share));
    market->weight = arena_array(arena, count, sizeof(*market->weight));
    market->sums = arena_array(arena, count, sizeof(*market->sums));
    market->members = arena_array(arena, count, sizeof(*market->members));
    return market->by_rank && market->zipf && market->share && market->weight && market->sums &&
           market->members;
}

bool demo_market_init(struct demo_build *build)
{
    struct demo_market *market = &build->market;
    size_t count = market->count = build->goods;
    demo_random_init(&market->random, build->plan.options.seed, "market");
    if (!allocate(market, &build->scratch))
        return false;

    int exponent = build->plan.options.alpha_milli * STEEPER_PERCENT / 100;
    for (uint32_t i = 0; i < count; i++) {
        market->by_rank[i] = i;
        market->zipf[i] = demo_zipf_weight(i + 1, exponent);
    }
    demo_random_shuffle(&market->random, market->by_rank, count);
    share_out(market);
    group_by_theme(build);
    /* Until the first review there are no seasons: tastes are formed by what is usual. */
    weigh(build, build->plan.start, NO_SEASON);
    for (size_t theme = 0; theme < DEMO_THEMES; theme++)
        market->usual_mass[theme] = market->theme_mass[theme] ? market->theme_mass[theme] : 1;
    return true;
}

/* An eighth of the ranks change places with one a little below: the farther down, the farther they
 * may move, so that the law's slope stays while its bearers change. */
static void drift(struct demo_market *market)
{
    for (size_t rank = 0; rank + 1 < market->count; rank++) {
        if (!demo_random_chance(&market->random, 125))
            continue;
        size_t other = rank + 1 + demo_random_below(&market->random, rank / 6 + 1);
        if (other >= market->count)
            continue;
        uint32_t held = market->by_rank[rank];
        market->by_rank[rank] = market->by_rank[other];
        market->by_rank[other] = held;
    }
}

void demo_market_review(struct demo_build *build, int64_t at)
{
    drift(&build->market);
    weigh(build, at, demo_month_of(at));
}

uint32_t demo_market_pick(const struct demo_build *build, struct demo_random *random,
                          uint32_t theme, int64_t at)
{
    const struct demo_market *market = &build->market;
    size_t first = theme == DEMO_NONE ? 0 : market->theme_first[theme];
    size_t end = theme == DEMO_NONE ? market->count : market->theme_first[theme + 1];
    uint64_t before = first ? market->sums[first - 1] : 0;
    if (first == end || market->sums[end - 1] == before)
        return DEMO_NONE;
    /* Weights are a week old at most: what was retired since is drawn in vain. */
    for (int attempt = 0; attempt < 8; attempt++) {
        size_t i = demo_random_from_sums(random, market->sums, end, before);
        if (demo_on_sale(&build->products[market->members[i]], at))
            return market->members[i];
    }
    return DEMO_NONE;
}

uint32_t demo_market_pick_theme(const struct demo_build *build, struct demo_random *random)
{
    uint64_t total = 0;
    for (size_t theme = 0; theme < DEMO_THEMES; theme++)
        total += build->market.theme_mass[theme];
    if (total == 0)
        return DEMO_NONE;
    uint64_t left = demo_random_below(random, total);
    uint32_t theme = 0;
    while (left >= build->market.theme_mass[theme])
        left -= build->market.theme_mass[theme++];
    return theme;
}
