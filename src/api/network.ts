import { endpointConfig } from './container-config.js';
import { bool, type DecodedBy, list, map, object, text } from './decode.js';

export interface NetworkBlock {
  readonly Subnet?: string;
  readonly IPRange?: string;
  readonly Gateway?: string;
  readonly AuxiliaryAddresses?: Readonly<Record<string, string>>;
}

export interface NetworkResource {
  readonly Name: string;
  readonly Id: string;
  readonly Created: string;
  readonly Scope: 'local';
  readonly Driver: string;
  readonly EnableIPv4: boolean;
  readonly EnableIPv6: boolean;
  readonly IPAM: {
    readonly Driver: string;
    readonly Options: Readonly<Record<string, string>> | null;
    readonly Config: readonly NetworkBlock[];
  };
  readonly Internal: boolean;
  readonly Attachable: boolean;
  readonly Ingress: boolean;
  readonly ConfigFrom: { readonly Network: string };
  readonly ConfigOnly: boolean;
  readonly Containers: Readonly<Record<string, NetworkContainer>>;
  readonly Options: Readonly<Record<string, string>>;
  readonly Labels: Readonly<Record<string, string>>;
}

/** A container in a network's `Containers`; addresses with their prefix lengths. */
export interface NetworkContainer {
  readonly Name: string;
  readonly EndpointID: string;
  readonly MacAddress: string;
  readonly IPv4Address: string;
  readonly IPv6Address: string;
}

export interface NetworkCreateResponse {
  readonly Id: string;
  readonly Warning: string;
}

export interface NetworkPruneResponse {
  readonly NetworksDeleted: readonly string[] | null;
}

/** The body of `POST /networks/create`. */
export const networkCreateRequest = object({
  Name: text,
  CheckDuplicate: bool,
  Driver: text,
  Scope: text,
  EnableIPv4: bool,
  EnableIPv6: bool,
  IPAM: object({
    Driver: text,
    Options: map(text),
    Config: list(object({ Subnet: text, IPRange: text, Gateway: text, AuxiliaryAddresses: map(text) })),
  }),
  Internal: bool,
  Attachable: bool,
  Ingress: bool,
  ConfigOnly: bool,
  ConfigFrom: object({ Network: text }),
  Options: map(text),
  Labels: map(text),
});

/** The body of `POST /networks/{id}/connect`. */
export const networkConnectRequest = object({ Container: text, EndpointConfig: endpointConfig });

/** The body of `POST /networks/{id}/disconnect`. */
export const networkDisconnectRequest = object({ Container: text, Force: bool });

export type NetworkCreateRequest = DecodedBy<typeof networkCreateRequest>;
export type NetworkConnectRequest = DecodedBy<typeof networkConnectRequest>;
export type NetworkDisconnectRequest = DecodedBy<typeof networkDisconnectRequest>;
