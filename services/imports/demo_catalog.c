/* demo_catalog.c - categories and products out of the vocabulary. */
#include "services/imports/demo_build.h"

#include <assert.h>

enum {
    THEME_FAMILIES = DEMO_FAMILIES / DEMO_THEMES,
    ATTRIBUTES_MAX = 6,
    NEW_PER_MILLE = 150, /* put on sale within the history */
    RETIRED_PER_MILLE = 60,
    REPRICED_PER_MILLE = 150,
    SLUG_TEXT = 64,
};
static_assert(DEMO_FAMILIES % DEMO_THEMES == 0, "themes have equally many families");

static const char *const countries_of_make[] = {"Portugal", "Italy", "Germany", "Ireland",
                                                "Poland",   "India", "Sweden",  "Japan"};
static const int guarantee_months[] = {12, 24, 36, 60};

/* The catalogue in the making: how this seed orders what the tables offer. */
struct maker {
    struct demo_build *build;
    struct demo_random random;
    uint32_t collections[DEMO_COLLECTIONS];
    uint32_t families[DEMO_THEMES][THEME_FAMILIES]; /* indices into demo_families */
};

static bool make_categories(struct demo_build *build)
{
    build->categories = arena_array(&build->arena, DEMO_CATEGORIES, sizeof(*build->categories));
    if (!build->categories)
        return false;
    for (size_t i = 0; i < DEMO_CATEGORIES; i++) {
        const struct demo_category_row *row = &demo_category_rows[i];
        build->categories[i] = (struct demo_category){.id = row->id,
                                                      .name = row->name,
                                                      .description = row->description,
                                                      .parent = row->parent};
    }
    build->plan.category_count = DEMO_CATEGORIES;
    return true;
}

static void maker_init(struct maker *maker, struct demo_build *build)
{
    *maker = (struct maker){.build = build};
    demo_random_init(&maker->random, build->plan.options.seed, "catalogue");
    for (uint32_t i = 0; i < DEMO_COLLECTIONS; i++)
        maker->collections[i] = i;
    demo_random_shuffle(&maker->random, maker->collections, DEMO_COLLECTIONS);

    size_t counts[DEMO_THEMES] = {0};
    for (uint32_t i = 0; i < DEMO_FAMILIES; i++) {
        size_t theme = demo_families[i].theme;
        assert(counts[theme] < THEME_FAMILIES);
        maker->families[theme][counts[theme]++] = i;
    }
    for (size_t theme = 0; theme < DEMO_THEMES; theme++)
        demo_random_shuffle(&maker->random, maker->families[theme], THEME_FAMILIES);
}

/* What shops print on labels: 7.95, 18.50, 64.90. */
static int64_t with_ending(struct demo_random *random, int64_t price)
{
    static const int64_t small[] = {49, 90, 95, 99};
    static const int64_t middle[] = {0, 50, 95, 99};
    static const int64_t large[] = {400, 490, 499, 0};
    size_t choice = demo_random_below(random, ARRAY_LENGTH(small));
    if (price < 1000)
        return price / 100 * 100 + small[choice];
    if (price < 5000)
        return price / 100 * 100 + middle[choice];
    return price / 500 * 500 + large[choice];
}

/* Keeps the ending: 7.49 becomes 13.49 at 185 per cent. */
static int64_t in_proportion(int64_t price, int percent)
{
    return percent == 100 ? price : price * percent / 100 / 100 * 100 + price % 100;
}

/* Some prices change once, two months after the product came at the earliest. */
static void maybe_reprice(struct maker *maker, struct demo_product *product)
{
    int64_t earliest = product->created_at + 60 * DEMO_DAY;
    int64_t latest = maker->build->plan.options.now - 7 * DEMO_DAY;
    bool wanted = demo_random_chance(&maker->random, REPRICED_PER_MILLE);
    if (!wanted || earliest >= latest)
        return;
    int64_t percent = demo_random_between(&maker->random, 88, 116);
    int64_t price = with_ending(&maker->random, product->first_price * percent / 100);
    if (price == product->first_price)
        return;
    int64_t day = demo_random_between(&maker->random, earliest / DEMO_DAY, latest / DEMO_DAY);
    product->repriced_at = day * DEMO_DAY + 6 * DEMO_HOUR;
    product->price = price;
}

static int64_t morning_between(struct demo_random *random, int64_t from, int64_t to)
{
    return demo_random_between(random, from / DEMO_DAY, to / DEMO_DAY) * DEMO_DAY + 7 * DEMO_HOUR;
}

