/**
 * What must be undone when a piece of work fails half-way, in reverse order.
 *
 *     await using undo = new UndoStack();
 *     await mount(dir); undo.push(() => unmount(dir));
 *     undo.commit();            // all went well: disposal does nothing
 */
export class UndoStack implements AsyncDisposable {
  readonly #actions: (() => Promise<unknown> | unknown)[] = [];

  push(action: () => Promise<unknown> | unknown): void {
    this.#actions.push(action);
  }

  commit(): void {
    this.#actions.length = 0;
  }

  /** Runs every action even when one fails; then throws the first failure. */
  async [Symbol.asyncDispose](): Promise<void> {
    const failures: unknown[] = [];
    for (let action = this.#actions.pop(); action; action = this.#actions.pop()) {
      try {
        await action();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) throw failures[0];
  }
}
