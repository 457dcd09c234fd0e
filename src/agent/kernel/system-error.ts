import { getSystemErrorMap, getSystemErrorName } from 'node:util';

/** A Buffer where the name is not UTF-8. */
export type Path = string | Buffer;

/** The kernel's number of an error; 0 for a name it does not have. */
export function errorNumber(code: string): number {
  return errorNumbers.get(code) ?? 0;
}

const errorNumbers = new Map([...getSystemErrorMap()].map(([number, [name]]) => [name, -number]));

/** An Error like those of node:fs: `code` ("ENOENT"), `errno` (negative), `syscall`, `path`. */
export function systemError(syscall: string, number: number, path?: Path): NodeJS.ErrnoException {
  const [code, text] = getSystemErrorMap().get(-number) ?? [getSystemErrorName(-number), 'unknown error'];
  const where = path === undefined ? '' : ` '${path.toString()}'`;
  const error: NodeJS.ErrnoException = new Error(`${code}: ${text}, ${syscall}${where}`);
  return Object.assign(error, {
    code,
    errno: -number,
    syscall,
    ...(path !== undefined && { path: path.toString() }),
  });
}

/** Throws EINVAL for a text with a NUL byte, which the C library would silently cut. */
export function cString(text: Path): Buffer {
  const bytes = typeof text === 'string' ? Buffer.from(text) : text;
  if (bytes.includes(0)) throw systemError('path', errorNumber('EINVAL'), text);
  return Buffer.concat([bytes, Buffer.of(0)]);
}
