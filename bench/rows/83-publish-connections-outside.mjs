/** HTTP through a published port, a new connection for each request. */
import { requests, serverRow, ways } from '../traffic.mjs';

export default serverRow({
  name: 'publish-connections-outside',
  title: 'published port from outside: new connections (more is better)',
  unit: '1/s',
  sample(engine) {
    const { run, address } = ways.outside(engine);
    return requests(run, address, 20080, { close: true });
  },
});
