# Random score files, evaluated by fovea and by scikit-learn, scipy and (where Rscript and pROC are there) pROC:
# every metric, interval and test that has a formula. Ends with "N passed, N failed" and the largest difference.
# usage: python oracle.py FOVEA WORK [FILES]
import csv
import os
import shutil
import subprocess
import struct
import sys
import warnings
import zlib

import numpy as np
from scipy import ndimage, stats
from sklearn import metrics as M
from sklearn.linear_model import LogisticRegression

warnings.filterwarnings("ignore")
fovea, work = sys.argv[1], sys.argv[2]
files = int(sys.argv[3]) if len(sys.argv) > 3 else 200
R = shutil.which("Rscript")
largest, passed, failed = {}, 0, 0


def make(rng, index):
    """Scores of some classes, with ties, with 0 and 1 among them, of few or many pictures."""
    n, classes = int(rng.integers(18, 400)), int(rng.integers(2, 8))
    truth = rng.integers(0, classes, n)
    truth[: 2 * classes] = np.repeat(np.arange(classes), 2)[:n]
    logits = rng.normal(0, 1, (n, classes)) * rng.choice([0.3, 1, 4, 30])
    logits[np.arange(n), truth] += rng.choice([0.0, 1, 3])
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    if index % 3 == 0:  # tenths: many ties
        p = np.round(p, 1)
        p[:, 0] += 1 - p.sum(1)
        p = np.abs(p) / np.abs(p).sum(1, keepdims=True)
    p = p.astype(np.float32)
    other = np.roll(p, 1, 0) * 0.3 + p * 0.7
    return truth, p, (other / other.sum(1, keepdims=True)).astype(np.float32)


def write(path, truth, p):
    with open(path, "w") as out:
        out.write("id,label," + ",".join("c%d" % k for k in range(p.shape[1])) + "\n")
        for i, row in enumerate(p):
            out.write("%04d,c%d,%s\n" % (i, truth[i], ",".join("%.9g" % v for v in row)))


def wilson(k, n):
    r = stats.binomtest(int(k), int(n)).proportion_ci(method="wilson")
    return r.low, r.high


def exact(k, n):
    r = stats.binomtest(int(k), int(n)).proportion_ci(method="exact")
    return r.low, r.high


def delong(y, *scores):
    """The components by their definition, O(m n); variance and covariance."""
    parts = []
    for s in scores:
        a, b = s[y][:, None], s[~y][None, :]
        wins = (a > b) + 0.5 * (a == b)
        parts.append((wins.mean(1), wins.mean(0)))
    m, n = y.sum(), (~y).sum()
    cov = np.cov([p[0] for p in parts]) / m + np.cov([p[1] for p in parts]) / n
    return [p[0].mean() for p in parts], np.atleast_2d(cov)


def ece(p, y, bins=15):
    c, right = p.max(1), p.argmax(1) == y
    at = np.clip(np.ceil(c * bins) - 1, 0, bins - 1).astype(int)
    gaps = [(np.mean(at == b), abs(right[at == b].mean() - c[at == b].mean())) for b in range(bins) if (at == b).any()]
    return sum(w * g for w, g in gaps), max(g for _, g in gaps)


class Figures:
    def __init__(self, path):
        self.rows = {(r["section"], r["class"], r["metric"]): r for r in csv.DictReader(open(path))}

    def check(self, section, subject, metric, want, low=None, high=None, bound=1e-9):
        global passed, failed
        row = self.rows.get((section, subject, metric))
        for field, value in (("value", want), ("low", low), ("high", high)):
            if value is None:
                continue
            text = row and row[field]
            if value != value:  # not defined: no value, and a reason
                good, off = row is not None and text == "" and row["reason"] != "", 0
            else:
                off = abs(float(text) - value) / max(1, abs(value)) if text else np.inf
                good = off <= bound
                largest[metric] = max(largest.get(metric, 0), off)
            passed, failed = passed + good, failed + (not good)
            if not good:
                print("FAIL", section, subject, metric, field, text, "not", value)


