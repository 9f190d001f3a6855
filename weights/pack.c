#include "weights/pack.h"

/* Where output o of a group lies: its block of `per_block` floats, and its lane. */
static size_t place_in_blocks(size_t o, size_t per_block) {
    return o / FOVEA_BLOCK * per_block + o % FOVEA_BLOCK;
}

void fovea_pack_row(const struct fovea_pack *pack, float *array, size_t row, const float *values) {
    size_t outputs = pack->outputs / pack->groups;
    size_t per_block = pack->taps * pack->inputs * FOVEA_BLOCK;
    size_t per_group = fovea_round_up(outputs, FOVEA_BLOCK) / FOVEA_BLOCK * per_block;
    for (size_t g = 0; g < pack->groups; g++) {
        float *group = array + g * per_group + row * FOVEA_BLOCK;
        for (size_t o = 0; o < outputs; o++)
            group[place_in_blocks(o, per_block)] = values[g * outputs + o];
    }
}

void fovea_pack_bias(const struct fovea_pack *pack, float *array, const float *values) {
    size_t outputs = pack->outputs / pack->groups;
    size_t per_group = fovea_round_up(outputs, FOVEA_BLOCK);
    for (size_t g = 0; g < pack->groups; g++)
        for (size_t o = 0; o < per_group; o++)
            array[g * per_group + o] = values && o < outputs ? values[g * outputs + o] : 0.0f;
}

void fovea_pack_depthwise(size_t taps, size_t channels, float *array, size_t tap,
                          const float *values) {
    for (size_t c = 0; c < channels; c++)
        array[tap * FOVEA_BLOCK + place_in_blocks(c, taps * FOVEA_BLOCK)] = values[c];
}
