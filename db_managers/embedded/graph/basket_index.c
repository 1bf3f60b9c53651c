/* basket_index.c - the arrays of the basket index: ids to numbers, growth, adding a basket. */
#include "db_managers/embedded/graph/basket_arrays.h"

#include "support/alloc.h"
#include "support/error.h"

#include <assert.h>
#include <stdatomic.h>

const struct recommendation_parameters recommendation_defaults = {
    .popular_days = 14,
    .trend_days = 7,
    .walk_days = 180,
    .walk_size_power = 0.25,
    .walk_damping = 0.1,
    .walk_prior = 37.6,
    .similar_days = 180,
    .similar_size_power = 0.75,
    .again_own_days = 1500,
    .again_floor = 0.1,
    .again_power = 0.3,
    .blend_own_days = 300,
    .blend_near = 0.2,
    .blend_popular = 0.3,
    .blend_floor = 0.0001,
    .blend_power = 0.1,
    .blend_neighbours = 20,
};

/* Weights stay between exp(-this) and exp(this) around the origin in the shortest window for a year
 * and more, far from the limits of double (exp(709)), and a recomputation is rare. */
static const double LARGEST_EXPONENT = 64;

static const struct {
    const char *field;
    size_t offset;
    bool positive; /* must be > 0, else >= 0 */
} parameter_ranges[] = {
#define FIELD(name, positive)                                                                      \
    {                                                                                              \
#name, offsetof(struct recommendation_parameters, name), positive                          \
    }
    FIELD(popular_days, true),     FIELD(trend_days, true),          FIELD(walk_days, true),
    FIELD(walk_size_power, false), FIELD(walk_damping, false),       FIELD(walk_prior, false),
    FIELD(similar_days, true),     FIELD(similar_size_power, false), FIELD(again_own_days, true),
    FIELD(again_floor, false),     FIELD(again_power, false),        FIELD(blend_own_days, true),
    FIELD(blend_near, false),      FIELD(blend_popular, false),      FIELD(blend_floor, false),
    FIELD(blend_power, false),
#undef FIELD
};

bool recommendation_parameters_check(const struct recommendation_parameters *parameters,
                                     ecommerce_error *err)
{
    assert(parameters);
    for (size_t i = 0; i < ARRAY_LENGTH(parameter_ranges); i++) {
        const char *field = parameter_ranges[i].field;
        double value;
        memcpy(&value, (const char *)parameters + parameter_ranges[i].offset, sizeof value);
        if (!isfinite(value) || value < 0 || value > 1e9)
            return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, field,
                               "%s must be between 0 and 1e9, not %g", field, value);
        if (parameter_ranges[i].positive && value < 0.01)
            return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, field,
                               "%s must be 0.01 days or more, not %g", field, value);
    }
    unsigned neighbours = parameters->blend_neighbours;
    if (neighbours < 1 || neighbours > RECOMMEND_NEIGHBOURS_MAX)
        return error_field(err, ECOMMERCE_INVALID_CONFIGURATION, "blend_neighbours",
                           "blend_neighbours must be between 1 and %d, not %u",
                           RECOMMEND_NEIGHBOURS_MAX, neighbours);
    return true;
}

/* ---- life ---- */

struct basket_index *basket_index_new(const struct recommendation_parameters *parameters,
                                      ecommerce_error *err)
{
    static _Atomic uint64_t identities;
    if (!parameters)
        parameters = &recommendation_defaults;
    if (!recommendation_parameters_check(parameters, err))
        return NULL;
    struct basket_index *index = mem_zalloc(1, sizeof *index);
    if (!index) {
        error_memory(err);
        return NULL;
    }
    index->parameters = *parameters;
    index->identity = atomic_fetch_add(&identities, 1) + 1;
    index->version = 1;
    index->newest = INT64_MIN;
    return index;
}

void basket_index_free(struct basket_index **index)
{
    if (!index || !*index)
        return;
    struct basket_index *dead = *index;
    *index = NULL;
    for (size_t j = 0; j < dead->product_count; j++)
        mem_free(dead->products[j].baskets);
    mem_free(dead->baskets);
    mem_free(dead->lines);
    mem_free(dead->products);
    mem_free(dead->sums);
    mem_free(dead->customers);
    strmap_release(&dead->product_numbers);
    strmap_release(&dead->customer_numbers);
    arena_release(&dead->texts);
    mem_free(dead);
}

/* ---- growth ---- */

/* Makes room for `wanted` elements; small arrays double, large ones grow by a quarter. `array` is
 * the address of a pointer of any type, hence the copies. */
static bool reserve(void *array, size_t *capacity, size_t wanted, size_t element)
{
    if (wanted <= *capacity)
        return true;
    void *block;
    memcpy(&block, array, sizeof block);
    size_t grown = *capacity + (*capacity < 65536 ? *capacity : *capacity / 4);
    if (grown < wanted)
        grown = wanted;
    if (grown < 16)
        grown = 16;
    block = mem_resize(block, grown * element);
    if (!block)
        return false;
    memcpy(array, &block, sizeof block);
    *capacity = grown;
    return true;
}

