/* Generators of layers of sequences, of categories, and of pools of a stated number of outputs. */
#include "tests/random/layers.h"

#include <string.h>

bool draw_masking(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, scope->of->wild ? 0 : 2);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    set(layer, "mask_value", "%s0.%u", chance(scope, 2) ? "-" : "", roll(scope->dice, 10));
    return connect_one(scope, layer, value, &value->shape);
}

/* Layers of cuDNN: two biases, no settings but sizes. */
bool draw_cudnn(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 2);
    if (!value || (!scope->of->wild && value->shape.dims[0] > 50)) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const uint64_t units = between(scope, 1, 6), all = units * (strstr(row->name, "GRU") ? 3 : 4);
    const bool sequence = chance(scope, 2);
    set(layer, "units", "%u", (unsigned)units);
    set(layer, "return_sequences", sequence ? "true" : "false");
    add_weight(scope, layer, "", "", "kernel", ABOUT_ZERO, 2,
               (const uint64_t[]){last_of(&value->shape), all});
    add_weight(scope, layer, "", "", "recurrent_kernel", ABOUT_ZERO, 2,
               (const uint64_t[]){units, all});
    add_vector(scope, layer, "bias", ABOUT_ZERO, 2 * all);
    struct fovea_shape out = {1, {(uint32_t)units}};
    if (sequence) out = (struct fovea_shape){2, {value->shape.dims[0], (uint32_t)units}};
    return connect_one(scope, layer, value, &out);
}

/* [kernel...][inputs][outputs], with kernels of 2 that leave the size as it is. */
bool draw_conv_lstm(struct scope *scope, const struct row *row) {
    const uint32_t n = (uint32_t)(row->name[8] - '0');
    const struct value *value = pick(scope, scope->of->wild ? 0 : n + 2);
    if (!value || (!scope->of->wild && (value->shape.dims[0] > 4 || elements(&value->shape) > 600)))
        return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const uint64_t filters = between(scope, 1, 3), inputs = last_of(&value->shape);
    const bool sequence = chance(scope, 2), bias = chance(scope, 2);
    const uint32_t sizes[3] = {2, 2, 2};
    uint64_t dims[6] = {2, 2, 2, 2, 2, 2};
    set(layer, "filters", "%u", (unsigned)filters);
    set(layer, "kernel_size", "%s", list_of(sizes, n));
    set(layer, "padding", "\"same\"");
    set(layer, "data_format", "\"channels_last\"");
    set(layer, "activation", "\"tanh\"");
    set(layer, "recurrent_activation", "\"hard_sigmoid\"");
    set(layer, "return_sequences", sequence ? "true" : "false");
    set(layer, "go_backwards", chance(scope, 2) ? "true" : "false");
    set(layer, "use_bias", bias ? "true" : "false");
    for (int recurrent = 0; recurrent < 2; recurrent++) {
        dims[n] = recurrent ? filters : inputs;
        dims[n + 1] = 4 * filters;
        add_weight(scope, layer, "cell", "", recurrent ? "recurrent_kernel" : "kernel", ABOUT_ZERO,
                   n + 2, dims);
    }
    if (bias)
        add_weight(scope, layer, "cell", "", "bias", ABOUT_ZERO, 1,
                   (const uint64_t[]){4 * filters});
    struct fovea_shape out = value->shape;
    const uint32_t rank = out.rank;
    if (rank) out.dims[rank - 1] = (uint32_t)filters;
    for (uint32_t d = 1; !sequence && d < rank; d++) out.dims[d - 1] = out.dims[d];
    if (!sequence && rank) out.rank--;
    return connect_one(scope, layer, value, &out);
}

static void add_projection(struct scope *scope, struct layer *layer, const char *part,
                           const char *mark, bool bias, const uint64_t *dims) {
    const bool output = part[0] == 'o';
    add_weight(scope, layer, part, mark, "kernel", ABOUT_ZERO, 3, dims);
    if (bias)
        add_weight(scope, layer, part, mark, "bias", ABOUT_ZERO, output ? 1 : 2,
                   dims + (output ? 2 : 1));
}

bool draw_grouped_attention(struct scope *scope, const struct row *row) {
    const struct value *query = pick(scope, scope->of->wild ? 0 : 2);
    if (!query || scope->sequential || (!scope->of->wild && elements(&query->shape) > 600))
        return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const uint64_t groups = between(scope, 1, 3), heads = groups * between(scope, 1, 2);
    const uint64_t size = between(scope, 1, 4), width = last_of(&query->shape);
    const bool bias = chance(scope, 2);
    set(layer, "num_query_heads", "%u", (unsigned)heads);
    set(layer, "num_key_value_heads", "%u", (unsigned)groups);
    set(layer, "head_dim", "%u", (unsigned)size);
    set(layer, "use_bias", bias ? "true" : "false");
    const uint64_t own[] = {width, heads, size}, shared[] = {width, groups, size},
                   back[] = {heads, size, width};
    add_projection(scope, layer, "query_dense", "query", bias, own);
    add_projection(scope, layer, "key_dense", "key", bias, shared);
    add_projection(scope, layer, "value_dense", "value", bias, shared);
    add_projection(scope, layer, "output_dense", "attention_output", bias, back);
    const char *q = reference(scope, query);
    if (scope->of->dialect == 3)
        add_node(layer, print("{\"args\":[%s,%s],\"kwargs\":{\"use_causal_mask\":%s}}", q, q,
                              chance(scope, 2) ? "true" : "false"));
    else
        add_node(layer, print("[%.*s,{\"value\":%s}]]", (int)strlen(q) - 1, q, q));
    return note_output(scope, layer, 0, 0, &query->shape);
}

bool draw_adaptive_pool(struct scope *scope, const struct row *row) {
    struct grid grid;
    uint32_t sizes[3];
    if (!grid_pick(scope, row->name, &grid)) return false;
    struct layer *layer = grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    for (unsigned i = 0; i < grid.n; i++) grid.size[i] = sizes[i] = between(scope, 1, grid.size[i]);
    set(layer, "output_size", "%s", list_of(sizes, grid.n));
    const struct fovea_shape out = grid_shape(&grid);
    return connect_one(scope, layer, grid.of, &out);
}

/* What becomes of a row of numbers for each of `depth` categories. */
static bool connect_encoded(struct scope *scope, struct layer *layer, const struct value *value,
                            uint32_t depth, bool whole) {
    struct fovea_shape out = value->shape;
    const char *mode = whole && chance(scope, 2) ? "int" : chance(scope, 2) ? "count" : "multi_hot";
    if (!scope->of->wild && (out.rank < 1 || out.rank > 5 || elements(&out) * depth > 5000))
        return false;
    if (mode[0] != 'i' && out.rank) out.dims[out.rank - 1] = depth;
    set(layer, "output_mode", "\"%s\"", mode);
    set(layer, "sparse", "false");
    return connect_one(scope, layer, value, &out);
}

bool draw_category_encoding(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    const uint32_t depth = between(scope, 2, 6);
    set(layer, "num_tokens", "%u", depth);
    return connect_encoded(scope, layer, value, depth, false);
}

bool draw_discretization(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    set(layer, "bin_boundaries", "[-0.4,0.1,%u.5]", roll(scope->dice, 3));
    set(layer, "num_bins", "null");
    return connect_encoded(scope, layer, value, 4, true);
}

bool draw_integer_lookup(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    set(layer, "num_oov_indices", "1");
    set(layer, "vocabulary", "[%u,0,-1]", 1 + roll(scope->dice, 5));
    return connect_encoded(scope, layer, value, 4, true);
}
