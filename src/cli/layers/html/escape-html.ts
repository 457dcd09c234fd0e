/** For text and for attributes in double quotes. Control characters, which names of files may have, are shown. */
export function escapeHtml(text: string): string {
  return text
    .replace(/\p{Cc}/gu, (character) => `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`)
    .replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
