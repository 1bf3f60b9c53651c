/*
 * demo_goods.h - the vocabulary of the demonstration shop's catalogue: constant tables.
 *
 * A product is a family ("Mug") of a collection ("Alder") in one of the family's kinds
 * ("Stoneware"): "Alder Stoneware Mug". A family has a category, where it is found, and a theme,
 * what it is bought with.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define X_DEMO_THEMES(X)                                                                           \
    X(COFFEE, "coffee and tea")                                                                    \
    X(BAKING, "baking")                                                                            \
    X(DINING, "the laid table")                                                                    \
    X(SLEEP, "a good night")                                                                       \
    X(BATH, "bath and wellness")                                                                   \
    X(GARDEN, "the garden")                                                                        \
    X(CAMPING, "nights outdoors")                                                                  \
    X(RUNNING, "running")                                                                          \
    X(DESK, "the writing desk")                                                                    \
    X(PLAY, "children at play")                                                                    \
    X(WARDROBE, "the wardrobe")

enum demo_theme {
#define X(identifier, name) DEMO_THEME_##identifier,
    X_DEMO_THEMES(X)
#undef X
        DEMO_THEMES,
};

/* How the demand for goods follows the year. */
enum demo_season { DEMO_ALL_YEAR, DEMO_SUMMER, DEMO_WINTER, DEMO_PRESENTS, DEMO_SEASONS };

/* Per cent of the average month. */
extern const uint16_t demo_season_percent[DEMO_SEASONS][12];

enum {
    DEMO_KIND_VALUES = 4,
    DEMO_AXIS_VALUES = 6,
    DEMO_CATEGORIES = 16,
    DEMO_FAMILIES = 88,
    DEMO_COLLECTIONS = 48,
    DEMO_BRANDS = 12,
    DEMO_COLOURS = 12,
    DEMO_SERVICES = 5,
    DEMO_CATEGORY_SERVICES = 15, /* index of the category services are in */
};

struct demo_category_row {
    const char *id;
    const char *name;
    const char *code; /* what the skus begin with; NULL for a root, which holds no goods */
    const char *description;
    uint32_t parent; /* index, or UINT32_MAX */
};
extern const struct demo_category_row demo_category_rows[DEMO_CATEGORIES];

/* What members of a family differ in besides the collection: an attribute and its values. */
struct demo_kind {
    const char *attribute;
    const char *values[DEMO_KIND_VALUES];
    const char *care; /* a sentence that suits all values */
};

struct demo_axis_value {
    const char *value; /* "M" */
    const char *code;  /* end of the sku: "M" */
    uint16_t percent;  /* of the product's price */
    uint16_t weight;   /* how often it is wanted */
};

/* What variants of one product differ in. */
struct demo_axis {
    const char *name;
    struct demo_axis_value values[DEMO_AXIS_VALUES];
    size_t count;
    bool personal; /* a person keeps to one value: a size */
};

enum demo_family_flags {
    DEMO_CONSUMABLE = 1, /* used up and bought again */
    DEMO_COLOURED = 2,   /* has the attribute colour */
    DEMO_BY_THE_SET = 4, /* often several at once */
};

struct demo_family {
    const char *noun;
    uint8_t category;
    uint8_t theme;
    uint8_t season;
    uint8_t flags;
    int low, high; /* price, minor units */
    const struct demo_kind *kind;
    const struct demo_axis *axis; /* NULL: no variants */
    const char *line;             /* a sentence of the description */
};
extern const struct demo_family demo_families[DEMO_FAMILIES];

struct demo_service_row {
    const char *name;
    const char *description;
    int price;
    uint16_t weight; /* share of the orders with a service */
};
extern const struct demo_service_row demo_service_rows[DEMO_SERVICES];

extern const char *const demo_collections[DEMO_COLLECTIONS];
extern const char *const demo_brands[DEMO_BRANDS];
extern const char *const demo_colours[DEMO_COLOURS];
extern const char *const demo_theme_names[DEMO_THEMES];
