import { openConnection } from '../../src/drivers/libvirt/native/open-connection.js';

/**
 * A network with DHCP and names whose guests reach this machine; libvirt makes no firewall rules for it. It goes with
 * its libvirtd. `subnet` is the first three numbers of a /24.
 */
export async function startOpenNetwork(
  uri: string,
  { name, bridge, subnet }: { readonly name: string; readonly bridge: string; readonly subnet: string },
): Promise<void> {
  await using connection = await openConnection(uri);
  const network =
    await connection.defineNetwork(`<network><name>${name}</name><bridge name="${bridge}" stp="off"/>
    <forward mode="open"/><ip address="${subnet}.1" netmask="255.255.255.0">
    <dhcp><range start="${subnet}.10" end="${subnet}.200"/></dhcp></ip></network>`);
  await network.create();
}
