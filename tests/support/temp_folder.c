#include "tests/support/temp_folder.h"

#include "support/compiler.h"

#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

void temp_folder_make(struct temp_folder *folder)
{
    const char *base = getenv("TMPDIR");
    int length = snprintf(folder->path, sizeof(folder->path), "%s/ecommerce-test-XXXXXX",
                          base && *base ? base : "/tmp");
    assert_true(length > 0 && (size_t)length < sizeof(folder->path));
    assert_non_null(mkdtemp(folder->path));
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *at)
{
    UNUSED(status);
    UNUSED(type);
    UNUSED(at);
    return remove(path);
}

void temp_folder_remove(struct temp_folder *folder)
{
    if (folder->path[0] == '\0')
        return;
    assert_int_equal(nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
    folder->path[0] = '\0';
}

const char *temp_folder_file(const struct temp_folder *folder, const char *name)
{
    static _Thread_local char path[256];
    int length = snprintf(path, sizeof(path), "%s/%s", folder->path, name);
    assert_true(length > 0 && (size_t)length < sizeof(path));
    return path;
}