def check_file(index):
    truth, p32, q32 = make(np.random.default_rng(index), index)
    a, b, out = (os.path.join(work, name) for name in ("a.csv", "b.csv", "out.csv"))
    write(a, truth, p32)
    write(b, truth, q32)
    how = "exact" if index % 2 else "wilson"
    subprocess.run([fovea, "evaluate", "--scores", a, "--against", b, "--positive", "c1", "--at", "sensitivity=0.9", "--at",
                    "specificity=0.8", "--at", "youden", "--interval", how, "--csv", out, "--quiet", "--bootstrap", "60"], check=True)
    f, ci = Figures(out), exact if how == "exact" else wilson
    p, q, K, n = p32.astype(float), q32.astype(float), p32.shape[1], len(truth)
    said, other = p32.argmax(1), q32.argmax(1)
    C = M.confusion_matrix(truth, said, labels=range(K))
    f.check("overall", "", "accuracy", M.accuracy_score(truth, said), *ci(np.trace(C), n))
    f.check("overall", "", "balanced_accuracy", M.balanced_accuracy_score(truth, said))
    f.check("overall", "", "macro_f1", M.f1_score(truth, said, average="macro"))
    f.check("overall", "", "kappa", M.cohen_kappa_score(truth, said))
    f.check("overall", "", "kappa_quadratic", M.cohen_kappa_score(truth, said, weights="quadratic"))
    f.check("overall", "", "mcc", M.matthews_corrcoef(truth, said))
    f.check("overall", "", "log_loss", M.log_loss(truth, p, labels=range(K)))
    f.check("overall", "", "brier", ((p - np.eye(K)[truth]) ** 2).sum(1).mean())
    e, worst = ece(p, truth)
    f.check("overall", "", "ece", e)
    f.check("overall", "", "mce", worst)
    one = [M.roc_auc_score(truth == k, p[:, k]) for k in range(K)]
    f.check("overall", "", "auc_macro", np.mean(one))
    f.check("overall", "", "auc_weighted", np.average(one, weights=C.sum(1)))
    pairs = [M.roc_auc_score(truth[w] == x, p[w, x]) for x in range(K) for y in range(K) if x != y
             for w in [(truth == x) | (truth == y)]]
    f.check("overall", "", "auc_ovo", np.mean(pairs))
    for k in range(K):
        tp = C[k, k]
        fn, fp = C[k].sum() - tp, C[:, k].sum() - tp
        tn = n - tp - fn - fp
        for metric, hits, of in (("sensitivity", tp, tp + fn), ("specificity", tn, tn + fp), ("ppv", tp, tp + fp), ("npv", tn, tn + fn)):
            f.check("class", "c%d" % k, metric, *((hits / of,) + tuple(ci(hits, of)) if of else (np.nan,)))
        f.check("class", "c%d" % k, "f1", 2 * tp / (2 * tp + fp + fn))
        f.check("class", "c%d" % k, "average_precision", M.average_precision_score(truth == k, p[:, k]))
        y = truth == k
        (auc, second), cov = delong(y, p[:, k], q[:, k])
        half = stats.norm.ppf(0.975) * np.sqrt(cov[0, 0])
        interval = (max(0, auc - half), min(1, auc + half)) if cov[0, 0] > 0 else (None, None)
        f.check("class", "c%d" % k, "auc", auc, *interval)
        variance = cov[0, 0] + cov[1, 1] - 2 * cov[0, 1]
        f.check("comparison", "c%d" % k, "auc_difference", auc - second)
        if variance > 1e-12:
            z = (auc - second) / np.sqrt(variance)
            f.check("comparison", "c%d" % k, "auc_z", z, bound=1e-7)
            f.check("comparison", "c%d" % k, "auc_p", 2 * stats.norm.sf(abs(z)), bound=1e-7)
    check_points(f, truth == 1, p[:, 1], ci)
    check_pairs(f, truth, said, other, p, q)
    return a, b, K


