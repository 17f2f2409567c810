import { Agent, errors } from 'undici';
import type { z } from 'zod';
import { messageOf } from '../../../runtime/errors.ts';
import {
	authenticated,
	granted,
	type KeyValue,
	keptAlive,
	ranged,
	refused,
	revoked,
	transacted,
	type WatchEvent,
	watched,
} from './etcd-messages.ts';
import { jsonLines } from './json-lines.ts';

export interface EtcdClientOptions {
	/** Members of one etcd: `https://10.0.0.1:2379`. The client uses the first until {@link EtcdClient.turn}. */
	readonly endpoints: readonly string[];
	/** Certificates and a key in PEM: the authority of the certificates of etcd, and those of this node. */
	readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
	readonly credentials?: { readonly user: string; readonly password: string };
	/** The deadline of an answer, in whole milliseconds. */
	readonly timeoutMs: number;
}

/** etcd did not answer, or not as expected. The message says why. */
export class EtcdError extends Error {
	override name = 'EtcdError';
}

/**
 * A client of the JSON gateway of etcd, version 3.4 or newer;
 * docs/adr/0012-etcd-by-its-json-gateway.md says why. All methods reject with an {@link EtcdError}.
 */
export interface EtcdClient {
	/** The endpoint in use. */
	readonly endpoint: string;
	/** Switches to the next endpoint. */
	turn(): void;
	/** Gets a token, if credentials are set. A token ends with a restart of etcd, so each session gets a new one. */
	authenticate(): Promise<void>;
	/** Creates a lease of `ttlSeconds`, or longer by the choice of etcd. Resolves with its id. */
	grant(ttlSeconds: number): Promise<string>;
	/** Renews a lease. Resolves with whether it exists. */
	keepAlive(lease: string): Promise<boolean>;
	/** Ends a lease, and deletes its keys. */
	revoke(lease: string): Promise<void>;
	/** Writes a key if its revision is `modRevision`, 0 for a missing key; otherwise resolves with its present value. */
	put(key: string, value: string, lease: string, modRevision: number): Promise<PutOutcome>;
	/** Reads all keys with a prefix, as a majority of etcd has them. */
	range(prefix: string): Promise<{ readonly revision: number; readonly kvs: readonly KeyValue[] }>;
	/** Yields the changes from a revision on, until the signal aborts. Throws when etcd ends the watch, such as after a compaction. */
	watch(prefix: string, revision: number, signal: AbortSignal): AsyncGenerator<readonly WatchEvent[]>;
	close(): Promise<void>;
}

export type PutOutcome =
	| { readonly kind: 'put'; readonly revision: number }
	| { readonly kind: 'present'; readonly kv: KeyValue | undefined };

const encode = (text: string) => Buffer.from(text).toString('base64');

/** Returns the first key after all keys with a prefix. A prefix ends with '/', whose successor is '0'. */
const endOf = (prefix: string) => `${prefix.slice(0, -1)}0`;

