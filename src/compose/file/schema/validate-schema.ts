import { failAnywhere } from '../load-context.js';
import { formatPath } from '../path.js';
import type { Mapping } from '../value.js';
import type { YamlDocument } from '../yaml-file.js';
import { explain } from './explain.js';
import { schemaErrors } from './validator.js';

/**
 * Checks what the files up to `document` say together. An error is looked for first in what the document itself says
 * (`own`), where its place is exact. Throws COMPOSE_FILE_INVALID.
 */
export function validateSchema(
  merged: Mapping,
  own: Mapping,
  document: YamlDocument,
  documents: readonly YamlDocument[],
): void {
  const errors = schemaErrors(merged);
  if (errors.length === 0) return;
  const ownErrors = schemaErrors(own);
  const shared = ownErrors.filter((error) => errors.some((each) => each.schemaPath === error.schemaPath));
  const { path, message, hints } = explain(shared.length > 0 ? shared : errors);
  const text = `${path.length === 0 ? '' : `${formatPath(path)}: `}${message}`;
  throw shared.length > 0
    ? failAnywhere([document], path, text, hints)
    : failAnywhere(documents, path, text, hints);
}
