/* demo_goods.c - the tables of demo_goods.h. All names are invented. */
#include "services/imports/demo_goods.h"

#include "support/compiler.h"

#include <assert.h>

const char *const demo_theme_names[] = {
#define X(identifier, name) name,
    X_DEMO_THEMES(X)
#undef X
};
static_assert(ARRAY_LENGTH(demo_theme_names) == DEMO_THEMES, "one name a theme");

const uint16_t demo_season_percent[DEMO_SEASONS][12] = {
    [DEMO_ALL_YEAR] = {100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100, 100},
    [DEMO_SUMMER] = {45, 60, 110, 150, 165, 160, 145, 120, 90, 60, 45, 50},
    [DEMO_WINTER] = {140, 125, 100, 75, 60, 50, 50, 60, 95, 125, 155, 165},
    [DEMO_PRESENTS] = {70, 80, 85, 90, 95, 85, 80, 85, 90, 105, 160, 175},
};

/* Where goods are found. The order is fixed: families refer to it by the enum below. */
enum {
    HOME,
    OUTDOORS,
    CLOTHING,
    LEISURE,
    KITCHEN,
    TABLE,
    BED_BATH,
    DECOR,
    PANTRY,
    YARD,
    CAMP,
    SPORT,
    CLOTHES,
    EXTRAS,
    PAPER_TOYS,
    SERVICE,
};
static_assert((int)SERVICE == DEMO_CATEGORY_SERVICES && (int)SERVICE + 1 == DEMO_CATEGORIES,
              "the header numbers the services' category");

const struct demo_category_row demo_category_rows[DEMO_CATEGORIES] = {
    [HOME] = {"home", "Home", NULL, "Everything between the front door and the bed.", UINT32_MAX},
    [OUTDOORS] = {"outdoors", "Outdoors", NULL, "For gardens, paths and hills.", UINT32_MAX},
    [CLOTHING] = {"clothing", "Clothing", NULL, "Things to wear for years.", UINT32_MAX},
    [LEISURE] = {"leisure", "Leisure", NULL, "For free hours and gifts.", UINT32_MAX},
    [KITCHEN] = {"home-kitchen", "Kitchen", "KIT", "Tools for cooking, baking and brewing.", HOME},
    [TABLE] = {"home-table", "Tableware", "TAB", "Plates, cups and what lies beside them.", HOME},
    [BED_BATH] = {"home-bed-bath", "Bedroom and bath", "BED", "Linen, towels and calm.", HOME},
    [DECOR] = {"home-decor", "Light and decor", "DEC", "Lamps, candles and small comforts.", HOME},
    [PANTRY] = {"home-pantry", "Pantry", "PAN", "Coffee, tea and good ingredients.", HOME},
    [YARD] = {"outdoors-garden", "Garden", "GAR", "Seeds, tools and pots.", OUTDOORS},
    [CAMP] = {"outdoors-camping", "Camping", "CMP", "Shelter, light and warm food.", OUTDOORS},
    [SPORT] = {"outdoors-sport", "Sport", "SPO", "For runs before breakfast.", OUTDOORS},
    [CLOTHES] = {"clothing-basics", "Basics", "CLO", "Shirts, jumpers and nightwear.", CLOTHING},
    [EXTRAS] = {"clothing-extras", "Accessories", "ACC", "Scarves, belts and bags.", CLOTHING},
    [PAPER_TOYS] = {"leisure-paper-toys", "Paper and toys", "LEI", "To write, draw and play.",
                    LEISURE},
    [SERVICE] = {"leisure-services", "Services", "SRV", "What we do for you besides.", LEISURE},
};

static const struct demo_kind ceramic = {
    "material", {"Stoneware", "Porcelain", "Earthenware", "Enamel"}, "Safe in the dishwasher."};
static const struct demo_kind metal = {"material",
                                       {"Copper", "Steel", "Brass", "Iron"},
                                       "Wipe dry after washing and it will outlast its owner."};
static const struct demo_kind wood = {
    "material", {"Oak", "Walnut", "Beech", "Bamboo"}, "Oil it twice a year."};
static const struct demo_kind cloth = {"material",
                                       {"Linen", "Cotton", "Percale", "Flannel"},
                                       "Washes at 60 degrees and softens with every wash."};
static const struct demo_kind knit = {
    "material", {"Merino", "Lambswool", "Cotton", "Alpaca"}, "Wash by hand, dry flat."};
