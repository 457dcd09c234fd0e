import type { ProvisionResult } from '../provision/provisioner.js';
import type { JsonObject } from '../shared/json.js';
import type { SshConnection } from '../ssh/transport.js';
import {
  type FoundGarbage,
  findGarbage,
  type GarbageSearch,
  type Orphan,
  removeOrphan,
} from './collect-garbage.js';
import { connectByName } from './connection/connect-by-name.js';
import { type SshTarget, sshTarget } from './connection/ssh-target.js';
import { type AdoptionPlan, adoptMachine, planAdoption } from './create/adopt-machine.js';
import { type CreateMachineRequest, createMachine } from './create/create-machine.js';
import { resumeCreation } from './create/resume-creation.js';
import type { MachineContext, MachineDependencies } from './dependencies.js';
import { diagnose } from './doctor/diagnose.js';
import type { Finding } from './doctor/finding.js';
import type { EngineEndpoint, EngineVersion } from './engine/engine-client.js';
import { engineEndpoint } from './engine/engine-endpoint.js';
import { engineVersionOf } from './engine/engine-version.js';
import type { ForwardRequest } from './forward/forward-machine.js';
import { inspectMachine } from './inspect-machine.js';
import {
  type ListOptions,
  listMachines,
  type MachineSummary,
  runningNames,
  summarizeMachine,
} from './inventory.js';
import { type ChangeOutcome, changeMachine, type MachineChange } from './power/change-machine.js';
import { type PowerOutcome, restartMachine, startMachine, stopMachine } from './power/power.js';
import {
  createSnapshot,
  listSnapshots,
  removeSnapshot,
  restoreSnapshot,
  type Snapshot,
} from './power/snapshots.js';
import { resumeMachine, suspendMachine } from './power/suspend.js';
import { provisionMachine } from './provision-machine.js';
import { regenerateCertificates, renewClientCertificate } from './regenerate-certificates.js';
import { removeMachine } from './remove-machine.js';
import { renameMachine } from './rename-machine.js';
import { setMachineSecret } from './secrets/machine-secrets.js';
import {
  type ImportPlan,
  importFromDockerMachine,
  planDockerMachineImport,
} from './share/import-docker-machine.js';
import { importMachineFile } from './share/import-machine.js';
import { readMachineFile } from './share/machine-file.js';
import { exportMachine, revokeShare } from './share/share-machine.js';
import { machineUrl } from './store/access.js';
import { useMachine } from './store/active-machine.js';
import { machineNotFound } from './store/errors.js';
import type { MachineRecord, Share } from './store/record.js';
import { type CopyRequest, copyFiles } from './transfer/copy-files.js';
import { type UpgradeOutcome, upgradeMachine } from './upgrade-machine.js';
import { type WaitGoal, waitForMachine } from './wait-for-machine.js';

export type { UpgradeOutcome };

/** What commands may ask of machines; binds the use cases to their dependencies and holds no logic. */
export class MachineService {
  readonly #deps: MachineDependencies;

  constructor(deps: MachineDependencies) {
    this.#deps = deps;
  }

  /** Absolute path of the store. */
  get storage(): string {
    return this.#deps.storage;
  }

