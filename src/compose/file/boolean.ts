/** As YAML 1.1 and 1.2 say them. */
export function toBoolean(text: string): boolean | undefined {
  if (/^(true|y|yes|on)$/i.test(text)) return true;
  return /^(false|n|no|off)$/i.test(text) ? false : undefined;
}

/** Of a variable that is a switch. */
export function isOn(value: string | undefined): boolean {
  return /^(1|t|true|y|yes)$/i.test((value ?? '').trim());
}
