/** HTTP over 32 kept connections through a published port. */
import { requests, serverRow, ways } from '../traffic.mjs';

export default serverRow({
  name: 'publish-requests-outside',
  title: 'published port from outside: HTTP requests over kept connections (more is better)',
  unit: '1/s',
  sample(engine) {
    const { run, address } = ways.outside(engine);
    return requests(run, address, 20080, { close: false });
  },
});
