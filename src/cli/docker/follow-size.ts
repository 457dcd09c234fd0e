import { setTimeout as delay } from 'node:timers/promises';
import type { TerminalSize } from '../../shared/terminal-size.js';
import { type Stdio, terminalSize } from './stdio.js';

/**
 * Tells `resize` the size of this terminal, now and whenever it changes, until disposal. A terminal in the container
 * may come a moment after the start was answered: the first size is repeated until it is taken.
 */
export function followTerminalSize(stdio: Stdio, resize: (size: TerminalSize) => Promise<void>): Disposable {
  let isOver = false;
  const tell = async (attempts: number) => {
    for (let attempt = 1; attempt <= attempts && !isOver; attempt += 1) {
      const size = terminalSize(stdio);
      if (!size) return;
      const taken = await resize(size).then(
        () => true,
        () => false,
      );
      if (taken) return;
      await delay(Math.min(10 * attempt, 200), undefined, { ref: false });
    }
  };
  const onResize = () => void tell(1);
  stdio.stdout.on('resize', onResize);
  void tell(100);
  return {
    [Symbol.dispose]() {
      isOver = true;
      stdio.stdout.off('resize', onResize);
    },
  };
}