export function createEtcdClient({ endpoints, tls, credentials, timeoutMs }: EtcdClientOptions): EtcdClient {
	const agent = new Agent({ connect: { ...tls, timeout: timeoutMs }, headersTimeout: 0, bodyTimeout: 0 });
	let turns = 0;
	let token: string | undefined;

	const endpoint = () => endpoints[turns % endpoints.length] as string;

	async function post(path: string, body: unknown, signal: AbortSignal) {
		const response = await agent.request({
			origin: endpoint(),
			path: `/v3/${path}`,
			method: 'POST',
			headers: {
				'content-type': 'application/json',
				// A member without a leader answers with an error, and not with silence.
				'grpc-metadata-hasleader': 'true',
				...(token !== undefined && { authorization: token }),
			},
			body: JSON.stringify(body),
			signal,
		});
		if (response.statusCode === 200) return response.body;
		const text = await response.body.text();
		throw new EtcdError(`${path}: ${reasonIn(text) ?? `status ${response.statusCode}`}`);
	}

	/** Turns every failure into an {@link EtcdError} with its reason. */
	async function named<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
		try {
			return await work();
		} catch (cause) {
			if (cause instanceof EtcdError) throw cause;
			const isLate = cause instanceof Error && cause.name === 'TimeoutError';
			throw new EtcdError(`${path}: ${isLate ? `no answer in ${timeoutMs} ms` : reasonOf(cause)}`, { cause });
		}
	}

	/** Returns the reason of a missing answer. A server may close a connection with the wrong protocol without an answer. */
	function reasonOf(cause: unknown): string {
		if (!(cause instanceof errors.SocketError)) return messageOf(cause);
		const expected = endpoint().startsWith('https:') ? 'another certificate of this side' : 'https';
		return `${cause.message}; it may want ${expected}`;
	}

	function call<Schema extends z.ZodType>(path: string, body: unknown, schema: Schema): Promise<z.infer<Schema>> {
		return named(path, async () => {
			const text = await (await post(path, body, AbortSignal.timeout(timeoutMs))).text();
			const answer: unknown = JSON.parse(text);
			const parsed = schema.safeParse(answer);
			// A stream with one answer has status 200, also for an error.
			if (!parsed.success) throw new EtcdError(`${path}: ${reasonIn(text) ?? parsed.error.message}`);
			return parsed.data;
		});
	}

	return {
		get endpoint() {
			return endpoint();
		},
		turn() {
			turns++;
			token = undefined;
		},
		async authenticate() {
			if (credentials === undefined) return;
			token = undefined;
			const body = { name: credentials.user, password: credentials.password };
			token = (await call('auth/authenticate', body, authenticated)).token;
		},
		async grant(ttlSeconds) {
			return (await call('lease/grant', { TTL: String(ttlSeconds) }, granted)).ID;
		},
		async keepAlive(lease) {
			return (await call('lease/keepalive', { ID: lease }, keptAlive)).result.TTL > 0;
		},
		async revoke(lease) {
			await call('lease/revoke', { ID: lease }, revoked);
		},
		async put(key, value, lease, modRevision) {
			const at = { key: encode(key) };
			const body = {
				compare: [{ ...at, target: 'MOD', result: 'EQUAL', mod_revision: String(modRevision) }],
				success: [{ request_put: { ...at, value: encode(value), lease } }],
				failure: [{ request_range: at }],
			};
			const { succeeded, header, responses } = await call('kv/txn', body, transacted);
			if (succeeded) return { kind: 'put', revision: header.revision };
			return { kind: 'present', kv: responses[0]?.response_range?.kvs[0] };
		},
		async range(prefix) {
			const body = { key: encode(prefix), range_end: encode(endOf(prefix)) };
			const { header, kvs } = await call('kv/range', body, ranged);
			return { revision: header.revision, kvs };
		},
		async *watch(prefix, revision, signal) {
			const from = { key: encode(prefix), range_end: encode(endOf(prefix)), start_revision: String(revision) };
			// Only the first answer has a deadline: later, a watch without changes is silent.
			const late = new AbortController();
			const timer = setTimeout(() => late.abort(new EtcdError(`watch: no answer in ${timeoutMs} ms`)), timeoutMs);
			try {
				const body = await post('watch', { create_request: from }, AbortSignal.any([signal, late.signal]));
				for await (const line of jsonLines(body)) {
					clearTimeout(timer);
					const parsed = watched.safeParse(line);
					if (!parsed.success) {
						throw new EtcdError(`watch: ${reasonIn(JSON.stringify(line)) ?? parsed.error.message}`);
					}
					const { canceled, cancel_reason, compact_revision, events } = parsed.data.result;
					if (canceled) {
						const reason =
							cancel_reason || (compact_revision > 0 ? `compacted up to ${compact_revision}` : 'no reason given');
						throw new EtcdError(`watch: etcd ended it: ${reason}`);
					}
					if (events.length > 0) yield events;
				}
				throw new EtcdError('watch: the connection was closed');
			} catch (cause) {
				if (cause instanceof EtcdError) throw cause;
				throw new EtcdError(`watch: ${messageOf(cause)}`, { cause });
			} finally {
				clearTimeout(timer);
			}
		},
		close: () => agent.destroy(),
	};
}

/** Returns the error message in an answer of etcd; undefined without one. */
function reasonIn(text: string): string | undefined {
	try {
		const parsed = refused.safeParse(JSON.parse(text));
		return parsed.success ? parsed.data : undefined;
	} catch {
		return text.trim().slice(0, 200) || undefined;
	}
}
