/** HTTP through a published port, a new connection for each request. */
import { requests, serverRow, ways } from '../traffic.mjs';

export default serverRow({
  name: 'publish-connections-loopback',
  title: 'published port over loopback: new connections (more is better)',
  unit: '1/s',
  sample(engine) {
    const { run, address } = ways.loopback(engine);
    return requests(run, address, 20080, { close: true });
  },
});
