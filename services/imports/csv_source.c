#include "services/imports/csv_source.h"

#include "support/error.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

/* zlib's default of 8 KiB means a system call for every 90 lines of a plain file. */
enum { ZLIB_BUFFER = 128 * 1024 };

static bool open_failed(int error, ecommerce_error *err)
{
    switch (error) {
    case ENOENT:
    case ENOTDIR:
        return error_field(err, ECOMMERCE_NOT_FOUND, "file", "there is no such file");
    case EACCES:
    case EPERM:
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "the file may not be read");
    case ENOMEM:
        return error_memory(err);
    default:
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "the file cannot be opened: %s",
                           strerror(error));
    }
}

static bool refuse_directory(int fd, ecommerce_error *err)
{
    struct stat about;
    if (fstat(fd, &about) != 0)
        return open_failed(errno, err);
    if (S_ISDIR(about.st_mode))
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "this is a folder, not a file");
    return true;
}

bool csv_source_open(struct csv_source *source, const char *path, ecommerce_error *err)
{
    assert(source && path);
    *source = (struct csv_source){.file = NULL};
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return open_failed(errno, err);
    if (!refuse_directory(fd, err))
        goto fail;
    source->file = gzdopen(fd, "rb");
    if (!source->file) {
        error_memory(err);
        goto fail;
    }
    gzbuffer(source->file, ZLIB_BUFFER);
    return true;
fail:
    close(fd);
    return false;
}

void csv_source_memory(struct csv_source *source, struct str bytes)
{
    *source = (struct csv_source){.memory = bytes};
}

static size_t take_memory(struct csv_source *source, void *buffer, size_t size)
{
    size_t got = size < source->memory.len ? size : source->memory.len;
    if (got > 0) {
        memcpy(buffer, source->memory.ptr, got);
        source->memory.ptr += got;
        source->memory.len -= got;
    }
    return got;
}

static bool read_failed(struct csv_source *source, ecommerce_error *err)
{
    int status = Z_OK;
    gzerror(source->file, &status);
    switch (status) {
    case Z_BUF_ERROR:
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "the gzip file is cut short");
    case Z_DATA_ERROR:
        return error_field(err, ECOMMERCE_INVALID_ARGUMENT, "file", "the gzip file is damaged");
    case Z_MEM_ERROR:
        return error_memory(err);
    default:
        return error_field(err, ECOMMERCE_STORAGE_FAILED, "file", "reading the file failed");
    }
}

/* gzread answers a gzip stream that ends too early like the end of a file; only the status of a
 * short read tells them apart. */
static bool ended_early(struct csv_source *source)
{
    int status = Z_OK;
    gzerror(source->file, &status);
    return status != Z_OK && status != Z_STREAM_END;
}

bool csv_source_read(struct csv_source *source, void *buffer, size_t size, size_t *got,
                     ecommerce_error *err)
{
    if (!source->file) {
        *got = take_memory(source, buffer, size);
        return true;
    }
    unsigned int wanted = size > INT_MAX ? INT_MAX : (unsigned int)size;
    int count = gzread(source->file, buffer, wanted);
    if (count < 0)
        return read_failed(source, err);
    *got = (size_t)count;
    if (*got < wanted && ended_early(source))
        return read_failed(source, err);
    return true;
}

void csv_source_close(struct csv_source *source)
{
    if (source->file)
        gzclose_r(source->file);
    *source = (struct csv_source){.file = NULL};
}
