#include "weights/bytes.h"
#include "weights/rules.h"

bool fovea_rule_matmul(struct fovea_rule_query *query) {
    struct fovea_matmul *m = &query->as.matmul;
    const struct fovea_shape *a = &query->first;
    struct fovea_shape b;
    if (query->inputs != 2)
        return fovea_rule_fail(query, "R-034 a product of matrices needs two inputs");
    query->shape_of(query->context, 1, &b);
    m->shared = b.rank == 2;
    if (a->rank < 2 || b.rank < 2 || (!m->shared && a->rank != b.rank))
        return fovea_rule_fail(query, "R-035 a product of tensors that are not matrices");
    if (query->attribute[FOVEA_MATMUL_TRANSPOSED] > 1)
        return fovea_rule_fail(query, "R-036 an unknown kind of matrix product");
    m->transposed = query->attribute[FOVEA_MATMUL_TRANSPOSED] == 1;
    m->batch = 1; /* at most FOVEA_ELEMENTS_MAX, as the input's elements are */
    for (uint32_t i = 0; i + 2 < a->rank; i++) {
        m->batch *= a->dims[i];
        if (!m->shared && a->dims[i] != b.dims[i])
            return fovea_rule_fail(query, "R-037 matrices that do not come in equal numbers");
    }
    m->rows = a->dims[a->rank - 2];
    m->inner = a->dims[a->rank - 1];
    m->columns = b.dims[b.rank - (m->transposed ? 2 : 1)];
    if (b.dims[b.rank - (m->transposed ? 1 : 2)] != m->inner)
        return fovea_rule_fail(query, "R-038 matrices that do not fit together");
    query->output = *a;
    query->output.dims[a->rank - 1] = m->columns;
    query->macs = fovea_product(fovea_product((uint64_t)m->batch * m->rows, m->inner), m->columns);
    return fovea_rule_tail(query, FOVEA_MATMUL_TAIL, &m->tail);
}