  create(request: CreateMachineRequest, context: MachineContext): Promise<MachineRecord> {
    return createMachine(this.#deps, request, context);
  }

  /** Throws MACHINE_NOT_FOUND, and what `create` throws. */
  resumeCreation(name: string, context: MachineContext): Promise<MachineRecord> {
    return resumeCreation(this.#deps, name, context);
  }

  provision(name: string, context: MachineContext): Promise<ProvisionResult> {
    return provisionMachine(this.#deps, name, context);
  }

  /** Its server's certificate is made anew. Throws what `provision` throws. */
  regenerateCertificates(name: string, context: MachineContext): Promise<void> {
    return regenerateCertificates(this.#deps, name, context);
  }

  renewClientCertificate(context: MachineContext): Promise<void> {
    return renewClientCertificate(this.#deps, context);
  }

  /** Starts it if need be, and brings its agent to this version. */
  upgrade(name: string, context: MachineContext): Promise<UpgradeOutcome> {
    return upgradeMachine(this.#deps, name, context);
  }

  start(name: string, context: MachineContext): Promise<PowerOutcome> {
    return startMachine(this.#deps, name, context);
  }

  stop(name: string, context: MachineContext): Promise<PowerOutcome> {
    return stopMachine(this.#deps, name, 'stop', context);
  }

  kill(name: string, context: MachineContext): Promise<PowerOutcome> {
    return stopMachine(this.#deps, name, 'kill', context);
  }

  restart(name: string, context: MachineContext): Promise<void> {
    return restartMachine(this.#deps, name, context);
  }

  suspend(name: string, context: MachineContext): Promise<PowerOutcome> {
    return suspendMachine(this.#deps, name, context);
  }

  resume(name: string, context: MachineContext): Promise<PowerOutcome> {
    return resumeMachine(this.#deps, name, context);
  }

  snapshots(name: string, context: MachineContext): Promise<readonly Snapshot[]> {
    return listSnapshots(this.#deps, name, context);
  }

  createSnapshot(name: string, snapshot: string, context: MachineContext): Promise<void> {
    return createSnapshot(this.#deps, name, snapshot, context);
  }

  restoreSnapshot(name: string, snapshot: string, context: MachineContext): Promise<void> {
    return restoreSnapshot(this.#deps, name, snapshot, context);
  }

  removeSnapshot(name: string, snapshot: string, context: MachineContext): Promise<void> {
    return removeSnapshot(this.#deps, name, snapshot, context);
  }

  change(
    name: string,
    change: MachineChange,
    options: { readonly restart: boolean },
    context: MachineContext,
  ): Promise<ChangeOutcome> {
    return changeMachine(this.#deps, name, change, options, context);
  }

  planAdoption(request: CreateMachineRequest, context: MachineContext): Promise<AdoptionPlan> {
    return planAdoption(this.#deps, request, context);
  }

  adopt(request: CreateMachineRequest, plan: AdoptionPlan, context: MachineContext): Promise<MachineRecord> {
    return adoptMachine(this.#deps, request, plan, context);
  }

  export(
    name: string,
    request: { readonly file: string; readonly who: string },
    context: MachineContext,
  ): Promise<Share> {
    return exportMachine(this.#deps, name, request, context);
  }

  revoke(name: string, which: string, context: MachineContext): Promise<readonly Share[]> {
    return revokeShare(this.#deps, name, which, context);
  }

  /** What is in a file that `export` wrote. */
  async readFile(file: string): Promise<MachineRecord> {
    return (await readMachineFile(file)).record;
  }

  planDockerMachineImport(root: string): Promise<ImportPlan> {
    return planDockerMachineImport(this.#deps, root);
  }

  importFromDockerMachine(plan: ImportPlan, context: MachineContext): Promise<readonly string[]> {
    return importFromDockerMachine(this.#deps, plan, context);
  }

  importFile(file: string, name: string | undefined, context: MachineContext): Promise<MachineRecord> {
    return importMachineFile(this.#deps, file, name, context);
  }

  rename(oldName: string, newName: string, context: MachineContext): Promise<MachineRecord> {
    return renameMachine(this.#deps, oldName, newName, context);
  }

  /**
   * Another value for a secret option of the machine's driver, named as in the contract or by its flag; undefined
   * forgets it. Throws NO_SUCH_SECRET.
   */
  setSecret(name: string, secret: string, value: string | undefined, context: MachineContext): Promise<void> {
    return setMachineSecret(this.#deps, name, secret, value, context);
  }

  remove(name: string, options: { readonly force: boolean }, context: MachineContext): Promise<void> {
    return removeMachine(this.#deps, name, options, context);
  }

  /** Changes nothing. */
  findGarbage(search: GarbageSearch, context: MachineContext): Promise<FoundGarbage> {
    return findGarbage(this.#deps, search, context);
  }

  removeOrphan(orphan: Orphan, context: MachineContext): Promise<void> {
    return removeOrphan(this.#deps, orphan, context);
  }

  names(): Promise<readonly string[]> {
    return this.#deps.store.list();
  }

  /** Until the signal aborts. Throws what `connect` throws, LOCAL_PORT_UNAVAILABLE. */
  async forward(name: string, request: ForwardRequest, context: MachineContext): Promise<void> {
    const { forwardByName } = await import('./forward/forward-by-name.js');
    await forwardByName(this.#deps, name, request, context);
  }

  /** All but those that were last seen stopped. */
  runningNames(): Promise<readonly string[]> {
    return runningNames(this.#deps);
  }

  /** Throws MACHINE_NOT_FOUND; a damaged record is there all the same. */
  async assertExists(name: string): Promise<void> {
    if (!(await this.#deps.store.exists(name))) throw machineNotFound(name);
  }

  /** The machine's own directory: its certificates are there. */
  directory(name: string): string {
    return this.#deps.store.directory(name);
  }

  load(name: string): Promise<MachineRecord> {
    return this.#deps.store.load(name);
  }

  list(options: ListOptions, context: MachineContext): Promise<readonly MachineSummary[]> {
    return this.names().then((names) => listMachines(this.#deps, names, options, context));
  }

  /** One machine's row. Throws MACHINE_NOT_FOUND, MACHINE_RECORD_DAMAGED. */
  summary(name: string, options: ListOptions, context: MachineContext): Promise<MachineSummary> {
    return summarizeMachine(this.#deps, name, options, context);
  }

  inspect(name: string): Promise<JsonObject> {
    return inspectMachine(this.#deps, name);
  }

  /** Where the machine's agent listens, with the certificates. Throws MACHINE_NOT_RUNNING, MACHINE_NOT_READY. */
  async engine(name: string): Promise<EngineEndpoint> {
    return engineEndpoint(this.#deps, await this.load(name));
  }

  /** DOCKER_HOST of the machine. Throws MACHINE_NOT_RUNNING, MACHINE_NOT_READY. */
  async url(name: string): Promise<string> {
    return machineUrl(this.storage, await this.load(name));
  }

  engineVersion(name: string, signal: AbortSignal): Promise<EngineVersion> {
    return engineVersionOf(this.#deps, name, signal);
  }

  /** An SSH connection to the host; closed by the caller. A key seen for the first time is pinned. */
  connect(name: string, context: MachineContext, user?: string): Promise<SshConnection> {
    return connectByName(this.#deps, name, context, user);
  }

  /** For another SSH client. Throws what `connect` throws. */
  sshTarget(name: string, context: MachineContext): Promise<SshTarget> {
    return sshTarget(this.#deps, name, context);
  }

  /** Throws WAIT_TIMEOUT. */
  wait(name: string, goal: WaitGoal, timeoutMs: number, context: MachineContext): Promise<void> {
    return waitForMachine(this.#deps, name, goal, timeoutMs, context);
  }

  /** Throws TRANSFER_FAILED, and what `connect` throws. */
  copy(request: CopyRequest, context: MachineContext): Promise<void> {
    return copyFiles(request, (machine, user) => this.connect(machine, context, user), context);
  }

  /** Looks for what is wrong; changes nothing. */
  diagnose(names: readonly string[], context: MachineContext): Promise<readonly Finding[]> {
    return diagnose(this.#deps, names, context);
  }

  /** Makes it the active machine of every shell that has no other one. */
  use(name: string): Promise<void> {
    return useMachine(this.#deps.store, this.storage, name);
  }
}
