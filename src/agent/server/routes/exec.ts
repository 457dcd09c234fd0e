import {
  type ExecCreateRequest,
  type ExecInspect,
  type ExecStartRequest,
  execCreateRequest,
  execStartRequest,
} from '../../../api/exec.js';
import { compareVersions } from '../../../api/version.js';
import type { TerminalSize } from '../../../shared/terminal-size.js';
import { type ApiRequest, empty, get, json, post, type Route } from '../route.js';
import { terminalSize } from './containers.js';
import type { HijackedSession } from './streams.js';

export interface ExecBackend {
  createExec(name: string, request: ExecCreateRequest): string;
  /** Undefined for a detached one, which then runs. */
  startExec(id: string, request: ExecStartRequest): Promise<HijackedSession | undefined>;
  inspectExec(id: string): ExecInspect;
  resizeExec(id: string, size: TerminalSize): void;
}

export function execRoutes(execs: ExecBackend): readonly Route[] {
  return [
    post('/containers/{name}/exec', async (request) => {
      const { ConsoleSize, ...body } = (await request.json(execCreateRequest)) ?? {};
      const size = knowsConsoleSize(request) && ConsoleSize ? { ConsoleSize } : {};
      return json(201, { Id: execs.createExec(request.params.name, { ...body, ...size }) });
    }),
    post('/exec/{id}/start', async (request) => {
      const { ConsoleSize, ...body } = (await request.json(execStartRequest)) ?? {};
      const size = knowsConsoleSize(request) && body.Tty && ConsoleSize ? { ConsoleSize } : {};
      const session = await execs.startExec(request.params.id, { ...body, ...size });
      if (!session) return empty(200);
      return { kind: 'hijack', multiplexed: session.multiplexed, serve: (client) => session.serve(client) };
    }),
    post('/exec/{id}/resize', async ({ params, query }) => {
      execs.resizeExec(params.id, terminalSize(query));
      return empty(200);
    }),
    get('/exec/{id}/json', async ({ params }) => json(200, execs.inspectExec(params.id))),
  ];
}

function knowsConsoleSize({ version }: ApiRequest): boolean {
  return compareVersions(version, '1.42') >= 0;
}
