import { idMapOf, refuseUsernsConflicts } from '../../../../../src/agent/engine/containers/user-namespace.js';

const idMap = {
  uids: [{ container: 0, host: 165_536, size: 65_536 }],
  gids: [{ container: 0, host: 165_536, size: 65_536 }],
};

test.each([
  [
    { Privileged: true },
    /^privileged mode is incompatible with user namespaces\. {2}You must run the container/,
  ],
  [{ NetworkMode: 'host' }, "cannot share the host's network namespace when user namespaces are enabled"],
  [{ PidMode: 'host' }, 'cannot share the host PID namespace when user namespaces are enabled'],
])('%j is refused in a user namespace alone', (hostConfig, message) => {
  expect(() => refuseUsernsConflicts(hostConfig, idMap)).toThrow(message);
  expect(() => refuseUsernsConflicts(hostConfig, undefined)).not.toThrow();
});

test.each([
  {},
  { NetworkMode: 'container:x' },
  { IpcMode: 'host' },
  { UTSMode: 'host' },
  { CgroupnsMode: 'host' },
])('%j is allowed in a user namespace', (hostConfig) => {
  expect(() => refuseUsernsConflicts(hostConfig, idMap)).not.toThrow();
});

test("--userns host takes the host's users", () => {
  expect(idMapOf({ idMap }, {})).toBe(idMap);
  expect(idMapOf({ idMap }, { UsernsMode: '' })).toBe(idMap);
  expect(idMapOf({ idMap }, { UsernsMode: 'host' })).toBeUndefined();
  expect(idMapOf({}, {})).toBeUndefined();
});
