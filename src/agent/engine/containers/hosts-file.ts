/** The text of a container's /etc/hosts. */
export function hostsFile(lines: readonly string[]): string {
  return [...standardLines, ...lines].map((line) => `${line}\n`).join('');
}

/** A container's own line: the full name, and the first part of it. */
export function ownHostsLine(address: string, hostname: string, domainname: string | undefined): string {
  const full = domainname ? `${hostname}.${domainname}` : hostname;
  const short = full.split('.', 1)[0];
  return `${address}\t${short === full ? full : `${full} ${short}`}`;
}

/** Of `--add-host`: "name:address" or "name=address"; "host-gateway" is the host as seen from the bridge. */
export function extraHostsLine(entry: string, hostGateway: string): string {
  const at = entry.search(/[:=]/);
  const address = entry.slice(at + 1).replace(/^\[(.*)\]$/, '$1');
  return `${address === 'host-gateway' ? hostGateway : address}\t${entry.slice(0, at)}`;
}

/** The file with these lines and without those of these addresses; what the container has changed stays. */
export function changedHosts(
  text: string,
  change: { readonly add: readonly string[]; readonly remove: readonly string[] },
): string {
  const gone = new Set(change.remove);
  const lines = text.split('\n').filter((line) => line !== '' && !gone.has(line));
  const missing = change.add.filter((line) => !lines.includes(line));
  return [...lines, ...missing].map((line) => `${line}\n`).join('');
}

/** The file with another address for the line of these names; as it is without such a line. */
export function renamedHosts(text: string, names: string, address: string): string {
  return text
    .split('\n')
    .map((line) => (line.endsWith(`\t${names}`) ? `${address}\t${names}` : line))
    .join('\n');
}

const standardLines = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
];
