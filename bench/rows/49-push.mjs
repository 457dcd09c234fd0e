import { imageRow } from '../image-row.mjs';

export default imageRow({
  ...{ name: 'push', title: 'API: push of 10 layers, 400 MB' },
  ...{ operation: 'push' },
});
