// Runs every check of the project and adds up what passed. Each static check counts as one test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const checks = ['lint', 'types', 'layers', 'unused'];
/** Suites that make hosts and load the machine run one file at a time beside one other. */
const suites = [
  { name: 'unit', workers: '100%' },
  { name: 'integration', workers: '2' },
  { name: 'e2e', workers: '2' },
];
const work = mkdtempSync(join(tmpdir(), 'tsmachine-tests-'));
const total = { passed: 0, failed: 0, skipped: 0 };

for (const check of checks) {
  const { status } = timed(check, 'npm', ['run', '--silent', check]);
  if (status === 0) total.passed += 1;
  else total.failed += 1;
}
for (const suite of suites) runSuite(suite);
rmSync(work, { recursive: true, force: true });

console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;

function runSuite({ name, workers }) {
  const report = join(work, `${name}.json`);
  const { status } = timed(`${name} tests`, 'jest', [
    '--selectProjects',
    name,
    '--maxWorkers',
    workers,
    '--json',
    '--outputFile',
    report,
    '--silent=false',
    '--forceExit',
  ]);
  const result = readReport(report);
  if (!result) {
    console.error(`the ${name} tests did not finish`);
    total.failed += 1;
    return;
  }
  total.passed += result.numPassedTests;
  total.skipped += result.numPendingTests + result.numTodoTests;
  // A file that cannot be loaded has no failed tests, but it failed.
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  total.failed += failed === 0 && status !== 0 ? 1 : failed;
}

function readReport(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

function timed(title, command, args) {
  console.log(`\n== ${title}`);
  const began = performance.now();
  const result = spawnSync(command, args, {
    // jest prints its JSON report on stdout as well; what people read is on stderr.
    stdio: ['ignore', args.includes('--json') ? 'ignore' : 'inherit', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --no-warnings' },
  });
  console.log(
    `== ${title}: ${result.status === 0 ? 'ok' : 'failed'} in ${((performance.now() - began) / 1000).toFixed(1)} s`,
  );
  return result;
}
