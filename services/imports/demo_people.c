/* demo_people.c - customers and guests: names, addresses, tastes. */
#include "services/imports/demo_build.h"

#include <stdlib.h>
#include <string.h>

enum {
    OLD_PER_MILLE = 420, /* had an account before the history begins */
    EMAIL_PART = 48,
};

static const char *const domains[] = {"example.com", "example.org", "mail.example.com",
                                      "post.example.org"};

static const struct demo_culture *choose_culture(struct demo_random *random, size_t *index)
{
    uint16_t weights[DEMO_CULTURES];
    for (size_t i = 0; i < DEMO_CULTURES; i++)
        weights[i] = demo_cultures[i].weight;
    *index = demo_random_weighted(random, weights, DEMO_CULTURES);
    return &demo_cultures[*index];
}

/* Replaces each '#' by a digit and each '@' by a capital letter, in place. */
static void fill_pattern(struct demo_random *random, char *text)
{
    for (char *c = text; *c; c++) {
        if (*c == '#')
            *c = (char)('0' + demo_random_below(random, 10));
        else if (*c == '@')
            *c = (char)('A' + demo_random_below(random, 26));
    }
}

static char *address_line(struct demo_build *build, const struct demo_culture *culture)
{
    struct demo_random *random = &build->people_random;
    const char *street = culture->streets[demo_random_below(random, DEMO_STREETS)];
    unsigned number = 1 + (unsigned)demo_random_below(random, 140);
    const char *format = culture->line_format;
    if (format[0] == 'N')
        return arena_printf(&build->arena, "%u %s", number, street);
    return arena_printf(&build->arena, "%s%.*s%u", street, (int)strlen(format) - 2, format + 1,
                        number);
}

/* Draws stand in statements of their own: C leaves the order within one initialiser open. */
static bool make_address(struct demo_build *build, const struct demo_culture *culture,
                         struct demo_address *address)
{
    struct demo_random *random = &build->people_random;
    char *postal_code = arena_strdup(&build->arena, culture->postal_format);
    address->line = address_line(build, culture);
    address->city = culture->towns[demo_random_below(random, DEMO_TOWNS)];
    address->country = culture->country;
    address->postal_code = postal_code;
    if (!address->line || !postal_code)
        return false;
    fill_pattern(random, postal_code);
    return true;
}

/* The first bearer of a name has it plain; later ones, a number of their own that none else has. */
static char *make_email(struct demo_build *build, const char *given, const char *surname,
                        bool taken)
{
    struct demo_random *random = &build->people_random;
    char first[EMAIL_PART];
    char last[EMAIL_PART];
    size_t length = demo_ascii(given, 0, first, sizeof(first));
    demo_ascii(surname, 0, last, sizeof(last));
    const char *domain = domains[demo_random_below(random, ARRAY_LENGTH(domains))];
    bool initial = demo_random_chance(random, 300);
    if (!taken)
        return arena_printf(&build->arena, "%s.%s@%s", first, last, domain);
    return arena_printf(&build->arena, "%.*s.%s%u@%s", initial ? 1 : (int)length, first, last,
                        (unsigned)build->people, domain);
}

static bool make_person(struct demo_build *build, struct demo_customer *person)
{
    struct demo_random *random = &build->people_random;
    size_t which;
    const struct demo_culture *culture = choose_culture(random, &which);
    size_t given = demo_random_below(random, DEMO_GIVEN_NAMES);
    size_t surname = demo_random_below(random, DEMO_SURNAMES);
    build->people++;
    bool *taken = &build->name_taken[which][given][surname];
    person->name =
        arena_printf(&build->arena, "%s %s", culture->given[given], culture->surnames[surname]);
    person->email = make_email(build, culture->given[given], culture->surnames[surname], *taken);
    *taken = true;
    return person->name && person->email && make_address(build, culture, &person->address);
}

/* One to three different themes, by what themes sell. */
static void choose_tastes(struct demo_build *build, struct demo_customer *customer)
{
    static const uint16_t how_many[DEMO_TASTES_MAX] = {35, 40, 25};
    struct demo_random *random = &build->people_random;
    size_t wanted = 1 + demo_random_weighted(random, how_many, DEMO_TASTES_MAX);
    for (int attempt = 0; attempt < 20 && customer->taste_count < wanted; attempt++) {
        uint32_t theme = demo_market_pick_theme(build, random);
        bool known = theme == DEMO_NONE;
        for (size_t i = 0; i < customer->taste_count; i++)
            known = known || customer->tastes[i] == theme;
        if (!known)
            customer->tastes[customer->taste_count++] = theme;
    }
}

static int by_time(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* When each account was opened, in order: many before the history, the others as sales go. */
static int64_t *opening_times(struct demo_build *build, size_t count)
{
    const struct demo_plan *plan = &build->plan;
    int64_t *times = arena_array(&build->scratch, count, sizeof(*times));
    if (!times)
        return NULL;
    struct demo_random *random = &build->people_random;
    for (size_t i = 0; i < count; i++) {
        if (demo_random_chance(random, OLD_PER_MILLE))
            times[i] = plan->start - demo_random_between(random, 7200, 700 * 86400) * DEMO_SECOND;
        else
            times[i] = demo_calendar_pick(&build->calendar, random, plan->start);
    }
    qsort(times, count, sizeof(*times), by_time);
    return times;
}

bool demo_make_customers(struct demo_build *build)
{
    size_t count = build->plan.customer_count = build->plan.options.customers;
    demo_random_init(&build->people_random, build->plan.options.seed, "people");
    build->customers = arena_array(&build->arena, count, sizeof(*build->customers));
    build->habits = arena_array(&build->scratch, count, sizeof(*build->habits));
    int64_t *times = opening_times(build, count);
    if (!build->customers || !build->habits || !times)
        return false;
    for (size_t i = 0; i < count; i++) {
        struct demo_customer *customer = &build->customers[i];
        customer->created_at = times[i];
        customer->customer_id = arena_printf(&build->arena, "c-%05zu", i + 1);
        if (!customer->customer_id || !make_person(build, customer))
            return false;
        choose_tastes(build, customer);
        build->habits[i].size_roll = (uint16_t)demo_random_below(&build->people_random, 1000);
    }
    return true;
}

bool demo_make_guest(struct demo_build *build, int64_t at, uint32_t *guest)
{
    *guest = (uint32_t)build->guests.count;
    struct demo_customer *person = demo_vec_push(&build->guests);
    if (!person)
        return false;
    person->created_at = at;
    return make_person(build, person);
}
