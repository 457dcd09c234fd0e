/** What happens to one thing; `text` is a word such as "Creating" or "Created". */
export interface ProgressEvent {
  /** "Container app-web-1", "Network app_default". */
  readonly id: string;
  /** ID of what this is a part of, such as a layer of an image; told only where it can be redrawn. */
  readonly parent?: string | undefined;
  readonly status: 'working' | 'done' | 'warning' | 'error';
  readonly text: string;
  /** How far it is, for those who can watch it. */
  readonly detail?: string | undefined;
}

/** Where progress is told. */
export interface Progress {
  event(event: ProgressEvent): void;
  warn(message: string): void;
}
