package org.fovea

import java.nio.ByteBuffer

/** What the numbers of a YUV frame stand for: the standard, and whether Y goes from 16 to 235 or from 0 to 255. */
enum class Yuv { BT601_VIDEO, BT601_FULL, BT709_VIDEO, BT709_FULL }

/**
 * A picture in buffers, which are read where they lie if they are direct: planes of a camera's frame, or pixels.
 *
 * With CameraX, for an `image: ImageProxy`:
 *
 *     val (y, u, v) = image.planes
 *     Frame.yuv420(image.width, image.height, y.buffer, y.rowStride, u.buffer, v.buffer, u.rowStride, u.pixelStride)
 *         .turned(image.imageInfo.rotationDegrees)
 */
class Frame private constructor(
    private val format: Int,
    val width: Int,
    val height: Int,
    pixels: ByteBuffer,
    private val stride: Int,
    u: ByteBuffer? = null,
    v: ByteBuffer? = null,
    private val chromaStride: Int = 0,
    private val chromaStep: Int = 0,
    private val yuv: Yuv = Yuv.BT601_FULL,
) {
    internal val pixels = direct(pixels)
    internal val u = u?.let(::direct)
    internal val v = v?.let(::direct)
    private var left = 0
    private var top = 0
    private var partWidth = 0
    private var partHeight = 0
    private var quarters = 0
    private var mirrored = false

    /** The frame has to be turned clockwise by 0, 90, 180 or 270 degrees to stand upright. */
    fun turned(degrees: Int): Frame = apply {
        require(degrees % 90 == 0) { "degrees must be a multiple of 90, not $degrees" }
        quarters = Math.floorMod(degrees / 90, 4)
    }

    /** Left and right are exchanged, after the turn: front cameras. */
    fun mirrored(yes: Boolean = true): Frame = apply { mirrored = yes }

    /** Only this part of the frame as it lies is used. */
    fun part(left: Int, top: Int, width: Int, height: Int): Frame = apply {
        require(left >= 0 && top >= 0 && width > 0 && height > 0) { "a part of $width x $height at $left, $top" }
        this.left = left
        this.top = top
        partWidth = width
        partHeight = height
    }

    /** As packages/android/jni.c reads it. */
    internal fun geometry() = intArrayOf(
        format, width, height, stride, chromaStride, chromaStep, yuv.ordinal, left, top, partWidth, partHeight, quarters,
        if (mirrored) 1 else 0,
    )

    companion object {
        // enum fovea_pixels
        private const val GREY = 0
        private const val RGBA = 3
        private const val RGB565 = 5
        private const val YUV420 = 6

        private fun direct(buffer: ByteBuffer): ByteBuffer {
            if (buffer.isDirect) return buffer.slice()
            val copy = ByteBuffer.allocateDirect(buffer.remaining())
            copy.put(buffer.duplicate()).rewind()
            return copy
        }

        /** ImageFormat.YUV_420_888: three planes, from the position of each buffer on. */
        @JvmStatic
        @JvmOverloads
        fun yuv420(
            width: Int, height: Int, y: ByteBuffer, yStride: Int, u: ByteBuffer, v: ByteBuffer, uvStride: Int,
            uvStep: Int, yuv: Yuv = Yuv.BT601_FULL,
        ) = Frame(YUV420, width, height, y, yStride, u, v, uvStride, uvStep, yuv)

        /** NV21, as the old camera and many converters give it: Y, and behind it V and U in turn; no gaps. */
        @JvmStatic
        @JvmOverloads
        fun nv21(width: Int, height: Int, bytes: ByteBuffer, yuv: Yuv = Yuv.BT601_FULL) =
            packed(width, height, bytes, yuv, uAt = 1, vAt = 0)

        /** NV12: the same with U first. */
        @JvmStatic
        @JvmOverloads
        fun nv12(width: Int, height: Int, bytes: ByteBuffer, yuv: Yuv = Yuv.BT601_FULL) =
            packed(width, height, bytes, yuv, uAt = 0, vAt = 1)

        private fun packed(width: Int, height: Int, bytes: ByteBuffer, yuv: Yuv, uAt: Int, vAt: Int): Frame {
            val all = direct(bytes)
            val stride = (width + 1) / 2 * 2
            val start = width.toLong() * height
            if (width < 1 || height < 1 || start + stride.toLong() * ((height + 1) / 2) > all.capacity())
                throw FoveaException("the buffer of ${all.capacity()} bytes is smaller than a frame of $width x $height", "")
            fun from(at: Int): ByteBuffer = (all.duplicate().position(start.toInt() + at) as ByteBuffer).slice()
            return Frame(YUV420, width, height, all, width, from(uAt), from(vAt), stride, 2, yuv)
        }

        /** Pixels of four bytes, alpha ignored, as Bitmap.copyPixelsToBuffer gives them for ARGB_8888. */
        @JvmStatic
        @JvmOverloads
        fun rgba(width: Int, height: Int, pixels: ByteBuffer, stride: Int = 4 * width) =
            Frame(RGBA, width, height, pixels, stride)

        @JvmStatic
        @JvmOverloads
        fun rgb565(width: Int, height: Int, pixels: ByteBuffer, stride: Int = 2 * width) =
            Frame(RGB565, width, height, pixels, stride)

        @JvmStatic
        @JvmOverloads
        fun grey(width: Int, height: Int, pixels: ByteBuffer, stride: Int = width) =
            Frame(GREY, width, height, pixels, stride)
    }
}
