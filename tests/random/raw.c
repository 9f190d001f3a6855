/* A generator for each operation of raw.def, as Keras 3 and as TensorFlow in Keras 2 write it. */
#include "tests/random/layers.h"

#include <string.h>

/* ---- spelling ---- */

#define SETTINGS 4
/* A call: tensors and numbers in their places, and settings, each with its names in Keras 3 and 2. */
struct operation {
    struct layer *layer;
    const char *place[3]; /* an argument; NULL: none */
    bool tensor[3];
    const char *place_name[3]; /* in Keras 2, of those behind the first */
    struct setting {
        const char *name3, *name2, *json;
    } settings[SETTINGS];
    unsigned setting_count;
};

static bool start(struct scope *scope, const struct row *row, struct operation *operation) {
    const bool third = scope->of->dialect == 3;
    memset(operation, 0, sizeof *operation);
    if (third ? !*row->class_name : !*row->functions) return false;
    const char *name = row->functions;
    size_t length = strcspn(name, "|");
    if (!third)
        while (name[length] == '|' && chance(scope, 2)) {
            name += length + 1;
            length = strcspn(name, "|");
        }
    const bool slice = !third && strcmp(row->name, "GetItem") == 0;
    struct layer *layer = begin(scope, third   ? row->class_name
                                       : slice ? "SlicingOpLambda"
                                               : "TFOpLambda");
    if (!layer) return false;
    operation->layer = layer;
    layer->raw = true;
    layer->module = "keras.src.ops.numpy";
    layer->config = (struct text){0};
    set(layer, "name", "\"%s\"", layer->name);
    if (!third) {
        set(layer, "trainable", "true");
        set(layer, "dtype", "\"float32\"");
        set(layer, "function", "\"math.%.*s\"", (int)length, name);
    }
    scope->of->jumpy |= row->jumpy;
    return true;
}

static void tensor(struct scope *scope, struct operation *o, unsigned place, const char *name2,
                   const struct value *value) {
    o->place[place] = reference(scope, value);
    o->tensor[place] = true;
    o->place_name[place] = name2;
}
static void number(struct operation *o, unsigned place, const char *name2, const char *json) {
    o->place[place] = json;
    o->place_name[place] = name2;
}
static void setting(struct operation *o, const char *name3, const char *name2, const char *json) {
    o->settings[o->setting_count++] = (struct setting){name3, name2, json};
}

static const char *node_3(struct scope *scope, struct operation *o) {
    struct text node = {0};
    put(&node, "{\"args\":[");
    for (unsigned i = 0; i < 3 && o->place[i]; i++) put(&node, "%s%s", i ? "," : "", o->place[i]);
    put(&node, "],\"kwargs\":{");
    /* Settings are the operation's own, or of the call. */
    bool own = !chance(scope, 3), first = true;
    for (unsigned i = 0; i < o->setting_count; i++) {
        const struct setting *s = &o->settings[i];
        if (!s->name3) continue;
        if (own)
            set(o->layer, s->name3, "%s", s->json);
        else
            put(&node, "%s\"%s\":%s", first ? "" : ",", s->name3, s->json);
        first = false;
    }
    put(&node, "}}");
    return node.start;
}

/* ["x",0,0,{"y":...}], or a number first: ["_CONSTANT_VALUE",-1,2.0,{"y":...}] */
static const char *node_2(struct operation *o) {
    struct text others = {0}, node = {0};
    for (unsigned i = 1; i < 3; i++)
        if (o->place[i])
            put(&others, "%s\"%s\":%s", others.size ? "," : "", o->place_name[i], o->place[i]);
    for (unsigned i = 0; i < o->setting_count; i++)
        if (o->settings[i].name2)
            put(&others, "%s\"%s\":%s", others.size ? "," : "", o->settings[i].name2,
                o->settings[i].json);
    put(&others, "%s\"name\":null", others.size ? "," : "");
    const char *first = o->place[0];
    if (!o->tensor[0])
        put(&node, "[\"_CONSTANT_VALUE\",-1,%s,{%s}]", first, others.start);
    else if (first[1] == '[') { /* a list of tensors, each with the rest */
        put(&node, "[");
        for (const char *at = first + 1, *end; (end = strstr(at, "]")) != NULL && *at == '[';
             at = end + 2) {
            put(&node, "%s%.*s,{%s}]", node.size > 1 ? "," : "", (int)(end - at), at, others.start);
            if (end[1] != ',') break;
        }
        put(&node, "]");
    } else
        put(&node, "%.*s,{%s}]", (int)strlen(first) - 1, first, others.start);
    return node.start;
}

