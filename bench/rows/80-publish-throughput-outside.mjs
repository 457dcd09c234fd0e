/** One TCP connection through a published port, from beyond the host. */
import { serverRow, throughput, ways } from '../traffic.mjs';

export default serverRow({
  name: 'publish-throughput-outside',
  title: 'published port from outside: TCP throughput (more is better)',
  unit: 'Gbit/s',
  sample(engine) {
    const { run, address } = ways.outside(engine);
    return throughput(run, address, 25201);
  },
});
