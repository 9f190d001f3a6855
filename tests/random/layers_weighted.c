/* Generators of layers with weights. */
#include "tests/random/layers.h"

#include <string.h>

static void set_bias(struct scope *scope, struct layer *layer, uint64_t count) {
    const bool use = !chance(scope, 3);
    set(layer, "use_bias", use ? "true" : "false");
    if (use) add_vector(scope, layer, "bias", ABOUT_ZERO, count);
}

static void set_activation(struct scope *scope, struct layer *layer) {
    if (!chance(scope, 2)) {
        set(layer, "activation", "\"linear\"");
        return;
    }
    if (chance(scope, 4))
        set(layer, "activation",
            "{\"class_name\":\"LeakyReLU\",\"config\":{\"name\":\"a\",\"%s\":0.25}}",
            scope->of->dialect == 3 ? "negative_slope" : "alpha");
    else
        set(layer, "activation", "\"%s\"", one_of(scope, map_names));
}

/* ---- convolutions ---- */

/* Mostly few channels; now and then so many that a kernel of vectors has whole blocks. */
static uint32_t draw_channels(struct scope *scope) {
    static const uint32_t wide[] = {8, 16, 17, 24, 32, 33};
    return chance(scope, 3) ? wide[roll(scope->dice, 6)] : between(scope, 1, 6);
}

static bool too_much(const struct scope *scope, uint64_t work) {
    return !scope->of->wild && work > 400000;
}

/* [kernel...][inputs][outputs] */
static void add_kernel(struct scope *scope, struct layer *layer, const char *role,
                       const struct window *window, unsigned n, uint64_t inputs, uint64_t outputs) {
    uint64_t dims[6];
    for (unsigned i = 0; i < n; i++) dims[i] = window->kernel[i];
    dims[n] = inputs;
    dims[n + 1] = outputs;
    add_weight(scope, layer, "", "", role, ABOUT_ZERO, n + 2, dims);
}

bool draw_conv(struct scope *scope, const struct row *row) {
    struct grid grid;
    struct window window;
    if (!grid_pick(scope, row->name, &grid)) return false;
    uint32_t groups = 1, filters = draw_channels(scope);
    if (chance(scope, 3) && grid.channels)
        for (uint32_t g = 1 + roll(scope->dice, grid.channels); g > 1; g--)
            if (grid.channels % g == 0) {
                groups = g;
                filters = g * between(scope, 1, 3);
                break;
            }
    struct layer *layer = grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    set(layer, "filters", "%u", filters);
    set(layer, "groups", "%u", groups);
    window_draw(scope, layer, &grid, "kernel_size",
                WINDOW_DILATED | (grid.n == 1 ? WINDOW_CAUSAL : 0), &window);
    add_kernel(scope, layer, "kernel", &window, grid.n, grid.channels / groups, filters);
    set_bias(scope, layer, filters);
    set_activation(scope, layer);
    if (too_much(scope, elements(&grid.of->shape) * filters * window.kernel[0])) return false;
    window_apply(&window, &grid);
    grid.channels = filters;
    const struct fovea_shape out = grid_shape(&grid);
    return connect_one(scope, layer, grid.of, &out);
}

static const char *depthwise_role(const struct scope *scope) {
    return scope->of->dialect == 3 ? "kernel" : "depthwise_kernel";
}

bool draw_depthwise(struct scope *scope, const struct row *row) {
    struct grid grid;
    struct window window;
    if (!grid_pick(scope, row->name, &grid)) return false;
    const uint32_t multiplier = chance(scope, 2) ? between(scope, 1, 3) : 1;
    struct layer *layer = grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    set(layer, "depth_multiplier", "%u", multiplier);
    window_draw(scope, layer, &grid, "kernel_size", WINDOW_DILATED | WINDOW_SQUARE, &window);
    add_kernel(scope, layer, depthwise_role(scope), &window, grid.n, grid.channels, multiplier);
    window_apply(&window, &grid);
    grid.channels *= multiplier;
    set_bias(scope, layer, grid.channels);
    set_activation(scope, layer);
    const struct fovea_shape out = grid_shape(&grid);
    return connect_one(scope, layer, grid.of, &out);
}

