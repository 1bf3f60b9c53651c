/* temp_folder.h - a folder for one test, removed with all that is in it. */
#pragma once

struct temp_folder {
    char path[128];
};

/* Under $TMPDIR or /tmp; fails the test when that is impossible. */
void temp_folder_make(struct temp_folder *folder);
void temp_folder_remove(struct temp_folder *folder);
/* The path of a file in it; the text is valid until the next call in this thread. */
const char *temp_folder_file(const struct temp_folder *folder, const char *name);