static const struct demo_kind glass = {"glass",
                                       {"Clear", "Smoked", "Ribbed", "Recycled"},
                                       "Blown by hand, so no two are quite alike."};
static const struct demo_kind leather = {
    "material", {"Leather", "Suede", "Canvas", "Cork"}, "Darkens handsomely with use."};
static const struct demo_kind fabric = {
    "fabric", {"Ripstop", "Recycled", "Featherlight", "Weatherproof"}, "Dries within an hour."};
static const struct demo_kind weave = {
    "weave", {"Waffle", "Terry", "Honeycomb", "Linen"}, "Washes at 60 degrees and dries quickly."};
static const struct demo_kind torch = {
    "model", {"Compact", "Trail", "Summit", "Night"}, "Charged in two hours by cable."};
static const struct demo_kind origin = {"origin",
                                        {"Ethiopian", "Colombian", "Guatemalan", "Decaf"},
                                        "Roasted in small batches; best within two months."};
static const struct demo_kind blend = {
    "blend", {"Breakfast", "Jasmine", "Rooibos", "Peppermint"}, "Keep it dry and away from light."};
static const struct demo_kind grain = {
    "grain", {"Spelt", "Rye", "Wheat", "Oat"}, "Keep it cool and dry."};
static const struct demo_kind flavour = {
    "flavour", {"Hazelnut", "Orange", "Sea Salt", "Ginger"}, "Without palm oil."};
static const struct demo_kind scent = {
    "scent", {"Lavender", "Cedar", "Bergamot", "Fig"}, "Made without animal products."};
static const struct demo_kind plant = {"plant",
                                       {"Tomato", "Sweet Pea", "Basil", "Sunflower"},
                                       "Sowing months are printed on the back."};
static const struct demo_kind ruling = {
    "ruling", {"Dotted", "Ruled", "Plain", "Squared"}, "Takes fountain pens without bleeding."};
static const struct demo_kind pigment = {
    "pigment", {"Indigo", "Sepia", "Emerald", "Crimson"}, "Free of solvents."};
static const struct demo_kind motif = {
    "motif", {"Harbour", "Forest", "Circus", "Planet"}, "Tested for children from three years."};

static const struct demo_axis clothes_size = {"size",
                                              {{"XS", "XS", 100, 8},
                                               {"S", "S", 100, 22},
                                               {"M", "M", 100, 32},
                                               {"L", "L", 100, 24},
                                               {"XL", "XL", 105, 14}},
                                              5,
                                              true};
static const struct demo_axis small_size = {
    "size", {{"S", "S", 100, 30}, {"M", "M", 100, 45}, {"L", "L", 100, 25}}, 3, true};
static const struct demo_axis shoe_size = {"size",
                                           {{"38", "38", 100, 14},
                                            {"39", "39", 100, 18},
                                            {"40", "40", 100, 17},
                                            {"41", "41", 100, 17},
                                            {"42", "42", 100, 19},
                                            {"43", "43", 100, 15}},
                                           6,
                                           true};
static const struct demo_axis bed_size = {
    "size", {{"single", "S", 100, 35}, {"double", "D", 140, 45}, {"king", "K", 165, 20}}, 3, true};
static const struct demo_axis pack_weight = {
    "weight",
    {{"250 g", "250", 100, 55}, {"500 g", "500", 185, 30}, {"1 kg", "1K", 340, 15}},
    3,
    false};
static const struct demo_axis volume = {
    "volume",
    {{"0.5 l", "05", 100, 50}, {"0.75 l", "07", 120, 35}, {"1 l", "10", 140, 15}},
    3,
    false};
static const struct demo_axis litres = {
    "capacity",
    {{"20 l", "20", 100, 45}, {"35 l", "35", 135, 35}, {"50 l", "50", 170, 20}},
    3,
    false};
static const struct demo_axis persons = {
    "sleeps", {{"two", "2", 100, 60}, {"three", "3", 130, 25}, {"four", "4", 160, 15}}, 3, false};
static const struct demo_axis pot_size = {
    "diameter",
    {{"14 cm", "14", 100, 40}, {"20 cm", "20", 150, 40}, {"28 cm", "28", 230, 20}},
    3,
    false};