#define RESERVE(array, capacity, wanted) reserve(&(array), &(capacity), (wanted), sizeof *(array))

static bool reserve_adjacency(struct product *product)
{
    if (product->count < product->capacity)
        return true;
    uint32_t grown =
        product->capacity < 8 ? product->capacity + 4 : product->capacity + product->capacity / 4;
    uint32_t *moved = mem_resize(product->baskets, grown * sizeof *moved);
    if (!moved)
        return false;
    product->baskets = moved;
    product->capacity = grown;
    return true;
}

static bool reserve_products(struct basket_index *index)
{
    size_t wanted = index->product_count + 1;
    size_t sums_capacity = index->product_capacity;
    return RESERVE(index->sums, sums_capacity, wanted) &&
           RESERVE(index->products, index->product_capacity, wanted);
}

/* ---- ids to numbers ---- */

static uint32_t number_of(const struct strmap *map, struct str id)
{
    uintptr_t stored = (uintptr_t)strmap_get(map, id);
    return stored ? (uint32_t)(stored - 1) : NO_NUMBER;
}

uint32_t basket_index_product(const struct basket_index *index, struct str id)
{
    return number_of(&index->product_numbers, id);
}

uint32_t basket_index_customer(const struct basket_index *index, struct str id)
{
    return id.ptr ? number_of(&index->customer_numbers, id) : NO_NUMBER;
}

/* Copies an id and enters it under the next number. */
static bool intern(struct basket_index *index, struct strmap *map, struct str id, size_t number,
                   struct str *copy)
{
    assert(number < NO_NUMBER);
    char *text = arena_str(&index->texts, id);
    if (!text)
        return false;
    *copy = str_make(text, id.len);
    return strmap_put(map, *copy, (void *)(uintptr_t)(number + 1));
}

static bool intern_product(struct basket_index *index, struct str id, uint32_t *number)
{
    *number = basket_index_product(index, id);
    if (*number != NO_NUMBER)
        return true;
    struct product product = {0};
    if (!reserve_products(index) ||
        !intern(index, &index->product_numbers, id, index->product_count, &product.id))
        return false;
    *number = (uint32_t)index->product_count++;
    index->products[*number] = product;
    index->sums[*number] = (struct product_sums){0};
    return true;
}

static bool intern_customer(struct basket_index *index, struct str id, uint32_t *number)
{
    *number = basket_index_customer(index, id);
    if (!id.ptr || *number != NO_NUMBER)
        return true;
    struct customer customer = {.newest = NO_NUMBER};
    if (!RESERVE(index->customers, index->customer_capacity, index->customer_count + 1) ||
        !intern(index, &index->customer_numbers, id, index->customer_count, &customer.id))
        return false;
    *number = (uint32_t)index->customer_count++;
    index->customers[*number] = customer;
    return true;
}

/* ---- weights and sums ---- */

void product_sums_count(const struct recommendation_parameters *parameters,
                        struct product_sums *sums, uint32_t count)
{
    sums->count = count;
    sums->damping = count ? pow(count, -parameters->walk_damping) : 0;
    sums->unroot = count ? 1 / sqrt(count) : 0;
}

void basket_weigh(const struct basket_index *index, struct basket *basket)
{
    const struct recommendation_parameters *p = &index->parameters;
    if (basket->size == 0)
        return;
    basket->walk_weight =
        pow(basket->size, -p->walk_size_power) * decay(basket->time, index->origin, p->walk_days);
    basket->similar_weight = pow(basket->size, -p->similar_size_power) *
                             decay(basket->time, index->origin, p->similar_days);
}

double product_sums_compute(const struct basket_index *index, int64_t as_of, int64_t origin,
                            double popular_days, struct product_sums *sums)
{
    const struct recommendation_parameters *p = &index->parameters;
    double total = 0;
    memset(sums, 0, index->product_count * sizeof *sums);
    for (size_t b = 0; b < index->basket_count; b++) {
        const struct basket *basket = &index->baskets[b];
        if (basket->time > as_of || basket->size == 0)
            continue;
        double popular = decay(basket->time, origin, popular_days);
        double trend = decay(basket->time, origin, p->trend_days);
        for (size_t x = 0; x < basket->size; x++) {
            struct product_sums *sum = &sums[index->lines[basket->first + x]];
            sum->popular += popular;
            sum->trend += trend;
            sum->count++;
        }
        total += popular * basket->size;
    }
    for (size_t j = 0; j < index->product_count; j++)
        product_sums_count(p, &sums[j], sums[j].count);
    return total;
}

void basket_index_recompute(struct basket_index *index, int64_t origin)
{
    index->origin = origin;
    index->loosened = ++index->version;
    for (size_t b = 0; b < index->basket_count; b++)
        basket_weigh(index, &index->baskets[b]);
    index->popular_total =
        product_sums_compute(index, INT64_MAX, origin, index->parameters.popular_days, index->sums);
}

static double shortest_window(const struct recommendation_parameters *p)
{
    return fmin(fmin(p->popular_days, p->trend_days), fmin(p->walk_days, p->similar_days));
}

