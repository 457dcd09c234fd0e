import { access } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/** The package's templates/sandbox, wherever this file was bundled to. */
export async function templateDirectory(): Promise<string> {
  for (let directory = import.meta.dirname; ; directory = dirname(directory)) {
    const templates = join(directory, 'templates', 'sandbox');
    const found = await access(join(templates, 'boot.sh')).then(
      () => true,
      () => false,
    );
    if (found) return templates;
    if (directory === dirname(directory)) throw new Error('the package has no templates/sandbox');
  }
}
