import type { NativeLease } from './library.js';
import type { CallOptions, DhcpLease, Network } from './libvirt.js';
import { NativeObject } from './native-object.js';
import type { Pointer } from './prototypes.js';
import type { Session } from './session.js';
import type { Turn } from './turn.js';

export class NativeNetwork extends NativeObject implements Network {
  readonly name: string;
  readonly uuid: string;

  constructor(session: Session, turn: Turn, pointer: Pointer) {
    const name = turn.name('virNetworkGetName', pointer);
    super(session, pointer, 'virNetworkFree', `network "${name}"`);
    this.name = name;
    this.uuid = turn.uuid('virNetworkGetUUIDString', pointer);
  }

  xml(options?: CallOptions): Promise<string> {
    return this.read('describe', options, 'virNetworkGetXMLDesc', 0);
  }

  isActive(options?: CallOptions): Promise<boolean> {
    return this.ask('tell the state of', options, 'virNetworkIsActive');
  }

  bridgeName(options?: CallOptions): Promise<string> {
    return this.read('tell the bridge of', options, 'virNetworkGetBridgeName');
  }

  create(options?: CallOptions): Promise<void> {
    return this.act('start', options, 'virNetworkCreate');
  }

  destroy(options?: CallOptions): Promise<void> {
    return this.act('stop', options, 'virNetworkDestroy');
  }

  undefine(options?: CallOptions): Promise<void> {
    return this.act('undefine', options, 'virNetworkUndefine');
  }

  setAutostart(autostart: boolean, options?: CallOptions): Promise<void> {
    return this.act('set autostart of', options, 'virNetworkSetAutostart', autostart ? 1 : 0);
  }

  leases(mac?: string, options?: CallOptions): Promise<readonly DhcpLease[]> {
    return this.perform('tell the leases of', options, async (turn, self) => {
      const found = await turn.array('virNetworkGetDHCPLeases', (list) => [self, mac ?? null, list, 0]);
      return found.map((pointer) => {
        const lease = leaseOf(turn.library.readLease(pointer));
        turn.library.callNow('virNetworkDHCPLeaseFree', pointer);
        return lease;
      });
    });
  }
}

function leaseOf(lease: NativeLease): DhcpLease {
  return {
    interfaceName: lease.iface,
    mac: lease.mac?.toLowerCase(),
    address: lease.ipaddr,
    prefix: lease.prefix,
    hostname: lease.hostname ?? undefined,
    expires: Number(lease.expirytime),
  };
}
