/** What one look has found. */
export interface Finding {
  /** "this computer", "store", or the machine's name. */
  readonly subject: string;
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'failure';
  readonly detail: string;
  /** What to do, where it is not ok. */
  readonly hint?: string;
}

export type Verdict = Omit<Finding, 'subject' | 'check'>;

export const ok = (detail: string): Verdict => ({ state: 'ok', detail });

export const warning = (detail: string, hint: string): Verdict => ({ state: 'warning', detail, hint });

export const failure = (detail: string, hint?: string): Verdict => ({
  state: 'failure',
  detail,
  ...(hint !== undefined && { hint }),
});
