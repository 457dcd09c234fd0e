/** One side of `cp`. */
export type CopyPlace = StreamPlace | LocalPlace | ContainerPlace;

/** A tar on STDIN or STDOUT. */
interface StreamPlace {
  readonly kind: 'stream';
}

export interface LocalPlace {
  readonly kind: 'local';
  readonly path: string;
}

export interface ContainerPlace {
  readonly kind: 'container';
  /** Undefined: the one of the command. */
  readonly machine: string | undefined;
  readonly container: string;
  /** Absolute, with what was written at its end: "/" and "/." mean something. */
  readonly path: string;
}

/**
 * "-", PATH or [MACHINE/]CONTAINER:PATH. As with docker a path that begins with "/" or "." is of this computer
 * whatever colons it has, and a path in a container begins at its root.
 */
export function parseCopyPlace(text: string, platform: NodeJS.Platform = process.platform): CopyPlace {
  if (text === '-') return { kind: 'stream' };
  const [, machine, container, path] = /^(?:([^/:]+)\/)?([^/:]+):(.*)$/s.exec(text) ?? [];
  const isDrive = platform === 'win32' && /^[a-zA-Z]:/.test(text);
  if (/^[./]/.test(text) || isDrive || container === undefined || path === undefined) {
    return { kind: 'local', path: text };
  }
  return { kind: 'container', machine, container, path: path.startsWith('/') ? path : `/${path}` };
}
