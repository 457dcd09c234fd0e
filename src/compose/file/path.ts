/** Where a value is in a Compose file: keys and, in sequences, indexes. */
export type Path = readonly (string | number)[];

/** `services.web.ports[0]` */
export function formatPath(path: Path): string {
  return path
    .map((part, index) => (typeof part === 'number' ? `[${part}]` : index === 0 ? part : `.${part}`))
    .join('');
}

interface Node<T> {
  value?: T;
  readonly next: Map<string, Node<T>>;
}

/** What holds for which paths, by patterns such as `services.*.ports`; `*` is any key or index. */
export class PathTable<T> {
  readonly #root: Node<T> = { next: new Map() };

  constructor(patterns: Readonly<Record<string, T>>) {
    for (const [pattern, value] of Object.entries(patterns)) {
      let node = this.#root;
      for (const part of pattern.split('.')) {
        const next = node.next.get(part) ?? { next: new Map() };
        node.next.set(part, next);
        node = next;
      }
      node.value = value;
    }
  }

  get(path: Path): T | undefined {
    return find(this.#root, path, 0);
  }
}

function find<T>(node: Node<T>, path: Path, at: number): T | undefined {
  const part = path[at];
  if (part === undefined) return node.value;
  const exact = node.next.get(String(part));
  const found = exact && find(exact, path, at + 1);
  if (found !== undefined) return found;
  const any = node.next.get('*');
  return any && find(any, path, at + 1);
}
