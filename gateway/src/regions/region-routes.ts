import { regionEventsMessage } from '../cluster/rpc/log-messages.ts';
import { changesMessage, relayMessage } from '../cluster/rpc/messages.ts';
import { changesBody, parseMessage } from '../cluster/rpc/peer-routes.ts';
import { type Answer, json } from '../http/answer.ts';
import { Rejection } from '../http/rejections.ts';
import type { Route } from '../http/router.ts';
import type { Updates } from '../state/update.ts';
import type { LogPage } from '../store/log-store.ts';
import type { Changes, Position } from '../store/store.ts';
import { type AuthenticateRegion, checkUpdates } from './region-auth.ts';
import { regionPaths } from './region-calls.ts';

export interface RegionRoutesOptions {
	readonly self: { readonly node: string; readonly region: string };
	readonly admit: AuthenticateRegion;
	/** Takes a relay as a dispatcher; undefined without the role. */
	readonly take: ((region: string, updates: Updates, greeting: boolean) => void) | undefined;
	/**
	 * Returns the known epoch of a region's store; 0 if unknown.
	 *
	 * It is valid whatever this node's clock says.
	 */
	readonly epochOf: (region: string) => number;
	readonly changes: ((since: Position | undefined, limit: number) => Promise<Changes>) | undefined;
	/** Resolves with a page of the log that the store of this region wrote. */
	readonly events: ((topic: string, after: number, limit: number) => Promise<LogPage>) | undefined;
}

/** Returns the routes for requests of other regions to dispatchers, on the internal listener. */
export function regionRoutes({ self, admit, take, epochOf, changes, events }: RegionRoutesOptions): Route[] {
	const headers = { 'x-likewire-region': self.region };

	function roleMissing(): Rejection {
		const detail = `Node ${self.node} is no dispatcher; correct the addresses in the --regions of the sender.`;
		return new Rejection('node_unavailable', 'peer_role', detail);
	}

	return [
		{
			method: 'POST',
			path: regionPaths.relay,
			handle(request, body): Answer {
				const region = admit(request);
				if (take === undefined) throw roleMissing();
				const { updates, greeting } = parseMessage(request, body, relayMessage);
				checkUpdates(region, updates, Math.max(Date.now(), epochOf(region)));
				take(region, updates, greeting);
				return { status: 204, headers, body: '' };
			},
		},
		{
			method: 'POST',
			path: regionPaths.changes,
			async handle(request, body) {
				admit(request);
				if (changes === undefined) throw roleMissing();
				const { since, limit } = parseMessage(request, body, changesMessage);
				return json(200, changesBody(await changes(since, limit)), headers);
			},
		},
		{
			method: 'POST',
			path: regionPaths.events,
			async handle(request, body) {
				admit(request);
				if (events === undefined) throw roleMissing();
				const { topic, after, limit } = parseMessage(request, body, regionEventsMessage);
				return json(200, await events(topic, after, limit), headers);
			},
		},
	];
}
