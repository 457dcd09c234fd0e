import { StatusLog } from './status-log.js';
import { Vertex, type WarningDetails } from './vertex.js';

/** The progress of one build: its vertices, in the order in which they begin. */
export class BuildStatus {
  readonly log = new StatusLog();
  readonly #ref: string;
  #vertices = 0;
  #first: Vertex | undefined;

  constructor(ref: string) {
    this.#ref = ref;
  }

  vertex(name: string): Vertex {
    const vertex = new Vertex(this.log, name, `${this.#ref} ${this.#vertices++}`);
    this.#first ??= vertex;
    return vertex;
  }

  /** Told at the vertex of the Dockerfile. */
  warn(text: string, more: WarningDetails = {}): void {
    this.#first?.warn(text, more);
  }

  /** A vertex for some work. */
  async during<T>(name: string, work: (vertex: Vertex) => Promise<T>): Promise<T> {
    const vertex = this.vertex(name);
    try {
      const result = await work(vertex);
      vertex.completed();
      return result;
    } catch (error) {
      vertex.failed(error);
      throw error;
    }
  }
}
