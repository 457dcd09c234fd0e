import { randomInt } from 'node:crypto';

const pattern = /^\/?[a-zA-Z0-9][a-zA-Z0-9_.-]+$/;

/** moby's rule, daemon/names: at least two characters; a slash in front is allowed and taken away. */
export function isContainerName(name: string): boolean {
  return pattern.test(name);
}

export function withoutSlash(name: string): string {
  return name.startsWith('/') ? name.slice(1) : name;
}

/** "quiet_harbor": an adjective and a surname, with a digit behind them when the first tries are taken. */
export function generateName(isTaken: (name: string) => boolean): string {
  for (let attempt = 0; ; attempt += 1) {
    const name = `${pick(adjectives)}_${pick(surnames)}${attempt < 6 ? '' : randomInt(10 ** Math.min(attempt - 5, 9))}`;
    if (!isTaken(name)) return name;
  }
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? '';
}

const adjectives = (
  'able agile amber brave bright brisk calm candid clear clever cool crisp daring deft eager early even fair ' +
  'fleet fond frank gentle glad golden grand happy hardy honest humble jolly keen kind light lively loyal lucid ' +
  'mellow merry mild modest neat nimble noble patient placid plain prime proud quick quiet rapid ready sharp ' +
  'silent smart snug sober solid steady stoic sunny swift tidy tender vivid warm wise witty zesty'
).split(' ');

const surnames = (
  'abel ampere babbage banach bell bohr boole bose brahe cantor carson cauchy cori curie darwin dirac easley ' +
  'edison erdos euclid euler faraday fermat fermi franklin galois gauss germain godel goldberg goodall hamilton ' +
  'hawking hertz hilbert hopper hypatia jacobi johnson joule kepler knuth kovalevsky lamarr leibniz liskov ' +
  'lovelace maxwell mayer meitner mendel mirzakhani newton noether ohm pascal pasteur perlman planck ptolemy ' +
  'raman ramanujan ride ritchie shannon tesla thompson turing volta wiles wozniak wu yalow yonath'
).split(' ');
