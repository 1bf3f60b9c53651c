#include <ecommerce/ecommerce_error.h>
#if __has_include(<ecommerce/ecommerce_system.h>)
#include <ecommerce/ecommerce_system.h>
#endif
#include <string.h>

int main(void)
{
    return strcmp(ecommerce_error_name(ECOMMERCE_OUT_OF_STOCK), "out_of_stock") != 0;
}
