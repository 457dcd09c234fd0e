import { imageRow } from '../image-row.mjs';

export default imageRow({
  ...{ name: 'save', title: 'API: save of 400 MB' },
  ...{ operation: 'save' },
});
