// Runs every check of the project and adds up what passed. Each static check counts as one test.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const checks = ['lint', 'types', 'layers', 'unused'];
/** Suites that make hosts and load the machine run one file at a time beside one other. */
const suites = [
  { name: 'unit', workers: '100%' },
  { name: 'integration', workers: '2' },
  { name: 'e2e', workers: '2' },
];
/** With --again: how many files may fail in a suite and be run once more. More than these are no accident. */
const MOST_AGAIN = 3;
const again = process.argv.includes('--again');
const unsteady = [];
const work = mkdtempSync(join(tmpdir(), 'tsmachine-tests-'));
const total = { passed: 0, failed: 0, skipped: 0 };

for (const check of checks) {
  const { status } = timed(check, 'npm', ['run', '--silent', check]);
  if (status === 0) total.passed += 1;
  else total.failed += 1;
}
for (const suite of suites) runSuite(suite);
rmSync(work, { recursive: true, force: true });

for (const test of unsteady) console.log(`failed beside others and passed alone: ${test}`);
console.log(`${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
process.exitCode = total.failed === 0 ? 0 : 1;

function runSuite({ name, workers }) {
  const { result, status } = runJest(`${name} tests`, name, ['--maxWorkers', workers]);
  if (!result) {
    console.error(`the ${name} tests did not finish`);
    total.failed += 1;
    return;
  }
  const failed = result.testResults.filter((file) => file.status === 'failed');
  if (again && failed.length > 0 && failed.length <= MOST_AGAIN) runAgain(name, failed);
  else count(failed);
  count(result.testResults.filter((file) => file.status !== 'failed'));
  if (status !== 0 && failed.length === 0) total.failed += 1;
}

/** A few that failed beside others are run once more, alone; what passes only then is named in the end. */
function runAgain(name, failed) {
  const files = failed.map((file) => file.name);
  const { result } = runJest(`${name} tests again, alone`, name, [
    '--runInBand',
    '--runTestsByPath',
    ...files,
  ]);
  const second = result?.testResults ?? failed;
  count(second);
  for (const file of failed) {
    if (second.find(({ name: path }) => path === file.name)?.status !== 'failed')
      unsteady.push(...named(file));
  }
}

function named({ name, assertionResults }) {
  const tests = assertionResults.filter(({ status }) => status === 'failed').map(({ fullName }) => fullName);
  return (tests.length > 0 ? tests : ['the file']).map((test) => `${relative('.', name)}: ${test}`);
}

function count(files) {
  for (const { status, assertionResults } of files) {
    const number = (wanted) => assertionResults.filter((test) => wanted.includes(test.status)).length;
    total.passed += number(['passed']);
    total.skipped += number(['pending', 'todo', 'skipped', 'disabled']);
    // A file that cannot be loaded has no failed tests, but it failed.
    total.failed += Math.max(number(['failed']), status === 'failed' ? 1 : 0);
  }
}

function runJest(title, project, args) {
  const report = join(work, 'report.json');
  rmSync(report, { force: true });
  const common = ['--json', '--outputFile', report, '--silent=false', '--forceExit'];
  const { status } = timed(title, 'jest', ['--selectProjects', project, ...common, ...args]);
  return { status, result: readReport(report) };
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
