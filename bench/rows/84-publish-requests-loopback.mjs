/** HTTP over 32 kept connections through a published port. */
import { requests, serverRow, ways } from '../traffic.mjs';

export default serverRow({
  name: 'publish-requests-loopback',
  title: 'published port over loopback: HTTP requests over kept connections (more is better)',
  unit: '1/s',
  sample(engine) {
    const { run, address } = ways.loopback(engine);
    return requests(run, address, 20080, { close: false });
  },
});
