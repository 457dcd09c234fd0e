/** See bench/machine-row.mjs. */
import { commandRow } from '../machine-row.mjs';

export default commandRow('ip', ['ip', 'm1'], 100, 15);
