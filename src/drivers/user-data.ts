/** Of the formats of user data that cloud-init knows, by how they begin. https://docs.cloud-init.io/en/latest/explanation/format.html */
const contentTypes: readonly (readonly [start: string, type: string])[] = [
  ['#cloud-config', 'text/cloud-config'],
  ['#!', 'text/x-shellscript'],
  ['#include-once', 'text/x-include-once-url'],
  ['#include', 'text/x-include-url'],
  ['#cloud-boothook', 'text/cloud-boothook'],
  ['## template: jinja', 'text/jinja2'],
];

/** Undefined for what cloud-init would not understand. */
export function userDataType(userData: string): string | undefined {
  return contentTypes.find(([start]) => userData.startsWith(start))?.[1];
}

const boundary = 'tsmachine-user-data-part';

/**
 * Both as parts of one message: cloud-init merges them so that lists grow and what is ours stays, or the machine
 * could not be logged in to. https://docs.cloud-init.io/en/latest/reference/merging.html
 */
export function userDataTogether(own: string, others: string, type: string): string {
  const merge = 'Merge-Type: list(append)+dict(no_replace,recurse_list)+str()\n';
  return [
    `Content-Type: multipart/mixed; boundary="${boundary}"\nMIME-Version: 1.0\n`,
    `--${boundary}\nContent-Type: text/cloud-config; charset="utf-8"\n\n${own}`,
    `--${boundary}\nContent-Type: ${type}; charset="utf-8"\n${merge}\n${others.trimEnd()}\n`,
    `--${boundary}--\n`,
  ].join('\n');
}
