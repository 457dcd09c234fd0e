import { globSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { statusOf } from '../../../../src/drivers/libvirt/native/domain-status.js';
import {
  cannotConnect,
  isLibvirtError,
  LibvirtFault,
  libvirtError,
  libvirtFault,
  VIR_ERR,
} from '../../../../src/drivers/libvirt/native/errors.js';
import { withoutQuestions } from '../../../../src/drivers/libvirt/native/open-connection.js';
import { TsmachineError } from '../../../../src/shared/errors.js';

const qemu = 10;
const rpc = 7;

test.each([
  [VIR_ERR.NO_DOMAIN, 'not-found', 'LIBVIRT_NO_DOMAIN'],
  [VIR_ERR.OPERATION_INVALID, 'conflict', 'LIBVIRT_WRONG_STATE'],
  [VIR_ERR.DOM_EXIST, 'already-exists', 'LIBVIRT_EXISTS'],
  [VIR_ERR.XML_DETAIL, 'invalid-argument', 'LIBVIRT_BAD_XML'],
  [VIR_ERR.NO_SUPPORT, 'not-implemented', 'LIBVIRT_NO_SUPPORT'],
  [VIR_ERR.AUTH_FAILED, 'unauthenticated', 'LIBVIRT_AUTH_FAILED'],
  [9999, 'internal', 'LIBVIRT_ERROR'],
])("libvirt's code %i is an error of kind %s, code %s", (code, kind, name) => {
  const error = libvirtError('start domain "a"', new LibvirtFault(code, qemu, 'some reason'));

  expect(error).toMatchObject({ kind, code: name, message: 'libvirt cannot start domain "a": some reason' });
});

test('what the connection says is told apart from what the hypervisor says', () => {
  const reason = 'Cannot recv data: Connection reset by peer';

  expect(libvirtError('x', new LibvirtFault(VIR_ERR.SYSTEM_ERROR, rpc, reason)).code).toBe(
    'LIBVIRT_NO_CONNECTION',
  );
  expect(libvirtError('x', new LibvirtFault(VIR_ERR.SYSTEM_ERROR, qemu, reason)).code).toBe('LIBVIRT_ERROR');
});

test("libvirt's code is found below any number of errors", () => {
  const error = libvirtError('x', new LibvirtFault(VIR_ERR.NO_NETWORK, qemu, 'none'));
  const outer = new TsmachineError('internal', 'OUTER', 'outer', { cause: error });

  expect(libvirtFault(outer)).toMatchObject({ libvirtCode: VIR_ERR.NO_NETWORK, libvirtDomain: qemu });
  expect(isLibvirtError(outer, VIR_ERR.NO_DOMAIN, VIR_ERR.NO_NETWORK)).toBe(true);
  expect(isLibvirtError(new Error('other'), VIR_ERR.NO_NETWORK)).toBe(false);
  expect(isLibvirtError('text', VIR_ERR.NO_NETWORK)).toBe(false);
});

test.each([
  ['qemu:///system', "Failed to connect socket to '/run/x': No such file or directory", /systemctl start/],
  ['qemu:///system', "Failed to connect socket to '/run/x': Permission denied", /group "libvirt"/],
  ['qemu:///system', 'authentication unavailable: no polkit agent available', /group "libvirt"/],
  ['qemu+ssh://ada@rack/system', 'Cannot recv data: Host key verification failed.', /"ssh ada@rack"/],
])('a connection to %s that fails with "%s" has a hint', (uri, reason, hint) => {
  const error = cannotConnect(uri, new LibvirtFault(VIR_ERR.SYSTEM_ERROR, rpc, reason));

  expect(error).toMatchObject({ kind: 'unavailable', code: 'LIBVIRT_NO_CONNECTION' });
  expect(error.hints).toEqual([expect.stringMatching(hint)]);
});

test('ssh of a remote URI never asks, unless the URI says so', () => {
  expect(withoutQuestions('qemu+ssh://a@b/system')).toBe('qemu+ssh://a@b/system?no_tty=1');
  expect(withoutQuestions('qemu+ssh://b/system?keyfile=/k')).toBe('qemu+ssh://b/system?keyfile=/k&no_tty=1');
  expect(withoutQuestions('qemu+ssh://b/system?no_tty=0')).toBe('qemu+ssh://b/system?no_tty=0');
  expect(withoutQuestions('qemu:///system')).toBe('qemu:///system');
});

test('a state has its reason in the words of virsh', () => {
  expect(statusOf(3, 5)).toEqual({ state: 'paused', reason: 'I/O error' });
  expect(statusOf(5, 6)).toEqual({ state: 'shutoff', reason: 'failed' });
  expect(statusOf(1, 99)).toEqual({ state: 'running', reason: 'unknown' });
  expect(statusOf(42, 0)).toEqual({ state: 'nostate', reason: 'unknown' });
});

test("koffi's file is imported only when a connection is opened", async () => {
  const importers: string[] = [];
  for (const file of globSync('src/**/*.ts')) {
    const text = await readFile(file, 'utf8');
    if (/^import (?!type)[^;]*native\/library\.js'/m.test(text)) importers.push(file);
    if (/native\//.test(file) && /^import (?!type)[^;]*'\.\/library\.js'/m.test(text)) importers.push(file);
  }
  expect(importers).toEqual([]);
});
