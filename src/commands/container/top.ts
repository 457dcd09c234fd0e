export { default } from '../top.js';
