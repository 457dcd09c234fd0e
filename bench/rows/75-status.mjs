/** See bench/machine-row.mjs. */
import { commandRow } from '../machine-row.mjs';

export default commandRow('status', ['status', 'm1'], 100, 15);
