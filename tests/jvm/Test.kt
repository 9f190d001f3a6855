// The Kotlin layer on a host's JVM: Test MODEL DEMO OPEN_MODEL (a model whose recipe is open)
import java.awt.image.BufferedImage
import java.io.File
import java.nio.ByteBuffer
import java.util.concurrent.atomic.AtomicInteger
import javax.imageio.ImageIO
import kotlin.concurrent.thread
import kotlin.math.roundToInt
import org.fovea.FoveaClassifier
import org.fovea.FoveaException
import org.fovea.Frame

var passed = 0
var failed = 0

fun check(what: String, yes: Boolean) {
    if (yes) passed++ else failed++.also { println("FAIL $what") }
}

fun refused(what: String, text: String, run: () -> Unit) {
    try {
        run()
        check("$what: was not refused", false)
    } catch (e: FoveaException) {
        check("$what: '${e.message}' does not say '$text'", text in e.message!!)
    }
}

/** As the sensor has it: [degrees] clockwise make it upright again. */
fun turnedBack(image: BufferedImage, degrees: Int): BufferedImage {
    val lies = degrees % 180 != 0
    val (w, h) = if (lies) image.height to image.width else image.width to image.height
    return BufferedImage(w, h, BufferedImage.TYPE_INT_RGB).also {
        for (y in 0 until h) for (x in 0 until w) {
            val (fromX, fromY) = when (degrees) {
                0 -> x to y
                90 -> image.width - 1 - y to x
                180 -> w - 1 - x to h - 1 - y
                else -> y to image.height - 1 - x
            }
            it.setRGB(x, y, image.getRGB(fromX, fromY))
        }
    }
}

fun clip(v: Double) = v.roundToInt().coerceIn(0, 255).toByte()

/** BT.601, full range, U and V of the upper left pixel of four. */
fun nv21(image: BufferedImage): ByteArray {
    val (w, h) = image.width to image.height
    val stride = (w + 1) / 2 * 2
    val bytes = ByteArray(w * h + stride * ((h + 1) / 2))
    for (y in 0 until h) for (x in 0 until w) {
        val rgb = image.getRGB(x, y)
        val (r, g, b) = listOf(rgb shr 16 and 255, rgb shr 8 and 255, rgb and 255)
        bytes[y * w + x] = clip(0.299 * r + 0.587 * g + 0.114 * b)
        if (x % 2 != 0 || y % 2 != 0) continue
        val at = w * h + y / 2 * stride + x
        bytes[at] = clip(128 + 0.5 * r - 0.418688 * g - 0.081312 * b)
        bytes[at + 1] = clip(128 - 0.168736 * r - 0.331264 * g + 0.5 * b)
    }
    return bytes
}

fun direct(bytes: ByteArray): ByteBuffer = ByteBuffer.allocateDirect(bytes.size).apply { put(bytes).rewind() }

fun frames(classifier: FoveaClassifier, demo: File, labels: List<String>) {
    for (label in labels) {
        val photo = File(demo, "$label.jpg")
        val best = classifier.classify(photo.readBytes(), 1).single()
        println("%-16s %-16s %.4f".format(label, best.label, best.probability))
        check("$label, photo", best.label == label)
        val image = ImageIO.read(photo)
        for (degrees in listOf(0, 90, 180, 270)) {
            val turned = turnedBack(image, degrees)
            val frame = Frame.nv21(turned.width, turned.height, direct(nv21(turned))).turned(degrees)
            val answer = classifier.classify(frame, 1).single()
            check("$label, NV21, $degrees: ${answer.label}", answer.label == label)
        }
        val rgba = ByteBuffer.allocate(image.width * image.height * 4) // not direct: copied
        for (y in 0 until image.height) for (x in 0 until image.width) image.getRGB(x, y).let {
            rgba.put((it shr 16).toByte()).put((it shr 8).toByte()).put(it.toByte()).put(0)
        }
        rgba.rewind()
        check("$label, RGBA", classifier.classify(Frame.rgba(image.width, image.height, rgba)).first().label == label)
    }
}

/** YUV_420_888 as phones give it: U and V in one buffer, each seen from its own place, the last row without padding. */
fun planes(classifier: FoveaClassifier, demo: File) {
    val image = ImageIO.read(File(demo, "starburst.jpg"))
    val (w, h) = image.width to image.height
    val bytes = nv21(image)
    val vu = bytes.copyOfRange(w * h, bytes.size)
    val v = direct(vu.copyOf(vu.size - 1))
    val u = direct(vu.copyOfRange(1, vu.size))
    val frame = Frame.yuv420(w, h, direct(bytes.copyOf(w * h)), w, u, v, w, 2)
    val packed = Frame.nv21(w, h, direct(bytes))
    check("planes are as NV21", classifier.classify(frame) == classifier.classify(packed))
    val whole = Frame.nv21(w, h, direct(bytes)).part(0, 0, w, h)
    check("the whole part", classifier.classify(whole) == classifier.classify(packed))
    val part = Frame.nv21(w, h, direct(bytes)).part(w / 4, h / 4, w / 2, h / 2).mirrored()
    check("a part is another picture", classifier.classify(part) != classifier.classify(packed))
}

