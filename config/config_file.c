/* config_file.c - files and environment variables of a configuration. See config_file.h. */
#include "config/config_file.h"

#include "config/config_loader.h"
#include "config/config_tree.h"
#include "support/error.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { PATH_BYTES = 4096, BLOCK = 4096 };

static bool refuse(ecommerce_error *err, const char *path, const char *sentence)
{
    return config_fault(err, path, 0, 0, NULL, "%s", sentence);
}

static const char *reason(int error)
{
    switch (error) {
    case ENOENT:
        return "there is no such file";
    case EACCES:
    case EPERM:
        return "this file may not be read";
    default:
        return "this file cannot be read";
    }
}

/* -1 after an error. Never waits: a FIFO in the place of a file would block for ever. */
static int open_regular(const char *path, struct stat *status, ecommerce_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        refuse(err, path, reason(errno));
        return -1;
    }
    if (fstat(fd, status) == 0 && S_ISREG(status->st_mode))
        return fd;
    refuse(err, path, "this is not a regular file");
    close(fd);
    return -1;
}

/* What is read counts, not the size that fstat told: the file may be growing. */
static bool read_all(int fd, const char *path, size_t maximum, struct text *content,
                     ecommerce_error *err)
{
    char block[BLOCK];
    ssize_t got = 0;
    bool ok = true;
    while (ok) {
        got = read(fd, block, sizeof(block));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            break;
        if ((size_t)got > maximum - content->len) {
            ok = config_fault(err, path, 0, 0, NULL, "larger than %zu bytes", maximum);
            break;
        }
        text_add(content, str_make(block, (size_t)got));
        ok = text_ok(content) || error_memory(err);
    }
    explicit_bzero(block, sizeof(block));
    return ok && (got == 0 || refuse(err, path, "this file cannot be read"));
}

static bool closed_to_others(const struct stat *status)
{
    return (status->st_mode & (S_IROTH | S_IWOTH)) == 0;
}

bool config_read_file(const char *path, struct text *content, bool *closed, ecommerce_error *err)
{
    struct stat status;
    int fd = open_regular(path, &status, err);
    if (fd < 0)
        return false;
    *closed = closed_to_others(&status);
    bool ok = read_all(fd, path, CONFIG_MAX_SIZE, content, err);
    close(fd);
    return ok;
}

/* As a C string; control characters would forge lines of the messages that quote it. */
static bool copy_name(struct str name, char *out, size_t size)
{
    if (name.len == 0 || name.len >= size)
        return false;
    for (size_t i = 0; i < name.len; i++)
        if ((unsigned char)name.ptr[i] < 0x20 || name.ptr[i] == 0x7F)
            return false;
    memcpy(out, name.ptr, name.len);
    out[name.len] = '\0';
    return true;
}

static void trim_line_end(struct text *text)
{
    if (text->len > 0 && text->ptr[text->len - 1] == '\n')
        text->len--;
    if (text->len > 0 && text->ptr[text->len - 1] == '\r')
        text->len--;
}

bool config_read_secret_file(struct str path, struct text *secret, ecommerce_error *err)
{
    char name[PATH_BYTES];
    struct stat status;
    if (!copy_name(path, name, sizeof(name)))
        return error_set(err, ECOMMERCE_INVALID_CONFIGURATION,
                         "the path of a secret's file is ill-formed");
    int fd = open_regular(name, &status, err);
    if (fd < 0)
        return false;
    bool ok =
        closed_to_others(&status) ||
        refuse(err, name, "others can read or write this secret's file; close it with chmod o=");
    ok = ok && read_all(fd, name, CONFIG_MAX_SECRET, secret, err);
    close(fd);
    if (ok)
        trim_line_end(secret);
    return ok && (secret->len > 0 || refuse(err, name, "this secret's file is empty"));
}

bool config_read_environment(struct str name, struct text *secret, ecommerce_error *err)
{
    char variable[256];
    if (!copy_name(name, variable, sizeof(variable)))
        return error_set(err, ECOMMERCE_INVALID_CONFIGURATION,
                         "the name of a secret's environment variable is ill-formed");
    const char *value = getenv(variable);
    if (!value || !*value)
        return error_set(err, ECOMMERCE_INVALID_CONFIGURATION, "the environment variable %s is %s",
                         variable, value ? "empty" : "not set");
    if (strlen(value) > CONFIG_MAX_SECRET)
        return error_set(err, ECOMMERCE_INVALID_CONFIGURATION,
                         "the environment variable %s is larger than %d bytes", variable,
                         CONFIG_MAX_SECRET);
    text_adds(secret, value);
    return text_ok(secret) || error_memory(err);
}
