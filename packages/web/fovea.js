/** fovea: runs trained Keras CNNs. See fovea.d.ts for what everything promises, packages/binding/handle.h for the door. */

const VERSION = '@version@';
const BORROW = 1, SMALL = 2, EXACT = 4;
const FAILURE = 640, CHECK = 4, TEXT = 12; // struct fovea_failure
const ANSWER = 28; // struct fovea_answer: seven words of 32 bits
const RGBA = 3, PAGE = 65536;

export class FoveaError extends Error {
    constructor(text, check = '') {
        super(text);
        this.name = 'FoveaError';
        this.check = check;
    }
}

// ---- modules ----

// Whether a function is taken that drops a vector, which these instructions make.
const accepts = (...code) => typeof WebAssembly === 'object' && WebAssembly.validate(new Uint8Array(
    [0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, code.length + 5, 1, code.length + 3, 0, ...code, 26, 11]));
const SPLAT = [65, 0, 253, 15]; // i8x16.splat of 0
const hasSimd = accepts(...SPLAT);
const hasRelaxed = accepts(...SPLAT, ...SPLAT, ...SPLAT, 253, 133, 2); // f32x4.relaxed_madd
const compiled = new Map();

async function read(name) {
    const url = new URL(name, import.meta.url);
    if (url.protocol === 'file:') return (await import('node:fs/promises')).readFile(url);
    const response = await fetch(url);
    if (!response.ok) throw new FoveaError(`${name}: the server says ${response.status}`);
    return response.arrayBuffer();
}

function compile(name) {
    if (typeof WebAssembly !== 'object') throw new FoveaError('this browser has no WebAssembly');
    if (!compiled.has(name)) {
        const module = read(name).then((bytes) => WebAssembly.compile(bytes));
        module.catch(() => compiled.delete(name)); // the next try reads it again
        compiled.set(name, module);
    }
    return compiled.get(name);
}

/** One instance of a module: its memory, and calls that throw what was refused. */
class Door {
    static async open(name) {
        const { exports } = await WebAssembly.instantiate(await compile(name), {});
        exports._initialize();
        return new Door(exports);
    }
    constructor(exports) {
        this.exports = exports;
        this.failure = this.take(FAILURE);
    }
    /** Views are made anew each time: memory that grows leaves old ones empty. */
    bytes(at, size) { return new Uint8Array(this.exports.memory.buffer, at, size); }
    words(at, count) { return new Uint32Array(this.exports.memory.buffer, at, count); }
    floats(at, count) { return new Float32Array(this.exports.memory.buffer, at, count); }
    text(at, most) {
        const bytes = this.bytes(at, most), end = bytes.indexOf(0);
        return new TextDecoder().decode(bytes.slice(0, end < 0 ? most : end));
    }
    take(size) {
        const at = this.exports.malloc(Math.max(size, 1)) >>> 0;
        if (!at) throw new FoveaError(`no memory for ${size} bytes`);
        return at;
    }
    /** A copy of `bytes` at a multiple of 64, and where it was taken. */
    put(bytes) {
        const taken = this.take(bytes.length + 64), at = (taken + 63) & ~63;
        this.bytes(at >>> 0, bytes.length).set(bytes);
        return [at >>> 0, taken];
    }
    free(at) { if (at) this.exports.free(at); }
    call(name, ...values) {
        let result;
        try {
            result = this.exports[`fovea_handle_${name}`](...values, this.failure);
        } catch (error) { // a trap: the module's state is not to be trusted any more
            this.exports = null;
            throw new FoveaError(`the module stopped: ${error.message}`);
        }
        if (!result) throw new FoveaError(this.text(this.failure + TEXT, FAILURE - TEXT), this.text(this.failure + CHECK, 8));
        return result >>> 0;
    }
}

// ---- what comes in ----

async function bytesOf(source, what) {
    if (source instanceof Uint8Array) return source;
    if (source instanceof ArrayBuffer) return new Uint8Array(source);
    if (ArrayBuffer.isView(source)) return new Uint8Array(source.buffer, source.byteOffset, source.byteLength);
    if (source && typeof source.arrayBuffer === 'function') { // a Blob, a Response
        if (source.ok === false) throw new FoveaError(`${what}: the server says ${source.status}`);
        return new Uint8Array(await source.arrayBuffer());
    }
    throw new FoveaError(`${what} must be bytes: a Uint8Array, an ArrayBuffer, a Blob or a Response`);
}

