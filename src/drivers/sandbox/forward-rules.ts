import { readFile } from 'node:fs/promises';
import type { SandboxSite } from './site.js';
import { askTool, findTool, runTool } from './tools.js';

/**
 * Another program's chain that drops forwarded packets by default (docker, ufw) wins over an accept in a table of
 * ours, so it gets an accept of its own. It is only asked where it exists: iptables makes tables by looking.
 */
export async function acceptForwarding(site: SandboxSite): Promise<void> {
  for (const iptables of await filteringTools()) {
    const { stdout } = await askTool([iptables, '-w', '-S', 'FORWARD']);
    if (!stdout.startsWith('-P FORWARD DROP')) continue;
    for (const rule of rules(site)) {
      const { code } = await askTool([iptables, '-w', '-C', 'FORWARD', ...rule]);
      if (code !== 0) await runTool([iptables, '-w', '-I', 'FORWARD', ...rule]);
    }
  }
}

export async function withdrawForwarding(site: SandboxSite): Promise<void> {
  for (const iptables of await filteringTools()) {
    for (const rule of rules(site)) await askTool([iptables, '-w', '-D', 'FORWARD', ...rule]);
  }
}

function rules({ bridge, ruleComment }: SandboxSite): readonly (readonly string[])[] {
  const end = ['-m', 'comment', '--comment', ruleComment, '-j', 'ACCEPT'];
  return [
    ['-i', bridge, ...end],
    ['-o', bridge, ...end],
  ];
}

/** Those whose filter table exists already. */
async function filteringTools(): Promise<readonly string[]> {
  const tools: string[] = [];
  const { code } = await askTool(['nft', 'list', 'chain', 'ip', 'filter', 'FORWARD']);
  const overNft = (await findTool('iptables-nft')) ?? (await findTool('iptables'));
  if (code === 0 && overNft) tools.push(overNft);
  const legacyTables = await readFile('/proc/net/ip_tables_names', 'utf8').catch(() => '');
  const legacy = (await findTool('iptables-legacy')) ?? (await findTool('iptables'));
  if (legacyTables.split('\n').includes('filter') && legacy) tools.push(legacy);
  return tools;
}
