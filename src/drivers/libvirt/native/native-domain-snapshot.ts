import type { CallOptions, DomainSnapshot } from './libvirt.js';
import { NativeObject } from './native-object.js';
import type { Pointer } from './prototypes.js';
import type { Session } from './session.js';
import type { Turn } from './turn.js';

export class NativeDomainSnapshot extends NativeObject implements DomainSnapshot {
  readonly name: string;

  constructor(session: Session, turn: Turn, pointer: Pointer) {
    const name = turn.name('virDomainSnapshotGetName', pointer);
    super(session, pointer, 'virDomainSnapshotFree', `snapshot "${name}"`);
    this.name = name;
  }

  xml(options?: CallOptions): Promise<string> {
    return this.read('describe', options, 'virDomainSnapshotGetXMLDesc', 0);
  }

  isCurrent(options?: CallOptions): Promise<boolean> {
    return this.ask('describe', options, 'virDomainSnapshotIsCurrent', 0);
  }

  revert(options?: CallOptions): Promise<void> {
    return this.act('revert to', options, 'virDomainRevertToSnapshot', 0);
  }

  delete(
    how: { readonly withChildren?: boolean; readonly metadataOnly?: boolean } = {},
    options?: CallOptions,
  ): Promise<void> {
    const flags = (how.withChildren ? 1 : 0) | (how.metadataOnly ? 2 : 0); // VIR_DOMAIN_SNAPSHOT_DELETE_…
    return this.act('delete', options, 'virDomainSnapshotDelete', flags);
  }
}