bool draw_separable(struct scope *scope, const struct row *row) {
    struct grid grid;
    struct window window;
    if (!grid_pick(scope, row->name, &grid)) return false;
    const uint32_t multiplier = between(scope, 1, 2), filters = between(scope, 1, 9);
    struct layer *layer = grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    set(layer, "filters", "%u", filters);
    set(layer, "depth_multiplier", "%u", multiplier);
    window_draw(scope, layer, &grid, "kernel_size", WINDOW_DILATED | WINDOW_SQUARE, &window);
    add_kernel(scope, layer, "depthwise_kernel", &window, grid.n, grid.channels, multiplier);
    const struct window point = {.kernel = {1, 1, 1}};
    add_kernel(scope, layer, "pointwise_kernel", &point, grid.n,
               (uint64_t)grid.channels * multiplier, filters);
    set_bias(scope, layer, filters);
    set_activation(scope, layer);
    window_apply(&window, &grid);
    grid.channels = filters;
    const struct fovea_shape out = grid_shape(&grid);
    return connect_one(scope, layer, grid.of, &out);
}

/* Keras' deconv_output_length. */
static uint32_t transposed_size(const struct window *window, unsigned i, uint32_t size, int added) {
    const uint32_t stride = window->stride[i];
    const uint32_t reach = (window->kernel[i] - 1) * window->dilation[i] + 1;
    if (added >= 0)
        return (size - 1) * stride + reach - (window->same ? 2 * (reach / 2) : 0) + (uint32_t)added;
    return size * stride + (window->same || reach < stride ? 0 : reach - stride);
}

bool draw_conv_transposed(struct scope *scope, const struct row *row) {
    struct grid grid;
    struct window window;
    if (!grid_pick(scope, row->name, &grid)) return false;
    const uint32_t filters = between(scope, 1, 9);
    struct layer *layer = grid_begin(scope, row->name, &grid);
    if (!layer) return false;
    if (too_much(scope, elements(&grid.of->shape) * 30)) return false;
    set(layer, "filters", "%u", filters);
    window_draw(scope, layer, &grid, "kernel_size", WINDOW_DILATED, &window);
    uint32_t added[3];
    bool own = chance(scope, 4);
    for (unsigned i = 0; i < grid.n; i++) {
        added[i] = own && window.stride[i] > 1 ? roll(scope->dice, window.stride[i]) : 0;
        grid.size[i] = transposed_size(&window, i, grid.size[i], own ? (int)added[i] : -1);
        if (!scope->of->wild && (grid.size[i] < 1 || grid.size[i] > 100)) return false;
    }
    if (own)
        set(layer, "output_padding", "%s", list_of(added, grid.n));
    else
        set(layer, "output_padding", "null");
    /* [kernel...][outputs][inputs] */
    add_kernel(scope, layer, "kernel", &window, grid.n, filters, grid.channels);
    set_bias(scope, layer, filters);
    set_activation(scope, layer);
    grid.channels = filters;
    const struct fovea_shape out = grid_shape(&grid);
    return connect_one(scope, layer, grid.of, &out);
}

/* ---- dense layers and tables ---- */

bool draw_dense(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    if (!value || (!scope->of->wild && last_of(&value->shape) > 2000)) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    struct fovea_shape out = value->shape;
    const uint32_t units = draw_channels(scope);
    set(layer, "units", "%u", units);
    add_weight(scope, layer, "", "", "kernel", ABOUT_ZERO, 2,
               (const uint64_t[]){last_of(&value->shape), units});
    set_bias(scope, layer, units);
    set_activation(scope, layer);
    out.dims[out.rank ? out.rank - 1 : 0] = units;
    return connect_one(scope, layer, value, &out);
}

