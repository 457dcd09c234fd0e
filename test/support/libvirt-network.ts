import { openConnection } from '../../src/drivers/libvirt/native/open-connection.js';
import { runOrThrow } from '../../src/shared/spawn.js';

/**
 * A network with DHCP and names, for which libvirt makes no firewall rules; it ends with its libvirtd. Guests reach
 * this machine, and, until it is disposed, the world. `subnet` is the first three numbers of a /24.
 */
export async function startOpenNetwork(
  uri: string,
  { name, bridge, subnet }: { readonly name: string; readonly bridge: string; readonly subnet: string },
): Promise<AsyncDisposable> {
  await using connection = await openConnection(uri);
  const network =
    await connection.defineNetwork(`<network><name>${name}</name><bridge name="${bridge}" stp="off"/>
    <forward mode="open"/><ip address="${subnet}.1" netmask="255.255.255.0">
    <dhcp><range start="${subnet}.10" end="${subnet}.200"/></dhcp></ip></network>`);
  await network.create();
  const table = bridge.replaceAll('-', '_');
  const masquerade = `table ip ${table} {
    chain postrouting {
      type nat hook postrouting priority srcnat
      ip saddr ${subnet}.0/24 oifname != "${bridge}" masquerade
    }
  }`;
  await runOrThrow(['nft', '-f', '-'], { input: masquerade });
  return {
    async [Symbol.asyncDispose]() {
      await runOrThrow(['nft', 'delete', 'table', 'ip', table]);
    },
  };
}
