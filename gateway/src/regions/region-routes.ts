import { regionEventsMessage } from '../cluster/rpc/log-messages.ts';
import { changesMessage, relayMessage } from '../cluster/rpc/messages.ts';
import { changesBody, parseMessage } from '../cluster/rpc/peer-routes.ts';
import { timelineMessage } from '../cluster/rpc/timeline-messages.ts';
import { type Answer, json } from '../http/answer.ts';
import { Rejection } from '../http/rejections.ts';
import type { Route } from '../http/router.ts';
import type { AuthenticateRegion } from './region-auth.ts';
import { regionPaths } from './region-calls.ts';
import type { RegionHandlers } from './region-handlers.ts';

export interface RegionRoutesOptions {
	readonly self: { readonly node: string; readonly region: string };
	readonly admit: AuthenticateRegion;
	/** Undefined without the role of a dispatcher. */
	readonly handlers: RegionHandlers | undefined;
}

/** Returns the routes for requests of other regions to dispatchers, on the internal listener. */
export function regionRoutes({ self, admit, handlers }: RegionRoutesOptions): Route[] {
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
				if (handlers === undefined) throw roleMissing();
				const { updates, greeting } = parseMessage(request, body, relayMessage);
				handlers.relay(region, updates, greeting);
				return { status: 204, headers, body: '' };
			},
		},
		{
			method: 'POST',
			path: regionPaths.changes,
			async handle(request, body) {
				admit(request);
				if (handlers === undefined) throw roleMissing();
				const { since, limit } = parseMessage(request, body, changesMessage);
				return json(200, changesBody(await handlers.changes(since, limit)), headers);
			},
		},
		{
			method: 'POST',
			path: regionPaths.events,
			async handle(request, body) {
				admit(request);
				if (handlers === undefined) throw roleMissing();
				const { topic, after, limit } = parseMessage(request, body, regionEventsMessage);
				return json(200, await handlers.events(topic, after, limit), headers);
			},
		},
		{
			method: 'POST',
			path: regionPaths.timeline,
			async handle(request, body) {
				admit(request);
				if (handlers === undefined) throw roleMissing();
				return json(200, await handlers.timeline(parseMessage(request, body, timelineMessage)), headers);
			},
		},
	];
}
