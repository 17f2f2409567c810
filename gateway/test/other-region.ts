import { PEER_PROTOCOL } from '../src/cluster/rpc/messages.ts';
import { CLUSTER_SECRET, type TestNode } from './cluster.ts';

/**
 * Sends a node of `eu` a request as a dispatcher of the region `us`, with any body.
 *
 * `headers` override its own.
 */
export function callAsRegion(
	to: Pick<TestNode, 'internalUrl'>,
	path: string,
	body: unknown,
	headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
	const content = typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body);
	return fetch(to.internalUrl + path, {
		method: 'POST',
		headers: {
			'content-type': 'application/json',
			'x-likewire-protocol': PEER_PROTOCOL,
			'x-likewire-secret': CLUSTER_SECRET,
			'x-likewire-node': 'dispatcher-1',
			'x-likewire-region': 'us',
			'x-likewire-to': 'eu',
			...headers,
		},
		body: content as BodyInit,
	});
}

/** Returns the rows of a region's store with this number of hearts. */
export function rowsOf(region: string, hearts: number, epoch = 1): Record<string, unknown> {
	return { [region]: { epoch, counts: { heart: [hearts, 0] } } };
}

/** Returns a relay with an update of one video. */
export function relayOf(video: string, rows: Record<string, unknown>, more: Record<string, unknown> = {}): unknown {
	return { greeting: false, updates: [[`video:${video}`, { rows, complete: false, sample: [], at: 1, ...more }]] };
}
