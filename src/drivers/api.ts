/**
 * What a driver of a third party is written against: `import { defineDriver } from 'tsmachine/driver'`. At run time it
 * is the running program's own copy, so that errors and their hints are understood.
 */
export { type ErrorDetails, type ErrorKind, systemErrorCode, TsmachineError } from '../shared/errors.js';
export type { JsonObject, JsonValue } from '../shared/json.js';
export type { Reporter } from '../shared/reporter.js';
export { waitUntil } from '../shared/wait-until.js';
export type { SshEndpoint } from '../ssh/transport.js';
export {
  type AnyDriverDefinition,
  type ChangedHost,
  type CreateContext,
  type Driver,
  type DriverDefinition,
  defineDriver,
  type HostChange,
  type InstanceStatus,
  type MachineState,
  type OperationContext,
  type OwnedResource,
  type PasswordLogin,
  type Snapshot,
  type SnapshotControl,
} from './driver.js';
export { driverOptionInvalid } from './errors.js';
export type { DriverOption, DriverOptions, OptionValues } from './options.js';
