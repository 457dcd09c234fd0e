import { runOrThrow } from '../../../../src/shared/spawn.js';
import { sshTo, testSite } from './sandboxes.js';

/** In the sandbox, in it after a restart, beside it. */
export type Outputs = readonly [string, string, string];

// A program of its own, so that it can run in other namespaces than the tests:
// makes a sandbox, runs a command in it before and after a restart and one beside it, removes it, prints all outputs.
const [subnet, first, second, beside] = process.argv.slice(2);
if (!subnet || !first || !second || !beside) throw new Error('four arguments');

await using site = await testSite(subnet);
const instance = await site.create('elsewhere');
const before = await sshTo(instance, first);
await site.driver.stop(instance, site.context());
await site.driver.start(instance, site.context());
const after = await sshTo(instance, second);
const outside = await runOrThrow(['sh', '-c', beside]);
const outputs: Outputs = [before.stdout, after.stdout, outside.stdout];
console.log(JSON.stringify(outputs));
