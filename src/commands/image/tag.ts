export { default } from '../tag.js';
