import { PassThrough } from 'node:stream';
import { ConsoleReporter } from '../../../src/cli/console-reporter.js';

function open(isTTY: boolean) {
  const stream = new PassThrough();
  const reporter = new ConsoleReporter({
    // The reporter uses of a terminal only what is given here.
    stream: Object.assign(stream, { isTTY, columns: 40 }) as unknown as NodeJS.WriteStream,
    debug: false,
  });
  return { reporter, output: () => String(stream.read() ?? '') };
}

test('ConsoleReporter prints plain lines where there is no terminal', () => {
  const { reporter, output } = open(false);

  reporter.step('Connecting');
  reporter.info('note');
  reporter.warn('careful');
  reporter.debug('hidden');
  reporter.for('web').step('Installing');
  reporter.close('done');

  expect(output()).toBe('Connecting\nnote\nwarning: careful\n(web) Installing\n');
});

test('ConsoleReporter ends each step with a mark on a terminal, also when the last one failed', () => {
  const { reporter, output } = open(true);

  reporter.step('Connecting');
  reporter.step('Installing');
  reporter.info('note');
  reporter.close('failed');
  reporter.close('done');

  const text = output();
  expect(text).toContain('✔ Connecting\n');
  expect(text).toContain('note\n');
  expect(text.endsWith('✖ Installing\n')).toBe(true);
});
