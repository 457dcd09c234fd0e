import { imageRow } from '../image-row.mjs';

export default imageRow({
  ...{ name: 'load', title: 'API: load of 400 MB' },
  ...{ operation: 'load' },
});