static bool finish(struct scope *scope, struct operation *o, const struct fovea_shape *output) {
    add_node(o->layer, scope->of->dialect == 3 ? node_3(scope, o) : node_2(o));
    return note_output(scope, o->layer, 0, 0, output);
}

static bool on_one(struct scope *scope, struct operation *o, const struct value *value,
                   const struct fovea_shape *output) {
    tensor(scope, o, 0, "x", value);
    return finish(scope, o, output);
}

#define LIST_MOST 20000 /* of a constant: no legal tensor has more */

/* ---- operations ---- */

/* Parameter: what has to stand before it so that it is well conditioned. */
static bool draw_map(struct scope *scope, const struct row *row) {
    static const struct {
        const char *class_name, *name3, *name2, *json;
    } own[] = {
        {"Celu", "alpha", "alpha", "1.5"},
        {"Elu", "alpha", NULL, "1.0"},
        {"Gelu", "approximate", "approximate", "true"},
        {"LeakyRelu", "negative_slope", "alpha", "0.25"},
        {"Squareplus", "b", "b", "3"},
        {"SoftShrink", "threshold", NULL, "0.25"},
        {"HardShrink", "threshold", NULL, "0.25"},
        {"Threshold", "threshold", NULL, "0.25"},
        {"Relu", NULL, "max_value", "4.0"},
    };
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    if (*row->parameter && !(value = activated(scope, value, row->parameter))) return false;
    if (!start(scope, row, &o)) return false;
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        if (strcmp(own[i].class_name, row->name) == 0 && (own[i].name3 || own[i].name2) &&
            (strcmp(row->name, "Threshold") == 0 || chance(scope, 2)))
            setting(&o, own[i].name3, own[i].name2, own[i].json);
    if (strcmp(row->name, "Threshold") == 0) setting(&o, "default_value", NULL, "0");
    return on_one(scope, &o, value, &value->shape);
}

static bool draw_plain(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !start(scope, row, &o)) return false;
    if (strcmp(row->name, "Cast") == 0) setting(&o, "dtype", "dtype", "\"float32\"");
    return on_one(scope, &o, value, &value->shape);
}

/* A tensor and a tensor, a number, or a constant of numbers. Parameter "positive": what is divided by. */
static bool draw_pair(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0), *other = NULL;
    struct fovea_shape out;
    struct operation o;
    if (!value || scope->sequential) return false;
    const uint32_t kind = roll(scope->dice, 4);
    const bool positive = strcmp(row->parameter, "positive") == 0;
    const bool reversed = row->functions[0] == 'r' && !*row->class_name;
    out = value->shape;
    if (kind == 0 && !(other = partner(scope, value, &out))) return false;
    if (positive && other && !(other = activated(scope, other, "sigmoid"))) return false;
    if (positive && (kind == 2 || reversed) && !(value = activated(scope, value, "sigmoid")))
        return false;
    if (!start(scope, row, &o)) return false;
    struct text list = {0};
    for (uint32_t i = 0; i < last_of(&value->shape) && i < LIST_MOST; i++)
        put(&list, "%s%u.5", i ? "," : "", 1 + i % 3);
    const char *constant =
        kind == 3 && value->shape.rank
            ? scope->of->dialect == 3
                  ? print("{\"class_name\":\"__numpy__\",\"config\":{\"value\":[%s]}}", list.start)
                  : print("[%s]", list.start)
            : "0.75";
    if (kind == 2 && !reversed) { /* the number comes first */
        number(&o, 0, "x", constant);
        tensor(scope, &o, 1, "y", value);
    } else {
        tensor(scope, &o, 0, "x", value);
        if (other)
            tensor(scope, &o, 1, reversed ? "x" : "y", other);
        else
            number(&o, 1, reversed ? "x" : "y", constant);
    }
    return finish(scope, &o, &out);
}