def check_points(f, y, s, ci):
    fpr, tpr, at = M.roc_curve(y, s, drop_intermediate=False)
    j = tpr[1:] - fpr[1:]
    chosen = {"sensitivity=0.9": at[np.argmax(tpr >= 0.9)], "youden": at[1:][np.argmax(j)],
              "specificity=0.8": at[1:][fpr[1:] <= 0.2 + 1e-12][-1] if (fpr[1:] <= 0.2 + 1e-12).any() else None}
    for name, t in chosen.items():
        if t is None:
            f.check("point", "c1 " + name, "threshold", np.nan)
            continue
        if name == "youden" and len(j) > 1 and np.diff(np.sort(j))[-1] < 1e-12:
            continue  # two points are as good: rounding decides in scikit-learn
        said = s >= t
        hits, clear = (said & y).sum(), (~said & ~y).sum()
        f.check("point", "c1 " + name, "threshold", t)
        f.check("point", "c1 " + name, "sensitivity", hits / y.sum(), *ci(hits, y.sum()))
        f.check("point", "c1 " + name, "specificity", clear / (~y).sum(), *ci(clear, (~y).sum()))
    eps = np.finfo(float).eps
    clipped = np.clip(s, eps, 1 - eps)
    line = LogisticRegression(penalty=None, solver="newton-cholesky", tol=1e-12, max_iter=1000)
    line.fit((np.log(clipped) - np.log1p(-clipped))[:, None], y)
    if s[y].min() >= s[~y].max() or s[y].max() <= s[~y].min():  # parted: the likelihood has no maximum
        f.check("positive", "c1", "calibration_slope", np.nan)
    else:
        f.check("positive", "c1", "calibration_slope", line.coef_[0, 0], bound=1e-6)
        f.check("positive", "c1", "calibration_intercept", line.intercept_[0], bound=1e-6)
    f.check("positive", "c1", "brier", M.brier_score_loss(y, s))


def check_pairs(f, truth, said, other, p, q):
    first, second = said == truth, other == truth
    x, z = int((first & ~second).sum()), int((~first & second).sum())
    n = x + z
    f.check("comparison", "", "accuracy_mcnemar_p", stats.binomtest(x, n).pvalue if n else 1)
    f.check("comparison", "", "agreement", (said == other).mean())
    if n and x != z:
        f.check("comparison", "", "accuracy_mcnemar_chi_square_p", stats.chi2.sf((abs(x - z) - 1) ** 2 / n, 1))
    f.check("comparison", "", "largest_difference", abs(p - q).max())
    same = M.cohen_kappa_score(said, other)
    if same == same:
        f.check("comparison", "", "agreement_kappa", same)


R_PROGRAM = """suppressMessages(library(pROC)); x <- commandArgs(TRUE); a <- read.csv(x[1]); b <- read.csv(x[2])
y <- as.integer(a$label == "c1"); r <- roc(y, a$c1, levels=c(0,1), direction="<"); s <- roc(y, b$c1, levels=c(0,1), direction="<")
t <- roc.test(r, s, method="delong", paired=TRUE)
cat(format(c(as.numeric(ci.auc(r)), t$statistic, t$p.value), digits=15))"""


def check_r(a, b):
    said = subprocess.run([R, "-e", R_PROGRAM, a, b], capture_output=True, text=True).stdout.split()
    low, auc, high, z, pvalue = (float(v) for v in said)
    f = Figures(os.path.join(work, "out.csv"))
    f.check("class", "c1", "auc", auc, low if low != high else None, high if low != high else None)
    if z == z and abs(z) < 1e3:
        f.check("comparison", "c1", "auc_z", z, bound=1e-7)
        f.check("comparison", "c1", "auc_p", pvalue, bound=1e-7)


def png(path, mask):
    """A grey PNG, without a library."""
    rows = b"".join(b"\0" + bytes(255 * row.astype(np.uint8)) for row in mask)
    parts = [(b"IHDR", struct.pack(">IIBBBBB", mask.shape[1], mask.shape[0], 8, 0, 0, 0, 0)), (b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    with open(path, "wb") as out:
        out.write(b"\x89PNG\r\n\x1a\n")
        for kind, data in parts:
            out.write(struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)))


