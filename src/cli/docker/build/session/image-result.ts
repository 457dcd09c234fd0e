import { rm, writeFile } from 'node:fs/promises';

export type SolveResult = ReadonlyMap<string, string>;

/** The ID of the image; empty when none was made. */
export function imageIdOf(result: SolveResult): string {
  return result.get('containerimage.config.digest') ?? result.get('containerimage.digest') ?? '';
}

/** `--metadata-file`: what the engine says of the result. What is JSON in base64 is written as JSON. */
export async function writeMetadata(path: string, result: SolveResult): Promise<void> {
  const value = Object.fromEntries([...result].map(([name, text]) => [name, metadataValue(text)]));
  await writeFile(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** What an earlier build has written is not to pass for this one's. */
export async function removeOld(paths: readonly (string | undefined)[]): Promise<void> {
  for (const path of paths) if (path !== undefined) await rm(path, { force: true });
}

function metadataValue(text: string): unknown {
  if (!/^[A-Za-z0-9+/]+=*$/.test(text)) return text;
  try {
    const value: unknown = JSON.parse(Buffer.from(text, 'base64').toString());
    return typeof value === 'object' && value !== null ? value : text;
  } catch {
    return text;
  }
}
