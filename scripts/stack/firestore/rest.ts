import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  credentials,
  makeClientConstructor,
  status,
  type Client,
  type ServiceDefinition,
} from '@grpc/grpc-js';
import { fromJson, toJson } from './json.ts';

/** https://cloud.google.com/apis/design/errors#handling_errors; any other code is 500. */
const httpStatuses = new Map<number, number>([
  [status.CANCELLED, 499],
  [status.INVALID_ARGUMENT, 400],
  [status.FAILED_PRECONDITION, 400],
  [status.OUT_OF_RANGE, 400],
  [status.UNAUTHENTICATED, 401],
  [status.PERMISSION_DENIED, 403],
  [status.NOT_FOUND, 404],
  [status.ABORTED, 409],
  [status.ALREADY_EXISTS, 409],
  [status.RESOURCE_EXHAUSTED, 429],
  [status.UNIMPLEMENTED, 501],
  [status.UNAVAILABLE, 503],
  [status.DEADLINE_EXCEEDED, 504],
]);

/** The calls by the name behind the colon, and the field of the request that has what is before it. */
const calls = new Map([
  ['batchGet', { rpc: 'BatchGetDocuments', place: 'database' }],
  ['batchWrite', { rpc: 'BatchWrite', place: 'database' }],
  ['beginTransaction', { rpc: 'BeginTransaction', place: 'database' }],
  ['commit', { rpc: 'Commit', place: 'database' }],
  ['rollback', { rpc: 'Rollback', place: 'database' }],
  ['runAggregationQuery', { rpc: 'RunAggregationQuery', place: 'parent' }],
  ['runQuery', { rpc: 'RunQuery', place: 'parent' }],
]);

interface Failure {
  readonly code: status;
  readonly details: string;
}

/**
 * Answers Firestore's REST API by calling the gRPC server beside it, as Google's emulator does: counts,
 * hanging and refusals are the same over both.
 */
export class Rest {
  readonly server: Server = createServer(
    (request, response) => void this.#answer(request, response),
  );
  readonly #client: Client;
  readonly #definition: ServiceDefinition;

  constructor(definition: ServiceDefinition, grpcHost: string) {
    this.#definition = definition;
    const Firestore = makeClientConstructor(definition, 'Firestore');
    this.#client = new Firestore(grpcHost, credentials.createInsecure(), {
      'grpc.max_receive_message_length': -1,
    });
  }

  stop(): void {
    this.#client.close();
    this.server.closeAllConnections();
    this.server.close();
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = decodeURIComponent(request.url ?? '').replace(/\?.*/, '');
    const [, documents = '', name = ''] = /^\/v1\/(.*\/documents[^:]*):(\w+)$/.exec(path) ?? [];
    const call = calls.get(name);
    const isList = this.#definition[call?.rpc ?? '']?.responseStream ?? false;
    try {
      if (call === undefined || request.method !== 'POST') throw unknownCall(path);
      const body = parse(await text(request));
      const place = call.place === 'parent' ? documents : documents.replace(/\/documents.*/, '');
      const answers = await this.#call(call.rpc, { ...body, [call.place]: place }, response);
      reply(response, 200, isList ? answers : answers[0]);
    } catch (error) {
      const { code, details } = error as Failure;
      const httpStatus = httpStatuses.get(code) ?? 500;
      const body = { error: { code: httpStatus, message: details, status: status[code] } };
      reply(response, httpStatus, isList ? [body] : body);
    }
  }

  /** A client that closes its connection gives the call up. */
  #call(rpc: string, body: object, response: ServerResponse): Promise<unknown[]> {
    const { path, requestSerialize, responseDeserialize } = this.#definition[rpc] ?? {};
    if (!path || !requestSerialize || !responseDeserialize) throw unknownCall(rpc);
    return new Promise((resolve, reject) => {
      const answers: unknown[] = [];
      // One answer is a stream of one.
      const stream = this.#client.makeServerStreamRequest(
        path,
        requestSerialize,
        responseDeserialize,
        body,
      );
      stream.on('data', (answer: unknown) => answers.push(toJson(answer)));
      stream.on('end', () => {
        resolve(answers);
      });
      stream.on('error', reject);
      response.on('close', () => {
        stream.cancel();
      });
    });
  }
}

function parse(body: string): object {
  try {
    return fromJson(JSON.parse(body)) as object;
  } catch {
    throw failure(status.INVALID_ARGUMENT, 'Invalid JSON payload received.');
  }
}

function unknownCall(path: string): Error {
  return failure(status.UNIMPLEMENTED, `There is no ${path} here.`);
}

function failure(code: status, details: string): Error {
  return Object.assign(new Error(details), { code, details });
}

function reply(response: ServerResponse, httpStatus: number, body: unknown): void {
  const json = JSON.stringify(body);
  response.writeHead(httpStatus, {
    'content-type': 'application/json; charset=UTF-8',
    'content-length': Buffer.byteLength(json),
  });
  response.end(json);
}