static bool draw_clip(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !start(scope, row, &o)) return false;
    setting(&o, "x_min", "clip_value_min", "-0.25");
    setting(&o, "x_max", "clip_value_max", "0.75");
    return on_one(scope, &o, value, &value->shape);
}

static bool draw_power(struct scope *scope, const struct row *row) {
    static const char *const powers[] = {"2", "3", "1.0", "-1", "-2", "0.5", "-0.5", "5", NULL};
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !(value = activated(scope, value, "sigmoid"))) return false;
    if (!start(scope, row, &o)) return false;
    number(&o, 1, "y", one_of(scope, powers));
    return on_one(scope, &o, value, &value->shape);
}

static bool draw_reduce(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !start(scope, row, &o)) return false;
    const struct fovea_shape *shape = &value->shape;
    const uint32_t mask = shape->rank ? 1 + roll(scope->dice, (1u << shape->rank) - 1) : 1;
    const bool keep = chance(scope, 2);
    struct fovea_shape out = {0};
    struct text axes = {0};
    uint32_t count = 0;
    for (uint32_t d = 0; d < shape->rank; d++) {
        if (mask >> d & 1) put(&axes, "%s%d", count++ ? "," : "", axis_of(scope, shape, d));
        if (!(mask >> d & 1) || keep) out.dims[out.rank++] = mask >> d & 1 ? 1 : shape->dims[d];
    }
    if (!axes.size) put(&axes, "1");
    setting(&o, "axis", "axis",
            count == 1 && chance(scope, 2) ? axes.start : print("[%s]", axes.start));
    setting(&o, "keepdims", "keepdims", keep ? "true" : "false");
    return on_one(scope, &o, value, &out);
}

static bool draw_rows(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    const uint32_t dimension = out.rank ? roll(scope->dice, out.rank) : 0;
    if (strcmp(row->name, "Glu") == 0) {
        if (out.dims[dimension] % 2) return false;
        out.dims[dimension] /= 2;
    }
    if (!start(scope, row, &o)) return false;
    setting(&o, "axis", "axis", print("%d", axis_of(scope, &value->shape, dimension)));
    if (strcmp(row->name, "Normalize") == 0) setting(&o, "order", NULL, "2");
    return on_one(scope, &o, value, &out);
}

static bool draw_matmul(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 2 + roll(scope->dice, 2)), *other;
    struct operation o;
    if (!value || scope->sequential || !(other = twin(scope, value))) return false;
    const uint32_t rank = value->shape.rank;
    struct fovea_shape out = value->shape;
    if (!scope->of->wild && (rank < 2 || elements(&out) > 2000)) return false;
    if (!start(scope, row, &o)) return false;
    tensor(scope, &o, 0, "a", value);
    if (scope->of->dialect == 2) { /* a times b transposed */
        tensor(scope, &o, 1, "b", other);
        bool first = chance(scope, 2);
        setting(&o, NULL, first ? "transpose_a" : "transpose_b", "true");
        if (rank > 1) {
            const uint32_t side = out.dims[first ? rank - 1 : rank - 2];
            out.dims[rank - 1] = out.dims[rank - 2] = side;
        }
    } else { /* a constant matrix */
        struct text matrix = {0};
        for (uint32_t i = 0; i < last_of(&out) && i < LIST_MOST; i++)
            put(&matrix, "%s[0.%u,0.25,%u]", i ? "," : "", 1 + i % 9, i % 2);
        number(&o, 1, "b",
               print("{\"class_name\":\"__numpy__\",\"config\":{\"value\":[%s]}}", matrix.start));
        if (rank > 2 && !scope->of->wild) return false;
        out.dims[rank ? rank - 1 : 0] = 3;
    }
    return finish(scope, &o, &out);
}

