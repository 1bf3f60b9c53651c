/* basket_remove.c - baskets and lines that stop counting, and customers who are forgotten. */
#include "db_managers/embedded/graph/basket_arrays.h"

#include <assert.h>

static uint32_t basket_by_key(const struct basket_index *index, int64_t key)
{
    size_t low = 0, high = index->basket_count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (index->baskets[middle].key < key)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < index->basket_count && index->baskets[low].key == key;
    return found ? (uint32_t)low : NO_NUMBER;
}

static void drop_from_adjacency(struct product *product, uint32_t number)
{
    size_t low = 0, high = product->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (product->baskets[middle] < number)
            low = middle + 1;
        else
            high = middle;
    }
    assert(low < product->count && product->baskets[low] == number);
    product->count--;
    memmove(product->baskets + low, product->baskets + low + 1,
            (product->count - low) * sizeof *product->baskets);
}

/* Subtracting would leave the rounding error of the greatest sum there ever was, which can be more
 * than all that remains. Added up in the order of arrival, it is what adding alone would have
 * given. */
static void sum_product(struct basket_index *index, uint32_t j)
{
    const struct recommendation_parameters *p = &index->parameters;
    const struct product *product = &index->products[j];
    struct product_sums sums = {0};
    for (size_t x = 0; x < product->count; x++) {
        int64_t time = index->baskets[product->baskets[x]].time;
        sums.popular += decay(time, index->origin, p->popular_days);
        sums.trend += decay(time, index->origin, p->trend_days);
    }
    product_sums_count(p, &sums, product->count);
    index->sums[j] = sums;
}

static void sum_all(struct basket_index *index)
{
    index->popular_total = 0;
    for (size_t j = 0; j < index->product_count; j++)
        index->popular_total += index->sums[j].popular;
}

/* The product of the basket's last line stops counting in it. */
static void drop_last_line(struct basket_index *index, uint32_t number)
{
    struct basket *basket = &index->baskets[number];
    basket->size--;
    index->lines_alive--;
    uint32_t j = index->lines[basket->first + basket->size];
    drop_from_adjacency(&index->products[j], number);
    index->products[j].changed = index->version;
    sum_product(index, j);
}

static int64_t newest_time(const struct basket_index *index)
{
    int64_t newest = INT64_MIN;
    for (size_t b = 0; b < index->basket_count; b++)
        if (index->baskets[b].size && index->baskets[b].time > newest)
            newest = index->baskets[b].time;
    return newest;
}

/* A basket dated far ahead pulls the origin with it, where all other weights are zero: once it is
 * gone the others are weighed again. */
static void settle_newest(struct basket_index *index, int64_t gone)
{
    if (gone < index->newest)
        return;
    index->newest = newest_time(index);
    if (index->newest != INT64_MIN && index->newest < index->origin)
        basket_index_recompute(index, index->newest);
}

/* After lines were dropped from a basket. */
static void settle_basket(struct basket_index *index, uint32_t number)
{
    struct basket *basket = &index->baskets[number];
    sum_all(index);
    if (basket->size) {
        basket_weigh(index, basket);
        for (size_t x = 0; x < basket->size; x++)
            index->products[index->lines[basket->first + x]].changed = index->version;
        return;
    }
    index->baskets_alive--;
    settle_newest(index, basket->time);
}

bool basket_index_remove(struct basket_index *index, int64_t key)
{
    assert(index);
    uint32_t number = basket_by_key(index, key);
    if (number == NO_NUMBER || index->baskets[number].size == 0)
        return false;
    index->loosened = ++index->version;
    while (index->baskets[number].size)
        drop_last_line(index, number);
    settle_basket(index, number);
    return true;
}

bool basket_index_remove_line(struct basket_index *index, int64_t key, struct str product)
{
    assert(index);
    uint32_t number = basket_by_key(index, key);
    uint32_t j = basket_index_product(index, product);
    if (number == NO_NUMBER || j == NO_NUMBER)
        return false;
    const struct basket *basket = &index->baskets[number];
    uint32_t *lines = index->lines + basket->first;
    uint32_t at = 0;
    while (at < basket->size && lines[at] != j)
        at++;
    if (at == basket->size)
        return false;
    index->loosened = ++index->version;
    lines[at] = lines[basket->size - 1];
    lines[basket->size - 1] = j;
    drop_last_line(index, number);
    settle_basket(index, number);
    return true;
}

bool basket_index_forget_customer(struct basket_index *index, struct str customer)
{
    assert(index);
    uint32_t number = basket_index_customer(index, customer);
    if (number == NO_NUMBER)
        return false;
    struct customer *forgotten = &index->customers[number];
    uint32_t at = forgotten->newest;
    while (at != NO_NUMBER) {
        uint32_t earlier = index->baskets[at].earlier;
        index->baskets[at].customer = NO_NUMBER;
        index->baskets[at].earlier = NO_NUMBER;
        at = earlier;
    }
    strmap_remove(&index->customer_numbers, forgotten->id);
    explicit_bzero((char *)forgotten->id.ptr, forgotten->id.len);
    *forgotten = (struct customer){.id = STR_NONE, .newest = NO_NUMBER};
    index->version++;
    return true;
}
