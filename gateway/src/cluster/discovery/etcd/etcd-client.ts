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
	/** Members of one etcd: `https://10.0.0.1:2379`. The first is used until {@link EtcdClient.turn}. */
	readonly endpoints: readonly string[];
	/** Certificates and a key in PEM: what signs those of etcd, and what this side shows. */
	readonly tls?: { readonly ca?: string; readonly cert?: string; readonly key?: string };
	readonly credentials?: { readonly user: string; readonly password: string };
	/** An answer has to be there so soon, in whole milliseconds. */
	readonly timeoutMs: number;
}

/** etcd gave no answer, or another one than it should. The message says why. */
export class EtcdError extends Error {
	override name = 'EtcdError';
}

/**
 * What this gateway needs of etcd's JSON gateway, version 3.4 or newer; docs/adr/0012-etcd-by-its-json-gateway.md says why. All
 * methods reject with an {@link EtcdError}.
 */
export interface EtcdClient {
	/** The endpoint in use. */
	readonly endpoint: string;
	/** Goes to the next endpoint. */
	turn(): void;
	/** Shows who this is, if there are credentials. Tokens do not outlive restarts of etcd, so at every new beginning. */
	authenticate(): Promise<void>;
	/** A new lease of so many seconds, or more when etcd thinks it too short; answers with its id. */
	grant(ttlSeconds: number): Promise<string>;
	/** Whether the lease stands, with all of its time before it. */
	keepAlive(lease: string): Promise<boolean>;
	/** Ends a lease, and all keys that go with it. */
	revoke(lease: string): Promise<void>;
	/** Writes a key if it is as of `modRevision`, 0 for not there; otherwise answers with what stands there. */
	put(key: string, value: string, lease: string, modRevision: number): Promise<PutOutcome>;
	/** All keys that begin so, as a majority of etcd has them. */
	range(prefix: string): Promise<{ readonly revision: number; readonly kvs: readonly KeyValue[] }>;
	/** The changes from a revision on, until the signal aborts. Throws when etcd ends it, such as when that was compacted. */
	watch(prefix: string, revision: number, signal: AbortSignal): AsyncGenerator<readonly WatchEvent[]>;
	close(): Promise<void>;
}

export type PutOutcome =
	| { readonly kind: 'put'; readonly revision: number }
	| { readonly kind: 'present'; readonly kv: KeyValue | undefined };

const encode = (text: string) => Buffer.from(text).toString('base64');

/** The first key behind all that begin so. A prefix ends with '/', whose successor is '0'. */
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
				// A member that lost the others should say so, instead of being silent.
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

	/** Everything that goes wrong becomes an {@link EtcdError} with its reason. */
	async function named<Value>(path: string, work: () => Promise<Value>): Promise<Value> {
		try {
			return await work();
		} catch (cause) {
			if (cause instanceof EtcdError) throw cause;
			const isLate = cause instanceof Error && cause.name === 'TimeoutError';
			throw new EtcdError(`${path}: ${isLate ? `no answer in ${timeoutMs} ms` : reasonOf(cause)}`, { cause });
		}
	}

	/** Why there was no answer. A server that does not like how it is spoken to may close without saying so. */
	function reasonOf(cause: unknown): string {
		if (!(cause instanceof errors.SocketError)) return messageOf(cause);
		const wish = endpoint().startsWith('https:') ? 'another certificate of this side' : 'https';
		return `${cause.message}; it may want ${wish}`;
	}

	function call<Schema extends z.ZodType>(path: string, body: unknown, schema: Schema): Promise<z.infer<Schema>> {
		return named(path, async () => {
			const text = await (await post(path, body, AbortSignal.timeout(timeoutMs))).text();
			const answer: unknown = JSON.parse(text);
			const parsed = schema.safeParse(answer);
			// A stream of one answer has its errors behind a 200.
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
			// Only its beginning has a deadline: then it is silent as long as nothing happens.
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
						const why =
							cancel_reason || (compact_revision > 0 ? `compacted up to ${compact_revision}` : 'no reason given');
						throw new EtcdError(`watch: etcd ended it: ${why}`);
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

/** What etcd says went wrong; undefined when it does not. */
function reasonIn(text: string): string | undefined {
	try {
		const parsed = refused.safeParse(JSON.parse(text));
		return parsed.success ? parsed.data : undefined;
	} catch {
		return text.trim().slice(0, 200) || undefined;
	}
}