let canvas; // for pictures that only a canvas can read
function pixelsOf(picture) {
    if (picture && picture.data instanceof Uint8ClampedArray) return picture; // ImageData
    const width = picture?.videoWidth || picture?.naturalWidth || picture?.width;
    const height = picture?.videoHeight || picture?.naturalHeight || picture?.height;
    if (!width || !height || typeof width !== 'number')
        throw new FoveaError('not a picture, or one without pixels yet');
    canvas ??= typeof OffscreenCanvas === 'function' ? new OffscreenCanvas(1, 1) : document.createElement('canvas');
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
    const context = canvas.getContext('2d', { willReadFrequently: true });
    context.clearRect(0, 0, width, height);
    context.drawImage(picture, 0, 0, width, height);
    return context.getImageData(0, 0, width, height);
}

function wishesOf(options) {
    const lines = [];
    const wish = (key, value) => {
        const text = String(value);
        if (/[\n\0]/.test(text)) throw new FoveaError(`${key} holds a line end or a NUL`);
        lines.push(`${key}=${text}`);
    };
    for (const [key, value] of Object.entries(options)) {
        if (value === undefined || value === null || key === 'config') continue;
        if (key === 'labels') {
            if (!Array.isArray(value)) throw new FoveaError('labels is an array of names');
            for (const label of value) wish('label', label);
        } else if (key === 'fold') wish('fold', value ? 'yes' : 'no');
        else if (key === 'inputShape') wish('input-shape', [...value].join());
        else wish(key, Array.isArray(value) ? value.join() : value);
    }
    return lines.join('\n');
}

// ---- models ----

const shapeOf = (text) => (text ? text.split(',').map(Number) : []);
const countOf = (shape) => shape.reduce((a, b) => a * b, 1);

export class Model {
    #door; #handle = 0; #taken = 0; #bytes; #flags; #variant; #opening;