static bool draw_expand(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || (!scope->of->wild && value->shape.rank == FOVEA_RANK_MAX))
        return false;
    if (!start(scope, row, &o)) return false;
    const struct fovea_shape *shape = &value->shape;
    struct fovea_shape out = {0};
    const uint32_t at = roll(scope->dice, shape->rank + 1);
    for (uint32_t d = 0; d <= shape->rank && out.rank < FOVEA_RANK_MAX; d++)
        out.dims[out.rank++] = d == at ? 1 : shape->dims[d > at ? d - 1 : d];
    setting(&o, "axis", "axis", print("%d", axis_of(scope, &out, at)));
    return on_one(scope, &o, value, &out);
}

static bool draw_squeeze(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    const struct fovea_shape *shape = &value->shape;
    struct fovea_shape out = {0};
    uint32_t one = FOVEA_RANK_MAX;
    for (uint32_t d = 0; d < shape->rank; d++)
        if (shape->dims[d] == 1) one = d;
    if (one == FOVEA_RANK_MAX && !scope->of->wild) return false;
    if (!start(scope, row, &o)) return false;
    const bool all = chance(scope, 3);
    for (uint32_t d = 0; d < shape->rank; d++)
        if (all ? shape->dims[d] != 1 : d != one) out.dims[out.rank++] = shape->dims[d];
    setting(&o, "axis", "axis", all ? "null" : print("%d", axis_of(scope, shape, one)));
    return on_one(scope, &o, value, &out);
}

static bool draw_transpose(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !start(scope, row, &o)) return false;
    uint32_t order[FOVEA_RANK_MAX + 1] = {0};
    struct fovea_shape out = {value->shape.rank, {0}};
    shuffled(scope, order + 1, out.rank);
    for (uint32_t d = 0; d < out.rank; d++) out.dims[d] = value->shape.dims[order[d + 1]++];
    setting(&o, "axes", "perm", list_of(order, out.rank + 1));
    return on_one(scope, &o, value, &out);
}

static bool draw_move(struct scope *scope, const struct row *row) {
    const bool swap = strcmp(row->name, "Swapaxes") == 0;
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !start(scope, row, &o)) return false;
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
    setting(&o, swap ? "axis1" : "source", NULL, print("%d", axis_of(scope, shape, a)));
    setting(&o, swap ? "axis2" : "destination", NULL, print("%d", axis_of(scope, shape, b)));
    return on_one(scope, &o, value, &out);
}

static bool draw_raw_reshape(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !start(scope, row, &o)) return false;
    if (strcmp(row->name, "Ravel") == 0) { /* joins the pictures of a batch: nothing for fovea */
        scope->of->refused = true;
        scope->of->refusal = row->parameter;
        const struct fovea_shape flat = {1, {(uint32_t)elements(&value->shape)}};
        return on_one(scope, &o, value, &flat);
    }
    const struct fovea_shape out = reshaped(scope, &value->shape);
    const uint32_t open = chance(scope, 2) ? roll(scope->dice, out.rank) : out.rank;
    struct text shape = {0};
    put(&shape, "[-1");
    for (uint32_t d = 0; d < out.rank; d++) put(&shape, ",%d", (int)out.dims[d]);
    put(&shape, "]");
    (void)open;
    setting(&o, "newshape", "shape", shape.start);
    return on_one(scope, &o, value, &out);
}

static bool draw_repeat(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    if (!scope->of->wild && (elements(&out) > 2000 || out.rank == FOVEA_RANK_MAX)) return false;
    if (!start(scope, row, &o)) return false;
    if (strcmp(row->name, "Repeat") == 0) {
        const uint32_t dimension = out.rank ? roll(scope->dice, out.rank) : 0,
                       times = between(scope, 1, 3);
        out.dims[dimension] *= times;
        setting(&o, "repeats", "repeats", print("%u", times));
        setting(&o, "axis", "axis", print("%d", axis_of(scope, &value->shape, dimension)));
        return on_one(scope, &o, value, &out);
    }
    uint32_t times[FOVEA_RANK_MAX + 1] = {1};
    for (uint32_t d = 0; d < out.rank; d++)
        out.dims[d] *= times[d + 1] = chance(scope, 2) ? between(scope, 1, 3) : 1;
    setting(&o, "repeats", "multiples", list_of(times, out.rank + 1));
    return on_one(scope, &o, value, &out);
}

