/** Fields between commas; a quoted field may hold commas, and a doubled quote is one quote (RFC 4180). */
export function csvFields(text: string): readonly string[] {
  const found = text.match(/("(?:[^"]|"")*"|[^,]*)(?=,|$)/g) ?? [];
  return found
    .filter((field) => field !== '')
    .map((field) => (field.startsWith('"') ? field.slice(1, -1).replaceAll('""', '"') : field));
}
