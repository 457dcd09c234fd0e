import { imageRow } from '../image-row.mjs';

export default imageRow({
  ...{ name: 'load-memory', title: 'Peak memory of a load of 400 MB' },
  ...{ operation: 'load', measure: 'memory' },
});