/* "abcd,cdef->abef": the last of the input's letters are summed over, new ones come. */
bool draw_einsum_dense(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    const uint32_t rank = value->shape.rank;
    const uint32_t summed = rank > 1 ? between(scope, 1, 2) : 1, made = between(scope, 1, 2);
    if (!scope->of->wild && rank - summed + made > FOVEA_RANK_MAX) return false;
    if (summed < 1 || summed > rank || made < 1 || made > 2) return false;
    static const char letters[] = "abcdefgh", fresh_letters[] = "xyz";
    char input[8] = {0}, kernel[8] = {0}, output[12] = {0};
    struct fovea_shape out = {rank - summed, {0}};
    uint64_t dims[6] = {0};
    struct text shape = {0};
    memcpy(input, letters, rank + 1);
    memcpy(output, letters, rank + 1 - summed);
    memcpy(kernel, letters + rank + 1 - summed, summed);
    for (uint32_t d = 0; d < out.rank; d++) {
        out.dims[d] = value->shape.dims[d];
        put(&shape, "%s%u", d ? "," : "", out.dims[d]);
    }
    for (uint32_t i = 0; i < summed; i++) dims[i] = value->shape.dims[rank - summed + i];
    for (uint32_t i = 0; i < made && out.rank < FOVEA_RANK_MAX; i++) {
        uint32_t size = between(scope, 1, 6);
        kernel[strlen(kernel)] = output[strlen(output)] = fresh_letters[i]; /* zeros behind */
        put(&shape, "%s%u", out.rank ? "," : "", size);
        out.dims[out.rank++] = size;
        dims[summed + i] = size;
    }
    set(layer, "equation", "\"%s,%s->%s\"", input, kernel, output);
    set(layer, "output_shape", out.rank == 1 && chance(scope, 2) ? "%s" : "[%s]", shape.start);
    add_weight(scope, layer, "", "", "kernel", ABOUT_ZERO, summed + made, dims);
    if (chance(scope, 2)) {
        const uint32_t from = chance(scope, 2) ? made - 1 : 0;
        set(layer, "bias_axes", "\"%.*s\"", (int)(made - from), fresh_letters + from);
        add_weight(scope, layer, "", "", "bias", ABOUT_ZERO, made - from, dims + summed + from);
    } else {
        set(layer, "bias_axes", "null");
    }
    set_activation(scope, layer);
    return connect_one(scope, layer, value, &out);
}

bool draw_embedding(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    if (!value || (!scope->of->wild && (value->shape.rank > 3 || elements(&value->shape) > 1000)))
        return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    struct fovea_shape out = value->shape;
    const uint32_t rows = between(scope, 1, 9), width = between(scope, 1, 9);
    set(layer, "input_dim", "%u", rows);
    set(layer, "output_dim", "%u", width);
    set(layer, "mask_zero", "false");
    add_weight(scope, layer, "", "", "embeddings", ABOUT_ZERO, 2, (const uint64_t[]){rows, width});
    if (out.rank < FOVEA_RANK_MAX) out.dims[out.rank++] = width;
    return connect_one(scope, layer, value, &out);
}

/* ---- normalizations ---- */

static void set_scale_and_center(struct scope *scope, struct layer *layer, bool scale,
                                 uint32_t rank, const uint64_t *dims) {
    const bool center = !chance(scope, 3);
    scale |= !chance(scope, 3);
    set(layer, "center", center ? "true" : "false");
    set(layer, "scale", scale ? "true" : "false");
    if (scale) add_weight(scope, layer, "", "", "gamma", ABOUT_ONE, rank, dims);
    if (center) add_weight(scope, layer, "", "", "beta", ABOUT_ZERO, rank, dims);
}

bool draw_batch_normalization(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    const uint32_t rank = value->shape.rank ? value->shape.rank : 1;
    const uint32_t dimension = chance(scope, 4) ? roll(scope->dice, rank) : rank - 1;
    const uint64_t count = value->shape.rank ? value->shape.dims[dimension] : 1;
    const int axis = axis_of(scope, &value->shape, dimension);
    set(layer, "axis", scope->of->dialect == 2 ? "[%d]" : "%d", axis);
    set(layer, "epsilon", "0.001");
    set_scale_and_center(scope, layer, false, 1, &count);
    add_vector(scope, layer, "moving_mean", ABOUT_ZERO, count);
    struct weight **last = layer->last;
    add_vector(scope, layer, "moving_variance", ABOVE_ZERO, count);
    (*last)->fixed = true;
    for (struct weight *w = layer->weights; w; w = w->next)
        w->fixed |= strncmp(w->role, "moving", 6) == 0;
    return connect_one(scope, layer, value, &value->shape);
}

