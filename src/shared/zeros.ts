const zeros = Buffer.alloc(64 * 1024);

/** Whether a piece of a file may be a hole: nothing but zeros, and not so few that a hole would save nothing. */
export function isHole(piece: Uint8Array): boolean {
  if (piece.length < 4096) return false;
  for (let at = 0; at < piece.length; at += zeros.length) {
    const part = piece.subarray(at, at + zeros.length);
    if (zeros.compare(part, 0, part.length, 0, part.length) !== 0) return false;
  }
  return true;
}
