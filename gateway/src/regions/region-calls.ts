import type { z } from 'zod';
import { encodeRelay } from '../cluster/rpc/batches.ts';
import { eventsAnswer } from '../cluster/rpc/log-messages.ts';
import { changesAnswer, PEER_PROTOCOL } from '../cluster/rpc/messages.ts';
import { type PeerClient, PeerError, PeerRefusedError, PeerTooLongError } from '../cluster/rpc/peer-client.ts';
import type { PeerResponse } from '../cluster/rpc/response-parser.ts';
import { timelineAnswer } from '../cluster/rpc/timeline-messages.ts';
import type { Region } from '../config/parse-regions.ts';
import type { TimelinePage, TimelineRange } from '../state/timeline.ts';
import type { LogPage } from '../store/log-store.ts';
import type { Changes, Position } from '../store/store.ts';
import { createRegionAddresses } from './region-addresses.ts';
import type { RelayBatch } from './relay-queues.ts';

/** The time limit of a request to another region, in milliseconds: several times around the world. */
export const REGION_DEADLINE_MS = 2_000;

/** The time limit of a request for a timeline, in milliseconds: a viewer waits for it, and for a second one. */
const TIMELINE_DEADLINE_MS = 1_000;

/** The paths of requests between regions, below the address of a dispatcher's internal listener. */
export const regionPaths = {
	relay: '/internal/v1/relay',
	changes: '/internal/v1/changes',
	events: '/internal/v1/events',
	timeline: '/internal/v1/timeline',
	forward: '/internal/v1/region-forward',
} as const;

export interface RegionCallsOptions {
	readonly self: { readonly node: string; readonly region: string };
	readonly secret: string;
	readonly regions: readonly Region[];
	readonly client: PeerClient;
}

/** The requests to other regions. Each rejects with a {@link PeerError} on a wrong answer or none. */
export interface RegionCalls {
	relay(relay: Pick<RelayBatch, 'to' | 'updates' | 'greeting'>): Promise<void>;
	/** Resolves with a page of changes of the region's own rows. */
	changes(region: string, since: Position | undefined, limit: number): Promise<Changes>;
	/** Resolves with events of the region's own log of a topic, after an offset. */
	events(region: string, topic: string, after: number, limit: number): Promise<LogPage>;
	/** Resolves with a page of a timeline that the region's own store counted. */
	timeline(region: string, range: TimelineRange): Promise<TimelinePage>;
	/** Returns the addresses of the region's dispatchers; the one that answered last is the first. */
	urlsOf(region: string): readonly string[];
	/** Returns the headers that prove the region of the sender and name the region of the recipient. */
	headers(to: string): Record<string, string>;
}

export function createRegionCalls({ self, secret, regions, client }: RegionCallsOptions): RegionCalls {
	const addresses = createRegionAddresses(regions);

	function headers(to: string): Record<string, string> {
		return {
			'x-likewire-protocol': PEER_PROTOCOL,
			'x-likewire-secret': secret,
			'x-likewire-node': self.node,
			'x-likewire-region': self.region,
			'x-likewire-to': to,
		};
	}

	function call(region: string, path: string, body: string, deadlineMs = REGION_DEADLINE_MS): Promise<PeerResponse> {
		return addresses.ask(region, async (url) => {
			const response = await client.send({
				url,
				path,
				headers: { ...headers(region), 'content-type': 'application/json' },
				body,
				deadlineMs,
			});
			checkSender(region, url, response);
			return response;
		});
	}

	return {
		urlsOf: addresses.of,
		headers,
		async relay({ to, updates, greeting }) {
			await call(to, regionPaths.relay, encodeRelay(updates, greeting));
		},
		async changes(region, since, limit) {
			const { body } = await call(region, regionPaths.changes, JSON.stringify({ since, limit }));
			return parse(region, body, changesAnswer);
		},
		async events(region, topic, after, limit) {
			const { body } = await call(region, regionPaths.events, JSON.stringify({ topic, after, limit }));
			return parse(region, body, eventsAnswer);
		},
		async timeline(region, range) {
			const body = JSON.stringify(range);
			const ask = () => call(region, regionPaths.timeline, body, TIMELINE_DEADLINE_MS);
			// A viewer waits, and asks no second time: the next dispatcher may answer.
			const response = await ask().catch((error: unknown) => {
				if (addresses.of(region).length === 1) throw error;
				return ask();
			});
			return parse(region, response.body, timelineAnswer);
		},
	};
}

/** Throws a {@link PeerError} unless the answer is a success of the region that was asked. */
function checkSender(region: string, url: string, { status, headers, body }: PeerResponse): void {
	if (status === 401 || status === 409) {
		throw new PeerRefusedError(`${region} refuses this region: ${body.slice(0, 500)}`);
	}
	if (status === 413) throw new PeerTooLongError(`${region} refuses a request as too long: ${body.slice(0, 500)}`);
	if (status >= 400) throw new PeerError(`${region} answered ${status}: ${body.slice(0, 500)}`);
	const answering = headers['x-likewire-region'];
	if (answering !== region)
		throw new PeerRefusedError(`${url} is an address of ${region}, but answers as ${answering}`);
}

function parse<Schema extends z.ZodType>(region: string, body: string, schema: Schema): z.infer<Schema> {
	try {
		return schema.parse(JSON.parse(body));
	} catch (cause) {
		throw new PeerError(`${region} sent a malformed answer`, { cause });
	}
}
