import { callVBoxManage } from './call.js';

const { code, stdout, stderr } = await callVBoxManage({ argv: process.argv.slice(2), env: process.env, input: 0 });
await write(process.stdout, stdout);
await write(process.stderr, stderr);
process.exitCode = code;

function write(stream, text) {
  return new Promise((resolve) => stream.write(text, () => resolve()));
}
