/* Choosing stripes: every stretch of layers that could be one is tried, by placing the tensors without those
 * it leaves out; what saves most is kept, as long as anything is saved. */
#include "weights/stripe.h"

#include "weights/blob_build.h"

#define TRY_NODES   1024       /* more take too long to try */
#define TRY_FUEL    (1u << 26) /* neighbours looked at in all, where one try looks at each pair once */
#define TRY_ROUNDS  4          /* times that a try may look at a pair */
#define WORTH_PART  16         /* a stripe saves this part of the memory at least, */
#define WORTH_BYTES 1024       /* and these bytes, a few hundred of which it takes for itself */

const struct fovea_window *fovea_stripe_window(const struct fovea_rule_query *query) {
    const struct fovea_window *window = NULL;
    switch (query->op) {
    case FOVEA_OP_CONV: window = query->as.conv.groups == 1 ? &query->as.conv.window : NULL; break;
    case FOVEA_OP_DEPTHWISE: window = &query->as.depthwise.window; break;
    case FOVEA_OP_MAX_POOL:
    case FOVEA_OP_MEAN_POOL: window = &query->as.pool.window; break;
    default: break;
    }
    /* Only these have a first input for sure. */
    return window && query->first.rank == 3 && query->output.rank == 3 ? window : NULL;
}

/* A stretch of nodes as a stripe, and what of the draft is another meanwhile. */
struct stripe {
    uint32_t first, last;
    uint64_t scratch; /* bytes of the rows kept */
    uint32_t inputs[3];
    const uint32_t *old_inputs;
    struct fovea_shape old[FOVEA_STRIPE_MOST];
};

struct stripes {
    struct fovea_draft *draft;
    struct stripe stripe[FOVEA_STRIPE_COUNT];
    uint32_t count, fuel, cost; /* what is left, and what a try takes */
};

/* Puts node `last` at the end of the stripe, of which the nodes before are part already; false where it
 * cannot be. */
static bool stripe_extend(struct fovea_draft *draft, struct stripe *s, uint32_t last) {
    struct fovea_rule_query query;
    if (last >= draft->node_count || last - s->first >= FOVEA_STRIPE_MOST ||
        !fovea_draft_shape(draft, last, &query))
        return false;
    const struct fovea_window *window = fovea_stripe_window(&query);
    if (FOVEA_Q8_BUILT && draft->values[draft->input_count + last].type != FOVEA_F32) return false;
    if (!window || draft->nodes[last].input_count > 2) return false;
    if (last > s->first) {
        const struct fovea_shape *between = &draft->values[draft->input_count + last - 1].shape;
        if (draft->nodes[last - 1].input_count > 1 ||
            draft->values[draft->input_count + last - 1].reader != last)
            return false;
        s->scratch += (uint64_t)fovea_stripe_rows(&window->y) * between->dims[1] *
                      between->dims[2] * sizeof(float);
    }
    s->last = last;
    return true;
}

/* Makes the draft one that places what the stripe needs: its tensors between are of one number each, its
 * input lives to its end. */
static void stripe_apply(struct fovea_draft *draft, struct stripe *s) {
    struct fovea_draft_node *last = &draft->nodes[s->last];
    for (uint32_t n = s->first; n < s->last; n++) {
        struct fovea_draft_value *value = &draft->values[draft->input_count + n];
        s->old[n - s->first] = value->shape;
        value->shape = (struct fovea_shape){.rank = 0};
    }
    s->old_inputs = last->inputs;
    for (uint32_t i = 0; i < last->input_count; i++) s->inputs[i] = last->inputs[i];
    s->inputs[last->input_count++] = draft->nodes[s->first].inputs[0];
    last->inputs = s->inputs;
}

static void stripe_undo(struct fovea_draft *draft, const struct stripe *s) {
    for (uint32_t n = s->first; n < s->last; n++)
        draft->values[draft->input_count + n].shape = s->old[n - s->first];
    draft->nodes[s->last].inputs = s->old_inputs;
    draft->nodes[s->last].input_count--;
}

static bool in_stripe(const struct stripes *all, uint32_t node) {
    for (uint32_t i = 0; i < all->count; i++)
        if (node >= all->stripe[i].first && node <= all->stripe[i].last) return true;
    return false;
}

/* The rows of all stripes share their memory. */
static uint64_t scratch_of(const struct stripes *all) {
    uint64_t most = 0;
    for (uint32_t i = 0; i < all->count; i++)
        most = all->stripe[i].scratch > most ? all->stripe[i].scratch : most;
    return most;
}

/* The best stripe that begins with node `first`, beside those that there are; *least becomes its memory. */
static bool try_from(struct stripes *all, uint32_t first, struct stripe *best, uint64_t *least) {
    struct fovea_draft *draft = all->draft;
    struct stripe s = {.first = first};
    uint64_t others = scratch_of(all), part = *least / WORTH_PART;
    uint64_t large = part < WORTH_BYTES ? WORTH_BYTES : part;
    bool found = false, worth = false; /* something large is left out */
    for (uint32_t last = first; !in_stripe(all, last) && stripe_extend(draft, &s, last); last++) {
        uint64_t count = 0;
        if (worth) {
            if (all->fuel < all->cost) return found;
            all->fuel -= all->cost;
            stripe_apply(draft, &s);
            if (fovea_draft_place(draft)) {
                uint64_t bytes = draft->arena + (s.scratch > others ? s.scratch : others);
                if (bytes + large < *least) *best = s, *least = bytes, large = 0, found = true;
            }
            stripe_undo(draft, &s);
        }
        fovea_shape_count(&draft->values[draft->input_count + last].shape, &count);
        worth |= count * sizeof(float) > part;
    }
    return found;
}

static void find_stripes(struct stripes *all, uint64_t least) {
    struct fovea_draft *draft = all->draft;
    for (bool more = true; more && all->count < FOVEA_STRIPE_COUNT;) {
        struct stripe best;
        more = false;
        for (uint32_t n = 0; n < draft->node_count; n++) more |= try_from(all, n, &best, &least);
        if (!more) return;
        all->stripe[all->count] = best;
        stripe_apply(draft, &all->stripe[all->count++]);
    }
}

void fovea_draft_stripes(struct fovea_draft *draft) {
    uint64_t arena = draft->arena;
    uint32_t values = draft->input_count + draft->node_count, fuel = draft->fuel;
    struct stripes all = {.draft = draft, .fuel = fuel && fuel < TRY_FUEL ? fuel : TRY_FUEL};
    draft->striped = 0;
    for (uint32_t v = 0; v < values; v++) draft->values[v].plain = draft->values[v].offset;
    if (draft->node_count <= TRY_NODES) {
        all.cost = values * values;
        draft->fuel = TRY_ROUNDS * all.cost;
        find_stripes(&all, arena);
    }
    if (all.count > 0 && fovea_draft_place(draft) &&
        draft->arena / FOVEA_ALIGN < FOVEA_BLOB_PASSED && draft->arena <= arena) {
        draft->striped = draft->arena;
        for (uint32_t v = 0; v < values; v++) draft->values[v].striped = draft->values[v].offset;
    }
    for (uint32_t i = 0; i < all.count; i++) {
        stripe_undo(draft, &all.stripe[i]);
        for (uint32_t n = all.stripe[i].first; n < all.stripe[i].last; n++)
            draft->values[draft->input_count + n].striped = FOVEA_NO_PLACE;
    }
    for (uint32_t v = 0; v < values; v++) draft->values[v].offset = draft->values[v].plain;
    draft->arena = arena;
    draft->fuel = fuel;
}
