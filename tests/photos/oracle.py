"""Resizes and enhancements beside the libraries they are named after.

    oracle.py BUILD [pillow] [opencv] [skimage] [tensorflow]
    oracle.py golden [pillow] [opencv] [skimage]      prints the rows of tests/unit/recipe_rows.h
    oracle.py golden_tf                               prints those of tests/unit/recipe_tf.h

Every row is a picture, a size and a recipe; BUILD/tests/photos/fit does it our way. Whole numbers must be equal;
floats within the tolerance of their kind. Ends with "N passed, M failed".
"""

import os
import subprocess
import sys

import numpy as np

ROWS = []  # (what, picture's name, words of the recipe, expected, tolerance)
SIZES = [(30, 20), (64, 64), (7, 5), (100, 75), (120, 90), (53, 37), (224, 224), (40, 90), (61, 14)]
FOLDER = ""


def pictures():
    """Pictures of many proportions: smooth with edges, noise, few values, grey."""
    random = np.random.RandomState(7)
    made = {}
    for name, (height, width) in {
        "wide": (75, 120), "high": (131, 64), "small": (9, 11), "even": (128, 128), "large": (240, 301)
    }.items():
        y, x = np.mgrid[0:height, 0:width]
        base = np.stack([x * 255 / width, y * 255 / height, (x + y) % 64 * 4], axis=-1)
        base[height // 3 : height // 2, width // 4 : width // 2] = (250, 3, 60)
        noise = random.randint(-20, 20, base.shape)
        made[name] = np.clip(base + noise, 0, 255).astype(np.uint8)
    made["noise"] = random.randint(0, 256, (97, 61, 3)).astype(np.uint8)
    made["dull"] = (made["large"] // 4 + 70).astype(np.uint8)
    made["flat"] = np.full((20, 33, 3), 117, np.uint8)
    made["grey"] = made["wide"][:, :, 1].copy()
    made["greynoise"] = made["noise"][:, :, 0].copy()
    return made


def row(what, name, words, expected, tolerance=0.0):
    ROWS.append((what, name, words, np.asarray(expected), tolerance))


def sized(picture, width, height, resize, fit="stretch", *steps):
    colour = "grey" if picture.ndim == 2 else "rgb"
    return [str(width), str(height), colour, resize, fit, *steps]


def pillow(made):
    from PIL import Image, ImageOps

    filters = {
        "nearest": Image.NEAREST, "box": Image.BOX, "bilinear": Image.BILINEAR, "hamming": Image.HAMMING,
        "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS,
    }
    for name, pixels in made.items():
        image = Image.fromarray(pixels)
        for word, kind in filters.items():
            for width, height in SIZES:
                words = lambda *more: sized(pixels, width, height, "pil-" + word, *more)
                row("resize pil-" + word, name, words(), image.resize((width, height), kind))
                fit = ImageOps.fit(image, (width, height), kind)
                row("fit crop-exact", name, words("crop-exact"), fit)
                pad = ImageOps.pad(image, (width, height), kind, color=9 if pixels.ndim == 2 else (9, 9, 9))
                row("fit pil-pad", name, words("pil-pad", "fill=9"), pad)
                if word == "nearest":
                    continue
                for gap in (1.01, 2, 3):
                    want = image.resize((width, height), kind, reducing_gap=gap)
                    row("reducing_gap", name, words("stretch", f"reducing-gap={gap}"), want)
        same = sized(pixels, pixels.shape[1], pixels.shape[0], "none")
        for cutoff in (0, 1, 7.5, 40):
            row("autocontrast", name, [*same, f"autocontrast={cutoff}"], ImageOps.autocontrast(image, cutoff))
            want = ImageOps.autocontrast(image, cutoff, preserve_tone=True)
            row("stretch", name, [*same, f"stretch={cutoff}"], want)
        # what torchvision's Resize and CenterCrop do to a Pillow image (its functional.py)
        width, height = image.size
        for side, part in ((64, 56), (100, 100), (37, 20)):
            scaled = (side, int(side * height / width)) if width <= height else (int(side * width / height), side)
            whole = image.resize(scaled, Image.BILINEAR)
            top, left = (int(round((have - part) / 2.0)) for have in (scaled[1], scaled[0]))
            want = whole.crop((left, top, left + part, top + part))
            row("fit shorter", name, sized(pixels, part, part, "pil-bilinear", "shorter", f"side={side}"), want)


def opencv(made):
    import cv2

    cv2.ipp.setUseIPP(False)  # Intel's library, which some builds have, rounds otherwise
    filters = {
        "nearest": cv2.INTER_NEAREST, "linear": cv2.INTER_LINEAR, "area": cv2.INTER_AREA,
        "cubic": cv2.INTER_CUBIC, "lanczos4": cv2.INTER_LANCZOS4,
    }
    for name, pixels in made.items():
        rows, columns = pixels.shape[:2]
        more = [(columns // 2, rows // 2), (columns // 3, rows // 3), (columns * 2, rows * 2), (columns, rows // 2)]
        for word, kind in filters.items():
            for width, height in SIZES + more:
                want = cv2.resize(pixels, (width, height), interpolation=kind)
                row("resize cv-" + word, name, sized(pixels, width, height, "cv-" + word), want)
        for width, height in SIZES:
            scale = min(height / rows, width / columns)
            inner = int(round(columns * scale)), int(round(rows * scale))
            if min(inner) < 1:
                continue
            left, top = (width - inner[0]) / 2, (height - inner[1]) / 2
            border = int(round(top - 0.1)), int(round(top + 0.1)), int(round(left - 0.1)), int(round(left + 0.1))
            small = cv2.resize(pixels, inner, interpolation=cv2.INTER_LINEAR)
            want = cv2.copyMakeBorder(small, *border, cv2.BORDER_CONSTANT, value=(114, 114, 114))
            row("fit letterbox", name, sized(pixels, width, height, "cv-linear", "letterbox", "fill=114"), want)
        enhance_opencv(cv2, name, pixels)


def enhance_opencv(cv2, name, pixels):
    rows, columns = pixels.shape[:2]
    same = sized(pixels, columns, rows, "none")

    def luminance(change):
        if pixels.ndim == 2:
            return change(pixels)
        ycc = cv2.cvtColor(pixels, cv2.COLOR_RGB2YCrCb)
        ycc[:, :, 0] = change(ycc[:, :, 0])
        return cv2.cvtColor(ycc, cv2.COLOR_YCrCb2RGB)

    row("equalise", name, [*same, "equalise"], luminance(cv2.equalizeHist))
    for limit, tiles in ((2, 8), (0, 4), (40, 3), (0.5, 1), (3.5, 5)):
        clahe = cv2.createCLAHE(clipLimit=limit, tileGridSize=(tiles, tiles))
        row("clahe", name, [*same, f"clahe={limit},{tiles}"], luminance(clahe.apply))
    for size in (3, 5, 7, 15):
        row("median", name, [*same, f"median={size}"], cv2.medianBlur(pixels, size))
        for sigma in (0, 0.8, 1.5, 4):
            want = cv2.GaussianBlur(pixels, (size, size), sigma)
            row("gaussian", name, [*same, f"gaussian={size},{sigma}"], want)
    small = cv2.resize(cv2.medianBlur(pixels, 3), (40, 30), interpolation=cv2.INTER_AREA)
    want = cv2.GaussianBlur(small, (5, 5), 1)
    steps = ["median=3", "resize", "gaussian=5,1"]
    row("before and after", name, sized(pixels, 40, 30, "cv-area", "stretch", *steps), want)


def skimage(made):
    from skimage import exposure

    for name, pixels in made.items():
        same = sized(pixels, pixels.shape[1], pixels.shape[0], "none")
        for gamma in (0.4, 1, 1.2, 2, 2.2, 5):
            row("gamma", name, [*same, f"gamma={gamma}"], exposure.adjust_gamma(pixels, gamma))
        if pixels.ndim == 3:
            for norm in (1, 6, 10):
                row("shades-of-grey", name, [*same, f"shades-of-grey={norm}"], shades_of_grey(pixels, norm))


def shades_of_grey(pixels, norm):
    """Finlayson and Trezzi's formula, in double; no library of our tests has it."""
    values = pixels.astype(np.float64)
    light = np.mean(values**norm, axis=(0, 1)) ** (1 / norm)
    gain = np.sqrt(np.sum(light**2) / 3) / light
    return np.clip((values * gain).astype(np.float32), 0, 255).astype(np.uint8)


def tensorflow(made):
    import tensorflow as tf

    methods = {"bilinear": "bilinear", "bicubic": "bicubic", "lanczos3": "lanczos3", "lanczos5": "lanczos5",
               "gaussian": "gaussian", "mitchell": "mitchellcubic", "area": "area", "nearest": "nearest"}
    for name, pixels in made.items():
        whole = pixels if pixels.ndim == 3 else pixels[:, :, None]
        for word, method in methods.items():
            for antialias in (False, True):
                if antialias and word in ("area", "nearest"):
                    continue
                ours = f"tf-{word}-aa" if antialias else f"tf-{word}"
                for width, height in SIZES:
                    want = tf.image.resize(whole, (height, width), method, antialias=antialias).numpy()
                    row("resize " + ours, name, sized(pixels, width, height, ours), want, 2e-3)
        for fraction in (0.875, 0.5, 0.9, 0.8, 1.0):
            part = tf.image.central_crop(whole, fraction)
            want = tf.image.resize(part, (50, 40), "bicubic").numpy()
            row("fit central", name, sized(pixels, 40, 50, "tf-bicubic", "central", f"fraction={fraction}"), want, 2e-3)
        want = tf.image.per_image_standardization(whole).numpy()
        same = sized(pixels, whole.shape[1], whole.shape[0], "none")
        row("standardise", name, [*same, "standardise"], want, 1e-5)
        keras_rows(name, pixels, whole)


def keras_rows(name, pixels, whole):
    import keras

    for width, height in SIZES:
        for pad, fit in ((True, "pad"), (False, "crop")):
            want = keras.ops.image.resize(
                whole.astype(np.float32), (height, width), "bilinear", pad_to_aspect_ratio=pad,
                crop_to_aspect_ratio=not pad)
            row("keras " + fit, name, sized(pixels, width, height, "tf-bilinear", fit), np.asarray(want), 2e-3)
    values = whole.astype(np.float64)
    same = sized(pixels, whole.shape[1], whole.shape[0], "none")
    want = (values - values.mean()) / (values.std() + 1e-6)  # as ImageDataGenerator.standardize has it
    row("samplewise", name, [*same, "samplewise"], want, 1e-5)


def small_picture():
    """That of tests/unit/test_recipe.c."""
    y, x, c = np.mgrid[0:13, 0:19, 0:3]
    return ((x * 7 + y * 13 + c * 31 + x * y * (c + 1)) % 256).astype(np.uint8)


def golden(parts):
    """A row of each kind, as C: the command's words, the size and the FNV-1a hash of the bytes."""
    global SIZES
    SIZES = [(7, 9), (40, 30)]
    for part in parts:
        globals()[part]({"small": small_picture()})
    seen = {}
    for what, _, words, want, _ in ROWS:
        seen[what] = seen.get(what, 0) + 1
        if seen[what] > 2:
            continue
        digest = 0x811C9DC5
        for value in np.asarray(want).astype(np.uint8).tobytes():
            digest = (digest ^ value) * 0x01000193 % (1 << 32)
        width, height, _, resize, fit, *steps = words
        print(f'{{"{resize}", "{fit}", {{{", ".join(chr(34) + s + chr(34) for s in steps)}}}, '
              f"{width}, {height}, 0x{digest:08x}}},".replace("{}", "{NULL}"))


def golden_tf():
    """The reds of the small picture at 2 x 2."""
    global SIZES
    SIZES = [(2, 2)]
    tensorflow({"small": small_picture()})
    for what, _, words, want, _ in ROWS:
        if what.startswith("resize tf-"):
            numbers = ", ".join(f"{float(v):.6g}f" if v % 1 else f"{int(v)}" for v in want[:, :, 0].ravel())
            print(f'{{"{words[3]}", {{{numbers}}}}},')


def main():
    global FOLDER
    if sys.argv[1] == "golden_tf":
        golden_tf()
        return 0
    if sys.argv[1] == "golden":
        golden(sys.argv[2:])
        return 0
    build, *parts = sys.argv[1:]
    FOLDER = os.path.join(build, "photos")
    os.makedirs(FOLDER, exist_ok=True)
    made = pictures()
    for name, pixels in made.items():
        with open(os.path.join(FOLDER, name + ".pnm"), "wb") as file:
            kind, (height, width) = "P5" if pixels.ndim == 2 else "P6", pixels.shape[:2]
            file.write(f"{kind} {width} {height} 255\n".encode() + pixels.tobytes())
    for part in parts:
        globals()[part](made)
    out = os.path.join(FOLDER, "row%d.npy")
    lines = [" ".join([os.path.join(FOLDER, name + ".pnm"), out % i, *words])
             for i, (_, name, words, _, _) in enumerate(ROWS)]
    subprocess.run([os.path.join(build, "tests/photos/fit")], input="\n".join(lines), text=True, check=False)
    tally = {}
    failed = 0
    for i, (what, name, words, want, tolerance) in enumerate(ROWS):
        try:
            got = np.load(out % i)
            os.remove(out % i)
        except OSError:
            got = np.zeros(0)
        fits = got.size == want.size
        off = np.abs(got.reshape(want.shape).astype(np.float64) - want) if fits else np.full(1, 999.0)
        good = fits and off.max() <= tolerance
        failed += not good
        count, most, unequal = tally.get(what, (0, 0.0, 0))
        tally[what] = (count + 1, max(most, off.max()), unequal + np.count_nonzero(off > tolerance))
        if not good and unequal == 0:
            print("FAIL", what, name, " ".join(words), "largest", off.max(), "of", np.count_nonzero(off > tolerance))
    for what, (count, most, unequal) in tally.items():
        print(f"{what:22} {count:5} rows, largest difference {most:.3g}, beyond the tolerance {unequal}")
    print(f"{len(ROWS) - failed} passed, {failed} failed")
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
