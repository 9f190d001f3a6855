/* A program that only finds the header. */
#include "fovea.h"

unsigned app_version(void);
unsigned app_version(void) {
    return fovea_version();
}