static bool draw_broadcast(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    if (!scope->of->wild && elements(&out) > 2000) return false;
    if (!start(scope, row, &o)) return false;
    struct text shape = {0};
    put(&shape, "[-1");
    for (uint32_t d = 0; d < out.rank; d++) {
        if (out.dims[d] == 1) out.dims[d] = between(scope, 1, 4);
        put(&shape, ",%u", out.dims[d]);
    }
    put(&shape, "]");
    setting(&o, "shape", "shape", shape.start);
    return on_one(scope, &o, value, &out);
}

static bool draw_pad(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    if (!scope->of->wild && elements(&out) > 1000) return false;
    if (!start(scope, row, &o)) return false;
    struct text widths = {0};
    put(&widths, "[[0,0]");
    for (uint32_t d = 0; d < out.rank; d++) {
        const uint32_t before = between(scope, 0, 2), behind = between(scope, 0, 2);
        put(&widths, ",[%u,%u]", before, behind);
        out.dims[d] += before + behind;
    }
    put(&widths, "]");
    setting(&o, "pad_width", "paddings", widths.start);
    setting(&o, "mode", "mode", chance(scope, 2) ? "\"constant\"" : "\"CONSTANT\"");
    return on_one(scope, &o, value, &out);
}

static bool draw_blocks(struct scope *scope, const struct row *row) {
    const bool to_depth = strcmp(row->name, "SpaceToDepth") == 0;
    const struct value *value = pick(scope, 3);
    struct operation o;
    if (!value || scope->sequential) return false;
    struct fovea_shape out = value->shape;
    uint32_t block = 1;
    for (uint32_t b = 2; b < 4 && !chance(scope, 6); b++)
        if (to_depth ? out.dims[0] % b == 0 && out.dims[1] % b == 0 : out.dims[2] % (b * b) == 0)
            block = b;
    if (!start(scope, row, &o)) return false;
    for (uint32_t d = 0; d < 2; d++)
        out.dims[d] = to_depth ? out.dims[d] / block : out.dims[d] * block;
    out.dims[2] = to_depth ? out.dims[2] * block * block : out.dims[2] / (block * block);
    setting(&o, "block_size", "block_size", print("%u", block));
    setting(&o, "data_format", "data_format",
            scope->of->dialect == 3 ? "\"channels_last\"" : "\"NHWC\"");
    return on_one(scope, &o, value, &out);
}

static bool draw_flip(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !start(scope, row, &o)) return false;
    const uint32_t rank = value->shape.rank ? value->shape.rank : 1;
    setting(&o, "axis", "axis",
            print("[%d]", axis_of(scope, &value->shape, roll(scope->dice, rank))));
    return on_one(scope, &o, value, &value->shape);
}

/* Python's indices: numbers, slices with steps of both signs, new axes, an ellipsis. */
static bool draw_slice(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !start(scope, row, &o)) return false;
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
    tensor(scope, &o, 0, "tensor", value);
    if (third)
        number(&o, 1, "key", key.start);
    else
        setting(&o, NULL, "slice_spec", key.start);
    return finish(scope, &o, &out);
}

static bool draw_list(struct scope *scope, const struct row *row) {
    const bool stack = strcmp(row->name, "Stack") == 0;
    const struct value *values[2] = {pick(scope, 0)};
    struct operation o;
    if (!values[0] || scope->sequential) return false;
    const struct fovea_shape *shape = &values[0]->shape;
    if (!scope->of->wild && stack && shape->rank == FOVEA_RANK_MAX) return false;
    if (!(values[1] = twin(scope, values[0])) || !start(scope, row, &o)) return false;
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
    setting(&o, "axis", "axis", print("%d", axis_of(scope, stack ? &out : shape, at)));
    return finish(scope, &o, &out);
}

