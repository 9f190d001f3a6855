"""The page in headless Chromium: python page.py PAGE REPOSITORY OUT (screenshots go to OUT)"""

import functools
import http.server
import os
import sys
import threading
import traceback

from playwright.sync_api import sync_playwright

page_folder, root, out = map(os.path.abspath, sys.argv[1:4])
DEMO = os.path.join(root, "weights", "demo")
LABELS = open(os.path.join(DEMO, "labels.txt"), encoding="utf-8").read()
NAMES = LABELS.split()


class Server(http.server.SimpleHTTPRequestHandler):
    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, ".wasm": "application/wasm",
                      ".js": "text/javascript", ".webmanifest": "application/manifest+json"}

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Server, directory=page_folder))
threading.Thread(target=server.serve_forever, daemon=True).start()
HOME = f"http://127.0.0.1:{server.server_port}/"
OWN = {HOME + name for name in os.listdir(page_folder)} | {HOME}

# Everything that leaves this machine would go through here.
left = []


class Proxy(http.server.BaseHTTPRequestHandler):
    def refuse(self):
        if "content-autofill.googleapis.com" not in self.requestline:  # Chromium's own, wherever there are fields
            left.append(self.requestline)
        self.send_error(502)

    do_GET = do_POST = do_HEAD = do_CONNECT = refuse

    def log_message(self, *_):
        pass


proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Proxy)
threading.Thread(target=proxy.serve_forever, daemon=True).start()

# What the fake camera sees: a photo of the demo, again and again.
camera = os.path.join(out, "camera.mjpeg")
with open(os.path.join(DEMO, "starburst.jpg"), "rb") as photo, open(camera, "wb") as film:
    film.write(photo.read() * 10)

passed = failed = 0


def check(what, true):
    global passed, failed
    if true:
        passed += 1
    else:
        failed += 1
        print("FAIL", what)


def status(page, text):
    page.wait_for_function("text => document.getElementById('status').textContent.includes(text)", arg=text, timeout=60000)


