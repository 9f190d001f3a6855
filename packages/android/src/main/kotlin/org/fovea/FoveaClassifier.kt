package org.fovea

import java.io.File
import java.io.FileInputStream
import java.nio.ByteBuffer
import java.nio.channels.FileChannel

/** What the engine refused, in its words; [check] is the id of the check that refused, or "". */
class FoveaException(message: String, val check: String) : RuntimeException(message)

/** One class of an answer; [label] is null where the model has none. */
data class Prediction(val index: Int, val label: String?, val probability: Float)

/** A layer, as it is computed. */
data class Layer(val name: String, val operator: String, val shape: List<Int>, val macs: Long)

/**
 * A model in use, from camera frame to probabilities. [close] frees it; whatever is called then throws [FoveaException].
 *
 * It belongs to one thread at a time: while one call is at work, a call from another thread throws.
 */
class FoveaClassifier private constructor(private val handle: Int, @Suppress("unused") private val kept: ByteBuffer?) :
    AutoCloseable {

    /** Without the batch, as [height, width, channels]; of the first input. */
    val inputShape: List<Int>

    /** Of the first output; empty where the model has none. */
    val labels: List<String>

    /** The steps, in order. */
    val layers: List<Layer>

    /** Bytes that the model takes to run. */
    val memory: Long

    /** Floats of all inputs, and of all outputs. */
    val inputCount: Int
    val outputCount: Int

    init {
        val lines = String(Native.describe(handle), Charsets.UTF_8).lines().map { it.split('\t') }
        inputShape = shape(lines.first { it[0] == "input" }[2])
        labels = lines.filter { it[0] == "label" && it[1] == "0" }.map { it[2] }
        layers = lines.filter { it[0] == "layer" }.map { Layer(it[1], it[2], shape(it[3]), it[4].toLong()) }
        memory = lines.first { it[0] == "model" }[2].toLong()
        inputCount = Native.inputs(handle)
        outputCount = Native.outputs(handle)
    }

    /** The [top] best classes for a frame, prepared as the model says. */
    fun classify(frame: Frame, top: Int = 5): List<Prediction> = best(top) { index, probability ->
        Native.image(handle, frame.pixels, frame.u, frame.v, frame.geometry(), index, probability)
    }

    /** The same for the bytes of a JPEG, PNG, BMP, PGM or PPM file, decoded to the same pixels on every machine. */
    fun classify(photo: ByteArray, top: Int = 5): List<Prediction> = best(top) { index, probability ->
        Native.photo(handle, photo, index, probability)
    }

    /** Runs on numbers: all inputs, one after another, in NHWC order. Gives all outputs, one after another. */
    fun predict(inputs: FloatArray): FloatArray = FloatArray(outputCount).also { Native.predict(handle, inputs, it) }

    override fun close() = Native.close(handle)

    private inline fun best(top: Int, run: (IntArray, FloatArray) -> Int): List<Prediction> {
        require(top > 0) { "top must be at least 1" }
        val index = IntArray(minOf(top, outputCount + 1))
        val probability = FloatArray(index.size)
        return List(run(index, probability)) { Prediction(index[it], labels.getOrNull(index[it]), probability[it]) }
    }

    companion object {
        private fun shape(text: String) = text.split(',').filter { it.isNotEmpty() }.map { it.toInt() }

        /** Opens a model; its bytes are copied. [threads]: 1 to 64. */
        @JvmStatic
        @JvmOverloads
        fun fromBytes(model: ByteArray, threads: Int = 1) = started(Native.openBytes(model, threads), null)

        /**
         * Opens a model from a direct buffer, from its position to its limit, as FileChannel.map gives it. It is used
         * where it is if it starts at a multiple of 64 bytes, and copied if not.
         */
        @JvmStatic
        @JvmOverloads
        fun fromBuffer(model: ByteBuffer, threads: Int = 1): FoveaClassifier {
            require(model.isDirect) { "the buffer must be direct; fromBytes takes others" }
            val slice = model.slice()
            return started(Native.openBuffer(slice, threads), slice)
        }

        /** Opens a model's file, mapped in place. */
        @JvmStatic
        @JvmOverloads
        fun fromFile(file: File, threads: Int = 1): FoveaClassifier = FileInputStream(file).use {
            fromBuffer(it.channel.map(FileChannel.MapMode.READ_ONLY, 0, it.channel.size()), threads)
        }

        private fun started(handle: Int, kept: ByteBuffer?): FoveaClassifier = try {
            FoveaClassifier(handle, kept)
        } catch (e: Throwable) {
            Native.close(handle)
            throw e
        }
    }
}
