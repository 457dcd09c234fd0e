import { readFile, writeFile } from 'node:fs/promises';
import type { HostConfig } from '../../../api/container-config.js';
import { errorMessage } from '../../../shared/errors.js';
import type { LinkedPort } from '../../network/network.js';
import { invalidOption } from '../errors.js';
import { linkToHostNetwork, linkToStopped, noSuchLink, notOnDefaultBridge } from '../link-errors.js';
import type { Container } from './container.js';
import type { ContainerContext } from './context.js';
import { renamedHosts } from './hosts-file.js';
import { linkVariables } from './link-variables.js';
import { networkMode } from './network-mode.js';
import type { ContainerLink, ContainerRecord } from './record.js';

/**
 * Docker's legacy links (`--link`), which only the default bridge has: the linked containers are in /etc/hosts and in
 * the environment. On the user's networks a link is a name, see `dns/`.
 */

/** Which containers a new one links to. Throws OPTION_INVALID. */
export function linksAtCreate({ store }: ContainerContext, hostConfig: HostConfig): readonly ContainerLink[] {
  if (networkMode(hostConfig).type !== 'bridge') return [];
  return (hostConfig.Links ?? []).map((link) => {
    const [name = '', alias = name, ...rest] = link.split(':');
    if (name === '' || alias === '' || rest.length > 0) throw invalidOption(`bad format for links: ${link}`);
    const target = networkOwner(targetOf(store, name), store);
    if (networkMode(target.record.hostConfig).type === 'host') throw linkToHostNetwork();
    return { containerId: target.id, alias: (alias.split('/').at(-1) ?? alias).trim() };
  });
}

/** As inspect shows them: "/db:/web/database", or null. Those to containers that are gone are gone. */
export function shownLinks(
  { store }: ContainerContext,
  { links = [], name }: ContainerRecord,
): readonly string[] | null {
  const shown = links.flatMap(({ containerId, alias }) => {
    const target = store.byId(containerId);
    return target ? [`/${target.record.name}:/${name}/${alias}`] : [];
  });
  return shown.length > 0 ? shown : null;
}

/** The further names that a container has as a target of links: "/web/database". */
export function linkNames({ store }: ContainerContext, id: string): readonly string[] {
  return store
    .list()
    .flatMap(({ record }) =>
      (record.links ?? [])
        .filter(({ containerId }) => containerId === id)
        .map(({ alias }) => `/${record.name}/${alias}`),
    );
}

/** Lines of /etc/hosts and variables for a container that starts. Throws LINK_NOT_RUNNING. */
export function linkedAtStart(
  context: ContainerContext,
  record: ContainerRecord,
): { readonly hosts: readonly string[]; readonly variables: readonly string[] } {
  const links = (record.links ?? []).flatMap(({ containerId, alias }) => {
    const target = context.store.byId(containerId);
    return target ? [{ target, alias, address: addressOf(context, target, `/${record.name}/${alias}`) }] : [];
  });
  return {
    hosts: links.map(({ target, alias, address }) => `${address}\t${hostNames(target.record, alias)}`),
    variables: links.flatMap(({ target: { record: linked }, alias, address }) =>
      linkVariables({
        linkName: `/${record.name}/${alias}`,
        address,
        exposed: Object.keys(linked.config.ExposedPorts ?? {}),
        environment: linked.config.Env ?? [],
      }),
    ),
  };
}

/** What a container may reach of those that it links to, where containers are kept apart (`icc=false`). */
export function linkedPorts(
  { store }: ContainerContext,
  { links = [] }: ContainerRecord,
): readonly LinkedPort[] {
  const targets = new Set(links.map(({ containerId }) => containerId));
  return [...targets].flatMap((containerId) =>
    Object.keys(store.byId(containerId)?.record.config.ExposedPorts ?? {}).flatMap((exposed) => {
      const [port, protocol = 'tcp'] = exposed.split('/');
      if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return [];
      return [{ containerId, protocol, port: Number(port) }];
    }),
  );
}

/** The address of a container that has started, in the hosts files of those that link to it and run. */
export async function updateLinkingHosts(context: ContainerContext, target: Container): Promise<void> {
  const address = bridgeAddress(context, target.id);
  if (address === undefined) return;
  for (const { id, record, running } of context.store.list()) {
    const links = running ? (record.links ?? []).filter(({ containerId }) => containerId === target.id) : [];
    for (const { alias } of links) {
      const path = context.paths.hosts(id);
      const text = await readFile(path, 'utf8');
      const changed = renamedHosts(text, hostNames(target.record, alias), address);
      if (changed !== text) await writeFile(path, changed); // in place: it is bound in the container
    }
  }
}

/** `docker rm --link web/database`: the containers stay. Throws LINK_NOT_FOUND. */
export async function removeLink(context: ContainerContext, name: string): Promise<void> {
  const [parent = '', alias = ''] = name.replace(/^\//, '').split('/');
  const container = context.store.byName(parent);
  const links = container?.record.links ?? [];
  if (!container || !links.some((link) => link.alias === alias)) throw noSuchLink(name);
  await context.locks.run(container.id, async () => {
    container.update({ links: links.filter((link) => link.alias !== alias) });
    await context.store.save(container);
  });
}

/** A 404 would say that the image is not there. */
function targetOf(store: ContainerContext['store'], name: string): Container {
  try {
    return store.resolve(name);
  } catch (error) {
    throw invalidOption(`could not get container for ${name}: ${errorMessage(error)}`);
  }
}

/** The alias, the host name and the name (moby, daemon/container_operations_unix.go). */
function hostNames({ config, name }: ContainerRecord, alias: string): string {
  return [alias, config.Hostname, ...(alias === name ? [] : [name])].filter(Boolean).join(' ');
}

function addressOf(context: ContainerContext, target: Container, linkName: string): string {
  if (!target.running) throw linkToStopped(target.record.name, linkName);
  const address = bridgeAddress(context, target.id);
  if (address === undefined) throw notOnDefaultBridge(target.id);
  return address;
}

function bridgeAddress({ networks }: ContainerContext, id: string): string | undefined {
  const bridge = networks.byName('bridge');
  return networks.sandbox(id)?.endpoints.find(({ networkId }) => networkId === bridge?.id)?.address;
}

/** A container in another one's network namespace has that one's addresses. */
function networkOwner(container: Container, store: ContainerContext['store']): Container {
  const mode = networkMode(container.record.hostConfig);
  return mode.type === 'container' ? networkOwner(store.resolve(mode.container), store) : container;
}
