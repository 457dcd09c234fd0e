export { default } from './system/info.js';
