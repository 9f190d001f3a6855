// node platformio.mjs TREE: what library.json says, as PlatformIO reads it. Prints the flags on one line, then
// the sources.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
const tree = process.argv[2];
const { build } = JSON.parse(readFileSync(join(tree, 'library.json')));
const files = readdirSync(tree, { withFileTypes: true }).filter((entry) => entry.isDirectory())
    .flatMap(({ name }) => readdirSync(join(tree, name)).map((file) => `${name}/${file}`));
const matches = (file, pattern) => pattern === '*' ||
    new RegExp(`^${pattern.replace(/[.]/g, '\\.').replace(/\*/g, '[^/]*')}$`).test(file);
const chosen = new Set();
for (const rule of build.srcFilter) {
    const [, sign, pattern] = rule.match(/^([+-])<(.*)>$/);
    for (const file of files)
        if (matches(file, pattern)) sign === '+' ? chosen.add(file) : chosen.delete(file);
}
console.log([...build.flags, `-I${build.includeDir}`].join(' '));
for (const file of chosen) console.log(join(build.srcDir, file));
