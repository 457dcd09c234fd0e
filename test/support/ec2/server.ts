import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { actions } from './actions.js';
import { parseForm, renderXml, textAt } from './query.js';
import { Refusal } from './refusal.js';
import { Region } from './region.js';
import type { Guests } from './resources.js';
import { type Account, signatureFault } from './signature.js';

/** A refusal in place of the next answers to an action. */
export interface Fault {
  readonly action: string;
  readonly code: string;
  readonly message?: string;
  readonly status?: number;
  times: number;
  /** The action is done all the same: only its answer is lost. */
  readonly late?: boolean;
}

/** A cloud that speaks EC2's query protocol over HTTP, refuses what AWS refuses, and remembers who called what. */
export interface Ec2Server extends AsyncDisposable {
  readonly url: string;
  /** Answers the caller's address, as checkip.amazonaws.com does. */
  readonly callerAddressUrl: string;
  readonly account: Account;
  readonly cloud: Region;
  readonly faults: Fault[];
  /** Names of actions in the order of the calls. */
  readonly calls: string[];
  /** Called when an action was done, before its answer is sent; the answer waits for it. */
  onDone: ((action: string) => unknown) | undefined;
}

export async function startEc2Server(guests?: Guests): Promise<Ec2Server> {
  const account = { accessKeyId: 'AKIATEST', secretAccessKey: 'secret-of-the-test' };
  const cloud = new Region('us-east-1', guests);
  const server = createServer((request, response) => {
    if (request.url === '/caller-address') return void response.end('127.0.0.1\n');
    answer(state, request, response).catch((error: unknown) => response.destroy(error as Error));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // of a TCP server
  const state: Ec2Server = {
    url: `http://127.0.0.1:${port}`,
    callerAddressUrl: `http://127.0.0.1:${port}/caller-address`,
    account,
    cloud,
    faults: [],
    calls: [],
    onDone: undefined,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      const left = [...cloud.instances.values()].filter(({ state }) => state !== 'terminated');
      for (const { id } of left) await guests?.remove(id);
    },
  };
  return state;
}

/** What a user has in the environment who works with a compatible cloud. */
export function accessTo({ url, callerAddressUrl, account }: Ec2Server): NodeJS.ProcessEnv {
  return {
    AWS_ENDPOINT_URL_EC2: url,
    AWS_ACCESS_KEY_ID: account.accessKeyId,
    AWS_SECRET_ACCESS_KEY: account.secretAccessKey,
    AWS_REGION: 'us-east-1',
    TSMACHINE_EC2_CALLER_ADDRESS_URL: callerAddressUrl,
  };
}

async function answer(server: Ec2Server, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const body = await text(request);
  const form = parseForm(body);
  const action = textAt(form, 'Action') ?? '';
  server.calls.push(action);
  try {
    const fault = signatureFault(request, body, server.account);
    if (fault !== undefined) {
      throw new Refusal(fault, 'AWS was not able to validate the provided access credentials', 401);
    }
    const wanted = takeFault(server.faults, action);
    if (wanted && !wanted.late) throw refusalOf(wanted);
    const handler = actions[action];
    if (!handler)
      throw new Refusal('InvalidAction', `The action ${action} is not valid for this web service.`);
    const content = renderXml(await handler(server.cloud, form, body));
    if (wanted) throw refusalOf(wanted);
    await server.onDone?.(action);
    send(response, 200, `<${action}Response xmlns="${namespace}">${content}</${action}Response>`);
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    const errors = renderXml({ Errors: { Error: { Code: error.code, Message: error.message } } });
    send(response, error.status, `<Response>${errors}<RequestID>test</RequestID></Response>`);
  }
}

const namespace = 'http://ec2.amazonaws.com/doc/2016-11-15/';

function takeFault(faults: readonly Fault[], action: string): Fault | undefined {
  const fault = faults.find((one) => one.times > 0 && (one.action === action || one.action === '*'));
  if (fault) fault.times -= 1;
  return fault;
}

function refusalOf({ code, message, status }: Fault): Refusal {
  return new Refusal(code, message ?? 'as the test wants it', status);
}

function send(response: ServerResponse, status: number, xml: string): void {
  response.writeHead(status, { 'Content-Type': 'text/xml' });
  response.end(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}`);
}
