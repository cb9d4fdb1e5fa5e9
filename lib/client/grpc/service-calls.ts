import { type CallOptions, type Client, Metadata, type ServiceError, status } from '@grpc/grpc-js';
import { chatService } from '../../codec/contract.js';
import type { HistoryPage, RoomSummary } from '../../codec/messages.js';
import { encodeListRoomsRequest, encodeReadHistoryRequest } from '../../codec/requests.js';
import { decodeHistoryPage, decodeRoomsPage } from '../../codec/responses.js';
import { decodeStatusDetails, statusDetailsKey } from '../../codec/status-details.js';
import type { Rejection } from '../../core/rejection.js';
import { CannotConnect, HistoryDamaged, Refused } from '../errors.js';
import { clientLimits } from '../limits.js';

/** `limit` is a uint32 on the wire. */
const pageEventsMax = 2 ** 32 - 1;

/** The path of a method of the contract. */
export function methodPath(name: string): string {
  const method = chatService[name];
  if (!method) throw new RangeError(`the contract has no method ${name}`);
  return method.path;
}

/** Bytes are coded by the codec; gRPC carries them as they are. */
export const asIs = (bytes: Buffer): Buffer => bytes;

/** All rooms, by name, read page by page. */
export async function listRooms(client: Client): Promise<RoomSummary[]> {
  const all: RoomSummary[] = [];
  for (;;) {
    const after = all.at(-1)?.name ?? '';
    const { rooms, more } = decodeRoomsPage(
      await call(client, 'ListRooms', encodeListRoomsRequest({ limit: 0, after })),
    );
    all.push(...rooms);
    // A server that says there is more and gives nothing further would be asked for ever.
    if (!more || (all.at(-1)?.name ?? '') <= after) return all;
  }
}

/**
 * One page of `room`'s events after `after`, at most `limit`; the server may give fewer. `chain`: that at `after`, so
 * that a server whose room has another history refuses with HISTORY_LOST. `signal` calls it off.
 */
export async function readHistory(
  client: Client,
  room: string,
  after: number,
  limit: number,
  { chain, signal }: { readonly chain?: string | undefined; readonly signal?: AbortSignal } = {},
): Promise<HistoryPage> {
  const request = encodeReadHistoryRequest({ room, after, limit: Math.min(limit, pageEventsMax), chain });
  return decodeHistoryPage(await call(client, 'ReadHistory', request, signal));
}

/** The rejection that a refused call's status carries. */
export function rejectionOf(error: ServiceError): Rejection | undefined {
  const [details] = error.metadata?.get(statusDetailsKey) ?? [];
  return Buffer.isBuffer(details) ? decodeStatusDetails(details) : undefined;
}

/** Rejects with Refused where the server says why, with CannotConnect where there was no answer. */
function call(client: Client, method: string, request: Buffer, signal?: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options: CallOptions = { deadline: Date.now() + clientLimits.callMsMax };
    const answered = (error: ServiceError | null, response?: Buffer) => {
      signal?.removeEventListener('abort', cancel);
      if (response) resolve(response);
      else reject(error ? failure(error) : new CannotConnect('the server gave no answer'));
    };
    const made = client.makeUnaryRequest(methodPath(method), asIs, asIs, request, new Metadata(), options, answered);
    const cancel = () => made.cancel();
    signal?.addEventListener('abort', cancel);
  });
}

function failure(error: ServiceError): Error {
  const refusal = rejectionOf(error);
  if (refusal) return new Refused(refusal);
  if (error.code === status.DATA_LOSS) return new HistoryDamaged(error.details, { cause: error });
  return new CannotConnect(error.details, { cause: error });
}
