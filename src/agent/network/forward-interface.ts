/** An interface, or with `isPrefix` all whose names begin so. */
export interface ForwardInterface {
  readonly name: string;
  readonly isPrefix: boolean;
}
