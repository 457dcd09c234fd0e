import type { NetworkResource } from '../../api/network.js';
import { shortId } from '../../shared/identifiers.js';
import { labelText } from './label-text.js';

/** The fields of docker's `network ls --format`. */
export interface NetworkRow {
  readonly CreatedAt: string;
  readonly Driver: string;
  readonly ID: string;
  readonly IPv4: string;
  readonly IPv6: string;
  readonly Internal: string;
  readonly Labels: string;
  readonly Name: string;
  readonly Scope: string;
}

export const networkTable = 'table {{.ID}}\t{{.Name}}\t{{.Driver}}\t{{.Scope}}';

export const networkHeaders: Readonly<Record<string, string>> = { ID: 'NETWORK ID', CreatedAt: 'CREATED AT' };

export function networkRow(
  network: NetworkResource,
  options: { readonly noTruncation: boolean },
): NetworkRow {
  const { Created, Driver, EnableIPv4 = true, EnableIPv6, Id, Internal, Labels, Name, Scope } = network;
  return {
    CreatedAt: goTime(Created),
    Driver,
    ID: options.noTruncation ? Id : shortId(Id),
    IPv4: String(EnableIPv4),
    IPv6: String(EnableIPv6),
    Internal: String(Internal),
    Labels: labelText(Labels),
    Name,
    Scope,
  };
}

/** As Go prints a time of RFC 3339 in UTC: zeros at the end of the fraction are left out, and so is a fraction of none. */
function goTime(time: string): string {
  return time
    .replace('T', ' ')
    .replace(/(\.\d*?)0*Z$/, '$1Z')
    .replace(/\.?Z$/, ' +0000 UTC');
}
