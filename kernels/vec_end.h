/* The operations every vec_*.h defines, and their end. All are IEEE singles, lane by lane:
 *
 *     v_set(x) v_splat(p)       all lanes x, *p
 *     v_load v_store            V_WIDTH floats at any float
 *     v_load_part v_store_part  n of them, 1 <= n < V_WIDTH; loads 0 into the others
 *     v_madd(a, b, c)           a * b + c, fused where the table says so
 *     v_root(v)                 the square root, rounded once
 *     v_greater(a, b)           a > b ? a : b, so b if either is a NaN
 *     v_lesser(a, b)            a < b ? a : b, likewise
 *     v_is_less v_is_at_most    masks for v_select(mask, yes, no); false for a NaN
 *     v_abs, v_or_sign(a, b)    without the sign bit; a with the sign bit of b set as well
 *     v_add_power(v, t)         bits(v) + (bits(t) << 23): times 2^n, see exponential.h
 *     v_load_half(p)            the values of V_WIDTH halves
 *     v_load_bytes(p)           those of V_WIDTH int8_t
 * and, where V_WIDTH is two blocks of weights (kernels/layout.h),
 *     v_load_blocks(p, apart)   one at p, and one `apart` floats behind its start
 * and, where one lane can be a factor, V_LANES, V_EACH_LANE(DO) for DO(0) DO(1) ..., with
 *     v_load_lanes(p)           V_LANES floats as a v_lanes
 *     v_madd_lane(a, b, i, c)   a * b[i] + c
 *     v_take(&p)                v_load(p), and moves p behind it
 * V_DEAR_BOUNDS is defined where v_greater and v_lesser take two instructions. */
#undef V_TARGET
#undef V_WIDTH
#undef V_POSITIONS
#undef V_FUSED
#undef V_DEAR_BOUNDS
#undef vec
#undef v_set
#undef v_splat
#undef v_load
#undef v_store
#undef v_some
#undef v_load_blocks
#undef v_load_part
#undef v_store_part
#undef v_load_half
#undef v_load_bytes
#undef v_add
#undef v_subtract
#undef v_multiply
#undef v_divide
#undef v_root
#undef v_madd
#undef V_LANES
#undef V_EACH_LANE
#undef v_lanes
#undef v_load_lanes
#undef v_madd_lane
#undef v_take
#undef v_greater
#undef v_lesser
#undef v_is_less
#undef v_is_at_most
#undef v_select
#undef v_or_sign
#undef v_abs
#undef v_add_power
#undef Q_POSITIONS
#undef q_sums
#undef q_words
#undef q_quads
#undef q_load
#undef q_float
#undef q_whole
#undef q_bytes
#undef q_weights
#undef q_quad
#undef q_ready
#undef q_blocks
#undef q_bias_blocks
#undef q_store
#undef q_low8
#undef q_high8
#undef q_low16
#undef q_high16
#undef q_word
#undef q_sum
#undef q_pairs
#undef q_add
#undef q_subtract
#undef q_right
#undef q_low
#undef q_high
#undef q_pack
#undef q_least
#undef q_most
#undef q_part
#undef q_find
#undef q_or
#undef q_flip
#undef q_put
#undef q_keep
