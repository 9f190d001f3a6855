// The page: a Keras file to answers, all on this device.
import { Fovea } from './fovea.js';

const $ = (id) => document.getElementById(id);
const make = (tag, text, properties = {}) => Object.assign(document.createElement(tag), { textContent: text ?? '' }, properties);
const number = (n) => n.toLocaleString('en');
const bytes = (n) => (n < 1e6 ? `${number(Math.round(n / 1e3))} KB` : `${(n / 1e6).toFixed(1)} MB`);
const shape = (s) => s.join(' × ');
const painted = () => new Promise((done) => { requestAnimationFrame(() => setTimeout(done)); });

let source = null; // the file chosen last
let model = null;
let stream = null;
let job = 0; // of several files chosen one after another the last counts

function say(text, bad = false) {
    $('status').textContent = text;
    $('status').classList.toggle('bad', bad);
}

// ---- the model ----

const isModel = (data) => [0x89, 0x46, 0x4f, 0x56].every((byte, i) => data[i] === byte); // weights/blob.h

async function convert(file) {
    const data = new Uint8Array(await file.arrayBuffer());
    if (isModel(data)) return { model: data, said: [] };
    const labels = $('labels').value.split('\n').map((line) => line.trim()).filter(Boolean);
    return Fovea.convert(data, {
        source: file.name.replace(/[\n\0]/g, '?'),
        labels: labels.length ? labels : undefined,
        preprocess: $('preprocess').value || undefined,
        resize: $('resize').value || undefined,
    });
}

/** Milliseconds of a run on zeros: the least of several, within half a second. */
function measure(cnn) {
    const inputs = cnn.inputs.map((input) => new Float32Array(input.count)), end = performance.now() + 500;
    let least = Infinity;
    for (let i = 0; i < 50 && (i < 2 || performance.now() < end); i++) {
        const start = performance.now();
        cnn.predict(inputs);
        least = Math.min(least, performance.now() - start);
    }
    return least;
}

async function open(file) {
    const mine = ++job;
    say(`Converting ${file.name} …`);
    await painted();
    try {
        const made = await convert(file), opened = await Fovea.load(made.model);
        if (mine !== job) return opened.close();
        model?.close();
        model = opened;
        source = file;
        $('again').disabled = false;
        $('answers').replaceChildren();
        show(file.name, made);
    } catch (error) {
        if (mine === job) say(`${file.name}: ${error.message}`, true);
    }
}

function show(name, made) {
    const ms = measure(model), macs = model.layers.reduce((sum, layer) => sum + layer.macs, 0);
    const picture = model.inputs.length === 1 && model.inputs[0].resize !== '';
    const facts = [
        ['Inputs', model.inputs.map((input) => shape(input.shape)).join('; ')],
        ['Outputs', model.outputs.map((output) => shape(output.shape)).join('; ')],
        ['Layers', number(model.layers.length)],
        ['Multiply-adds', `${number(Math.round(macs / 1e4) / 100)} million`],
        ['Model', bytes(model.size)],
        ['Memory to run', bytes(model.memory)],
        ['Speed here', `${ms.toFixed(ms < 10 ? 2 : 0)} ms a picture, one thread`],
    ];
    $('summary').replaceChildren(...facts.flatMap(([what, text]) => [make('dt', what), make('dd', text)]));
    $('said').replaceChildren(...made.said.map((line) => make('li', line)));
    $('layers').replaceChildren(...model.layers.map((layer) => {
        const row = document.createElement('tr');
        row.append(...[layer.name, layer.op, shape(layer.shape), number(layer.macs), number(layer.weights)].map((t) => make('td', t)));
        return row;
    }));
    URL.revokeObjectURL($('download').href);
    $('download').href = URL.createObjectURL(new Blob([made.model], { type: 'application/octet-stream' }));
    $('download').download = name.replace(/\.[^.]*$/, '') + '.fovea';
    $('facts').hidden = false;
    $('pictures').hidden = !picture;
    if (!picture) stopCamera();
    say(picture ? `${name} is ready.` : `${name} is ready; its inputs are no pictures, so that there is nothing to try here.`);
}

// ---- answers ----

