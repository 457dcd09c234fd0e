/** See bench/compose-rows.mjs. */
import { composeRow } from '../compose-rows.mjs';

export default composeRow('up', ['up', '-d']);
