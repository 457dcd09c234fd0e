import { xattrIn } from '../../../../src/agent/userns/file-capability.js';

const name = 'security.capability';
const map = { uids: [{ container: 0, host: 165_536, size: 1 }], gids: [{ container: 0, host: 1, size: 1 }] };
const two = Buffer.from('0100000200040000000000000000000000000000', 'hex');
const three = (root: number) => {
  const id = Buffer.alloc(4);
  id.writeUInt32LE(root);
  return Buffer.concat([Buffer.from('01000003', 'hex'), two.subarray(4), id]);
};

test("capabilities of the container's root lose the host's ID, others stay", () => {
  expect(xattrIn(map, name, three(165_536))).toEqual(two);
  expect(xattrIn(map, name, three(5))).toEqual(three(5));
  expect(xattrIn(undefined, name, three(165_536))).toEqual(three(165_536));
  expect(xattrIn(map, name, two)).toEqual(two);
  expect(xattrIn(map, 'user.mine', three(165_536))).toEqual(three(165_536));
});
