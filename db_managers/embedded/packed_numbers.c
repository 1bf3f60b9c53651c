/* packed_numbers.c - numbers of seven bits a byte. */
#include "db_managers/embedded/packed_numbers.h"

void packed_add(struct text *text, uint64_t number)
{
    char bytes[10];
    size_t size = 0;
    for (; number >= 0x80; number >>= 7)
        bytes[size++] = (char)(number | 0x80);
    bytes[size++] = (char)number;
    text_add(text, str_make(bytes, size));
}

void packed_add_signed(struct text *text, int64_t number)
{
    packed_add(text, ((uint64_t)number << 1) ^ (uint64_t)(number >> 63));
}

bool packed_next(struct str *bytes, uint64_t *number)
{
    uint64_t value = 0;
    for (size_t i = 0; i < bytes->len && i < 10; i++) {
        uint8_t byte = (uint8_t)bytes->ptr[i];
        value |= (uint64_t)(byte & 0x7f) << (7 * i);
        if (byte < 0x80) {
            *number = value;
            *bytes = str_make(bytes->ptr + i + 1, bytes->len - i - 1);
            return true;
        }
    }
    return false;
}

bool packed_next_int(struct str *bytes, int64_t *number)
{
    uint64_t value;
    if (!packed_next(bytes, &value))
        return false;
    *number = (int64_t)value;
    return true;
}

bool packed_next_signed(struct str *bytes, int64_t *number)
{
    uint64_t value;
    if (!packed_next(bytes, &value))
        return false;
    *number = (int64_t)(value >> 1) ^ -(int64_t)(value & 1);
    return true;
}
