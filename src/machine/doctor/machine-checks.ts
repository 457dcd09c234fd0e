import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { packageRoot } from '../../shared/package-root.js';
import { rawCommand } from '../../ssh/command.js';
import { openConnection } from '../connection/connect.js';
import { driverOf, type MachineContext, type MachineDependencies } from '../dependencies.js';
import { askEngineVersion } from '../engine/engine-version.js';
import type { MachineRecord } from '../store/record.js';
import { type Finding, failure, ok, type Verdict, warning } from './finding.js';
import { hostFindings, parseHostReport } from './host-facts.js';
import { expiry } from './local-checks.js';
import { rescued } from './rescued.js';

const patienceMs = 10_000;

/** A machine from the outside in: record, host, login, engine, certificates, and what the host has. */
export async function machineChecks(
  deps: MachineDependencies,
  name: string,
  context: MachineContext,
): Promise<readonly Finding[]> {
  const found = (check: string, verdict: Verdict): Finding => ({ subject: name, check, ...verdict });
  const machine = await deps.store.load(name);
  if (machine.phase !== 'ready') return [found('creation', unfinished(machine))];
  const host = await rescued(() => hostState(deps, machine, context));
  const first = [found('host', host), found('certificates', await rescued(() => certificates(deps, name)))];
  if (host.state === 'failure') return first;
  const [engine, inside] = await Promise.all([
    rescued(() => engineAnswers(deps, machine, context)),
    lookInside(deps, machine, context),
  ]);
  return [...first, found('engine', engine), ...inside];
}

function unfinished({ name, phase }: MachineRecord): Verdict {
  const next = phase === 'creating' ? `create --resume ${name}` : `provision ${name}`;
  return failure('not finished', `run "tsmachine ${next}", or "tsmachine rm ${name}"`);
}

async function hostState(
  deps: MachineDependencies,
  machine: MachineRecord,
  context: MachineContext,
): Promise<Verdict> {
  const driver = await driverOf(deps, machine);
  if (machine.driver.instance === undefined) return failure('was never made');
  const { state, address } = await driver.inspect(machine.driver.instance, context);
  if (state === 'running') return ok(`running${address === undefined ? '' : ` at ${address}`}`);
  if (state === 'unknown') return warning('does not say whether it runs', 'the checks below tell more');
  return failure(state, `run "tsmachine start ${machine.name}"`);
}

async function certificates(deps: MachineDependencies, name: string): Promise<Verdict> {
  const found = await deps.certificates.expiry(deps.store.directory(name));
  if (!found) return ok('none of its own');
  return expiry(found.expiresAt, deps.clock.now(), `regenerate-certs ${name}`);
}

async function engineAnswers(
  deps: MachineDependencies,
  machine: MachineRecord,
  context: MachineContext,
): Promise<Verdict> {
  const version = await askEngineVersion(deps, machine, machine.address ?? '', patienceMs, context);
  return ok(`answers, version ${version.version}`);
}

/** Where there is no login (driver none) there is nothing to look at. */
async function lookInside(
  deps: MachineDependencies,
  machine: MachineRecord,
  context: MachineContext,
): Promise<readonly Finding[]> {
  const driver = await driverOf(deps, machine);
  if (driver.engineUrl) return [];
  let findings: readonly Finding[] = [];
  const login = await rescued(async () => {
    const began = deps.clock.now();
    const { connection } = await openConnection(deps, machine, driver, context);
    await using _connection = connection;
    const script = await readFile(join(packageRoot(), 'templates', 'doctor', 'host.sh'), 'utf8');
    const { stdout } = await connection.run(rawCommand('sh -s'), {
      input: script,
      timeoutMs: patienceMs,
      signal: context.signal,
    });
    findings = hostFindings(machine.name, parseHostReport(stdout), deps.clock.now());
    return ok(`logged in after ${deps.clock.now() - began} ms`);
  });
  return [{ subject: machine.name, check: 'login', ...login }, ...findings];
}
