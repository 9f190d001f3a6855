package org.fovea

import android.content.Context
import java.io.FileNotFoundException
import java.nio.channels.FileChannel

/**
 * Opens a model from the app's assets, mapped in place where the APK holds it uncompressed
 * (`androidResources { noCompress += "fovea" }`) at a multiple of 64 bytes, as zipalign may put it; copied where not.
 */
@JvmOverloads
fun FoveaClassifier.Companion.fromAsset(context: Context, name: String, threads: Int = 1): FoveaClassifier {
    val descriptor = try {
        context.assets.openFd(name)
    } catch (e: FileNotFoundException) { // compressed, or not there, which open says
        return fromBytes(context.assets.open(name).use { it.readBytes() }, threads)
    }
    return try {
        descriptor.createInputStream().use {
            fromBuffer(it.channel.map(FileChannel.MapMode.READ_ONLY, descriptor.startOffset, descriptor.length), threads)
        }
    } finally {
        descriptor.close()
    }
}