/* Short names, so that a family is a row. */
#define C DEMO_COLOURED
#define U DEMO_CONSUMABLE
#define S DEMO_BY_THE_SET
#define ALL DEMO_ALL_YEAR
#define SUN DEMO_SUMMER
#define ICE DEMO_WINTER
#define GFT DEMO_PRESENTS
#define COFFEE DEMO_THEME_COFFEE
#define BAKING DEMO_THEME_BAKING
#define DINING DEMO_THEME_DINING
#define SLEEP DEMO_THEME_SLEEP
#define BATH DEMO_THEME_BATH
#define GARDEN DEMO_THEME_GARDEN
#define CAMPING DEMO_THEME_CAMPING
#define RUNNING DEMO_THEME_RUNNING
#define DESK DEMO_THEME_DESK
#define PLAY DEMO_THEME_PLAY
#define WARDROBE DEMO_THEME_WARDROBE

/* noun, category, theme, season, flags, price from, to, kind, variants, a sentence */
const struct demo_family demo_families[] = {
    {"Mug", TABLE, COFFEE, GFT, C | S, 800, 2200, &ceramic, NULL,
     "Holds a generous coffee and sits well in two cold hands."},
    {"Coffee Press", KITCHEN, COFFEE, ALL, 0, 2400, 6000, &metal, NULL,
     "Four minutes from kettle to table, with a sieve that keeps the grounds where they belong."},
    {"Coffee Beans", PANTRY, COFFEE, ALL, U, 750, 1300, &origin, &pack_weight,
     "A round cup with a clean finish, for filter and press alike."},
    {"Coffee Grinder", KITCHEN, COFFEE, GFT, 0, 2900, 9500, &wood, NULL,
     "A conical steel mill with eighteen settings, from espresso to press."},
    {"Milk Jug", TABLE, COFFEE, ALL, C, 1200, 2600, &ceramic, NULL,
     "Pours a thin stream without dripping."},
    {"Loose Tea", PANTRY, COFFEE, ICE, U, 550, 1100, &blend, &pack_weight,
     "Whole leaves that open slowly and forgive a long infusion."},
    {"Teapot", TABLE, COFFEE, GFT, C, 2400, 6500, &ceramic, NULL,
     "A litre of tea, a lid that stays on, a sieve that lifts out."},
    {"Coffee Scoop", KITCHEN, COFFEE, ALL, 0, 600, 1500, &metal, NULL,
     "Ten grams to the brim, and a clip to close the bag."},

    {"Cake Tin", KITCHEN, BAKING, ALL, 0, 1100, 2900, &metal, NULL,
     "A loose base and an even crust."},
    {"Mixing Bowl", KITCHEN, BAKING, ALL, C, 1400, 3600, &ceramic, NULL,
     "Heavy enough to stay put under a wooden spoon."},
    {"Rolling Pin", KITCHEN, BAKING, ALL, 0, 1200, 2800, &wood, NULL,
     "Turned from one piece, long enough for a large tart."},
    {"Baking Flour", PANTRY, BAKING, ALL, U, 320, 640, &grain, &pack_weight,
     "Stone-milled, for bread with a taste of its own."},
    {"Whisk", KITCHEN, BAKING, ALL, 0, 700, 1900, &metal, NULL,
     "Eleven wires that reach into every corner of the bowl."},
    {"Cooking Chocolate", PANTRY, BAKING, GFT, U, 420, 950, &flavour, NULL,
     "Seventy per cent cocoa, in pieces that melt evenly."},
    {"Oven Gloves", KITCHEN, BAKING, ALL, C, 1300, 2700, &cloth, NULL,
     "Padded to the elbow for deep ovens."},
    {"Apron", KITCHEN, BAKING, GFT, C, 1800, 4200, &cloth, NULL,
     "A broad pocket, and ties that go round twice."},

    {"Dinner Plate", TABLE, DINING, ALL, C | S, 1100, 2600, &ceramic, NULL,
     "A low rim that keeps the sauce and stacks neatly."},
    {"Soup Bowl", TABLE, DINING, ICE, C | S, 900, 2200, &ceramic, NULL,
     "Deep enough for a supper."},
    {"Wine Goblet", TABLE, DINING, GFT, S, 900, 2400, &glass, NULL, "A thin rim on a steady foot."},
    {"Cutlery Set", TABLE, DINING, GFT, 0, 3900, 12900, &metal, NULL,
     "Sixteen pieces for four, balanced in the hand."},
    {"Table Runner", TABLE, DINING, ALL, C, 1900, 4400, &cloth, NULL,
     "Hemmed on all sides, two metres long."},
    {"Napkins", TABLE, DINING, ALL, C | S, 1200, 2600, &cloth, NULL,
     "Four in a set, with mitred corners."},
    {"Serving Board", TABLE, DINING, GFT, 0, 2200, 5600, &wood, NULL,
     "For bread, cheese and everything that is passed around."},
    {"Olive Oil", PANTRY, DINING, ALL, U, 890, 1790, &flavour, &volume,
     "Pressed on the day of the harvest and filled unfiltered."},

    {"Duvet Cover", BED_BATH, SLEEP, ALL, C, 4900, 9900, &cloth, &bed_size,
     "Hidden buttons, and corners that hold the duvet in place."},
    {"Pillowcase", BED_BATH, SLEEP, ALL, C | S, 1400, 2900, &cloth, NULL,
     "An envelope closing that does not press on the cheek."},
    {"Fitted Sheet", BED_BATH, SLEEP, ALL, C, 2400, 4900, &cloth, &bed_size,
     "Elastic all round, for mattresses up to thirty centimetres."},
    {"Throw", BED_BATH, SLEEP, ICE, C, 3900, 11900, &knit, NULL, "Large enough for two on a sofa."},
    {"Pyjamas", CLOTHES, SLEEP, ICE, C, 3900, 7900, &cloth, &clothes_size,
     "A loose cut with a drawstring and a breast pocket."},
    {"Bedside Lamp", DECOR, SLEEP, ICE, 0, 3400, 8900, &wood, NULL,
     "A warm light that dims down to a glimmer."},
    {"Pillow Mist", BED_BATH, SLEEP, ALL, U, 900, 1800, &scent, NULL,
     "Two sprays before the light goes out."},
    {"Alarm Clock", DECOR, SLEEP, GFT, 0, 2400, 5400, &metal, NULL,
     "Runs without ticking and wakes gently."},

    {"Bath Towel", BED_BATH, BATH, ALL, C | S, 1900, 4400, &weave, NULL,
     "Thick loops that drink water without growing heavy."},
    {"Hand Towel", BED_BATH, BATH, ALL, C | S, 900, 2100, &weave, NULL,
     "With a loop for the hook."},
    {"Bath Mat", BED_BATH, BATH, ALL, C, 1900, 4500, &weave, NULL, "Dry feet within two steps."},
    {"Bathrobe", CLOTHES, BATH, ICE, C, 5900, 11900, &weave, &clothes_size,
     "A shawl collar and deep pockets."},
    {"Hand Soap", BED_BATH, BATH, ALL, U, 590, 1290, &scent, &volume,
     "Gentle to hands that are washed often."},
    {"Bath Salts", BED_BATH, BATH, ICE, U, 890, 1690, &scent, NULL,
     "A handful for a long evening."},
    {"Soap Dish", BED_BATH, BATH, ALL, 0, 900, 2200, &ceramic, NULL,
     "Grooves keep the soap dry underneath."},
    {"Candle", DECOR, BATH, GFT, U, 1200, 2900, &scent, NULL,
     "Burns for forty hours with an even flame."},

    {"Seeds", YARD, GARDEN, SUN, U | S, 250, 490, &plant, NULL,
     "Open-pollinated and tested for germination."},
    {"Hand Trowel", YARD, GARDEN, SUN, 0, 1200, 2900, &wood, NULL,
     "A narrow steel blade marked in centimetres."},
    {"Watering Can", YARD, GARDEN, SUN, C, 1900, 4900, &metal, NULL,
     "A long spout with a fine rose for seedlings."},
    {"Garden Gloves", YARD, GARDEN, SUN, C, 1200, 2600, &leather, &small_size,
     "Supple at the fingertips, tough in the palm."},
    {"Plant Pot", YARD, GARDEN, SUN, C | S, 900, 2400, &ceramic, &pot_size,
     "With a hole for the water and a saucer to catch it."},
    {"Plant Food", YARD, GARDEN, SUN, U, 590, 1190, &plant, &volume,
     "A capful in the watering can every other week."},
    {"Secateurs", YARD, GARDEN, SUN, 0, 2400, 5900, &metal, NULL,
     "Spare springs and blades are kept in stock."},
    {"Bird Feeder", YARD, GARDEN, ICE, 0, 1800, 4400, &wood, NULL,
     "Opens at the top, cleans in a minute."},

    {"Tent", CAMP, CAMPING, SUN, C, 14900, 32900, &fabric, &persons,
     "Stands in six minutes and packs to the size of a loaf."},
    {"Sleeping Bag", CAMP, CAMPING, SUN, C, 7900, 18900, &fabric, NULL,
     "Comfortable down to two degrees."},
    {"Camping Stove", CAMP, CAMPING, SUN, 0, 3900, 9900, &metal, NULL,
     "Boils half a litre in three minutes, also in the wind."},
    {"Head Torch", CAMP, CAMPING, ALL, 0, 1900, 4900, &torch, NULL,
     "A red light for the tent, a beam of ninety metres for the path."},
    {"Backpack", CAMP, CAMPING, SUN, C, 6900, 13900, &fabric, &litres,
     "Carries its load on the hips and has a pocket for everything."},
    {"Camping Kettle", CAMP, CAMPING, SUN, 0, 2200, 4900, &metal, NULL,
     "A folding handle, and a lid that stays on when it boils."},
    {"Dry Bag", CAMP, CAMPING, SUN, C, 1400, 2900, &fabric, &litres,
     "Rolled three times it floats."},
    {"Trail Mix", PANTRY, CAMPING, SUN, U, 390, 690, &flavour, &pack_weight,
     "Nuts and dried fruit for the last climb of the day."},

    {"Running Shirt", SPORT, RUNNING, SUN, C, 2400, 4900, &fabric, &clothes_size,
     "Flat seams that do not chafe on long runs."},
    {"Running Shorts", SPORT, RUNNING, SUN, C, 2400, 4900, &fabric, &clothes_size,
     "A key pocket, and slits that give the stride room."},
    {"Running Socks", SPORT, RUNNING, ALL, C | U | S, 900, 1700, &knit, &small_size,
     "Cushioned at heel and toe."},
    {"Running Shoes", SPORT, RUNNING, ALL, C, 8900, 15900, &fabric, &shoe_size,
     "Eight millimetres of drop and a sole that grips wet stone."},
    {"Drinking Bottle", SPORT, RUNNING, SUN, C, 1200, 2600, &metal, &volume,
     "Opens with one hand and never leaks in a bag."},
    {"Energy Bars", PANTRY, RUNNING, ALL, U | S, 350, 690, &flavour, NULL,
     "Three to a pack, made from oats and dates."},
    {"Reflective Vest", SPORT, RUNNING, ICE, 0, 1900, 3900, &fabric, &small_size,
     "Seen from two hundred metres."},
    {"Exercise Mat", SPORT, RUNNING, ICE, C, 2400, 6400, &fabric, NULL,
     "Lies flat at once and does not slip."},

    {"Notebook", PAPER_TOYS, DESK, ALL, C | U | S, 800, 2100, &ruling, NULL,
     "A hundred and sixty numbered pages, sewn so that they lie flat."},
    {"Fountain Pen", PAPER_TOYS, DESK, GFT, C, 2400, 8900, &metal, NULL,
     "A medium nib that starts at the first touch."},
    {"Ink", PAPER_TOYS, DESK, ALL, U, 690, 1490, &pigment, NULL,
     "Fifty millilitres in a bottle made for the last drop."},
    {"Pencil Set", PAPER_TOYS, DESK, ALL, 0, 900, 2400, &wood, NULL,
     "Twelve grades, from a whisper to solid black."},
    {"Desk Lamp", DECOR, DESK, ICE, C, 4900, 12900, &metal, NULL,
     "An arm that stays where it is put."},
    {"Desk Tray", PAPER_TOYS, DESK, ALL, 0, 1900, 4600, &wood, NULL,
     "Room for letters, keys and a cup."},
    {"Letter Paper", PAPER_TOYS, DESK, GFT, U, 900, 1900, &ruling, NULL,
     "Forty sheets and twenty lined envelopes."},
    {"Pen Case", PAPER_TOYS, DESK, ALL, C, 1900, 4400, &leather, NULL,
     "Keeps four pens from knocking against each other."},

    {"Building Blocks", PAPER_TOYS, PLAY, GFT, 0, 2400, 5900, &wood, NULL,
     "Sixty pieces with rounded edges, in a bag of cotton."},
    {"Jigsaw Puzzle", PAPER_TOYS, PLAY, GFT, 0, 1200, 2900, &motif, NULL,
     "Five hundred pieces, thick enough for many evenings."},
    {"Soft Toy", PAPER_TOYS, PLAY, GFT, C, 1400, 3400, &knit, NULL,
     "Small enough for a pocket, brave enough for the dark."},
    {"Board Game", PAPER_TOYS, PLAY, GFT, 0, 2400, 4900, &motif, NULL,
     "Two to five players, explained in three minutes."},
    {"Crayons", PAPER_TOYS, PLAY, ALL, U, 650, 1490, &pigment, NULL,
     "Sixteen beeswax colours that wash off walls."},
    {"Kite", PAPER_TOYS, PLAY, SUN, C, 1900, 4400, &motif, NULL, "Rises in a light breeze."},
    {"Card Game", PAPER_TOYS, PLAY, GFT, 0, 900, 1700, &motif, NULL,
     "Fits into a coat pocket and fills a train journey."},
    {"Picture Book", PAPER_TOYS, PLAY, GFT, 0, 1100, 1990, &motif, NULL,
     "Thirty-two pages to read aloud, and one to draw yourself."},

    {"T-Shirt", CLOTHES, WARDROBE, SUN, C, 1900, 3900, &knit, &clothes_size,
     "A straight cut that keeps its shape."},
    {"Jumper", CLOTHES, WARDROBE, ICE, C, 5900, 12900, &knit, &clothes_size,
     "Knitted in one piece, without a seam at the side."},
    {"Scarf", EXTRAS, WARDROBE, ICE, C, 2400, 6900, &knit, NULL, "Goes round the neck twice."},
    {"Beanie", EXTRAS, WARDROBE, ICE, C, 1900, 3900, &knit, NULL,
     "Covers the ears and folds into a glove."},
    {"Belt", EXTRAS, WARDROBE, ALL, 0, 2900, 5900, &leather, &small_size,
     "Cut from one strip, with a solid buckle."},
    {"Tote Bag", EXTRAS, WARDROBE, ALL, C, 1900, 5900, &leather, NULL,
     "An inside pocket for keys and a base that stands."},
    {"Everyday Socks", EXTRAS, WARDROBE, ALL, C | U | S, 700, 1400, &knit, &small_size,
     "Toes closed by hand, so that nothing presses."},
    {"Winter Gloves", EXTRAS, WARDROBE, ICE, C, 2400, 5400, &knit, &small_size,
     "Lined, with a thread in the fingertip for screens."},
};
static_assert(ARRAY_LENGTH(demo_families) == DEMO_FAMILIES, "the header has their number");

