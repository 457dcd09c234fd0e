export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** JSON lines {time, level, msg, …fields}: a static message, values as fields; no bodies, no secrets. */
export interface Logger {
  info(msg: string, fields?: LogFields): void;
  warn(msg: string, fields?: LogFields): void;
  error(msg: string, fields?: LogFields): void;
}

export const silentLogger: Logger = { info() {}, warn() {}, error() {} };