static bool draw_split(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct operation o;
    if (!value || scope->sequential || !start(scope, row, &o)) return false;
    struct fovea_shape out = value->shape;
    const uint32_t dimension = out.rank ? roll(scope->dice, out.rank) : 0,
                   size = out.dims[dimension];
    uint32_t parts[2] = {size, 0}, count = 1;
    if (size > 1 && chance(scope, 2)) { /* a list: places to cut, or sizes */
        parts[0] = 1 + roll(scope->dice, size - 1);
        parts[1] = size - parts[0];
        count = 2;
        setting(&o, "indices_or_sections", "num_or_size_splits",
                list_of(parts, scope->of->dialect == 3 ? 1 : 2));
    } else {
        if (size % 2 == 0 && size) parts[0] = parts[1] = size / 2, count = 2;
        setting(&o, "indices_or_sections", "num_or_size_splits", print("%u", count));
    }
    setting(&o, "axis", "axis", print("%d", axis_of(scope, &value->shape, dimension)));
    out.dims[dimension] = parts[0];
    if (!on_one(scope, &o, value, &out)) return false;
    out.dims[dimension] = parts[1];
    return count == 1 || note_output(scope, o.layer, 0, 1, &out);
}

/* A comparison chooses between a tensor and a number. */
static bool draw_where(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0), *other;
    struct operation o;
    if (!value || scope->sequential || !(other = twin(scope, value))) return false;
    if (!start(scope, row, &o)) return false;
    tensor(scope, &o, 0, "condition", value);
    tensor(scope, &o, 1, "x", other);
    if (chance(scope, 2))
        number(&o, 2, "y", "0.5");
    else
        tensor(scope, &o, 2, "y", value);
    return finish(scope, &o, &value->shape);
}

#define RAW(name, functions, draw, parameter)                                                      \
    { name, draw, 0, parameter, false, functions, name }
#define JUMPS(name, functions, draw, parameter)                                                    \
    { name, draw, 0, parameter, true, functions, name }
#define RANKED(name, functions, draw, rank)                                                        \
    { name, draw, rank, "", false, functions, name }

