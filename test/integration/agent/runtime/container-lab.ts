import { randomBytes } from 'node:crypto';
import { copyFile, mkdir, mkdtemp, readdir, rm, rmdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { boundingCapabilities } from '../../../../src/agent/kernel/capabilities.js';
import { ConmonRuntime } from '../../../../src/agent/runtime/conmon-runtime.js';
import { readHostFacts } from '../../../../src/agent/runtime/host-facts.js';
import type { Attachment, ExecSession } from '../../../../src/agent/runtime/runtime.js';
import { buildSpec } from '../../../../src/agent/runtime/spec/build-spec.js';
import type { OciProcess } from '../../../../src/agent/runtime/spec/oci.js';
import type { RunSpec } from '../../../../src/agent/runtime/spec/run-spec.js';
import { serialiseOci } from '../../../../src/agent/runtime/spec/serialise.js';

export interface LabContainer {
  readonly id: string;
  readonly pid: number;
  readonly logPath: string;
}

export interface ContainerOptions {
  readonly stdin?: boolean;
  readonly stdinOnce?: boolean;
  readonly spec?: Partial<RunSpec>;
}

/** Containers of busybox under a real runtime, with all their state in one directory. Dispose of it. */
export class ContainerLab implements AsyncDisposable {
  readonly root: string;
  readonly runtime: ConmonRuntime;
  readonly #ids = new Set<string>();

  private constructor(root: string, runtime: ConmonRuntime) {
    this.root = root;
    this.runtime = runtime;
  }

  static async open(name: 'crun' | 'runc' = 'crun'): Promise<ContainerLab> {
    const root = await mkdtemp('/tmp/lab-');
    await makeRootfs(join(root, 'rootfs'));
    return new ContainerLab(root, openRuntime(name, join(root, 'state')));
  }

  /** With a shell script in place of crun, which finds its arguments in "$@". */
  static async openScripted(script: string): Promise<ContainerLab> {
    const root = await mkdtemp('/tmp/lab-');
    await makeRootfs(join(root, 'rootfs'));
    const runtime = join(root, 'crun');
    await writeFile(runtime, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
    const options = { runtime, conmon: '/usr/bin/conmon', stateRoot: join(root, 'state') };
    return new ContainerLab(root, new ConmonRuntime(options));
  }

  async create(args: readonly string[], options: ContainerOptions = {}): Promise<LabContainer> {
    const id = randomBytes(32).toString('hex');
    const bundle = join(this.root, 'bundles', id);
    await mkdir(bundle, { recursive: true });
    const run = { ...runSpec(this.root, id, args), ...options.spec };
    await writeFile(join(bundle, 'config.json'), serialiseOci(buildSpec(run, readHostFacts()).spec));
    this.#ids.add(id);
    const logPath = join(bundle, 'container.log');
    const pid = await this.runtime.create({
      id,
      bundle,
      logPath,
      terminal: run.terminal,
      openStdin: options.stdin ?? false,
      stdinOnce: options.stdinOnce ?? options.stdin ?? false,
    });
    return { id, pid, logPath };
  }

  /** Creates and starts. */
  async start(args: readonly string[], options: ContainerOptions = {}): Promise<LabContainer> {
    const container = await this.create(args, options);
    await this.runtime.start(container.id);
    return container;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const id of this.#ids) await this.runtime.delete(id, { force: true }).catch(() => {});
    this.runtime.close();
    await rm(this.root, { recursive: true, force: true });
    await removeCgroups();
  }
}

export function openRuntime(name: 'crun' | 'runc', stateRoot: string): ConmonRuntime {
  const path = { crun: '/usr/bin/crun', runc: '/usr/sbin/runc' }[name];
  return new ConmonRuntime({ runtime: path, conmon: '/usr/bin/conmon', stateRoot });
}

export function processSpec(args: readonly string[], terminal = false): OciProcess {
  const held = ['CAP_KILL'].filter((name) => boundingCapabilities().has(name));
  return {
    terminal,
    user: { uid: 0, gid: 0 },
    args,
    env: ENVIRONMENT,
    cwd: '/',
    capabilities: { bounding: held, effective: held, permitted: held, inheritable: [] },
    noNewPrivileges: false,
  };
}

/** Both outputs of an attachment as text, once they have ended. Call it before the process can end. */
export async function outputOf({ stdout, stderr }: Attachment): Promise<{ stdout: string; stderr: string }> {
  const [out, err] = await Promise.all([textOf(stdout), textOf(stderr)]);
  return { stdout: out, stderr: err };
}

export async function finish(
  session: ExecSession,
): Promise<{ stdout: string; stderr: string; code: number }> {
  const [output, code] = await Promise.all([outputOf(session.attachment), session.exited]);
  return { ...output, code };
}

async function textOf(stream: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

const ENVIRONMENT = ['PATH=/bin', 'TERM=xterm'];

/** The runtimes remove a container's cgroups only, not the parents they made. Another lab may still use them. */
async function removeCgroups(): Promise<void> {
  for (const hierarchy of ['', ...(await readdir('/sys/fs/cgroup'))]) {
    await rmdir(join('/sys/fs/cgroup', hierarchy, CGROUP_PARENT)).catch(() => {});
  }
}

const CGROUP_PARENT = 'tsmachine-test';

async function makeRootfs(rootfs: string): Promise<void> {
  for (const name of ['bin', 'etc', 'dev', 'proc', 'sys', 'tmp']) {
    await mkdir(join(rootfs, name), { recursive: true });
  }
  await copyFile('/bin/busybox', join(rootfs, 'bin/busybox'));
  for (const name of APPLETS) await symlink('busybox', join(rootfs, 'bin', name));
  await writeFile(join(rootfs, 'etc/not-executable'), 'text', { mode: 0o644 });
}

const APPLETS =
  'cat dd echo env false grep head hostname id ls mkdir nproc ps sh sleep stat stty touch true yes'.split(
    ' ',
  );

function runSpec(root: string, id: string, args: readonly string[]): RunSpec {
  return {
    rootfs: join(root, 'rootfs'),
    readonlyRoot: false,
    args,
    env: ENVIRONMENT,
    cwd: '/',
    user: { uid: 0, gid: 0, additionalGids: [] },
    terminal: false,
    hostname: 'lab',
    cgroupsPath: `/${CGROUP_PARENT}/${id}`,
    network: 'private',
    pid: 'private',
    ipc: 'private',
    uts: 'private',
    cgroupns: 'host',
    mounts: [],
    privileged: false,
    capAdd: [],
    capDrop: [],
    seccomp: 'default',
    noNewPrivileges: false,
    resources: {},
    ulimits: [],
    sysctls: {},
    devices: [],
    deviceRules: [],
  };
}
