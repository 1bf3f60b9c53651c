/*
 * ecommerce_operations.h - every operation of the shop as a C function with typed arguments.
 */
#pragma once

#include "ecommerce_system.h"
