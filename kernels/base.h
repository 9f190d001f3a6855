/* What every file of the library stands on: the compiler, the machine, the two services it needs
 * from libc. Nothing here allocates, prints or keeps state; only freestanding headers are used. */
#ifndef FOVEA_KERNELS_BASE_H
#define FOVEA_KERNELS_BASE_H

#include <float.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#if defined(__FAST_MATH__)
#error "fovea: -ffast-math changes results; compile without it"
#endif

/* ---- the machine ---- */
#if defined(__x86_64__) || defined(_M_X64) || defined(__i386__)
#define FOVEA_X86 1
#else
#define FOVEA_X86 0
#endif

#if defined(__aarch64__)
#define FOVEA_ARM64 1
#else
#define FOVEA_ARM64 0
#endif

/* 32-bit ARM with NEON allowed by the compiler's flags (hosted builds for ARMv7-A use -mfpu=neon). */
#if defined(__arm__) && defined(__ARM_NEON)
#define FOVEA_ARM32_NEON 1
#else
#define FOVEA_ARM32_NEON 0
#endif

/* What else the compiler's flags allow, and no operating system is asked for. */
#if defined(__wasm_simd128__)
#define FOVEA_WASM 1
#else
#define FOVEA_WASM 0
#endif

#if defined(__ARM_FEATURE_MVE) && (__ARM_FEATURE_MVE & 2) /* with floats */
#define FOVEA_HELIUM 1
#else
#define FOVEA_HELIUM 0
#endif

/* No vectors, but a fused multiply-add of singles. */
#if ((defined(__arm__) && defined(__ARM_FEATURE_FMA) && !FOVEA_ARM32_NEON && !FOVEA_HELIUM) ||     \
     (defined(__riscv_flen) && __riscv_flen >= 32)) &&                                             \
    (defined(__GNUC__) || defined(__clang__))
#define FOVEA_SCALAR 1
#else
#define FOVEA_SCALAR 0
#endif

/* Where there is little memory and no large cache, what only buys speed with memory is left out. */
#ifndef FOVEA_SMALL
#if (defined(__ARM_ARCH_PROFILE) && __ARM_ARCH_PROFILE == 'M') ||                                  \
    (defined(__riscv_xlen) && __riscv_xlen == 32)
#define FOVEA_SMALL 1
#else
#define FOVEA_SMALL 0
#endif
#endif

/* Kernels that multiply bytes by VPDPBUSD, built where compiler and assembler know it. */
#ifndef FOVEA_VNNI
#if defined(__x86_64__) && !FOVEA_SMALL && !defined(_WIN32) &&                                     \
    ((defined(__clang__) && __clang_major__ >= 12) ||                                              \
     (!defined(__clang__) && defined(__GNUC__) && __GNUC__ >= 11))
#define FOVEA_VNNI 1
#else
#define FOVEA_VNNI 0
#endif
#endif

/* Layers with large tensors by rows where memory is scarce (weights/stripe.h). 0 leaves that out of an image
 * that has RAM to spare, but not flash. */
#ifndef FOVEA_STRIPES
#define FOVEA_STRIPES 1
#endif

/* What errors say beside their status and place: an id and a text (weights/check.h). For small images: 0 for
 * FOVEA_TEXTS leaves the texts out, and the kernels' names; 0 for FOVEA_IDS the ids as well. */
#ifndef FOVEA_TEXTS
#define FOVEA_TEXTS 1
#endif
#ifndef FOVEA_IDS
#define FOVEA_IDS 1
#endif
/* A check's text or, in a build without texts, the number of its id. */
#if FOVEA_TEXTS
typedef const char *fovea_problem;
#define FOVEA_TEXT(text) (text)
#else
typedef uint32_t fovea_problem;
#define FOVEA_DIGIT(text, i) ((uint32_t)((text)[i] - '0'))
#define FOVEA_TEXT(text)                                                                           \
    (FOVEA_IDS                                                                                     \
         ? (uint32_t)((text)[0] - 'A') << 10 |                                                     \
               (FOVEA_DIGIT(text, 2) * 100 + FOVEA_DIGIT(text, 3) * 10 + FOVEA_DIGIT(text, 4))     \
         : 1u)
#endif
#define FOVEA_NO_PROBLEM ((fovea_problem)0)
/* Why something is not done: no error, and so "" in a build without texts. */
#define FOVEA_REASON(text) (FOVEA_TEXTS ? (text) : "")

#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
#define FOVEA_BIG_ENDIAN 1
#else
#define FOVEA_BIG_ENDIAN 0
#endif

/* ---- the compiler ---- */
/* FOVEA_INLINE: speed or the target attribute needs it; FOVEA_STATIC: the compiler weighs size.
 * FOVEA_OPAQUE: hides how a pointer was found, so that a loop does not find it anew each time; never one
 * to something local, which the compiler would believe untouched. */
#if defined(__GNUC__) || defined(__clang__)
#define FOVEA_STATIC           static inline __attribute__((unused))
#define FOVEA_INLINE           static inline __attribute__((always_inline, unused))
#define FOVEA_TARGET(features) __attribute__((target(features)))
#define FOVEA_NOINLINE         __attribute__((noinline))
#define FOVEA_UNUSED           __attribute__((unused))
#define FOVEA_PREFETCH(p)      __builtin_prefetch((p), 0, 2)
#define FOVEA_OPAQUE(p)        __asm__("" : "+r"(p))
#if defined(_WIN32)
#define FOVEA_HIDDEN /* a DLL shows what it is told to */
#else
#define FOVEA_HIDDEN __attribute__((visibility("hidden")))
#endif
#else
#define FOVEA_INLINE static inline
#define FOVEA_STATIC static inline
#define FOVEA_TARGET(features)
#define FOVEA_NOINLINE
#define FOVEA_UNUSED
#define FOVEA_PREFETCH(p) ((void)(p))
#define FOVEA_OPAQUE(p)   ((void)(p))
#define FOVEA_HIDDEN
#endif

/* Before a loop of few rounds whose number is a constant after inlining, over named vectors. */
#if defined(__clang__)
#define FOVEA_UNROLL _Pragma("clang loop unroll(full)")
#elif defined(__GNUC__)
#define FOVEA_UNROLL _Pragma("GCC unroll 8")
#else
#define FOVEA_UNROLL
#endif

/* Linkage of what several files of the library share but no user sees; the two-file build turns it
 * into static. */
#ifndef FOVEA_LOCAL
#define FOVEA_LOCAL FOVEA_HIDDEN
#endif

/* ---- what is needed of libc ---- */
#if defined(__GNUC__) || defined(__clang__)
#define fovea_copy(to, from, bytes) __builtin_memcpy((to), (from), (bytes))
#define fovea_move(to, from, bytes) __builtin_memmove((to), (from), (bytes))
#define fovea_fill(to, byte, bytes) __builtin_memset((to), (byte), (bytes))
#else
#include <string.h>
#define fovea_copy(to, from, bytes) memcpy((to), (from), (bytes))
#define fovea_move(to, from, bytes) memmove((to), (from), (bytes))
#define fovea_fill(to, byte, bytes) memset((to), (byte), (bytes))
#endif

/* States a range that the code above has already made sure of; costs nothing unless asked for. */
#if defined(FOVEA_DEBUG)
#define FOVEA_ASSERT(condition) ((condition) ? (void)0 : __builtin_trap())
#else
#define FOVEA_ASSERT(condition) ((void)0)
#endif

#endif
