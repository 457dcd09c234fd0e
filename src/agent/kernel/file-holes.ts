import { fstatSync } from 'node:fs';
import { systemErrorCode } from '../../shared/errors.js';
import { check, declare } from './libc.js';

/** A part of a file that has content on the disk; what lies between two is a hole. */
export interface DataRun {
  readonly offset: number;
  readonly length: number;
}

const lseek = declare('long lseek(int fd, long offset, int whence)');
const SEEK_DATA = 3;
const SEEK_HOLE = 4;

/** Of a file from its beginning: all of it where the file system knows no holes. The descriptor's position changes. */
export function* dataRuns(fd: number): Generator<DataRun> {
  const { size, blocks } = fstatSync(fd);
  if (blocks * 512 >= size) {
    if (size > 0) yield { offset: 0, length: size };
    return;
  }
  for (let at = 0; at < size; ) {
    const offset = seek(fd, at, SEEK_DATA);
    if (offset === undefined) return;
    at = seek(fd, offset, SEEK_HOLE) ?? size;
    yield { offset, length: at - offset };
  }
}

/** Undefined where nothing follows. */
function seek(fd: number, offset: number, whence: number): number | undefined {
  try {
    return check(lseek(fd, offset, whence), 'lseek');
  } catch (error) {
    if (systemErrorCode(error) === 'ENXIO') return undefined;
    if (systemErrorCode(error) === 'EINVAL') return whence === SEEK_DATA ? offset : undefined;
    throw error;
  }
}
