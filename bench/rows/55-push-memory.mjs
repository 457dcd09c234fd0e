import { imageRow } from '../image-row.mjs';

export default imageRow({
  ...{ name: 'push-memory', title: 'Peak memory of a push of 400 MB' },
  ...{ operation: 'push', measure: 'memory' },
});
