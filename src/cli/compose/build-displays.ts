import type { Watch } from '../../build/solve/solve.js';
import type { BuildDisplay } from '../docker/build/progress/display.js';

/** One display for the builds that go on at the same time. */
export class BuildDisplays {
  readonly #open: () => BuildDisplay;
  #display: BuildDisplay | undefined;
  #builds = 0;

  constructor(open: () => BuildDisplay) {
    this.#open = open;
  }

  /** Of the build of a service; disposed when it is over. */
  begin(service: string): { readonly watch: Watch } & Disposable {
    this.#display ??= this.#open();
    const display = this.#display;
    this.#builds += 1;
    return {
      watch: (update) => display.update(update, service),
      [Symbol.dispose]: () => {
        this.#builds -= 1;
        if (this.#builds > 0) return;
        this.#display = undefined;
        display.close();
      },
    };
  }
}
