/** One TCP connection through a published port, from the host's loopback. */
import { serverRow, throughput, ways } from '../traffic.mjs';

export default serverRow({
  name: 'publish-throughput-loopback',
  title: 'published port over loopback: TCP throughput (more is better)',
  unit: 'Gbit/s',
  sample(engine) {
    const { run, address } = ways.loopback(engine);
    return throughput(run, address, 25201);
  },
});
