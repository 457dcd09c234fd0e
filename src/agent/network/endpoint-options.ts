import { optionInvalid } from './errors.js';

type Options = Readonly<Record<string, string>>;

const ifname = 'com.docker.network.endpoint.ifname';
const sysctls = 'com.docker.network.endpoint.sysctls';

/** The name that a container's interface is to have; undefined for "eth0" and so on. Throws OPTION_INVALID. */
export function interfaceNameOption(options: Options): string | undefined {
  const name = options[ifname];
  if (!name) return undefined;
  if (!/^[A-Za-z0-9_.@-]{1,15}$/.test(name) || name === '.' || name === '..') {
    throw optionInvalid(`invalid interface name: ${name}`);
  }
  return name;
}

/**
 * Kernel parameters of a container's interface (some clients write all in lower case): "net.ipv4.conf.IFNAME.log_martians=1,…". Only those that name the
 * interface may be set here. Throws OPTION_INVALID.
 */
export function endpointSysctls(options: Options, name: string): Options {
  const settings = (options[sysctls] ?? '').split(',').filter((each) => each.trim() !== '');
  return Object.fromEntries(
    settings.map((setting) => {
      const [key = '', value, ...rest] = setting.trim().split('=');
      if (value === undefined || rest.length > 0) {
        throw optionInvalid(`invalid sysctl setting "${setting}", use net.X.Y.IFNAME.Z=VALUE`);
      }
      const match = /^net\.(ipv4|ipv6|mpls)\.(\w+)\.IFNAME\.(\w+)$/i.exec(key);
      if (!match) throw optionInvalid(`unrecognised network interface sysctl '${key}'; it must name IFNAME`);
      return [`net.${match[1]}.${match[2]}.${name}.${match[3]}`, value];
    }),
  );
}
