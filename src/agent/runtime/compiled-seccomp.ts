import { join } from 'node:path';
import { compileSeccomp } from '../kernel/seccomp-compiler.js';
import type { OciSeccomp, OciSpec } from './spec/oci.js';

/**
 * Hands crun the seccomp filter ready-made, by its annotation `run.oci.seccomp_bpf_data`: compiling Docker's
 * profile takes it 15 ms at every start. There are as many filters as sets of capabilities in use. Another runtime,
 * and a crun without the annotation, use the profile, which stays in the spec.
 */
export class CompiledSeccomp {
  readonly #directory: string;
  readonly #programs = new Map<string, string | undefined>();

  constructor(directory: string) {
    this.#directory = directory;
  }

  apply(spec: OciSpec): OciSpec {
    const { seccomp } = spec.linux;
    const program = seccomp && this.#programOf(seccomp);
    if (program === undefined) return spec;
    return { ...spec, annotations: { ...spec.annotations, 'run.oci.seccomp_bpf_data': program } };
  }

  #programOf(seccomp: OciSeccomp): string | undefined {
    const key = JSON.stringify(seccomp);
    if (!this.#programs.has(key)) {
      if (this.#programs.size >= MOST_PROGRAMS) this.#programs.clear();
      this.#programs.set(key, this.#compile(seccomp));
    }
    return this.#programs.get(key);
  }

  /** Undefined when it cannot be compiled here; the runtime then says what is wrong with it, if anything is. */
  #compile(seccomp: OciSeccomp): string | undefined {
    try {
      return compileSeccomp(seccomp, join(this.#directory, 'seccomp.bpf')).toString('base64');
    } catch {
      return undefined;
    }
  }
}

const MOST_PROGRAMS = 50;
