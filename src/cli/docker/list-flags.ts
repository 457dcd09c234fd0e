import { Flags } from '@oclif/core';

/** What every list takes. */
export const listFlags = {
  quiet: Flags.boolean({ char: 'q', description: 'only names or IDs' }),
  filter: Flags.string({
    ...{ char: 'f', description: 'only what has this property', helpValue: 'KEY=VALUE' },
    ...{ multiple: true, multipleNonGreedy: true },
  }),
  format: Flags.string({ description: 'table, "table TEMPLATE", json, or a Go template over the fields' }),
};

/** The template to render: `quiet` wins, as with docker; "table" alone and nothing mean the usual table. */
export function tableFormat(
  flags: { readonly quiet?: boolean; readonly format?: string | undefined },
  templates: { readonly quiet: string; readonly table: string },
): string {
  if (flags.quiet) return templates.quiet;
  return flags.format === undefined || flags.format === 'table' ? templates.table : flags.format;
}
