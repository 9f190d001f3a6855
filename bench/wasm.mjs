// node bench/wasm.mjs MODULE...: the least time of each built-in network, in ms; the modules take turns. MS: how long a turn
// lasts, ROUNDS: turns, WEIGHTS: as bench --weights takes them.
import { readFileSync } from 'node:fs';
const rounds = +(process.env.ROUNDS ?? 3), ms = +(process.env.MS ?? 1000);
const modules = [];
for (const path of process.argv.slice(2)) {
    const bytes = readFileSync(path);
    if (!WebAssembly.validate(bytes)) {
        console.log(`${path}: not for this Node, ${process.version}`);
        continue;
    }
    const { instance } = await WebAssembly.instantiate(bytes);
    instance.exports._initialize();
    modules.push({ path, ...instance.exports, least: [] });
}
const read = (module, at) => {
    const bytes = new Uint8Array(module.memory.buffer, at);
    return new TextDecoder().decode(bytes.slice(0, bytes.indexOf(0)));
};
const write = (module, text) => {
    const at = module.text();
    new Uint8Array(module.memory.buffer).set(new TextEncoder().encode(`${text}\0`), at);
    return at;
};
const names = [];
for (let i = 0, at; (at = modules[0].network(i)); i++) names.push(read(modules[0], at));
for (let net = 0; net < names.length; net++)
    for (let round = 0; round < rounds; round++)
        for (const module of modules) {
            if (round === 0 && !module.prepare(net, write(module, process.env.WEIGHTS ?? 'f32'), 0))
                throw new Error(`${names[net]} cannot be made`);
            const end = performance.now() + ms;
            do {
                const begin = performance.now();
                module.run();
                const took = performance.now() - begin;
                module.least[net] = Math.min(module.least[net] ?? Infinity, took);
            } while (performance.now() < end);
        }
console.log('network'.padEnd(16) + modules.map((m) => m.path.replace(/.*[/]|[.]wasm$/g, '').padStart(16)).join(''));
names.forEach((name, net) => console.log(name.padEnd(16) + modules.map((m) => m.least[net].toFixed(2).padStart(16)).join('')));
