/* Generators of operations that move numbers. */
#include "tests/random/raw.h"

#include <string.h>

bool draw_expand(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || (!scope->of->wild && value->shape.rank == FOVEA_RANK_MAX))
        return false;
    if (!operation_start(scope, row, &o)) return false;
    const struct fovea_shape *shape = &value->shape;
    struct fovea_shape out = {0};
    const uint32_t at = roll(scope->dice, shape->rank + 1);
    for (uint32_t d = 0; d <= shape->rank && out.rank < FOVEA_RANK_MAX; d++)
        out.dims[out.rank++] = d == at ? 1 : shape->dims[d > at ? d - 1 : d];
    operation_setting(&o, "axis", "axis", print("%d", axis_of(scope, &out, at)));
    return operation_on_one(scope, &o, value, &out);
}

bool draw_squeeze(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    const struct fovea_shape *shape = &value->shape;
    struct fovea_shape out = {0};
    uint32_t one = FOVEA_RANK_MAX;
    for (uint32_t d = 0; d < shape->rank; d++)
        if (shape->dims[d] == 1) one = d;
    if (one == FOVEA_RANK_MAX && !scope->of->wild) return false;
    if (!operation_start(scope, row, &o)) return false;
    const bool all = chance(scope, 3);
    for (uint32_t d = 0; d < shape->rank; d++)
        if (all ? shape->dims[d] != 1 : d != one) out.dims[out.rank++] = shape->dims[d];
    operation_setting(&o, "axis", "axis", all ? "null" : print("%d", axis_of(scope, shape, one)));
    return operation_on_one(scope, &o, value, &out);
}

bool draw_transpose(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    uint32_t order[FOVEA_RANK_MAX + 1] = {0};
    struct fovea_shape out = {value->shape.rank, {0}};
    shuffled(scope, order + 1, out.rank);
    for (uint32_t d = 0; d < out.rank; d++) out.dims[d] = value->shape.dims[order[d + 1]++];
    operation_setting(&o, "axes", "perm", list_of(order, out.rank + 1));
    return operation_on_one(scope, &o, value, &out);
}

bool draw_move(struct scope *scope, const struct row *row) {
    const bool swap = strcmp(row->name, "Swapaxes") == 0;
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    const struct fovea_shape *shape = &value->shape;
    struct fovea_shape out = *shape;
    const uint32_t rank = shape->rank ? shape->rank : 1, a = roll(scope->dice, rank),
                   b = roll(scope->dice, rank);
    if (swap) {
        out.dims[a] = shape->dims[b];
        out.dims[b] = shape->dims[a];
    } else {
        uint32_t from = 0;
        for (uint32_t d = 0; d < shape->rank; d++) {
            if (d == b) {
                out.dims[d] = shape->dims[a];
                continue;
            }
            from += from == a;
            out.dims[d] = shape->dims[from++];
        }
    }
    operation_setting(&o, swap ? "axis1" : "source", NULL, print("%d", axis_of(scope, shape, a)));
    operation_setting(&o, swap ? "axis2" : "destination", NULL,
                      print("%d", axis_of(scope, shape, b)));
    return operation_on_one(scope, &o, value, &out);
}

bool draw_raw_reshape(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    if (strcmp(row->name, "Ravel") == 0) { /* joins the pictures of a batch: nothing for fovea */
        scope->of->refused = true;
        scope->of->refusal = row->parameter;
        const struct fovea_shape flat = {1, {(uint32_t)elements(&value->shape)}};
        return operation_on_one(scope, &o, value, &flat);
    }
    const struct fovea_shape out = reshaped(scope, &value->shape);
    const uint32_t open = chance(scope, 2) ? roll(scope->dice, out.rank) : out.rank;
    struct text shape = {0};
    put(&shape, "[-1");
    for (uint32_t d = 0; d < out.rank; d++) put(&shape, ",%d", (int)out.dims[d]);
    put(&shape, "]");
    (void)open;
    operation_setting(&o, "newshape", "shape", shape.start);
    return operation_on_one(scope, &o, value, &out);
}