static void move_origin(struct basket_index *index, int64_t time)
{
    double days = ((double)time - (double)index->origin) / 86400e6;
    if (index->newest == INT64_MIN || days / shortest_window(&index->parameters) > LARGEST_EXPONENT)
        basket_index_recompute(index, time);
}

/* ---- adding ---- */

/* Everything that can fail: numbers for all ids, written behind the lines in use, and room. */
static bool prepare(struct basket_index *index, const struct basket_entry *entry,
                    uint32_t *customer)
{
    if (!RESERVE(index->baskets, index->basket_capacity, index->basket_count + 1) ||
        !RESERVE(index->lines, index->line_capacity, index->line_count + entry->product_count) ||
        !intern_customer(index, entry->customer, customer))
        return false;
    for (size_t x = 0; x < entry->product_count; x++) {
        uint32_t number;
        if (!intern_product(index, entry->products[x], &number) ||
            !reserve_adjacency(&index->products[number]))
            return false;
        index->lines[index->line_count + x] = number;
    }
    return true;
}

static bool ends_with_basket(const struct product *product, uint32_t number)
{
    return product->count && product->baskets[product->count - 1] == number;
}

/* Enters the products that prepare left behind the lines, each once. Returns how many. */
static uint32_t enter_lines(struct basket_index *index, uint32_t number, size_t count)
{
    uint32_t *lines = index->lines + index->line_count;
    uint32_t size = 0;
    for (size_t x = 0; x < count; x++) {
        struct product *product = &index->products[lines[x]];
        if (ends_with_basket(product, number))
            continue;
        product->baskets[product->count++] = number;
        lines[size++] = lines[x];
    }
    return size;
}

static void add_sums(struct basket_index *index, const struct basket *basket)
{
    const struct recommendation_parameters *p = &index->parameters;
    double popular = decay(basket->time, index->origin, p->popular_days);
    double trend = decay(basket->time, index->origin, p->trend_days);
    for (size_t x = 0; x < basket->size; x++) {
        uint32_t j = index->lines[basket->first + x];
        index->products[j].changed = index->version;
        index->sums[j].popular += popular;
        index->sums[j].trend += trend;
        product_sums_count(p, &index->sums[j], index->products[j].count);
    }
    index->popular_total += popular * basket->size;
}

/* `time`, or the latest of those before it. */
static int64_t latest_before(const struct basket_index *index, int64_t time)
{
    if (index->basket_count == 0)
        return time;
    int64_t latest = index->baskets[index->basket_count - 1].latest;
    return latest > time ? latest : time;
}

bool basket_index_add(struct basket_index *index, const struct basket_entry *entry,
                      ecommerce_error *err)
{
    assert(index && entry && (entry->products || entry->product_count == 0));
    if (index->basket_count && entry->key <= index->baskets[index->basket_count - 1].key)
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "key",
                           "the basket's key %lld is not greater than the last one's",
                           (long long)entry->key);
    if (entry->product_count >= NO_NUMBER - index->line_count)
        return error_set(err, ECOMMERCE_LIMIT_EXCEEDED, "the basket index is full");
    if (entry->product_count == 0)
        return true;
    uint32_t customer;
    if (!prepare(index, entry, &customer))
        return error_memory(err);

    move_origin(index, entry->time);
    index->version++;
    uint32_t number = (uint32_t)index->basket_count;
    struct basket *basket = &index->baskets[number];
    *basket = (struct basket){.key = entry->key,
                              .time = entry->time,
                              .latest = latest_before(index, entry->time),
                              .first = (uint32_t)index->line_count,
                              .size = enter_lines(index, number, entry->product_count),
                              .customer = customer,
                              .earlier = NO_NUMBER};
    basket_weigh(index, basket);
    add_sums(index, basket);
    if (customer != NO_NUMBER) {
        basket->earlier = index->customers[customer].newest;
        index->customers[customer].newest = number;
    }
    if (entry->time > index->newest)
        index->newest = entry->time;
    index->basket_count++;
    index->baskets_alive++;
    index->line_count += basket->size;
    index->lines_alive += basket->size;
    return true;
}

/* ---- what it is ---- */

struct basket_index_size basket_index_size(const struct basket_index *index)
{
    size_t adjacency = 0;
    for (size_t j = 0; j < index->product_count; j++)
        adjacency += index->products[j].capacity * sizeof *index->products[j].baskets;
    size_t slots = index->product_numbers.capacity + index->customer_numbers.capacity;
    return (struct basket_index_size){
        .baskets = index->baskets_alive,
        .lines = index->lines_alive,
        .products = index->product_count,
        .customers = index->customer_count,
        .bytes = sizeof *index + adjacency + index->basket_capacity * sizeof *index->baskets +
                 index->line_capacity * sizeof *index->lines +
                 index->product_capacity * (sizeof *index->products + sizeof *index->sums) +
                 index->customer_capacity * sizeof *index->customers +
                 slots * sizeof(struct strmap_entry),
    };
}

int64_t basket_index_newest(const struct basket_index *index)
{
    return index->newest;
}
