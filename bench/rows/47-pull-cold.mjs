import { imageRow } from '../image-row.mjs';

export default imageRow({
  ...{ name: 'pull-cold', title: 'API: pull of 10 layers, 400 MB, cold' },
  ...{ operation: 'pull-cold' },
});
