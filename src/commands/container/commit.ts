export { default } from '../commit.js';
