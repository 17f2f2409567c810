import { type ErrorCode, type Problem, paths } from '@likewire/protocol';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Caller } from '../auth/caller.ts';
import { type Answer, asGatewayError, problem } from '../http/answer.ts';
import { Rejection, type Rejections } from '../http/rejections.ts';
import { type Request, requestOf } from '../http/request.ts';
import type { Route } from '../http/router.ts';

/** The reference by which a client finds its ack. */
const ref = z.union([z.string().max(64), z.int()]).optional();

const referenced = z.object({ ref });

const operation = z.discriminatedUnion('op', [
	z.looseObject({ op: z.literal(['subscribe', 'unsubscribe']), ref }),
	z.looseObject({ op: z.literal('like'), ref, video: z.string() }),
	z.looseObject({ op: z.literal('ping'), ref }),
]);

/** An operation that a client requests on a socket. */
export type Operation = z.infer<typeof operation>;

const utf8 = new TextDecoder('utf-8', { fatal: true });

/** Why a message is no operation, with the `ref` that its client may wait for. */
export interface NoOperation {
	readonly op: undefined;
	readonly ref: Operation['ref'];
	readonly code: ErrorCode;
	readonly detail: string;
}

/** Parses a message of a client. */
export function parseOperation(bytes: Uint8Array): Operation | NoOperation {
	let value: unknown;
	try {
		value = JSON.parse(utf8.decode(bytes));
	} catch {
		// The error of the parser would quote a stranger's text; the answer says only that it is no JSON.
		return { op: undefined, ref: undefined, code: 'invalid_json', detail: 'The message is not JSON in UTF-8.' };
	}
	const parsed = operation.safeParse(value);
	if (parsed.success) return parsed.data;
	const detail =
		'A message is {"op": "subscribe", "unsubscribe", "like" with "video", or "ping"}, with a short "ref" or none.';
	return { op: undefined, ref: referenced.safeParse(value).data?.ref, code: 'invalid_body', detail };
}

/**
 * Performs operations with the routes of the same requests, so that both have the same rights and
 * answers.
 */
export interface Operations {
	/** Sets the routes; the caller does so once, before the first operation. */
	use(routes: readonly Route[]): void;
	/** Resolves with the data of the ack; never rejects. */
	carryOut(operation: Operation, caller: Caller, connection: string): Promise<object>;
}

export interface OperationsOptions {
	/** Makes the gateway take a request for one of this caller. */
	readonly know: (request: Request, caller: Caller) => void;
	readonly rejections: Pick<Rejections, 'note'>;
	readonly logger: Logger;
}

const encoder = new TextEncoder();

/** The routes of operations, in the notation of uWebSockets.js. */
const LIKES = '/v1/videos/:video/likes';
const SUBSCRIPTIONS = '/v1/connections/:connection/subscriptions';

export function createOperations({ know, rejections, logger }: OperationsOptions): Operations {
	let routes: readonly Route[] = [];

	async function perform(route: string, request: Request, body: object): Promise<Answer> {
		try {
			const found = routes.find(({ method, path }) => method === 'POST' && path === route);
			if (found === undefined || !('handle' in found)) throw new Error(`no route ${route}`);
			return await found.handle(request, encoder.encode(JSON.stringify(body)));
		} catch (thrown) {
			const error = asGatewayError(thrown);
			if (error instanceof Rejection) rejections.note(error, route);
			if (error.code === 'internal_error') logger.error({ err: error.cause, route }, 'an operation of a socket failed');
			return problem(error);
		}
	}

	return {
		use(all) {
			routes = all;
		},
		async carryOut(operation, caller, connection) {
			const { op, ref: _, ...rest } = operation;
			const isLike = op === 'like';
			const { video, ...body } = rest as { readonly video?: string };
			const id = isLike ? (video ?? '') : connection;
			const request = requestOf('POST', isLike ? paths.likes(id) : paths.subscriptions(id), [id]);
			know(request, caller);
			return dataOf(await perform(isLike ? LIKES : SUBSCRIPTIONS, request, body));
		},
	};
}

/** Returns an answer as the data of an ack; of a problem, the fields on which a client can act. */
function dataOf({ status, headers, body }: Answer): object {
	const value = JSON.parse(Buffer.from(body).toString()) as object;
	if (status < 400) return value;
	const { code, detail } = value as Problem;
	const retryAfter = Number(headers['Retry-After']);
	return { code, detail, ...(retryAfter > 0 && { retryAfterMs: retryAfter * 1_000 }) };
}