bool draw_layer_normalization(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    const uint32_t rank = value->shape.rank ? value->shape.rank : 1;
    const uint32_t axes = rank > 1 && chance(scope, 3) ? 2 : 1;
    uint64_t dims[2] = {0};
    for (uint32_t i = 0; i < axes; i++)
        dims[i] = value->shape.rank ? value->shape.dims[rank - axes + i] : 1;
    if (axes == 2 || chance(scope, 2))
        set(layer, "axis", axes == 2 ? "[%d,%d]" : "[%d]",
            axis_of(scope, &value->shape, rank - axes), axis_of(scope, &value->shape, rank - 1));
    else
        set(layer, "axis", "%d", axis_of(scope, &value->shape, rank - 1));
    if (strcmp(row->parameter, "unit") != 0) set(layer, "epsilon", "0.001");
    if (strcmp(row->parameter, "scale") == 0) {
        add_weight(scope, layer, "", "", "scale", ABOUT_ONE, axes, dims);
    } else if (!*row->parameter) {
        const bool about_zero = scope->of->dialect == 3 && chance(scope, 4);
        set(layer, "rms_scaling", about_zero ? "true" : "false");
        if (about_zero) {
            set(layer, "center", "false");
            add_weight(scope, layer, "", "", "gamma", ABOUT_ONE, axes, dims);
        } else {
            set_scale_and_center(scope, layer, false, axes, dims);
        }
    }
    return connect_one(scope, layer, value, &value->shape);
}

bool draw_group_normalization(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    if (!value || (!scope->of->wild && value->shape.rank == FOVEA_RANK_MAX)) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const uint32_t rank = value->shape.rank ? value->shape.rank : 1,
                   dimension = roll(scope->dice, rank);
    const uint64_t channels = value->shape.rank ? value->shape.dims[dimension] : 1;
    int groups = 1;
    for (uint32_t g = 1 + roll(scope->dice, channels > 8 ? 8
                                            : channels   ? (uint32_t)channels
                                                         : 1);
         g > 1; g--)
        if (channels % g == 0) {
            groups = (int)g;
            break;
        }
    set(layer, "groups", "%d", chance(scope, 5) ? -1 : groups);
    set(layer, "axis", "%d", axis_of(scope, &value->shape, dimension));
    set(layer, "epsilon", "0.001");
    set_scale_and_center(scope, layer, false, 1, &channels);
    return connect_one(scope, layer, value, &value->shape);
}

/* Mean and variance in the config, or as weights that adapt() left. */
bool draw_normalization(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    const uint64_t count = last_of(&value->shape);
    const bool everywhere = chance(scope, 4), own = !everywhere && chance(scope, 2);
    if (everywhere)
        set(layer, "axis", "null");
    else
        set(layer, "axis", chance(scope, 2) ? "[%d]" : "%d",
            axis_of(scope, &value->shape, value->shape.rank ? value->shape.rank - 1 : 0));
    if (scope->of->dialect == 3) set(layer, "invert", chance(scope, 3) ? "true" : "false");
    if (!own) {
        set(layer, "mean", "0.25");
        set(layer, "variance", "1.5");
    } else {
        set(layer, "mean", "null");
        set(layer, "variance", "null");
        add_vector(scope, layer, "mean", ABOUT_ZERO, count);
        add_vector(scope, layer, "variance", ABOVE_ZERO, count);
        for (struct weight *w = layer->weights; w; w = w->next) w->fixed = true;
    }
    return connect_one(scope, layer, value, &value->shape);
}

