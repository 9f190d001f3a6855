/* What several operators share: tails, slices, spans. */
#include "engine/op.h"

void fovea_tail_apply(const struct fovea_tail_run *tail, float *data, size_t count) {
    if (!tail) return;
    struct fovea_map map = {data, data, count, tail->alpha, tail->low, tail->high};
    tail->kernel(&map);
}

void fovea_slice(size_t count, size_t grain, uint32_t task, uint32_t tasks, size_t *begin,
                 size_t *end) {
    size_t grains = (count + grain - 1) / grain;
    /* grains / tasks first: grains * task could overflow */
    size_t share = grains / tasks, rest = grains % tasks;
    *begin = (share * task + rest * task / tasks) * grain;
    *end = (share * (task + 1) + rest * (task + 1) / tasks) * grain;
    if (*begin > count) *begin = count;
    if (*end > count) *end = count;
}

/* The taps of output `o` that lie inside the input. */
static void taps_at(const struct fovea_axis *axis, uint32_t o, uint32_t *tap, uint32_t *taps) {
    int64_t start = (int64_t)o * axis->stride - axis->before, input = axis->input;
    int64_t step = axis->dilation;
    int64_t first = start >= 0 ? 0 : (-start + step - 1) / step;
    int64_t behind = start >= input ? 0 : (input - start + step - 1) / step;
    if (behind > axis->kernel) behind = axis->kernel;
    *tap = behind > first ? (uint32_t)first : 0;
    *taps = behind > first ? (uint32_t)(behind - first) : 0;
}

struct fovea_span fovea_span_from(const struct fovea_axis *axis, uint32_t begin) {
    struct fovea_span span;
    taps_at(axis, begin, &span.tap, &span.taps);
    span.end = begin + 1;
    if (span.taps > 0 &&
        span.taps == axis->kernel) { /* up to where the last tap leaves the input */
        int64_t last = (int64_t)axis->input - 1 - (int64_t)(axis->kernel - 1) * axis->dilation;
        int64_t end = (last + axis->before) / axis->stride + 1;
        span.end = end < axis->output ? (uint32_t)end : axis->output;
    }
    for (; span.end < axis->output; span.end++) {
        uint32_t tap, taps;
        taps_at(axis, span.end, &tap, &taps);
        if (tap != span.tap || taps != span.taps) break;
    }
    span.begin = begin;
    int64_t at = (int64_t)begin * axis->stride - axis->before + (int64_t)span.tap * axis->dilation;
    span.at = span.taps ? (uint32_t)at : 0;
    return span;
}
