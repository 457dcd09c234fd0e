/** The bench's door to child processes. */
import { spawn } from 'node:child_process';

/** Answers stdout. Throws with everything that was printed when the program fails or takes too long. */
export async function command(argv, { env = process.env, input, timeoutMs = 300_000 } = {}) {
  const [file, ...args] = argv;
  const child = spawn(file, args, { env, timeout: timeoutMs, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.on('error', () => {}); // a program need not read its input
  child.stdin.end(input);
  const output = { stdout: [], stderr: [] };
  child.stdout.on('data', (chunk) => output.stdout.push(chunk));
  child.stderr.on('data', (chunk) => output.stderr.push(chunk));
  const { promise, resolve, reject } = Promise.withResolvers();
  child.once('error', reject);
  child.once('close', resolve);
  const code = await promise;
  const [stdout, stderr] = [output.stdout, output.stderr].map((chunks) => Buffer.concat(chunks).toString());
  if (code !== 0) throw new Error(`"${argv.join(' ')}" exited with ${code}\n${stdout}${stderr}`);
  return stdout;
}
