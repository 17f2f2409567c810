import { PEER_PROTOCOL } from '../src/cluster/rpc/messages.ts';
import { CLUSTER_SECRET, type TestNode } from './cluster.ts';

/** A node that is not there: its name and place are in the list of peers, and a test speaks for it. */
export interface Peer {
	readonly node: string;
	readonly incarnation: number;
	view: string;
}

export interface PeerRequest {
	readonly method?: string;
	readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a node what its peer would, with any body; `headers` say otherwise. */
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
