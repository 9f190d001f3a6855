/* Tables of 256 bytes by an instruction that looks up 16: sixteen of them, each of which adds nothing for bytes that are not
 * its own. The shim has
 *     q_part(p)               16 bytes in each 16 bytes of a vector
 *     q_find(part, x, first)  part[x - first] where x is first .. first + 15, else 0 */

#define GROUP (4 * V_WIDTH)

FOVEA_INLINE V_TARGET void ISA(table_group_q8)(const struct fovea_table_q8 *t, const uint8_t *from,
                                               uint8_t *to) {
    const q_sums x = q_load(from);
    q_sums found = q_sum(0);
    FOVEA_UNROLL
    for (int first = 0; first < 256; first += 16)
        found = q_or(found, q_find(q_part(t->table + first), x, first));
    q_put(to, q_flip(found));
}

static V_TARGET void ISA(table_q8)(const struct fovea_table_q8 *t) {
    uint8_t few[GROUP] = {0};
    size_t i = 0;
    for (; i + GROUP <= t->count; i += GROUP) ISA(table_group_q8)(t, t->from + i, t->output + i);
    if (i == t->count) return;
    fovea_copy(few, t->from + i, t->count - i);
    ISA(table_group_q8)(t, few, few);
    fovea_copy(t->output + i, few, t->count - i);
}
#undef GROUP
