import { globSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Command } from '@oclif/core';

const files = globSync('src/commands/**/*.ts').sort();

test('every topic has a description of its own in package.json', () => {
  const { oclif } = JSON.parse(readFileSync('package.json', 'utf8'));
  const topics = new Set(files.map((file) => file.split('/').slice(2, -1).join(':')).filter(Boolean));

  expect(Object.keys(oclif.topics)).toEqual(expect.arrayContaining([...topics]));
});

describe.each(files)('%s', (file) => {
  let command: Command.Class;
  beforeAll(async () => {
    command = (await import(pathToFileURL(resolve(file)).href)).default;
  });

  test('has a summary of one line without a full stop', () => {
    expect(command.summary).toMatch(/^[A-Z`"][^\n]*[^.\n]$/);
  });

  test('has a description that says more than the summary', () => {
    expect(command.description?.length ?? 0).toBeGreaterThan(20);
    expect(command.description).not.toBe(command.summary);
  });

  test('has two different examples at least, each with the program in it', () => {
    const examples = (command.examples ?? []).map(text);
    expect(new Set(examples).size).toBeGreaterThanOrEqual(2);
    for (const example of examples) expect(example).toMatch(/<%= (config\.bin|command\.id) %>/);
  });

  test('describes its arguments and flags', () => {
    const parts = [...Object.entries(command.args ?? {}), ...Object.entries(command.flags ?? {})];
    const silent = parts.filter(([, { description, hidden }]) => !hidden && !description);
    expect(silent.map(([name]) => name)).toEqual([]);
  });
});

function text(example: Command.Example): string {
  return typeof example === 'string' ? example : example.command;
}
