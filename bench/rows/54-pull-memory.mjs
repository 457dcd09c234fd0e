import { imageRow } from '../image-row.mjs';

export default imageRow({
  ...{ name: 'pull-memory', title: 'Peak memory of a pull of 400 MB' },
  ...{ operation: 'pull-cold', measure: 'memory' },
});
