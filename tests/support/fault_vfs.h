/*
 * fault_vfs.h - a SQLite VFS whose disk fails when a test says so.
 *
 * It passes everything on to the default VFS, counts the operations of the chosen kinds, and makes
 * the n-th of them fail, alone or with all after it. Databases are opened with its name. One plan
 * at a time for the whole process.
 */
#pragma once

#include <stdbool.h>

enum fault_operation {
    FAULT_WRITE = 1 << 0,
    FAULT_SYNC = 1 << 1,
    FAULT_OPEN = 1 << 2,
    FAULT_TRUNCATE = 1 << 3,
    FAULT_READ = 1 << 4,
};

enum fault_kind {
    FAULT_IO_ERROR,    /* EIO; nothing is done */
    FAULT_DISK_FULL,   /* ENOSPC; nothing is done */
    FAULT_SHORT_WRITE, /* ENOSPC after half of a write; other operations fail with EIO */
};

struct fault_plan {
    unsigned operations; /* enum fault_operation, or-ed */
    enum fault_kind kind;
    long nth;     /* from 1; 0: never */
    bool forever; /* all after it fail as well */
};

/* Registers it at the first call; its name for sqlite3_open_v2 or embedded_options. */
const char *fault_vfs_name(void);
/* Starts counting anew. */
void fault_vfs_arm(const struct fault_plan *plan);
void fault_vfs_disarm(void);
/* Whether the plan made anything fail. */
bool fault_vfs_fired(void);

/* Runs `run` with the fault at the 1st, 2nd, 3rd … operation until one run meets no fault any more:
 * then every operation has failed once. Returns how many runs met one. */
long fault_vfs_until_clean(struct fault_plan plan, void (*run)(void *context), void *context);