fun refusals(classifier: FoveaClassifier, model: ByteArray, demo: File, open: ByteArray) {
    refused("no model", "") { FoveaClassifier.fromBytes(ByteArray(100)) }
    refused("an empty model", "") { FoveaClassifier.fromBytes(ByteArray(0)) }
    refused("a cut model", "") { FoveaClassifier.fromBytes(model.copyOf(model.size - 1)) }
    refused("a later format", "") { FoveaClassifier.fromBytes(model.clone().also { it[8] = 99 }) }
    for (threads in listOf(0, -1, 65)) refused("threads", "1 to 64") { FoveaClassifier.fromBytes(model, threads) }
    refused("no photo", "") { classifier.classify(ByteArray(10)) }
    refused("too few numbers", "not as many") { classifier.predict(FloatArray(3)) }
    refused("an open recipe", "how photos were prepared") {
        FoveaClassifier.fromBytes(open).use { it.classify(File(demo, "parallel.jpg").readBytes()) }
    }
    fun frame(y: Int, u: Int, v: Int, yStride: Int, uvStride: Int, step: Int) = classifier.classify(
        Frame.yuv420(16, 16, ByteBuffer.allocateDirect(y), yStride, ByteBuffer.allocateDirect(u), ByteBuffer.allocateDirect(v),
                     uvStride, step))
    check("a good frame", frame(256, 127, 127, 16, 16, 2).size == 5)
    check("odd strides", frame(15 * 19 + 16, 7 * 23 + 22, 7 * 23 + 22, 19, 23, 3).size == 5)
    refused("a short Y", "smaller") { frame(255, 127, 127, 16, 16, 2) }
    refused("a short U", "smaller") { frame(256, 126, 127, 16, 16, 2) }
    refused("a short V", "smaller") { frame(256, 127, 0, 16, 16, 2) }
    refused("a short stride", "stride") { frame(4096, 4096, 4096, 15, 16, 2) }
    refused("a short stride of U", "stride") { frame(4096, 4096, 4096, 16, 14, 2) }
    refused("no step", "step") { frame(4096, 4096, 4096, 16, 16, 0) }
    for (negative in listOf(Triple(-16, 16, 2), Triple(16, -16, 2), Triple(16, 16, -2), Triple(Int.MIN_VALUE, 16, 2)))
        refused("negative", "negative") { frame(4096, 4096, 4096, negative.first, negative.second, negative.third) }
    refused("large strides", "smaller") { frame(4096, 4096, 4096, Int.MAX_VALUE, Int.MAX_VALUE, Int.MAX_VALUE) }
    refused("NV21 of another size", "smaller") { Frame.nv21(640, 480, ByteBuffer.allocateDirect(640 * 480)) }
    refused("NV21 of no size", "smaller") { Frame.nv21(0, 480, ByteBuffer.allocateDirect(9)) }
    refused("NV21 of a huge size", "smaller") { Frame.nv21(Int.MAX_VALUE, Int.MAX_VALUE, ByteBuffer.allocateDirect(9)) }
    refused("a part outside", "outside") {
        classifier.classify(Frame.grey(8, 8, ByteBuffer.allocateDirect(64)).part(4, 4, 5, 4))
    }
    refused("a thin frame", "") { FoveaClassifier.fromBytes(open).use { it.classify(Frame.grey(0, 8, ByteBuffer.allocateDirect(64))) } }
}

fun lives(model: File, demo: File) {
    val mapped = FoveaClassifier.fromFile(model)
    val copied = FoveaClassifier.fromBytes(model.readBytes(), 2)
    val shifted = ByteBuffer.allocateDirect(model.length().toInt() + 64 + 1)
    shifted.position(1)
    shifted.put(model.readBytes())
    shifted.limit(shifted.position()).position(1)
    val odd = FoveaClassifier.fromBuffer(shifted)
    System.gc()
    val photo = File(demo, "globular.jpg").readBytes()
    val answers = listOf(mapped, copied, odd).map { it.classify(photo) }
    check("mapped, copied and shifted are the same", answers.distinct().size == 1)
    check("predict", copied.predict(FloatArray(copied.inputCount)).let { it.size == 7 && it.sum() in 0.999f..1.001f })
    for (classifier in listOf(mapped, copied, odd)) {
        classifier.close()
        classifier.close()
        refused("closed", "closed") { classifier.classify(photo) }
        refused("closed", "closed") { classifier.predict(FloatArray(32400)) }
    }
    val shared = FoveaClassifier.fromFile(model)
    val right = AtomicInteger()
    val busy = AtomicInteger()
    val other = AtomicInteger()
    List(4) {
        thread {
            repeat(50) {
                try {
                    if (shared.classify(photo, 1).single().label == "globular") right.incrementAndGet() else other.incrementAndGet()
                } catch (e: FoveaException) {
                    if ("in use" in e.message!!) busy.incrementAndGet() else other.incrementAndGet()
                }
            }
        }
    }.forEach { it.join() }
    check("threads: $right right, $busy refused, $other else", other.get() == 0 && right.get() + busy.get() == 200)
    shared.close()
}

fun main(arguments: Array<String>) {
    val (path, folder, open) = arguments
    val model = File(path)
    val demo = File(folder)
    val labels = File(demo, "labels.txt").readLines().filter { it.isNotBlank() }
    FoveaClassifier.fromFile(model, 2).use { classifier ->
        check("labels", classifier.labels == labels)
        check("shape", classifier.inputShape == listOf(90, 120, 3))
        check("layers", classifier.layers.first().name == "conv2d" && classifier.memory > 0)
        frames(classifier, demo, labels)
        planes(classifier, demo)
        refusals(classifier, model.readBytes(), demo, File(open).readBytes())
    }
    lives(model, demo)
    println("$passed passed, $failed failed")
    if (failed > 0) System.exit(1)
}
