import { asUserId } from '../http/ids.ts';
import { Rejection } from '../http/rejections.ts';
import type { Request } from '../http/request.ts';
import { type ApiKeys, createKeyFinder } from './api-keys.ts';
import { anonymousUser, type Caller, decodeCaller, makeCaller } from './caller.ts';
import { createTokenVerifier } from './jwt.ts';

/**
 * Resolves with the caller of a request. Rejects with a {@link Rejection} when its proof is missing or
 * wrong, and with another `GatewayError` when the request is malformed.
 *
 * @param tokenIn where the token may be: in the query only for streams, since browsers send no header with those, and proxies
 * log queries. In the header alone when not given.
 */
export type Identify = (request: Request, tokenIn?: 'header' | 'header or query') => Promise<Caller>;

export interface IdentityOptions {
	/** The secret of the tokens; empty in development mode. */
	readonly jwtSecret: string;
	readonly apiKeys: ApiKeys;
}

/**
 * Creates the identification of callers: by tokens and API keys, or, without a secret, by the names in
 * requests.
 */
export function createIdentify({ jwtSecret, apiKeys }: IdentityOptions): Identify {
	if (jwtSecret === '') return believe;
	const verify = createTokenVerifier(jwtSecret);
	const serverOf = createKeyFinder(apiKeys);
	return async ({ headers, query }, where = 'header') => {
		const bearer = bearerOf(headers.authorization);
		const server = bearer && serverOf(bearer);
		if (server !== undefined) {
			const named = headers['x-likewire-user'];
			return makeCaller({ proof: 'key', server, user: named === '' ? undefined : asUserId(named) });
		}
		return verify(bearer ?? (where === 'header' ? noToken(query) : tokenIn(query)));
	};
}

/**
 * Development mode: the user that the request names, in a header or, since an EventSource has none, in
 * the query.
 */
async function believe({ headers, query }: Request): Promise<Caller> {
	const named = headers['x-likewire-user'] || query.get('user');
	return makeCaller({ proof: 'none', user: named ? asUserId(named) : anonymousUser() });
}

/**
 * Creates the identification for requests that another node of the cluster forwards and has
 * identified: only behind the cluster's secret. A node without a secret for tokens believes every
 * client, so a node with one does not believe that node.
 */
export function createIdentifyForwarded({ jwtSecret }: Pick<IdentityOptions, 'jwtSecret'>): Identify {
	return async ({ headers }) => {
		const caller = decodeCaller(headers['x-likewire-caller']);
		if (jwtSecret === '' || caller.proof !== 'none') return caller;
		const detail = `${headers['x-likewire-node']} is in development mode, and this node is not: set the jwtSecret on both.`;
		throw new Rejection('peer_conflict', 'peer_identity', detail);
	};
}

/**
 * Returns the bearer token of an `Authorization` header; undefined for other schemes, which browsers
 * add by themselves.
 */
function bearerOf(authorization: string): string | undefined {
	return /^bearer +(.+)$/i.exec(authorization)?.[1];
}

function tokenIn(query: URLSearchParams): string {
	const [token, ...more] = query.getAll('token');
	if (more.length > 0) throw new Rejection('unauthorized', 'token_ambiguous', 'The query has more than one token.');
	if (token) return token;
	const ways = 'Authorization: Bearer, or in the query parameter token';
	throw new Rejection('unauthorized', 'token_missing', `This gateway requires a token in ${ways}.`);
}

/** Throws the reason for a missing token, also for a token in a query that may have none. */
function noToken(query: URLSearchParams): never {
	const detail = query.has('token')
		? 'Only streams take a token in the query, where proxies log it; send it as Authorization: Bearer.'
		: 'This gateway requires a token in Authorization: Bearer.';
	throw new Rejection('unauthorized', 'token_missing', detail);
}