bool draw_layer_scale(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    set(layer, "init_values", "1.0");
    set(layer, "projection_dim", "%u", last_of(&value->shape));
    add_vector(scope, layer, "gamma", ABOUT_ONE, last_of(&value->shape));
    return connect_one(scope, layer, value, &value->shape);
}

bool draw_prelu(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    struct layer *layer = value ? begin(scope, row->name) : NULL;
    if (!layer) return false;
    uint64_t dims[6] = {0};
    struct text shared = {0};
    for (uint32_t d = 0; d < value->shape.rank; d++) {
        bool one = value->shape.rank > 1 && chance(scope, 2);
        dims[d] = one ? 1 : value->shape.dims[d];
        if (one) put(&shared, "%s%u", shared.size ? "," : "", d + 1);
    }
    set(layer, "shared_axes", shared.size ? "[%s]" : "null", shared.start);
    add_weight(scope, layer, "", "", "alpha", ABOUT_ZERO, value->shape.rank, dims);
    return connect_one(scope, layer, value, &value->shape);
}

/* ---- sequences ---- */

struct cell {
    const char *name, *mark;
    uint32_t gates;
};
static const struct cell cells[] = {
    {"GRU", "gru_cell", 3}, {"LSTM", "lstm_cell", 4}, {"SimpleRNN", "simple_rnn_cell", 1}};

/* The settings of a cell, and its weights in `part` and `mark`. */
static const char *draw_cell(struct scope *scope, struct layer *layer, const struct cell *cell,
                             const char *part, const char *mark, uint64_t inputs, uint64_t units) {
    static const char *const states[] = {"tanh", "relu", "softsign", NULL};
    static const char *const gates[] = {"sigmoid", "hard_sigmoid", NULL};
    struct text config = {0};
    const bool bias = !chance(scope, 3), after = chance(scope, 2);
    const uint64_t all = units * cell->gates;
    put(&config, "\"units\":%llu,\"activation\":\"%s\",\"use_bias\":%s", (unsigned long long)units,
        one_of(scope, states), bias ? "true" : "false");
    if (cell->gates > 1) put(&config, ",\"recurrent_activation\":\"%s\"", one_of(scope, gates));
    if (cell->gates == 3) put(&config, ",\"reset_after\":%s", after ? "true" : "false");
    add_weight(scope, layer, part, mark, "kernel", ABOUT_ZERO, 2, (const uint64_t[]){inputs, all});
    add_weight(scope, layer, part, mark, "recurrent_kernel", ABOUT_ZERO, 2,
               (const uint64_t[]){units, all});
    if (bias && cell->gates == 3 && after)
        add_weight(scope, layer, part, mark, "bias", ABOUT_ZERO, 2, (const uint64_t[]){2, all});
    else if (bias)
        add_weight(scope, layer, part, mark, "bias", ABOUT_ZERO, 1, &all);
    return config.start;
}

static const struct cell *cell_named(struct scope *scope, const char *name) {
    for (size_t i = 0; i < sizeof cells / sizeof *cells; i++)
        if (strcmp(cells[i].name, name) == 0) return &cells[i];
    return &cells[roll(scope->dice, 3)];
}

static struct fovea_shape recurrent_shape(const struct fovea_shape *in, uint32_t units,
                                          bool sequence) {
    const struct fovea_shape all = {2, {in->dims[0], units}}, last = {1, {units}};
    return sequence ? all : last;
}

bool draw_recurrent(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 2);
    if (!value || (!scope->of->wild && value->shape.dims[0] > 50)) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const struct cell *cell = cell_named(scope, row->name);
    const uint32_t units = between(scope, 1, 9);
    const bool sequence = chance(scope, 2), outside = strcmp(row->name, "RNN") == 0;
    set(layer, "return_sequences", sequence ? "true" : "false");
    set(layer, "go_backwards", chance(scope, 3) ? "true" : "false");
    const char *config =
        draw_cell(scope, layer, cell, "cell", cell->mark, last_of(&value->shape), units);
    if (outside)
        set(layer, "cell", "{\"class_name\":\"%sCell\",\"config\":{%s}}", cell->name, config);
    else
        put(&layer->config, ",%s", config);
    const struct fovea_shape out = recurrent_shape(&value->shape, units, sequence);
    return connect_one(scope, layer, value, &out);
}

