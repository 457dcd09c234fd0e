import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { OciSpec } from './spec/oci.js';
import { serialiseOci } from './spec/serialise.js';

/** What the monitor and the runtime keep of one container, all below the state root (a tmpfs: gone at reboot). */
export class ContainerFiles {
  readonly directory: string;
  /** The monitor's attach socket and control fifo. */
  readonly attach: string;
  readonly control: string;
  readonly pidFile: string;
  readonly monitorPidFile: string;
  /** The monitor makes it when the kernel has killed a process for want of memory. */
  readonly oom: string;
  readonly runtimeLog: string;
  readonly monitorLog: string;
  /** The bundle's, as the runtime was given it. */
  readonly config: string;
  /** What the last update has asked of the runtime. */
  readonly resources: string;
  readonly exit: string;
  readonly #socketLink: string;

  constructor(stateRoot: string, id: string) {
    this.directory = join(stateRoot, 'containers', id);
    const inside = (name: string) => join(this.directory, name);
    this.attach = inside('attach');
    this.control = inside('ctl');
    this.pidFile = inside('pid');
    this.monitorPidFile = inside('conmon.pid');
    this.oom = inside('oom');
    this.runtimeLog = inside('runtime.log');
    this.monitorLog = inside('conmon.log');
    this.config = inside('config.json');
    this.resources = inside('resources.json');
    this.exit = join(stateRoot, 'exits', id);
    this.#socketLink = join(stateRoot, 'sockets', id);
  }

  /** The monitor's bundle is this directory, so that its sockets lie here and not beside the container's data. */
  async make(spec: OciSpec): Promise<void> {
    await this.remove();
    await mkdir(this.directory, { recursive: true, mode: 0o700 });
    await writeFile(this.config, serialiseOci(spec), { mode: 0o600 });
  }

  spec(): OciSpec | undefined {
    return readSpec(this.config);
  }

  async remove(): Promise<void> {
    await rm(this.directory, { recursive: true, force: true });
    await rm(this.exit, { force: true });
    await rm(this.#socketLink, { force: true });
  }

  pid(): number | undefined {
    return readNumber(this.pidFile);
  }

  monitorPid(): number | undefined {
    return readNumber(this.monitorPidFile);
  }

  /** Undefined while the container has not ended. The monitor writes the file by rename, after the log. */
  exitStatus(): { readonly code: number; readonly at: number } | undefined {
    const code = readNumber(this.exit);
    return code === undefined ? undefined : { code, at: Math.round(statSync(this.exit).mtimeMs) };
  }

  oomReported(): boolean {
    return existsSync(this.oom);
  }
}

/** Undefined when there is none, or an agent that was killed has not written all of it: then nothing was made by it. */
export function readSpec(path: string): OciSpec | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Undefined when there is no such file or its text is not a number (not completely written). */
export function readNumber(path: string): number | undefined {
  const text = readText(path)?.trim();
  return text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;
}

export function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
