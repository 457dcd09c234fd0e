import { findDistribution, packagesFor, requiredCommands } from '../../../src/provision/distributions.js';
import { parseOsRelease } from '../../../src/provision/os-release.js';

/** As the distributions ship it, shortened. */
const releases: Readonly<Record<string, string>> = {
  'Debian GNU/Linux 12 (bookworm)':
    'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nID=debian\n',
  'Ubuntu 24.04.1 LTS': 'PRETTY_NAME="Ubuntu 24.04.1 LTS"\nNAME="Ubuntu"\nID=ubuntu\nID_LIKE=debian\n',
  'Linux Mint 22': 'NAME="Linux Mint"\nID=linuxmint\nID_LIKE="ubuntu debian"\nPRETTY_NAME="Linux Mint 22"\n',
  'Fedora Linux 41 (Cloud Edition)':
    'NAME="Fedora Linux"\nID=fedora\nPRETTY_NAME="Fedora Linux 41 (Cloud Edition)"\nVARIANT_ID=cloud\n',
  'Rocky Linux 9.4 (Blue Onyx)':
    'NAME="Rocky Linux"\nID="rocky"\nID_LIKE="rhel centos fedora"\nPRETTY_NAME="Rocky Linux 9.4 (Blue Onyx)"\n',
  'Amazon Linux 2023': 'NAME="Amazon Linux"\nID="amzn"\nID_LIKE="fedora"\nPRETTY_NAME="Amazon Linux 2023"\n',
  'Alpine Linux v3.20': 'NAME="Alpine Linux"\nID=alpine\nPRETTY_NAME="Alpine Linux v3.20"\n',
  'openSUSE Leap 15.6':
    'NAME="openSUSE Leap"\nID="opensuse-leap"\nID_LIKE="suse opensuse"\nPRETTY_NAME="openSUSE Leap 15.6"\n',
  'openSUSE Tumbleweed':
    'NAME="openSUSE Tumbleweed"\n# VERSION="20240901"\nID="opensuse-tumbleweed"\nID_LIKE="opensuse suse"\nPRETTY_NAME="openSUSE Tumbleweed"\n',
  'Arch Linux': 'NAME="Arch Linux"\nPRETTY_NAME="Arch Linux"\nID=arch\nBUILD_ID=rolling\n',
};

test.each([
  ['Debian GNU/Linux 12 (bookworm)', 'apt-get', 'crun conmon iproute2 nftables'],
  ['Ubuntu 24.04.1 LTS', 'apt-get', 'crun conmon iproute2 nftables'],
  ['Linux Mint 22', 'apt-get', 'crun conmon iproute2 nftables'],
  ['Fedora Linux 41 (Cloud Edition)', 'dnf', 'crun conmon iproute nftables'],
  ['Rocky Linux 9.4 (Blue Onyx)', 'dnf', 'crun conmon iproute nftables'],
  ['Amazon Linux 2023', 'dnf', 'crun conmon iproute nftables'],
  ['Alpine Linux v3.20', 'apk', 'crun conmon iproute2 nftables'],
  ['openSUSE Leap 15.6', 'zypper', 'crun conmon iproute2 nftables'],
  ['openSUSE Tumbleweed', 'zypper', 'crun conmon iproute2 nftables'],
  ['Arch Linux', 'pacman', 'crun conmon iproute2 nftables'],
])('%s is known by its os-release, and installs with %s', (name, manager, packages) => {
  const os = parseOsRelease(releases[name] ?? '');

  const distribution = findDistribution(os);

  expect(os.prettyName).toBe(name);
  expect(distribution?.packages.name).toBe(manager);
  expect(distribution && packagesFor(distribution, requiredCommands).join(' ')).toBe(packages);
});

test('packagesFor() names only what is missing', () => {
  const debian = findDistribution({ id: 'debian', like: [], prettyName: 'Debian' });

  expect(debian && packagesFor(debian, ['nft'])).toEqual(['nftables']);
});

test('findDistribution() knows nothing of others', () => {
  expect(findDistribution(parseOsRelease('ID=odd\n'))).toBeUndefined();
  expect(findDistribution(parseOsRelease(''))).toBeUndefined();
});

test('parseOsRelease() unquotes as a shell does', () => {
  expect(parseOsRelease(`ID='odd'\nPRETTY_NAME="An \\"odd\\" \\$system"\n`)).toEqual({
    id: 'odd',
    like: [],
    prettyName: 'An "odd" $system',
  });
});