bool draw_bidirectional(struct scope *scope, const struct row *row) {
    static const char *const modes[] = {"concat", "sum", "mul", "ave", "null", NULL};
    const struct value *value = pick(scope, 2);
    if (!value || (!scope->of->wild && value->shape.dims[0] > 50)) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const struct cell *cell = cell_named(scope, "");
    const char *mode = scope->sequential ? "concat" : one_of(scope, modes);
    const uint32_t units = between(scope, 1, 9);
    const bool sequence = chance(scope, 2), two = strcmp(mode, "null") == 0;
    const uint64_t inputs = last_of(&value->shape);
    struct dice before = *scope->dice; /* both ways are the same layer */
    const char *config = draw_cell(scope, layer, cell, "forward_layer/cell",
                                   print("forward_x/%s", cell->mark), inputs, units);
    *scope->dice = before;
    draw_cell(scope, layer, cell, "backward_layer/cell", print("backward_x/%s", cell->mark), inputs,
              units);
    set(layer, "layer",
        "{\"class_name\":\"%s\",\"config\":{\"name\":\"x\",\"return_sequences\":%s,"
        "\"go_backwards\":false,%s}}",
        cell->name, sequence ? "true" : "false", config);
    set(layer, "merge_mode", two ? "%s" : "\"%s\"", mode);
    struct fovea_shape out = recurrent_shape(&value->shape, units, sequence);
    if (mode[0] == 'c') out.dims[out.rank - 1] *= 2;
    if (!connect_one(scope, layer, value, &out)) return false;
    if (two)
        for (unsigned call = 0; call < layer->calls; call++)
            if (!note_output(scope, layer, call, 1, &out)) return true;
    return true;
}

/* A layer for each step: a dense one, a convolution, a recurrent one, or one without weights. */
bool draw_time_distributed(struct scope *scope, const struct row *row) {
    const struct value *value = pick(scope, 0);
    if (!value || (!scope->of->wild && (value->shape.rank < 2 || value->shape.dims[0] > 12)))
        return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const struct fovea_shape *in = &value->shape;
    struct fovea_shape out = *in;
    const uint32_t units = between(scope, 1, 6), kind = roll(scope->dice, 4);
    const uint64_t inputs = last_of(in);
    const char *class_name = "Activation", *config = "\"activation\":\"tanh\"";
    if (kind == 1) {
        class_name = "Dense";
        config = print("\"units\":%u,\"use_bias\":false,\"activation\":\"relu\"", units);
        add_weight(scope, layer, "layer", "", "kernel", ABOUT_ZERO, 2,
                   (const uint64_t[]){inputs, units});
        out.dims[out.rank ? out.rank - 1 : 0] = units;
    } else if (kind == 2 && (in->rank == 4 || scope->of->wild)) {
        class_name = "Conv2D";
        config =
            print("\"filters\":%u,\"kernel_size\":[3,2],\"strides\":[1,1],\"padding\":\"same\","
                  "\"data_format\":\"channels_last\",\"use_bias\":true",
                  units);
        add_weight(scope, layer, "layer", "", "kernel", ABOUT_ZERO, 4,
                   (const uint64_t[]){3, 2, inputs, units});
        add_weight(scope, layer, "layer", "", "bias", ABOUT_ZERO, 1, (const uint64_t[]){units});
        out.dims[out.rank ? out.rank - 1 : 0] = units;
    } else if (kind == 3 && (in->rank == 3 || scope->of->wild)) {
        const struct cell *cell = cell_named(scope, "");
        class_name = cell->name;
        config = print("\"return_sequences\":false,%s",
                       draw_cell(scope, layer, cell, "layer/cell", cell->mark, inputs, units));
        out = (struct fovea_shape){2, {in->dims[0], units}};
    }
    set(layer, "layer",
        "{\"class_name\":\"%s\",\"config\":{\"name\":\"x\",\"trainable\":true,\"dtype\":"
        "\"float32\",%s}}",
        class_name, config);
    return connect_one(scope, layer, value, &out);
}

