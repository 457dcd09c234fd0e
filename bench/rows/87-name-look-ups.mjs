/** As many look-ups as come through, 50 at a time. */
import { namesRow } from '../names.mjs';

export default namesRow({
  name: 'name-look-ups',
  title: 'names: look-ups (more is better)',
  unit: '1/s',
  async sample(run) {
    const text = await run([
      'dnsperf',
      '-s',
      '127.0.0.11',
      '-d',
      '/tmp/names',
      '-c',
      '1',
      '-q',
      '50',
      '-l',
      '3',
    ]);
    const count = Number(/Queries per second:\s+([\d.]+)/.exec(text)?.[1]);
    if (!(count > 0) || !/NOERROR .*\(100\.00%\)/.test(text)) throw new Error(`dnsperf says: ${text}`);
    return count;
  },
});
