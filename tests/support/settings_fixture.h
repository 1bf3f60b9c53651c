/*
 * settings_fixture.h - settings in tests: made, loaded, compared, refused. Failures fail the test.
 *
 * server_settings is a small table with what the shop's own has no row of: a secret and a list.
 */
#pragma once

#include "config/settings.h"

enum { SERVER_HOST, SERVER_PASSWORD, SERVER_PEERS, SERVER_WEIGHT, SERVER_ROWS };

extern const struct settings_table server_settings;

struct settings *settings_made(const struct settings_table *table);
void assert_loads(struct settings *settings, const char *yaml); /* as shop.yaml */
void assert_same_settings(const struct settings *a, const struct settings *b);
/* The YAML is refused with this field and message, and nothing has changed. */
void assert_refused(const struct settings_table *table, struct str yaml, const char *field,
                    const char *message);