const struct row rows_of_operations[] = {
    RAW("Abs", "abs", draw_map, ""),
    RAW("Absolute", "", draw_map, ""),
    RAW("Add", "add|add_v2|radd", draw_pair, ""),
    RAW("Amax", "", draw_reduce, ""),
    RAW("Amin", "", draw_reduce, ""),
    RAW("BroadcastTo", "broadcast_to", draw_broadcast, ""),
    RAW("Cast", "cast", draw_plain, ""),
    RAW("Celu", "", draw_map, ""),
    RAW("Clip", "clip_by_value", draw_clip, ""),
    RAW("Concatenate", "concat", draw_list, ""),
    RAW("ConvertToTensor", "convert_to_tensor|identity", draw_plain, ""),
    RAW("Copy", "stop_gradient|ensure_shape", draw_plain, ""),
    RANKED("DepthToSpace", "depth_to_space", draw_blocks, 3),
    RAW("Divide", "divide|truediv|realdiv|div", draw_pair, "positive"),
    RAW("Elu", "elu", draw_map, ""),
    JUMPS("Equal", "equal", draw_pair, ""),
    RAW("Erf", "erf", draw_map, ""),
    RAW("Exp", "exp", draw_map, "tanh"),
    RAW("ExpandDims", "expand_dims", draw_expand, ""),
    RAW("Flip", "reverse", draw_flip, ""),
    RAW("Gelu", "gelu", draw_map, ""),
    RAW("GetItem", "getitem", draw_slice, ""),
    RAW("Glu", "", draw_rows, ""),
    JUMPS("Greater", "greater", draw_pair, ""),
    JUMPS("GreaterEqual", "greater_equal", draw_pair, ""),
    JUMPS("HardShrink", "", draw_map, ""),
    RAW("HardSigmoid", "hard_sigmoid", draw_map, ""),
    RAW("HardSilu", "", draw_map, ""),
    RAW("HardTanh", "", draw_map, ""),
    RAW("LeakyRelu", "leaky_relu", draw_map, ""),
    JUMPS("Less", "less", draw_pair, ""),
    JUMPS("LessEqual", "less_equal", draw_pair, ""),
    RAW("Log", "log", draw_map, "sigmoid"),
    RAW("Log1p", "log1p", draw_map, "sigmoid"),
    RAW("LogSigmoid", "log_sigmoid", draw_map, ""),
    RAW("LogSoftmax", "log_softmax", draw_rows, ""),
    RAW("LogicalAnd", "logical_and", draw_pair, ""),
    JUMPS("LogicalNot", "logical_not", draw_plain, ""),
    RAW("LogicalOr", "logical_or", draw_pair, ""),
    RANKED("Matmul", "matmul", draw_matmul, 2),
    RAW("Max", "reduce_max", draw_reduce, ""),
    RAW("Maximum", "maximum", draw_pair, ""),
    RAW("Mean", "reduce_mean", draw_reduce, ""),
    RAW("Min", "reduce_min", draw_reduce, ""),
    RAW("Minimum", "minimum", draw_pair, ""),
    RAW("Mish", "", draw_map, ""),
    RAW("Moveaxis", "", draw_move, ""),
    RAW("Multiply", "multiply|mul|rmul", draw_pair, ""),
    RAW("Negative", "negative|neg", draw_map, ""),
    RAW("Normalize", "l2_normalize", draw_rows, ""),
    JUMPS("NotEqual", "not_equal", draw_pair, ""),
    RAW("Pad", "pad", draw_pad, ""),
    RAW("Power", "pow", draw_power, ""),
    RAW("Ravel", "", draw_raw_reshape, "K-163"),
    RAW("Reciprocal", "reciprocal", draw_map, "sigmoid"),
    RAW("Relu", "relu", draw_map, ""),
    RAW("Relu6", "relu6", draw_map, ""),
    RAW("Repeat", "repeat", draw_repeat, ""),
    RAW("Reshape", "reshape", draw_raw_reshape, ""),
    RAW("Rsqrt", "rsqrt", draw_map, "sigmoid"),
    RAW("Selu", "selu", draw_map, ""),
    RAW("Sigmoid", "sigmoid", draw_map, ""),
    RAW("Silu", "silu|swish", draw_map, ""),
    RAW("SoftShrink", "", draw_map, ""),
    RAW("Softmax", "softmax|softmax_v2", draw_rows, ""),
    RAW("Softplus", "softplus", draw_map, ""),
    RAW("Softsign", "softsign", draw_map, ""),
    RANKED("SpaceToDepth", "space_to_depth", draw_blocks, 3),
    RAW("SparsePlus", "", draw_map, ""),
    RAW("SparseSigmoid", "", draw_map, ""),
    RAW("Sparsemax", "", draw_rows, ""),
    RAW("Split", "split", draw_split, ""),
    RAW("Sqrt", "sqrt", draw_map, "sigmoid"),
    RAW("Square", "square", draw_map, ""),
    RAW("Squareplus", "", draw_map, ""),
    RAW("Squeeze", "squeeze", draw_squeeze, ""),
    RAW("Stack", "stack", draw_list, ""),
    RAW("Std", "reduce_std", draw_reduce, ""),
    RAW("StopGradient", "", draw_plain, ""),
    RAW("Subtract", "subtract|sub", draw_pair, ""),
    RAW("Sum", "reduce_sum", draw_reduce, ""),
    RAW("Swapaxes", "", draw_move, ""),
    RAW("Tanh", "tanh", draw_map, ""),
    RAW("TanhShrink", "", draw_map, ""),
    JUMPS("Threshold", "", draw_map, ""),
    RAW("Tile", "tile", draw_repeat, ""),
    RAW("Transpose", "transpose", draw_transpose, ""),
    RAW("TrueDivide", "", draw_pair, "positive"),
    RAW("Var", "reduce_variance", draw_reduce, ""),
    JUMPS("Where", "where|where_v2", draw_where, ""),
    {"rsub", draw_pair, 0, "", false, "rsub", ""},
    {"rtruediv|rdiv", draw_pair, 0, "positive", false, "rtruediv|rdiv", ""},
};
const size_t operation_row_count = sizeof rows_of_operations / sizeof *rows_of_operations;
