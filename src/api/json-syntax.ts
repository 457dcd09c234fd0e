/** What `goSyntaxError` says of more than one document. */
export const afterJson = 'unexpected content after JSON';

/**
 * What Go's encoding/json says of a text that JSON.parse refuses, in the words that clients print. Undefined for a text
 * that Go would take too.
 */
export function goSyntaxError(text: string): string | undefined {
  const scan = new Scan(text);
  try {
    scan.value('looking for beginning of value');
    scan.space();
    return scan.atEnd ? undefined : afterJson;
  } catch (error) {
    if (error instanceof Refusal) return error.message;
    if (error instanceof RangeError) return 'exceeded max depth'; // our stack's, where Go counts to 10 000
    throw error;
  }
}

class Refusal extends Error {}

const escapes = new Set('"\\/bfnrtu');

class Scan {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get atEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  space(): void {
    while (' \t\r\n'.includes(this.#text[this.#at] ?? 'x')) this.#at++;
  }

  value(where: string): void {
    this.space();
    const first = this.#text[this.#at] ?? '';
    if (first === '{') this.#object();
    else if (first === '[') this.#array();
    else if (first === '"') this.#string(where);
    else if (first === '-' || isDigit(first)) this.#number();
    else if (first !== '' && 'tfn'.includes(first))
      this.#literal({ t: 'true', f: 'false', n: 'null' }[first] ?? '');
    else this.#refuse(where);
  }

  #object(): void {
    this.#at++;
    this.space();
    if (this.#takes('}')) return;
    do {
      this.space();
      this.#string('looking for beginning of object key string');
      this.space();
      this.#expect(':', 'after object key');
      this.value('looking for beginning of value');
      this.space();
    } while (this.#takes(','));
    this.#expect('}', 'after object key:value pair');
  }

  #array(): void {
    this.#at++;
    this.space();
    if (this.#takes(']')) return;
    do {
      this.value('looking for beginning of value');
      this.space();
    } while (this.#takes(','));
    this.#expect(']', 'after array element');
  }

  #string(where: string): void {
    this.#expect('"', where);
    while (!this.#takes('"')) {
      if ((this.#text[this.#at] ?? ' ') < ' ') this.#refuse('in string literal');
      if (this.#takes('\\')) this.#escape();
      else this.#next('in string literal');
    }
  }

  #escape(): void {
    const letter = this.#next('in string escape code', (each) => escapes.has(each));
    if (letter !== 'u') return;
    for (let digit = 0; digit < 4; digit++) {
      this.#next('in \\u hexadecimal character escape', (each) => /[0-9a-f]/i.test(each));
    }
  }

  #number(): void {
    this.#takes('-');
    if (!this.#takes('0')) this.#digits('in numeric literal');
    if (this.#takes('.')) this.#digits('after decimal point in numeric literal');
    if (this.#takes('e') || this.#takes('E')) {
      if (!this.#takes('+')) this.#takes('-');
      this.#digits('in exponent of numeric literal');
    }
  }

  #digits(where: string): void {
    this.#next(where, isDigit);
    while (isDigit(this.#text[this.#at] ?? '')) this.#at++;
  }

  #literal(word: string): void {
    for (const letter of word) {
      this.#next(`in literal ${word} (expecting '${letter}')`, (each) => each === letter);
    }
  }

  #takes(character: string): boolean {
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #expect(character: string, where: string): void {
    this.#next(where, (each) => each === character);
  }

  #next(where: string, fits: (character: string) => boolean = () => true): string {
    const character = this.#text[this.#at] ?? '';
    if (character === '' || !fits(character)) this.#refuse(where);
    this.#at++;
    return character;
  }

  #refuse(where: string): never {
    if (this.atEnd) throw new Refusal('unexpected EOF');
    throw new Refusal(`invalid character ${quoted(this.#text.slice(this.#at, this.#at + 2))} ${where}`);
  }
}

function isDigit(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

/** Go looks at bytes: of a character that has several in UTF-8, it shows the first. */
function quoted(text: string): string {
  const character = String.fromCharCode(Buffer.from(text)[0] ?? 0);
  if (character === "'") return `'\\''`;
  if (character === '"') return `'"'`;
  return `'${JSON.stringify(character).slice(1, -1)}'`;
}