const struct demo_service_row demo_service_rows[DEMO_SERVICES] = {
    {"Gift wrapping", "Wrapped in printed paper with a ribbon; no prices in the parcel.", 390, 60},
    {"Greeting card", "Your words, written by hand on a folded card.", 290, 20},
    {"Engraving", "Up to twenty letters on metal, wood or leather.", 1200, 9},
    {"Gift box", "A sturdy box that is kept long after the present is used up.", 590, 7},
    {"Climate contribution", "We pay for moorland to be wetted again.", 100, 4},
};

const char *const demo_collections[DEMO_COLLECTIONS] = {
    "Alder",    "Bramble",    "Cinder",    "Dunmore",  "Eskdale", "Fallow", "Gannet",  "Hollin",
    "Isidor",   "Juniper",    "Kestrel",   "Larkhill", "Marlow",  "Nettle", "Osprey",  "Pembury",
    "Quarry",   "Rowan",      "Sorrel",    "Tansy",    "Umber",   "Vesper", "Willow",  "Yarrow",
    "Ardent",   "Birchwater", "Corin",     "Driftway", "Ember",   "Fennel", "Gorse",   "Heron",
    "Ironside", "Jasper",     "Kelda",     "Linnet",   "Merrow",  "Norden", "Orchard", "Plover",
    "Quill",    "Redstart",   "Saltmarsh", "Thistle",  "Upland",  "Verity", "Wharf",   "Zephyr",
};

const char *const demo_brands[DEMO_BRANDS] = {
    "Hale & Wren",  "Fernhollow",       "Kittiwake Works", "Tarn & Tide",
    "Oxbow Makers", "Lumen Yard",       "Penny Quarter",   "Wool & Weir",
    "Copperline",   "Maison Brindille", "Nordhavn Lager",  "Officina Lenta",
};

const char *const demo_colours[DEMO_COLOURS] = {
    "white",   "black", "grey", "navy",         "sage",     "terracotta",
    "mustard", "plum",  "sand", "forest green", "sky blue", "brick red",
};
