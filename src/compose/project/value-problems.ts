import { isIP } from 'node:net';
import { formatPath, type Path } from '../file/path.js';
import type { Project } from '../model/project.js';
import type { Service } from '../model/service.js';
import type { Problem } from './problem.js';

type Found = readonly (Problem | false)[];

/** Values of a service that no engine takes, told where they are written. In the engine's words where it has some. */
export function valueProblems(service: Service): readonly Problem[] {
  const at = ['services', service.name];
  const found: Found = [
    ...imageProblems(service, at),
    ...service.ports.flatMap((port, index) => portProblems(port, [...at, 'ports', index])),
    ...service.expose.map((text, index) => exposeProblem(text, [...at, 'expose', index])),
    ...service.volumes.map(
      ({ target }, index) =>
        !isAbsolute(target) && {
          path: [...at, 'volumes', index],
          message: `${formatPath(at)}.volumes[${index}]: invalid mount path: "${target}" mount path must be absolute`,
        },
    ),
    ...ulimitProblems(service, at),
    ...numberProblems(service, at),
    restartProblem(service, at),
  ];
  return found.filter((problem) => problem !== false);
}

/** The same of the networks that the project makes. */
export function networkProblems({ networks }: Project): readonly Problem[] {
  return Object.entries(networks).flatMap(([key, { ipam }]) =>
    ipam.config.flatMap(({ subnet, ipRange, gateway }, index) => {
      const path = ['networks', key, 'ipam', 'config', index];
      const wrong = (name: string, value: string | undefined, isRight: (text: string) => boolean) =>
        value === undefined || isRight(value)
          ? []
          : [
              {
                path: [...path, name],
                message: `networks.${key}.ipam.config[${index}].${name}: invalid value "${value}"`,
              },
            ];
      return [
        ...wrong('subnet', subnet, isCidr),
        ...wrong('ip_range', ipRange, isCidr),
        ...wrong('gateway', gateway, (text) => isIP(text) !== 0),
      ];
    }),
  );
}

const name = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*';
const host = '(?:[a-zA-Z0-9.-]+|\\[[a-fA-F0-9:]+\\])(?::\\d+)?/';
const reference = new RegExp(
  `^(?:${host})?${name}(?:/${name})*(?::\\w[\\w.-]{0,127})?(?:@[A-Za-z][\\w+.-]*:[0-9a-fA-F]{32,})?$`,
);

function imageProblems({ image }: Service, at: Path): Found {
  if (image === undefined || reference.test(image)) return [];
  const why = reference.test(image.toLowerCase()) ? ': repository name must be lowercase' : '';
  return [
    { path: [...at, 'image'], message: `${formatPath(at)}.image: invalid reference format "${image}"${why}` },
  ];
}

function portProblems({ target, published, protocol }: Service['ports'][number], path: Path): Found {
  const [first = '', last = first] = (published ?? '0').split('-');
  const isRange = isPort(first, 0) && isPort(last, 0) && Number(first) <= Number(last);
  return [
    !isPort(String(target)) && { path, message: `${formatPath(path)}: Invalid containerPort: ${target}` },
    !isRange && { path, message: `${formatPath(path)}: Invalid hostPort: ${published}` },
    !['', 'tcp', 'udp', 'sctp'].includes(protocol) && {
      path,
      message: `${formatPath(path)}: Invalid proto: ${protocol}`,
    },
  ];
}

/** "80", "80-90", "80/udp". */
function exposeProblem(text: string, path: Path): Problem | false {
  const [, first = '', last = first] = /^(\d+)(?:-(\d+))?(?:\/(?:tcp|udp|sctp))?$/i.exec(text) ?? [];
  const isRight = isPort(first) && isPort(last) && Number(first) <= Number(last);
  return !isRight && { path, message: `${formatPath(path)}: invalid port "${text}"` };
}

function ulimitProblems({ ulimits }: Service, at: Path): Found {
  return Object.entries(ulimits).map(
    ([kind, { soft = 0, hard = 0 }]) =>
      hard !== -1 &&
      soft > hard && {
        path: [...at, 'ulimits', kind],
        message: `${formatPath(at)}.ulimits.${kind}: ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`,
      },
  );
}

function numberProblems({ scale, deploy, cpus, memSwappiness }: Service, at: Path): Found {
  const numbers: readonly [Path, number | undefined, least: number, most: number][] = [
    [['scale'], scale, 0, Infinity],
    [['deploy', 'replicas'], deploy?.replicas, 0, Infinity],
    [['cpus'], cpus, 0, Infinity],
    [['mem_swappiness'], memSwappiness, -1, 100],
  ];
  return numbers.map(([key, value, least, most]) => {
    const isRight = value === undefined || (value >= least && value <= most);
    const range = most === Infinity ? `must not be less than ${least}` : `must be from ${least} to ${most}`;
    return (
      !isRight && { path: [...at, ...key], message: `${formatPath([...at, ...key])}: ${range}, not ${value}` }
    );
  });
}

function restartProblem({ restart }: Service, at: Path): Problem | false {
  if (restart === undefined || /^(no|always|unless-stopped|on-failure(:\d+)?)$/.test(restart)) return false;
  return {
    path: [...at, 'restart'],
    message: `${formatPath(at)}.restart: invalid restart policy "${restart}"`,
    hint: 'write no, always, unless-stopped, on-failure or on-failure:NUMBER',
  };
}

function isPort(text: string, least = 1): boolean {
  return /^\d{1,5}$/.test(text) && Number(text) >= least && Number(text) <= 65_535;
}

/** Also of Windows: `c:/…` and `\\…`. */
function isAbsolute(path: string): boolean {
  return /^(\/|\\|[a-zA-Z]:)/.test(path);
}

function isCidr(text: string): boolean {
  const [, address = '', bits = ''] = /^([^/]+)\/(\d{1,3})$/.exec(text) ?? [];
  const kind = isIP(address);
  return kind !== 0 && Number(bits) <= (kind === 4 ? 32 : 128);
}
