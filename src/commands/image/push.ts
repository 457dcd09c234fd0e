export { default } from '../push.js';
