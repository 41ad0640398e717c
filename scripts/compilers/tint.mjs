// Does Tint, Dawn's compiler of WGSL, take the shader without a message?
//   node tint.mjs FOLDER MODULES      the folder with shader.wgsl; the node_modules with the package webgpu
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [folder, modules] = process.argv.slice(2);
const { create, globals } = await import(pathToFileURL(`${modules}/webgpu/index.js`));
Object.assign(globalThis, globals);
// Kept to the end: Dawn ends the program when it is collected before.
const gpu = create(['backend=vulkan']);
const adapter = await gpu.requestAdapter();
if (!adapter) throw new Error('Dawn finds no adapter: run scripts/setup');
const device = await adapter.requestDevice();

// The messages about a shader, and the time that its pipelines take.
async function compiled(code) {
    device.pushErrorScope('validation');
    const module = device.createShaderModule({ code });
    const messages = (await module.getCompilationInfo()).messages.map((m) => `${m.type} in line ${m.lineNum}: ${m.message}`);
    const begun = performance.now();
    for (const value of messages.length ? [] : [0, 1]) {
        const compute = { module, entryPoint: 'advance', constants: { DRAWS_IN_LOOP: value } };
        await device.createComputePipelineAsync({ layout: 'auto', compute }).catch((e) => messages.push(e.message));
    }
    const refused = await device.popErrorScope();
    return [refused && !messages.length ? [refused.message] : messages, performance.now() - begun];
}

const source = readFileSync(`${folder}/shader.wgsl`, 'utf8');
const [messages, milliseconds] = await compiled(source);
// Negative control: a shader that calls what is not there.
const [broken] = await compiled(source.replace('fn rk4(', 'fn rk5('));
device.destroy();
if (messages.length || !broken.length) {
    console.log(messages.length ? messages.slice(0, 5).join('\n') : 'no message about a shader that lacks a function');
    process.exit(1);
}
console.log(`no message; both pipelines on ${adapter.info.description || adapter.info.device} in ${(milliseconds / 1e3).toFixed(1)} s`);
process.exit(0);
