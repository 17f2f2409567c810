import { PEER_PROTOCOL } from '../src/cluster/rpc/messages.ts';
import { CLUSTER_SECRET, type TestNode } from './cluster.ts';

/** A node that does not run: it is in the list of peers, and a test sends its requests. */
export interface Peer {
	readonly node: string;
	readonly incarnation: number;
	view: string;
}

export interface PeerRequest {
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a node a request as its peer, with any body. `headers` override those of the peer. */
export function callAs(
	{ node, incarnation, view }: Peer,
	to: TestNode,
	path: string,
	body: unknown = undefined,
	{ method = 'POST', headers = {} }: PeerRequest = {},
): Promise<Response> {
	const content = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
	return fetch(to.internalUrl + path, {
		method,
		headers: {
			'content-type': 'application/json',
			'x-likewire-protocol': PEER_PROTOCOL,
			'x-likewire-secret': CLUSTER_SECRET,
			'x-likewire-node': node,
			'x-likewire-incarnation': `${incarnation}`,
			'x-likewire-view': view,
			...headers,
		},
		...(method === 'POST' && { body: (content ?? '') as BodyInit }),
	});
}
