// node run.mjs engine.wasm MODEL...: the self-test of every model, with SIMD and without.
import { readFileSync } from 'node:fs';
const [module, ...models] = process.argv.slice(2);
const { instance } = await WebAssembly.instantiate(readFileSync(module));
const { memory, reserve, release, selftest, cpu } = instance.exports;
let passed = 0, failed = 0;
if (!cpu()) console.log('FAIL no SIMD in', module), failed++;
for (const path of models) {
    const model = readFileSync(path);
    const at = reserve(model.length);
    for (const mask of [0, 0x80000000]) {
        new Uint8Array(memory.buffer).set(model, at);
        const difference = selftest(at, model.length, mask);
        if (difference >= 0 && difference <= 2e-5) passed++;
        else console.log('FAIL', path, mask ? 'portable' : 'SIMD', difference), failed++;
    }
    release(at);
}
console.log(`${passed} passed, ${failed} failed`);
process.exit(failed ? 1 : 0);