bool draw_repeat(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    if (!scope->of->wild && (elements(&out) > 2000 || out.rank == FOVEA_RANK_MAX)) return false;
    if (!operation_start(scope, row, &o)) return false;
    if (strcmp(row->name, "Repeat") == 0) {
        const uint32_t dimension = out.rank ? roll(scope->dice, out.rank) : 0,
                       times = between(scope, 1, 3);
        out.dims[dimension] *= times;
        operation_setting(&o, "repeats", "repeats", print("%u", times));
        operation_setting(&o, "axis", "axis",
                          print("%d", axis_of(scope, &value->shape, dimension)));
        return operation_on_one(scope, &o, value, &out);
    }
    uint32_t times[FOVEA_RANK_MAX + 1] = {1};
    for (uint32_t d = 0; d < out.rank; d++)
        out.dims[d] *= times[d + 1] = chance(scope, 2) ? between(scope, 1, 3) : 1;
    operation_setting(&o, "repeats", "multiples", list_of(times, out.rank + 1));
    return operation_on_one(scope, &o, value, &out);
}

bool draw_broadcast(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    if (!scope->of->wild && elements(&out) > 2000) return false;
    if (!operation_start(scope, row, &o)) return false;
    struct text shape = {0};
    put(&shape, "[-1");
    for (uint32_t d = 0; d < out.rank; d++) {
        if (out.dims[d] == 1) out.dims[d] = between(scope, 1, 4);
        put(&shape, ",%u", out.dims[d]);
    }
    put(&shape, "]");
    operation_setting(&o, "shape", "shape", shape.start);
    return operation_on_one(scope, &o, value, &out);
}

bool draw_pad(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    if (!scope->of->wild && elements(&out) > 1000) return false;
    if (!operation_start(scope, row, &o)) return false;
    struct text widths = {0};
    put(&widths, "[[0,0]");
    for (uint32_t d = 0; d < out.rank; d++) {
        const uint32_t before = between(scope, 0, 2), behind = between(scope, 0, 2);
        put(&widths, ",[%u,%u]", before, behind);
        out.dims[d] += before + behind;
    }
    put(&widths, "]");
    operation_setting(&o, "pad_width", "paddings", widths.start);
    operation_setting(&o, "mode", "mode", chance(scope, 2) ? "\"constant\"" : "\"CONSTANT\"");
    return operation_on_one(scope, &o, value, &out);
}

bool draw_blocks(struct scope *scope, const struct row *row) {
    const bool to_depth = strcmp(row->name, "SpaceToDepth") == 0;
    const struct value *value = pick(scope, 3);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    uint32_t block = 1;
    for (uint32_t b = 2; b < 4 && !chance(scope, 6); b++)
        if (to_depth ? out.dims[0] % b == 0 && out.dims[1] % b == 0 : out.dims[2] % (b * b) == 0)
            block = b;
    if (!operation_start(scope, row, &o)) return false;
    for (uint32_t d = 0; d < 2; d++)
        out.dims[d] = to_depth ? out.dims[d] / block : out.dims[d] * block;
    out.dims[2] = to_depth ? out.dims[2] * block * block : out.dims[2] / (block * block);
    operation_setting(&o, "block_size", "block_size", print("%u", block));
    operation_setting(&o, "data_format", "data_format",
                      scope->of->dialect == 3 ? "\"channels_last\"" : "\"NHWC\"");
    return operation_on_one(scope, &o, value, &out);
}

bool draw_flip(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    const uint32_t rank = value->shape.rank ? value->shape.rank : 1;
    operation_setting(&o, "axis", "axis",
                      print("[%d]", axis_of(scope, &value->shape, roll(scope->dice, rank))));
    return operation_on_one(scope, &o, value, &value->shape);
}