/* When it is on sale. The first few of each theme are always there, so that none is ever empty. */
static void decide_life(struct maker *maker, struct demo_product *product, size_t nth)
{
    const struct demo_plan *plan = &maker->build->plan;
    int64_t length = plan->options.now - plan->start;
    product->created_at = plan->start - DEMO_HOUR;
    if (nth < 2)
        return;
    if (demo_random_chance(&maker->random, NEW_PER_MILLE)) {
        product->created_at = morning_between(&maker->random, plan->start + DEMO_DAY,
                                              plan->options.now - length / 20 - DEMO_DAY);
    } else if (demo_random_chance(&maker->random, RETIRED_PER_MILLE)) {
        product->retired_at = morning_between(&maker->random, plan->start + length / 2,
                                              plan->options.now - 2 * DEMO_DAY);
    }
}

static bool fill_attributes(struct maker *maker, struct demo_product *product,
                            const struct demo_family *family, const char *kind,
                            const char *collection)
{
    struct demo_attribute *list = arena_array(&maker->build->arena, ATTRIBUTES_MAX, sizeof(*list));
    if (!list)
        return false;
    struct demo_random *random = &maker->random;
    size_t count = 0;
    const char *brand = demo_brands[demo_random_below(random, DEMO_BRANDS)];
    const char *colour = demo_colours[demo_random_below(random, DEMO_COLOURS)];
    const char *made_in =
        countries_of_make[demo_random_below(random, ARRAY_LENGTH(countries_of_make))];
    list[count++] = (struct demo_attribute){.name = "brand", .text = brand};
    list[count++] = (struct demo_attribute){.name = "collection", .text = collection};
    list[count++] = (struct demo_attribute){.name = family->kind->attribute, .text = kind};
    if (family->flags & DEMO_COLOURED)
        list[count++] = (struct demo_attribute){.name = "colour", .text = colour};
    list[count++] = (struct demo_attribute){.name = "made_in", .text = made_in};
    if (!(family->flags & DEMO_CONSUMABLE)) {
        size_t months = demo_random_below(random, ARRAY_LENGTH(guarantee_months));
        list[count++] =
            (struct demo_attribute){.name = "guarantee_months", .number = guarantee_months[months]};
    }
    assert(count <= ATTRIBUTES_MAX);
    product->attributes = list;
    product->attribute_count = count;
    return true;
}

/* Identity and image from the name. */
static bool fill_texts(struct demo_build *build, struct demo_product *product)
{
    char slug[SLUG_TEXT];
    demo_ascii(product->name, '-', slug, sizeof(slug));
    product->product_id = arena_strdup(&build->arena, slug);
    product->image = arena_printf(&build->arena, "images/%s.jpg", slug);
    return product->product_id && product->image;
}

static bool add_sku(struct demo_build *build, const char *text, uint32_t product, uint32_t variant)
{
    struct demo_sku *sku = demo_vec_push(&build->skus);
    if (!sku)
        return false;
    *sku = (struct demo_sku){.sku = text, .product = product, .variant = variant};
    return text != NULL;
}

static bool fill_variants(struct demo_build *build, uint32_t index, const struct demo_axis *axis,
                          const char *stem)
{
    struct demo_product *product = &build->products[index];
    struct demo_variant *variants = arena_array(&build->arena, axis->count, sizeof(*variants));
    if (!variants)
        return false;
    for (uint32_t i = 0; i < axis->count; i++) {
        const struct demo_axis_value *value = &axis->values[i];
        char *sku = arena_printf(&build->arena, "%s-%s", stem, value->code);
        char code[8];
        demo_ascii(value->code, 0, code, sizeof(code));
        variants[i] = (struct demo_variant){
            .variant_id = arena_printf(&build->arena, "%s-%s", product->product_id, code),
            .value = value->value,
            .price = in_proportion(product->price, value->percent),
            .first_price = in_proportion(product->first_price, value->percent),
            .sku = (uint32_t)build->skus.count};
        if (!variants[i].variant_id || !add_sku(build, sku, index, i))
            return false;
    }
    product->variant_axis = axis->name;
    product->variants = variants;
    product->variant_count = axis->count;
    return true;
}

static bool fill_skus(struct demo_build *build, uint32_t index, const struct demo_axis *axis)
{
    struct demo_product *product = &build->products[index];
    char *text = arena_printf(&build->arena, "%s-%04u", demo_category_rows[product->category].code,
                              (unsigned)index + 1);
    product->sku = (uint32_t)build->skus.count;
    if (!text)
        return false;
    if (!axis)
        return add_sku(build, text, index, DEMO_NONE);
    return fill_variants(build, index, axis, text);
}

static int64_t chosen_price(struct maker *maker, const struct demo_family *family)
{
    int64_t width = family->high - family->low;
    int64_t share = demo_random_between(&maker->random, 0, 100);
    share += demo_random_between(&maker->random, 0, 100); /* the middle is likelier */
    return with_ending(&maker->random, family->low + width * share / 200);
}

