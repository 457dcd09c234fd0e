import { randomBytes } from 'node:crypto';

/** 64 hex digits, as Docker's container, network and exec IDs. Never all digits, so a short form is no number. */
export function randomId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex');
    if (/[a-f]/.test(id.slice(0, 12))) return id;
  }
}

/** The 12 digits that Docker shows. */
export function shortId(id: string): string {
  return id.slice(0, 12);
}
