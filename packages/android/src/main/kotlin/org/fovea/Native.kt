package org.fovea

import java.nio.ByteBuffer

/** The functions of packages/android/jni.c, which registers them when the library is loaded. */
internal object Native {
    init {
        System.loadLibrary("fovea_jni")
    }

    @JvmStatic external fun openBytes(model: ByteArray, threads: Int): Int
    @JvmStatic external fun openBuffer(model: ByteBuffer, threads: Int): Int
    @JvmStatic external fun close(handle: Int)
    @JvmStatic external fun describe(handle: Int): ByteArray
    @JvmStatic external fun inputs(handle: Int): Int
    @JvmStatic external fun outputs(handle: Int): Int
    @JvmStatic external fun predict(handle: Int, inputs: FloatArray, outputs: FloatArray)
    @JvmStatic external fun photo(handle: Int, file: ByteArray, index: IntArray, probability: FloatArray): Int

    @JvmStatic
    external fun image(
        handle: Int, pixels: ByteBuffer, u: ByteBuffer?, v: ByteBuffer?, geometry: IntArray, index: IntArray,
        probability: FloatArray,
    ): Int
}
