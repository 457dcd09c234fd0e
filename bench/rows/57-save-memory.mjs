import { imageRow } from '../image-row.mjs';

export default imageRow({
  ...{ name: 'save-memory', title: 'Peak memory of a save of 400 MB' },
  ...{ operation: 'save', measure: 'memory' },
});
