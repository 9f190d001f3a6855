// The npm package in Node: node node.test.mjs PACKAGE REPOSITORY
import assert from 'node:assert/strict';
import { readFileSync, readdirSync, existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [name, root] = process.argv.slice(2);
const { Fovea, FoveaError } = await import(existsSync(name) ? pathToFileURL(`${name}/fovea.js`) : name);
const demo = (file) => readFileSync(`${root}/weights/demo/${file}`);
const labels = demo('labels.txt').toString().trim().split('\n');
const how = { labels, preprocess: 'keras-01', resize: 'pil-bicubic' };
const npy = (path) => {
    const bytes = readFileSync(path), at = 10 + bytes.readUInt16LE(8), header = bytes.subarray(10, at).toString();
    const data = bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + bytes.length);
    const shape = /'shape': \(([^)]*)\)/.exec(header)[1].split(',').filter((s) => s.trim()).map(Number);
    return { shape, numbers: header.includes('<f8') ? new Float64Array(data) : new Float32Array(data) };
};
let passed = 0, failed = 0;
async function test(what, run) {
    try {
        await run();
        passed++;
    } catch (error) {
        failed++;
        console.log('FAIL', what, error);
    }
}
const refused = (run, text) => assert.rejects(run, (e) => e instanceof FoveaError && e.message.includes(text) || assert.fail(`${e}`));

const relaxed = existsSync(name) ? pathToFileURL(`${name}/fovea-engine-relaxed.wasm`) : new URL(import.meta.resolve(`${name}/fovea-engine-relaxed.wasm`));
const best = WebAssembly.validate(readFileSync(relaxed)) ? 'wasm-relaxed' : 'wasm'; // what this Node can
const { model: bytes } = await Fovea.convert(demo('patterns.h5'), how);
await test('seven answers', async () => {
    for (const [isa, options] of [[best, {}], ['wasm', { relaxed: false }], ['wasm', { exact: true }], ['ref', { simd: false }]]) {
        const model = await Fovea.load(bytes, options);
        assert.equal(model.isa, isa);
        for (const label of labels) {
            const [first] = await model.classify(new Uint8Array(demo(`${label}.jpg`)), { top: 1 });
            assert.equal(first.label, label);
            if (Object.keys(options).length === 0) console.log(label.padEnd(16), first.label.padEnd(16), first.probability.toFixed(4));
        }
        model.close();
    }
});
await test('what the model says of itself', async () => {
    const model = await Fovea.load(bytes);
    assert.deepEqual(model.inputs[0].shape, [90, 120, 3]);
    assert.equal(model.inputs[0].recipe, 'stated');
    assert.deepEqual(model.outputs[0].labels, labels);
    assert.equal(model.layers[0].name, 'conv2d');
    assert.equal(model.layers[0].macs, 2332800);
    assert.equal(model.size, bytes.length);
    assert.match(model.notes.keras, /^3/);
});
await test("Keras' answers", async () => {
    const cases = `${root}/tests/golden/conformance/a`;
    let count = 0;
    for (const name of readdirSync(cases)) {
        const at = `${cases}/${name}/`;
        if (!['model.h5', 'input.npy', 'output64.npy'].every((f) => existsSync(at + f))) continue;
        const { model } = await Fovea.convert(readFileSync(`${at}model.h5`)), cnn = await Fovea.load(model);
        const input = npy(`${at}input.npy`).numbers, want = npy(`${at}output64.npy`).numbers;
        const size = cnn.inputs[0].count, scale = want.reduce((m, v) => Math.max(m, Math.abs(v)), 1);
        for (let i = 0, o = 0; i < input.length; i += size)
            for (const v of cnn.predict(input.subarray(i, i + size))[0])
                assert.ok(Math.abs(v - want[o++]) <= 2e-5 * scale, name);
        count++;
    }
    assert.ok(count > 5);
});
await test('pixels and files are the same', async () => {
    const model = await Fovea.load(bytes), data = new Uint8ClampedArray(4 * 90 * 120).fill(77);
    const ppm = Buffer.concat([Buffer.from('P6 120 90 255\n'), Buffer.alloc(3 * 90 * 120, 77)]);
    const pixels = await model.classify({ data, width: 120, height: 90 });
    assert.deepEqual(pixels, await model.classify(new Uint8Array(ppm)));
    assert.deepEqual(pixels, await model.classify(new Blob([ppm])));
    assert.equal((await model.classify({ data, width: 120, height: 90 }, { top: 99 })).length, 7);
    const two = await Promise.all([model.classify(new Uint8Array(ppm)), model.classify(new Uint8Array(ppm))]);
    assert.deepEqual(two[0], two[1]);
});
await test('refusals', async () => {
    await refused(() => Fovea.convert(new Uint8Array(100)), 'Keras');
    await refused(() => Fovea.convert(demo('patterns.h5'), { preprocess: 'keras' }), 'keras-01');
    await refused(() => Fovea.convert(demo('patterns.h5'), { labels: ['a\nb'] }), 'line end');
    await refused(() => Fovea.convert(demo('patterns.h5'), { nonsense: 1 }), "no 'nonsense'");
    await refused(() => Fovea.load(bytes.subarray(1)), '');
    await refused(() => Fovea.load(bytes.subarray(0, 1000)), '');
    await refused(() => Fovea.load('a path'), 'must be bytes');
    const later = bytes.slice();
    later[8] = 99;
    await refused(() => Fovea.load(later), '');
    const model = await Fovea.load(bytes);
    for (const bad of [[1, 2], null, undefined, new Float32Array(32401), [new Float32Array(3), new Float32Array(3)]])
        assert.throws(() => model.predict(bad), FoveaError);
    await refused(() => model.classify(new Uint8Array(10)), '');
    await refused(() => model.classify({}), 'not a picture');
    await refused(() => model.classify({ data: new Uint8ClampedArray(8), width: 120, height: 90 }), 'fewer');
    await refused(() => model.classify(demo('parallel.jpg').subarray(0, 4000)), '');
    assert.equal((await model.classify(new Uint8Array(demo('parallel.jpg'))))[0].label, 'parallel'); // still works
    const open = await Fovea.load((await Fovea.convert(demo('patterns.h5'))).model);
    await assert.rejects(() => open.classify(new Uint8Array(demo('parallel.jpg'))), (e) => e.check === 'S-060');
    model.close();
    model.close();
    assert.throws(() => model.predict(new Float32Array(32400)), /closed/);
    await refused(() => model.classify(new Uint8Array(demo('parallel.jpg'))), 'closed');
});
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
