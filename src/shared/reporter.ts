/** How a long operation tells its progress. The library never prints; the terminal is one reporter. */
export interface Reporter {
  /** A new step begins; the one before it is done. Present participle, no full stop: "Installing packages". */
  step(title: string): void;
  info(message: string): void;
  warn(message: string): void;
  debug(message: string): void;
}

export const silentReporter: Reporter = { step() {}, info() {}, warn() {}, debug() {} };