/* ---- attention ---- */

bool draw_attention(struct scope *scope, const struct row *row) {
    const bool additive = strcmp(row->name, "AdditiveAttention") == 0;
    const struct value *values[3] = {pick(scope, 2)};
    if (!values[0] || (!scope->of->wild && elements(&values[0]->shape) > 1000)) return false;
    const unsigned count = 2 + chance(scope, 2);
    for (unsigned i = 1; i < count; i++)
        if (!(values[i] = twin(scope, values[0]))) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const bool scale = chance(scope, 2),
               concat = !additive && scope->of->dialect == 3 && chance(scope, 3);
    set(layer, "use_scale", scale ? "true" : "false");
    if (scale && additive)
        add_vector(scope, layer, "scale", ABOUT_ZERO, last_of(&values[0]->shape));
    if (scale && !additive) add_weight(scope, layer, "", "", "scale", ABOUT_ONE, 0, NULL);
    if (!additive) set(layer, "score_mode", concat ? "\"concat\"" : "\"dot\"");
    if (concat) add_weight(scope, layer, "", "", "concat_score_weight", ABOUT_ONE, 0, NULL);
    return connect(scope, layer, values, count, &values[0]->shape);
}

static void add_projection(struct scope *scope, struct layer *layer, const char *part,
                           const char *mark, bool bias, const uint64_t *dims) {
    add_weight(scope, layer, part, mark, "kernel", ABOUT_ZERO, 3, dims);
    const bool output = part[0] == 'o';
    if (bias)
        add_weight(scope, layer, part, mark, "bias", ABOUT_ZERO, output ? 1 : 2,
                   dims + (output ? 2 : 1));
}

bool draw_multi_head_attention(struct scope *scope, const struct row *row) {
    const struct value *query = pick(scope, scope->of->wild ? 0 : 2 + roll(scope->dice, 2)), *value;
    if (!query || (!scope->of->wild && elements(&query->shape) > 600)) return false;
    if (!(value = twin(scope, query))) return false;
    struct layer *layer = begin(scope, row->name);
    if (!layer) return false;
    const uint64_t heads = between(scope, 1, 3), key = between(scope, 1, 4);
    const uint64_t own = chance(scope, 2) ? between(scope, 1, 4) : key,
                   width = last_of(&query->shape);
    const uint64_t outputs = chance(scope, 2) ? between(scope, 1, 6) : width;
    const bool bias = !chance(scope, 3);
    struct fovea_shape out = query->shape;
    set(layer, "num_heads", "%llu", (unsigned long long)heads);
    set(layer, "key_dim", "%llu", (unsigned long long)key);
    set(layer, "value_dim", own == key ? "null" : "%llu", (unsigned long long)own);
    set(layer, "use_bias", bias ? "true" : "false");
    set(layer, "output_shape", outputs == width ? "null" : "[%llu]", (unsigned long long)outputs);
    set(layer, "attention_axes", "null");
    add_projection(scope, layer, "query_dense", "query", bias,
                   (const uint64_t[]){width, heads, key});
    add_projection(scope, layer, "key_dense", "key", bias, (const uint64_t[]){width, heads, key});
    add_projection(scope, layer, "value_dense", "value", bias,
                   (const uint64_t[]){width, heads, own});
    add_projection(scope, layer, "output_dense", "attention_output", bias,
                   (const uint64_t[]){heads, own, outputs});
    const char *q = reference(scope, query), *v = reference(scope, value);
    if (scope->of->dialect == 3)
        add_node(layer, print("{\"args\":[%s,%s],\"kwargs\":{}}", q, v));
    else
        add_node(layer, print("[%.*s,{\"value\":%s}]]", (int)strlen(q) - 1, q, v));
    out.dims[out.rank ? out.rank - 1 : 0] = (uint32_t)outputs;
    return note_output(scope, layer, 0, 0, &out);
}