/* The nth good of its theme: families in turn, and with each round a new collection. */
static bool make_good(struct maker *maker, uint32_t index)
{
    struct demo_build *build = maker->build;
    uint32_t theme = index % DEMO_THEMES;
    size_t nth = index / DEMO_THEMES;
    size_t round = nth / THEME_FAMILIES;
    const struct demo_family *family = &demo_families[maker->families[theme][nth % THEME_FAMILIES]];
    size_t place = (round + theme * 5) % DEMO_COLLECTIONS;
    const char *collection = demo_collections[maker->collections[place]];
    const char *kind = family->kind->values[demo_random_below(&maker->random, DEMO_KIND_VALUES)];

    struct demo_product *product = &build->products[index];
    *product = (struct demo_product){.category = family->category, .theme = theme, .tracked = true};
    build->families[index] = family;
    size_t edition = round / DEMO_COLLECTIONS + 1; /* once all collections are used up */
    product->name = edition == 1
                        ? arena_printf(&build->arena, "%s %s %s", collection, kind, family->noun)
                        : arena_printf(&build->arena, "%s %s %s No. %zu", collection, kind,
                                       family->noun, edition);
    product->description = arena_printf(&build->arena, "%s %s Part of the %s collection.",
                                        family->line, family->kind->care, collection);
    if (!product->name || !product->description || !fill_texts(build, product) ||
        !fill_attributes(maker, product, family, kind, collection))
        return false;
    product->first_price = product->price = chosen_price(maker, family);
    decide_life(maker, product, nth);
    maybe_reprice(maker, product);
    return fill_skus(build, index, family->axis);
}

static bool make_service(struct demo_build *build, uint32_t index)
{
    const struct demo_service_row *row = &demo_service_rows[index - build->goods];
    struct demo_product *product = &build->products[index];
    *product = (struct demo_product){.name = row->name,
                                     .description = row->description,
                                     .price = row->price,
                                     .first_price = row->price,
                                     .created_at = build->plan.start - DEMO_HOUR,
                                     .category = DEMO_CATEGORY_SERVICES,
                                     .theme = DEMO_NONE};
    return fill_texts(build, product) && fill_skus(build, index, NULL);
}

/* Goods of the same theme and collection belong together; where the last round is not complete,
 * those of the round before fill up. */
static void find_companions(struct maker *maker, uint32_t index)
{
    struct demo_build *build = maker->build;
    struct demo_product *product = &build->products[index];
    size_t round = index / DEMO_THEMES / THEME_FAMILIES;
    uint32_t candidates[2 * THEME_FAMILIES];
    size_t count = 0;
    for (size_t back = 0; back <= 1 && back <= round; back++) {
        size_t first = count;
        for (size_t i = 0; i < THEME_FAMILIES; i++) {
            size_t other = ((round - back) * THEME_FAMILIES + i) * DEMO_THEMES + product->theme;
            if (other < build->goods && other != index)
                candidates[count++] = (uint32_t)other;
        }
        demo_random_shuffle(&maker->random, candidates + first, count - first);
    }
    product->companion_count = count < DEMO_COMPANIONS ? count : DEMO_COMPANIONS;
    for (size_t i = 0; i < product->companion_count; i++)
        product->companions[i] = candidates[i];
}

bool demo_make_catalog(struct demo_build *build)
{
    size_t count = build->plan.product_count = build->plan.options.products;
    size_t services = count / 60 < 2 ? 2 : count / 60 > DEMO_SERVICES ? DEMO_SERVICES : count / 60;
    build->goods = count - services;
    build->products = arena_array(&build->arena, count, sizeof(*build->products));
    build->families = arena_array(&build->scratch, count, sizeof(*build->families));
    if (!build->products || !build->families || !make_categories(build))
        return false;

    struct maker maker;
    maker_init(&maker, build);
    for (uint32_t i = 0; i < build->goods; i++) {
        if (!make_good(&maker, i))
            return false;
    }
    for (uint32_t i = 0; i < build->goods; i++)
        find_companions(&maker, i);
    for (size_t i = build->goods; i < count; i++) {
        if (!make_service(build, (uint32_t)i))
            return false;
    }
    return true;
}

bool demo_on_sale(const struct demo_product *product, int64_t at)
{
    return product->created_at <= at && (product->retired_at == 0 || at < product->retired_at);
}

const struct demo_axis *demo_axis_of(const struct demo_build *build, uint32_t product)
{
    return build->families[product] ? build->families[product]->axis : NULL;
}

uint32_t demo_sku_of(const struct demo_product *product, uint32_t variant)
{
    assert(variant == DEMO_NONE || variant < product->variant_count);
    return variant == DEMO_NONE ? product->sku : product->variants[variant].sku;
}
