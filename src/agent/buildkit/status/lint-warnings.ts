import { type LintWarning, rules, ruleUrl } from '../../build/lint/rules.js';
import type { BuildStatus } from './build-status.js';
import type { DockerfileSource } from './buildkit-error.js';

/** Tells build checks as clients print them: "StageNameCasing: Stage name 'A' should be lowercase (line 1)". */
export function tellWarnings(
  status: BuildStatus,
  { filename, text }: DockerfileSource,
  warnings: readonly LintWarning[],
): void {
  const info = { filename, data: Buffer.from(text), language: 'Dockerfile' };
  for (const { rule, detail, line, endLine } of warnings) {
    status.warn(`${rule}: ${detail} (line ${line})`, {
      ...{ detail: [Buffer.from(rules[rule])], url: ruleUrl(rule), info },
      ranges: [{ start: { line }, end: { line: endLine } }],
    });
  }
}
