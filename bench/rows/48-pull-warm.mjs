import { imageRow } from '../image-row.mjs';

export default imageRow({
  ...{ name: 'pull-warm', title: 'API: pull of what is there' },
  ...{ operation: 'pull-warm' },
});
