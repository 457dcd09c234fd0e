/** `import { driverConformance } from 'tsmachine/driver-conformance'`: the tests that a driver has to pass. */
export type { DriverSubject } from './subject.js';
export { driverConformance, type TestRunner } from './suite.js';