function bars(classes) {
    const box = make('div', '', { className: 'classes' });
    for (const { label, index, probability } of classes) {
        const name = label ?? `class ${index}`, text = probability.toFixed(4);
        const meter = make('meter', text, { min: 0, max: 1, value: probability });
        meter.setAttribute('aria-label', name);
        box.append(make('span', name), meter, make('span', text));
    }
    return box;
}

/** The file's bytes, decoded by fovea; what fovea does not read (WebP, AVIF, HEIC), by the browser. */
async function classify(file) {
    const start = performance.now();
    let classes;
    try {
        classes = await model.classify(new Uint8Array(await file.arrayBuffer()));
    } catch (error) {
        const image = error.check === 'S-060' ? null : await createImageBitmap(file).catch(() => null);
        if (!image) throw error;
        classes = await model.classify(image);
        image.close();
    }
    return { classes, ms: performance.now() - start };
}

async function answer(file) {
    const item = make('li', '', { className: 'answer' }), url = URL.createObjectURL(file);
    const image = make('img', '', { src: url, alt: '', onload: () => URL.revokeObjectURL(url), onerror: () => image.remove() });
    item.append(make('h3', file.name), image);
    try {
        const { classes, ms } = await classify(file);
        item.append(bars(classes), make('p', `${ms.toFixed(0)} ms, with reading the file`));
        say(`${file.name}: ${classes[0].label ?? `class ${classes[0].index}`}, ${classes[0].probability.toFixed(2)}`);
    } catch (error) { // one bad photo stops nothing
        item.append(make('p', error.message));
        say(`${file.name}: ${error.message}`, true);
    }
    $('answers').prepend(item);
}

// ---- the camera ----

function stopCamera() {
    stream?.getTracks().forEach((track) => track.stop());
    stream = null;
    $('video').srcObject = null;
    $('video').hidden = $('live').hidden = true;
    $('camera').textContent = 'Open the camera';
    $('camera').setAttribute('aria-pressed', 'false');
}

async function frames(video) {
    while (stream && model) {
        try {
            if (video.videoWidth) {
                const classes = await model.classify(video, { top: 3 });
                if (stream) $('live').replaceChildren(bars(classes));
            }
        } catch (error) {
            if (stream) say(`The camera: ${error.message}`, true);
            return stopCamera();
        }
        await painted();
    }
}

async function startCamera() {
    try {
        stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: 'environment' } });
    } catch (error) {
        return say(`The camera cannot be opened: ${error.message}`, true);
    }
    $('video').srcObject = stream;
    $('video').hidden = $('live').hidden = false;
    $('camera').textContent = 'Close the camera';
    $('camera').setAttribute('aria-pressed', 'true');
    await $('video').play();
    say('The camera is open.');
    frames($('video'));
}

// ---- events ----

$('model').addEventListener('change', ({ target }) => { if (target.files[0]) open(target.files[0]); });
$('again').addEventListener('click', () => open(source));
$('photos').addEventListener('change', async ({ target }) => {
    for (const file of [...target.files]) await answer(file);
    target.value = ''; // the same photo may be chosen again
});
$('camera').addEventListener('click', () => {
    if (!stream) return startCamera();
    stopCamera();
    say('The camera is closed.');
});
document.addEventListener('dragover', (event) => { event.preventDefault(); $('drop').classList.add('over'); });
document.addEventListener('dragleave', () => $('drop').classList.remove('over'));
document.addEventListener('drop', async (event) => {
    event.preventDefault();
    $('drop').classList.remove('over');
    for (const file of [...event.dataTransfer.files]) {
        if (/\.(keras|h5|hdf5|fovea)$/i.test(file.name)) await open(file);
        else if (model) await answer(file);
        else say(`${file.name}: open a model first; it is a .keras, .h5 or .fovea file`, true);
    }
});
$('machine').textContent = Fovea.simd ? `fovea ${Fovea.version}, with SIMD.`
    : `fovea ${Fovea.version}. This browser has no WebAssembly SIMD: everything works, several times slower.`;
if ('serviceWorker' in navigator) navigator.serviceWorker.register('offline.js').catch(() => {});
