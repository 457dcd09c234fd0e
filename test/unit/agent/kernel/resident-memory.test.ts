import { cleanMappings } from '../../../../src/agent/kernel/resident-memory.js';

const mapping = (head: string, anonymous: number, dirty = anonymous) => `${head}
Size:               1024 kB
Private_Dirty:  ${String(dirty).padStart(8)} kB
Anonymous:      ${String(anonymous).padStart(8)} kB
VmFlags: rd ex mr mw me
`;
const node = '/opt/node bin/node';

test('only what cannot be written and was not changed is given back', () => {
  const smaps = [
    mapping(`00400000-00500000 r--p 00000000 fe:00 12     ${node}`, 0),
    mapping(`00500000-00900000 r-xp 00100000 fe:00 12     ${node}`, 0),
    mapping(`00900000-00910000 r--p 00500000 fe:00 12     ${node}`, 64),
    mapping(`00910000-00920000 rw-p 00510000 fe:00 12     ${node}`, 0),
    mapping('00920000-00930000 rw-p 00000000 00:00 0', 0),
    mapping('7f0000000000-7f0000001000 r-xp 00000000 fe:00 13     /lib/libc.so.6', 0),
  ].join('');

  expect(cleanMappings(smaps, node)).toEqual([
    { start: 0x400000, length: 0x100000 },
    { start: 0x500000, length: 0x400000 },
  ]);
});