    static async open(bytes, { small = false, exact = false, simd = true, relaxed = true } = {}) {
        const model = new Model();
        model.#variant = !simd || !hasSimd ? '-portable' : relaxed && !exact && hasRelaxed ? '-relaxed' : '';
        model.#flags = BORROW | (small ? SMALL : 0) | (exact ? EXACT : 0);
        model.#bytes = bytes;
        const part = model.#variant === '-portable' ? '' : '-engine';
        model.#start(await Door.open(`fovea${part}${model.#variant}.wasm`));
        return model;
    }
    #start(door) {
        const [at, taken] = door.put(this.#bytes);
        try {
            this.#handle = door.call('open', at, this.#bytes.length, 1, this.#flags);
        } catch (error) {
            if (door.exports) door.free(taken);
            throw error;
        }
        this.#door = door;
        this.#taken = taken;
        this.#describe();
    }
    #describe() {
        const door = this.#door, length = door.call('describe', this.#handle, 0, 0) + 1, at = door.take(length);
        door.call('describe', this.#handle, at, length);
        const lines = door.text(at, length).split('\n');
        door.free(at);
        Object.assign(this, { inputs: [], outputs: [], layers: [], notes: {} });
        for (const line of lines) {
            const [kind, ...f] = line.split('\t'), shape = shapeOf(f[kind === 'layer' ? 2 : 1]), count = countOf(shape);
            if (kind === 'model') Object.assign(this, { size: +f[0], memory: +f[1], isa: f[3] });
            else if (kind === 'input')
                this.inputs.push({ name: f[0], shape, count, resize: f[2], fit: f[3], colour: f[4], recipe: f[5] });
            else if (kind === 'output') this.outputs.push({ name: f[0], shape, count, labels: [] });
            else if (kind === 'label') this.outputs[+f[0]].labels.push(f[1]);
            else if (kind === 'note') this.notes[f[0]] = f[1];
            else if (kind === 'layer')
                this.layers.push({ name: f[0], op: f[1], shape, macs: +f[3], weights: +f[4], type: f[5], way: f[6], kernel: f[7] });
        }
    }
    #open() {
        if (!this.#handle) throw new FoveaError('the model is closed');
        if (!this.#door.exports) throw new FoveaError('the module stopped; load the model again');
        return this.#door;
    }

    predict(inputs) {
        const door = this.#open();
        const parts = this.inputs.length === 1 && !(Array.isArray(inputs) && typeof inputs[0] === 'object') ? [inputs] : inputs;
        if (!parts || parts.length !== this.inputs.length)
            throw new FoveaError(`the model has ${this.inputs.length} inputs, not ${parts?.length}`);
        const count = this.inputs.reduce((sum, input) => sum + input.count, 0);
        this.inputs.forEach((input, i) => {
            if (parts[i]?.length !== input.count)
                throw new FoveaError(`the input '${input.name}' takes ${input.count} numbers, not ${parts[i]?.length}`);
        });
        const at = door.take(4 * count);
        try {
            let next = at;
            for (const part of parts) {
                door.floats(next, part.length).set(part);
                next += 4 * part.length;
            }
            return this.#values('predict', at, count);
        } finally {
            if (door.exports) door.free(at);
        }
    }
    /** Calls with room for all outputs, which it gives. */
    #values(name, ...values) {
        const door = this.#door, count = this.outputs.reduce((sum, output) => sum + output.count, 0);
        const at = door.take(ANSWER + 4 * count);
        try {
            door.words(at, 7).set([at + ANSWER, count, 0, 0, 0, 0, 0]);
            door.call(name, this.#handle, ...values, at);
            let next = at + ANSWER;
            return this.outputs.map((output) => {
                const part = door.floats(next, output.count).slice();
                next += 4 * output.count;
                return part;
            });
        } finally {
            if (door.exports) door.free(at);
        }
    }

    async classify(picture, { top = 5 } = {}) {
        this.#open();
        if (!Number.isInteger(top) || top < 1) throw new FoveaError('top must be at least 1');
        const file = picture instanceof Uint8Array || picture instanceof ArrayBuffer ||
            (typeof Blob === 'function' && picture instanceof Blob);
        if (!file) {
            const { data, width, height } = pixelsOf(picture);
            return this.#top(top, data, (at) => ['pixels', at, data.length, width, height, 4 * width, RGBA]);
        }
        const bytes = await bytesOf(picture, 'a photo');
        await this.#withPhotos();
        this.#open();
        return this.#top(top, bytes, (at) => ['photo', at, bytes.length]);
    }
    /** Moves to a module that reads files of photos; once, however many ask meanwhile. */
    async #withPhotos() {
        if (this.#door.exports?.fovea_handle_photo) return;
        this.#opening ??= Door.open(`fovea${this.#variant}.wasm`);
        try {
            const door = await this.#opening;
            if (this.#door === door || !this.#handle) return;
            this.#start(door); // the old instance goes with all its memory
        } finally {
            this.#opening = undefined;
        }
    }
    #top(top, bytes, values) {
        const door = this.#door, [data, taken] = door.put(bytes);
        const room = Math.min(top, this.outputs[0].count + 1), at = door.take(ANSWER + 8 * room);
        try {
            const index = at + ANSWER, probability = index + 4 * room;
            door.words(at, 7).set([0, 0, index, probability, room, 0, 0]);
            const [name, ...rest] = values(data);
            door.call(name, this.#handle, ...rest, at);
            const found = door.words(at, 7)[6];
            const classes = door.words(index, found), numbers = door.floats(probability, found), { labels } = this.outputs[0];
            return Array.from(classes, (c, i) => ({ index: c, label: labels[c] ?? null, probability: numbers[i] }));
        } finally {
            if (door.exports) {
                door.free(at);
                door.free(taken);
            }
        }
    }

    close() {
        this.#handle = 0; // the instance goes, and its memory with it
        this.#door = this.#bytes = undefined;
        this.#taken = 0;
    }
}

export const Fovea = {
    simd: hasSimd,
    version: VERSION,

    async convert(keras, options = {}) {
        const bytes = await bytesOf(keras, 'a Keras file');
        const wishes = new TextEncoder().encode(`${wishesOf(options)}\0`);
        const config = typeof options.config === 'string' ? new TextEncoder().encode(options.config) : options.config;
        const door = await Door.open(hasSimd ? 'fovea.wasm' : 'fovea-portable.wasm');
        const [file] = door.put(bytes), [words] = door.put(wishes), size = door.take(4), room = 1024, said = door.take(room);
        const description = config?.length ? door.put(config)[0] : 0;
        const made = door.call('convert', file, bytes.length, words, description, config?.length ?? 0, size, said, room);
        return { // copies: the instance goes, and its memory with it
            model: door.bytes(made, door.words(size, 1)[0]).slice(),
            said: door.text(said, room).split('\n').filter(Boolean),
        };
    },

    async load(model, options) {
        return Model.open(await bytesOf(model, 'a model'), options);
    },
};