def distances(a, b):
    """From the outline of a to that of b, by scipy's exact transform."""
    edge_a, edge_b = a & ~ndimage.binary_erosion(a), b & ~ndimage.binary_erosion(b)
    return ndimage.distance_transform_edt(~edge_b)[edge_a]


def check_masks(count):
    rng, sides, out = np.random.default_rng(1), ("truth", "said"), os.path.join(work, "masks.csv")
    for side in sides:
        os.makedirs(os.path.join(work, side), exist_ok=True)
    pairs = {}
    for i in range(count):
        field = ndimage.gaussian_filter(rng.normal(size=rng.integers(5, 70, 2)), rng.choice([0.5, 1, 3]))
        other = field + rng.choice([0.01, 0.1]) * rng.normal(size=field.shape)
        name = "%02d.png" % i
        pairs[name] = field > 0.02, (other > 0.02) & (rng.random() > 0.1)
        for side, mask in zip(sides, pairs[name]):
            png(os.path.join(work, side, name), mask)
    subprocess.run([fovea, "evaluate", "--masks", os.path.join(work, "truth"), "--answers", os.path.join(work, "said"), "--csv", out,
                    "--quiet"], check=True)
    f = Figures(out)
    for name, (a, b) in pairs.items():
        both, full = (a & b).sum(), a.any() and b.any()
        f.check("picture", name, "dice", 2 * both / (a.sum() + b.sum()) if a.any() or b.any() else np.nan)
        f.check("picture", name, "iou", both / (a | b).sum() if a.any() or b.any() else np.nan)
        x, y = (distances(a, b), distances(b, a)) if full else (np.array([np.nan]),) * 2
        f.check("picture", name, "hausdorff", max(x.max(), y.max()))
        f.check("picture", name, "hausdorff95", max(np.percentile(x, 95), np.percentile(y, 95)))
        f.check("picture", name, "surface_mean", (x.sum() + y.sum()) / (len(x) + len(y)))


def check_model_masks():
    """The masks of a model with an output of height x width x 1, at a threshold."""
    rng, out = np.random.default_rng(2), os.path.join(work, "model-masks.csv")
    model, inputs, truth = (os.path.join(work, name) for name in ("mask.fovea", "inputs", "model-truth"))
    subprocess.run([fovea, "convert", "tests/golden/conformance/a/conv2d_1x1_to_1ch/model.h5", "-o", model], check=True, capture_output=True)
    os.makedirs(inputs, exist_ok=True)
    os.makedirs(truth, exist_ok=True)
    want = {}
    for i in range(5):
        one = os.path.join(inputs, "%d.npy" % i)
        np.save(one, rng.normal(size=(1, 7, 7, 8)).astype(np.float32))
        subprocess.run([fovea, "run", model, one, "-o", os.path.join(work, "mask")], check=True, capture_output=True)
        b = np.load(os.path.join(work, "mask.npy"))[0, :, :, 0] >= 0.1
        a = rng.random((7, 7)) > 0.5
        png(os.path.join(truth, "%d.png" % i), a)
        want["%d.png" % i] = 2 * (a & b).sum() / (a.sum() + b.sum())
    subprocess.run([fovea, "evaluate", model, "--images", inputs, "--masks", truth, "--mask-threshold", "0.1", "--csv", out, "--quiet"], check=True)
    f = Figures(out)
    for name, dice in want.items():
        f.check("picture", name, "dice", dice)
    f.check("mask", "", "dice", np.mean(list(want.values())))


os.makedirs(work, exist_ok=True)
check_masks(40)
check_model_masks()
for index in range(files):
    a, b, _ = check_file(index)
    if R and index % 10 == 0:
        check_r(a, b)
if not R:
    print("NOT compared with pROC: no Rscript")
for metric in sorted(largest):
    print("largest difference of %s: %.2g" % (metric, largest[metric]))
print("largest difference of all: %.2g, in %d score files" % (max(largest.values()), files))
print("%d passed, %d failed" % (passed, failed))
sys.exit(failed > 0)
