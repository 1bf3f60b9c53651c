#include "services/imports/csv_writer.h"

#include "support/alloc.h"
#include "support/error.h"
#include "support/timestamp.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *copy_path(struct str path, const char *suffix)
{
    size_t size = path.len + strlen(suffix) + 1;
    char *copy = mem_alloc(size);
    if (copy != NULL) {
        snprintf(copy, size, "%.*s%s", STR_ARG(path), suffix);
    }
    return copy;
}

/* What is finished takes the place of what is there, which a device or a folder must not lose. */
static bool check_place(const char *path, ecommerce_error *err)
{
    struct stat status;
    if (path[0] == '\0') {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "path", "a path must not be empty");
    }
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "path",
                           "what is there is no regular file, and is not replaced");
    }
    return true;
}

bool csv_writer_open(struct csv_writer *writer, struct str path, ecommerce_error *err)
{
    *writer = (struct csv_writer){.path = copy_path(path, ""), .part = copy_path(path, ".part")};
    if (writer->path == NULL || writer->part == NULL) {
        return error_memory(err);
    }
    if (!check_place(writer->path, err)) {
        return false;
    }
    writer->file = fopen(writer->part, "wbe");
    return writer->file != NULL || error_field(err, ECOMMERCE_INVALID_ARGUMENT, "path",
                                               "no file can be written there: %s", strerror(errno));
}

static bool needs_quotes(struct str cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        if (strchr(",\"\r\n", cell.ptr[i]) != NULL) {
            return true;
        }
    }
    return cell.len > 0 && (cell.ptr[0] == ' ' || cell.ptr[cell.len - 1] == ' ');
}

static void put_byte(struct csv_writer *writer, char byte)
{
    writer->failed = putc(byte, writer->file) == EOF || writer->failed;
}

void csv_put(struct csv_writer *writer, struct str cell)
{
    bool quotes = needs_quotes(cell);
    if (writer->line_begun) {
        put_byte(writer, ',');
    }
    writer->line_begun = true;
    if (quotes) {
        put_byte(writer, '"');
    }
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.ptr[i] == '"') {
            put_byte(writer, '"');
        }
        put_byte(writer, cell.ptr[i]);
    }
    if (quotes) {
        put_byte(writer, '"');
    }
}

void csv_puts(struct csv_writer *writer, const char *cell)
{
    csv_put(writer, str_of(cell));
}

void csv_put_int(struct csv_writer *writer, int64_t value)
{
    char text[24];
    snprintf(text, sizeof(text), "%" PRId64, value);
    csv_puts(writer, text);
}

void csv_put_money(struct csv_writer *writer, int64_t minor, const struct currency *currency)
{
    char text[32];
    money_format(minor, currency, text, sizeof(text));
    csv_puts(writer, text);
}

void csv_put_time(struct csv_writer *writer, int64_t microseconds)
{
    char text[TIMESTAMP_TEXT];
    timestamp_format(microseconds, text);
    csv_puts(writer, text);
}

void csv_end_line(struct csv_writer *writer)
{
    put_byte(writer, '\n');
    writer->line_begun = false;
    writer->lines++;
}

static bool finish(struct csv_writer *writer)
{
    return !writer->failed && fflush(writer->file) == 0 && fsync(fileno(writer->file)) == 0;
}

static bool device_error(int number, ecommerce_error *err)
{
    bool full = number == ENOSPC || number == EDQUOT;
    return error_field(err, full ? ECOMMERCE_STORAGE_FULL : ECOMMERCE_STORAGE_FAILED, "path",
                       full ? "the disk is full" : "the file could not be written");
}

bool csv_writer_close(struct csv_writer *writer, bool ok, ecommerce_error *err)
{
    bool written = ok;
    if (writer->file != NULL) {
        bool whole = ok && finish(writer);
        int number = errno;
        whole = fclose(writer->file) == 0 && whole;
        if (whole && rename(writer->part, writer->path) != 0) {
            number = errno;
            whole = false;
        }
        if (!whole) {
            (void)unlink(writer->part);
            written = ok ? device_error(number, err) : false;
        }
    }
    mem_free(writer->path);
    mem_free(writer->part);
    *writer = (struct csv_writer){0};
    return written;
}