/* Python's indices: numbers, slices with steps of both signs, new axes, an ellipsis. */
bool draw_slice(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    const bool third = scope->of->dialect == 3;
    const char *open = third ? "{\"class_name\":\"__slice__\",\"config\":{" : "{";
    const char *close = third ? "}}" : "}";
    struct fovea_shape out = {0};
    struct text key = {0};
    put(&key, "[%s\"start\":null,\"stop\":null,\"step\":null%s", open, close);
    bool rest = chance(scope, 4);
    for (uint32_t d = 0; d < value->shape.rank; d++) {
        const int size = (int)value->shape.dims[d], kind = (int)roll(scope->dice, 5);
        const bool room = out.rank + value->shape.rank - d < FOVEA_RANK_MAX;
        if (kind == 4 && room) {
            put(&key, ",null");
            out.dims[out.rank++] = 1;
        }
        if (rest && d + 1 == value->shape.rank) {
            put(&key, ",{\"class_name\":\"__ellipsis__\"}");
            out.dims[out.rank++] = (uint32_t)size;
        } else if (kind == 1 && size > 0) {
            put(&key, ",%d",
                (int)roll(scope->dice, (uint32_t)size) - (chance(scope, 2) ? size : 0));
        } else if (kind == 2 && size > 0) {
            const int first = (int)roll(scope->dice, (uint32_t)size);
            const int stop = first + 1 + (int)roll(scope->dice, (uint32_t)(size - first));
            const int step = 1 + (int)roll(scope->dice, 3);
            put(&key, ",%s\"start\":%d,\"stop\":%d,\"step\":%d%s", open,
                chance(scope, 2) ? first - size : first, stop, step, close);
            out.dims[out.rank++] = (uint32_t)((stop - first + step - 1) / step);
        } else if (kind == 3 && size > 0) {
            put(&key, ",%s\"start\":null,\"stop\":null,\"step\":-2%s", open, close);
            out.dims[out.rank++] = (uint32_t)(size + 1) / 2;
        } else {
            put(&key, ",%s\"start\":null,\"stop\":null,\"step\":null%s", open, close);
            out.dims[out.rank++] = (uint32_t)size;
        }
        if (out.rank == FOVEA_RANK_MAX && !scope->of->wild) rest = false;
    }
    put(&key, "]");
    operation_tensor(scope, &o, 0, "tensor", value);
    if (third)
        operation_number(&o, 1, "key", key.start);
    else
        operation_setting(&o, NULL, "slice_spec", key.start);
    return operation_finish(scope, &o, &out);
}

bool draw_list(struct scope *scope, const struct row *row) {
    const bool stack = strcmp(row->name, "Stack") == 0;
    const struct value *values[2] = {pick(scope, 0)};
    struct operation o;
    if (!values[0] || scope->sequential) return false;
    const struct fovea_shape *shape = &values[0]->shape;
    if (!scope->of->wild && stack && shape->rank == FOVEA_RANK_MAX) return false;
    if (!(values[1] = twin(scope, values[0])) || !operation_start(scope, row, &o)) return false;
    struct fovea_shape out = *shape;
    const uint32_t at = stack         ? roll(scope->dice, shape->rank + 1)
                        : shape->rank ? roll(scope->dice, shape->rank)
                                      : 0;
    if (stack) {
        out = (struct fovea_shape){0};
        for (uint32_t d = 0; d <= shape->rank && out.rank < FOVEA_RANK_MAX; d++)
            out.dims[out.rank++] = d == at ? 2 : shape->dims[d > at ? d - 1 : d];
    } else
        out.dims[at] *= 2;
    o.place[0] = print("[%s,%s]", reference(scope, values[0]), reference(scope, values[1]));
    o.tensor[0] = true;
    operation_setting(&o, "axis", "axis", print("%d", axis_of(scope, stack ? &out : shape, at)));
    return operation_finish(scope, &o, &out);
}

bool draw_split(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !operation_start(scope, row, &o)) return false;
    struct fovea_shape out = value->shape;
    const uint32_t dimension = out.rank ? roll(scope->dice, out.rank) : 0,
                   size = out.dims[dimension];
    uint32_t parts[2] = {size, 0}, count = 1;
    if (size > 1 && chance(scope, 2)) { /* a list: places to cut, or sizes */
        parts[0] = 1 + roll(scope->dice, size - 1);
        parts[1] = size - parts[0];
        count = 2;
        operation_setting(&o, "indices_or_sections", "num_or_size_splits",
                          list_of(parts, scope->of->dialect == 3 ? 1 : 2));
    } else {
        if (size % 2 == 0 && size) parts[0] = parts[1] = size / 2, count = 2;
        operation_setting(&o, "indices_or_sections", "num_or_size_splits", print("%u", count));
    }
    operation_setting(&o, "axis", "axis", print("%d", axis_of(scope, &value->shape, dimension)));
    out.dims[dimension] = parts[0];
    if (!operation_on_one(scope, &o, value, &out)) return false;
    out.dims[dimension] = parts[1];
    return count == 1 || note_output(scope, o.layer, 0, 1, &out);
}

/* A comparison chooses between a tensor and a number. */
bool draw_where(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0), *other;
    struct operation o;
    if (!value || scope->sequential || !(other = twin(scope, value))) return false;
    if (!operation_start(scope, row, &o)) return false;
    operation_tensor(scope, &o, 0, "condition", value);
    operation_tensor(scope, &o, 1, "x", other);
    if (chance(scope, 2))
        operation_number(&o, 2, "y", "0.5");
    else
        operation_tensor(scope, &o, 2, "y", value);
    return operation_finish(scope, &o, &value->shape);
}
