/** See bench/machine-row.mjs. */
import { listRow } from '../machine-row.mjs';

export default listRow(20);
