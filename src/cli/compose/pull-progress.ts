import type { ProgressMessage } from '../../api/progress.js';
import type { Progress } from '../../compose/engine/progress.js';
import { formatBytesFinely } from '../../shared/bytes.js';

interface Layer {
  readonly current: number;
  readonly total: number;
  readonly isDone: boolean;
}

/** Tells the progress of one image: each layer on a line of its own, and all of them on that of the service. */
export class PullProgress {
  readonly #layers = new Map<string, Layer>();
  readonly #progress: Progress;
  readonly #service: string;

  constructor(progress: Progress, service: string) {
    this.#progress = progress;
    this.#service = service;
  }

  /** What the engine says while it pulls. */
  note(message: ProgressMessage): void {
    const { id, status } = message;
    if (id === undefined || status === undefined || status.startsWith('Pulling from')) return;
    const layer = nextOf(this.#layers.get(id), message);
    this.#layers.set(id, layer);
    this.#progress.event({
      ...{ id, parent: this.#service, status: layer.isDone ? 'done' : 'working', text: status },
      detail: isMoving(status) ? amount(layer) : undefined,
    });
    this.#tellSum();
  }

  #tellSum(): void {
    const layers = [...this.#layers.values()];
    const sum = {
      current: layers.reduce((all, { current }) => all + current, 0),
      total: layers.reduce((all, { total }) => all + total, 0),
    };
    const bar = layers.map(filled).join('');
    const count = `${layers.length} ${layers.length === 1 ? 'layer' : 'layers'}`;
    const detail = `${count} [${bar}] ${amount(sum)}`;
    this.#progress.event({ id: this.#service, status: 'working', text: 'Pulling', detail });
  }
}

const finished = new Set(['Pull complete', 'Already exists']);

function isMoving(status: string): boolean {
  return status === 'Downloading' || status === 'Extracting';
}

function nextOf(before: Layer | undefined, { status = '', progressDetail }: ProgressMessage): Layer {
  const total = progressDetail?.total ?? before?.total ?? 0;
  if (finished.has(status)) return { current: total, total, isDone: true };
  return { current: progressDetail?.current ?? before?.current ?? 0, total, isDone: false };
}

function amount({ current, total }: Pick<Layer, 'current' | 'total'>): string {
  return `${formatBytesFinely(current)}/${formatBytesFinely(total)}`;
}

const levels = [' ', '⡀', '⣀', '⣄', '⣤', '⣦', '⣶', '⣷', '⣿'];

function filled({ current, total, isDone }: Layer): string {
  const part = isDone ? 1 : total > 0 ? Math.min(1, current / total) : 0;
  return levels[Math.floor(part * (levels.length - 1))] ?? ' ';
}