def steps(context, requests):
    page = context.new_page()
    page.goto(HOME)
    page.wait_for_function("() => navigator.serviceWorker.controller", timeout=60000)
    check("SIMD is told", "with SIMD" in page.inner_text("#machine"))

    # A model, with labels and how photos were prepared.
    page.set_input_files("#model", os.path.join(root, "LICENSE"))
    status(page, "LICENSE:")
    check("what is no model is refused in red", "bad" in page.get_attribute("#status", "class"))
    check("and shows nothing", page.is_hidden("#facts"))
    page.click("summary >> nth=0")
    page.fill("#labels", LABELS)
    page.select_option("#preprocess", "keras-01")
    page.select_option("#resize", "pil-bicubic")
    page.set_input_files("#model", os.path.join(DEMO, "patterns.h5"))
    status(page, "is ready")
    check("facts", "90 × 120 × 3" in page.inner_text("#summary") and "ms" in page.inner_text("#summary"))
    check("layers", page.locator("#layers tr").count() > 5)
    page.click("summary >> nth=0")

    # The seven photos, and one that is none.
    page.set_input_files("#photos", [os.path.join(DEMO, name + ".jpg") for name in NAMES] + [os.path.join(root, "LICENSE")])
    page.wait_for_function("() => document.querySelectorAll('#answers li').length === 8", timeout=60000)
    answers = {item.locator("h3").inner_text(): item for item in page.locator("#answers li").all()}
    for name in NAMES:
        text = answers[name + ".jpg"].locator(".classes").inner_text().split("\n")
        print(f"{name:16} {text[0]:16} {text[1]}")
        check(name, text[0] == name)
    check("a bad photo says so and stops nothing", answers["LICENSE"].locator(".classes").count() == 0)

    # Download: the same model, which the page opens too.
    with page.expect_download() as download:
        page.click("#download")
    saved = os.path.join(out, "page.fovea")
    download.value.save_as(saved)
    check("the download's name", download.value.suggested_filename == "patterns.fovea")
    page.set_input_files("#model", saved)
    status(page, "page.fovea is ready")
    check("a model of fovea's opens", page.locator("#answers li").count() == 0)
    page.set_input_files("#photos", os.path.join(DEMO, "parallel.jpg"))
    status(page, "parallel.jpg: parallel")

    # The camera.
    page.click("#camera")
    page.wait_for_function("() => document.querySelector('#live .classes span')?.textContent === 'starburst'", timeout=60000)
    check("the camera's answer", page.get_attribute("#camera", "aria-pressed") == "true")
    page.screenshot(path=os.path.join(out, "camera.png"))
    page.click("#camera")
    check("the camera closes", page.is_hidden("#video"))

    # A phone: nothing is wider than it, and everything is large enough for a finger.
    page.click("#facts summary")
    wide = page.evaluate("document.documentElement.scrollWidth")
    check(f"360 pixels are wide enough, {wide}", wide <= 360)
    small = page.evaluate("[...document.querySelectorAll('button, .button, select, summary')].filter("
                          "e => e.offsetParent && e.getBoundingClientRect().height < 44).map(e => e.textContent)")
    check(f"large enough for a finger: {small}", not small)
    page.click("#facts summary")

    # Keyboard: all controls in turn, each with a name.
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    seen = []
    for _ in range(20):
        page.keyboard.press("Tab")
        seen.append(page.evaluate("document.activeElement.id || document.activeElement.tagName"))
    check(f"the keyboard reaches all: {seen}", {"model", "SUMMARY", "download", "photos", "camera"} <= set(seen))
    unnamed = page.evaluate("[...document.querySelectorAll('input, select, textarea, button, video, meter')].filter("
                            "e => !e.labels?.length && !e.textContent.trim() && !e.ariaLabel).map(e => e.outerHTML)")
    check(f"all controls have names: {unnamed}", not unnamed)
    check("one main heading, no picture without alt", page.locator("h1").count() == 1 and
          page.locator("img:not([alt])").count() == 0)
    page.evaluate("document.activeElement.blur()")
    page.screenshot(path=os.path.join(out, "page.png"), full_page=True)
    box = page.locator("main").bounding_box()
    page.screenshot(path=os.path.join(out, "page.jpg"), full_page=True, type="jpeg", quality=70, scale="css", clip={
        "x": 0, "y": page.locator("#facts").bounding_box()["y"], "width": 360,
        "height": box["y"] + box["height"] - page.locator("#facts").bounding_box()["y"]})

    # Nothing leaves: not what the page asked for, and not what a script in it would.
    for how in ("fetch('https://example.com/').then(() => 1, () => 0)",
                "new Promise(r => { const i = new Image(); i.onload = () => r(1); i.onerror = () => r(0); i.src = 'https://example.com/a.png' })",
                "(() => { try { return navigator.sendBeacon('https://example.com/', 'x') ? 1 : 0 } catch { return 0 } })()",
                "new Promise(r => { try { const s = new WebSocket('wss://example.com/'); s.onopen = () => r(1); s.onerror = () => r(0) } catch { r(0) } })"):
        page.evaluate(how)
    check(f"no request leaves: {left[:3]}", not left)
    check("what the page asked for is its own", {url for url in requests if not url.startswith(("blob:" + HOME, "data:",
          "https://example.com/"))} <= OWN)
    elsewhere = context.new_page()
    elsewhere.goto("about:blank")
    elsewhere.evaluate("fetch('https://example.com/').catch(() => 0)")
    check("a request that leaves would be seen", any("example.com" in line for line in left))
    elsewhere.close()

    # Without a network.
    context.set_offline(True)
    page.reload()
    page.set_input_files("#model", saved)
    status(page, "page.fovea is ready")
    page.set_input_files("#photos", os.path.join(DEMO, "globular.jpg"))
    status(page, "globular.jpg: globular")
    check("works offline", True)
    context.set_offline(False)

    # A model without pictures, and one whose recipe is open.
    page.set_input_files("#model", os.path.join(root, "tests/golden/conformance/g/lambda_distance_k2/model.h5"))
    status(page, "no pictures")
    check("no pictures, no camera", page.is_hidden("#pictures"))
    page.set_input_files("#model", os.path.join(DEMO, "patterns.h5"))
    status(page, "patterns.h5 is ready")
    check("what is open is said", "preprocess" in page.inner_text("#said"))
    page.set_input_files("#photos", os.path.join(DEMO, "globular.jpg"))
    status(page, "how photos were prepared")


with sync_playwright() as playwright:
    browser = playwright.chromium.launch(executable_path=os.environ.get("CHROMIUM", "/usr/bin/chromium"), args=[
        "--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={camera}"])
    context = browser.new_context(viewport={"width": 360, "height": 740}, device_scale_factor=2, has_touch=True,
                                  permissions=["camera"], proxy={"server": f"http://127.0.0.1:{proxy.server_port}",
                                                                        "bypass": "127.0.0.1"}, accept_downloads=True)
    requests, errors = [], []
    context.on("request", lambda request: requests.append(request.url))
    context.on("weberror", lambda error: errors.append(str(error.error)))
    try:
        steps(context, requests)
    except Exception:
        traceback.print_exc()
        failed += 1
    check(f"no script fails: {errors}", not errors)
    browser.close()
print(f"{passed} passed, {failed} failed")
sys.exit(failed != 0)
