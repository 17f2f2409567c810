import {
	DEADLINE_MS,
	type PeerCalls,
	PING_DEADLINE_MS,
	READ_DEADLINE_MS,
	SUBSCRIBE_DEADLINE_MS,
} from '../../src/cluster/rpc/peer-calls.ts';
import { checkKnowsOurView } from '../../src/cluster/rpc/peer-checks.ts';
import { PeerError } from '../../src/cluster/rpc/peer-client.ts';
import type { PeerHandlers, Ping } from '../../src/cluster/rpc/peer-handlers.ts';
import type { TopicStore } from '../../src/cluster/rpc/topic-store.ts';
import { GatewayError } from '../../src/runtime/errors.ts';
import { MAX_UPDATE_EVENTS } from '../../src/state/log.ts';
import { call } from './calls.ts';
import type { Environment } from './environment.ts';
import type { NodeContext } from './node-context.ts';

/** The requests to other nodes that the simulation sends. */
type SimulatedCalls = Pick<PeerCalls, 'ping' | 'publish' | 'deliver' | 'subscribe' | 'presence' | 'storeAt'>;

/** Returns the calls of a node: those of `createPeerCalls`, without encoding, over the simulated network. */
export function createSimulatedCalls(environment: Environment, from: NodeContext): SimulatedCalls {
	const { counts } = environment;

	/** Sends a request to a node with a role. */
	async function ask<Name extends 'publish' | 'deliver' | 'subscribe' | 'presence' | 'storeFor', Answer>(
		to: string,
		role: Name,
		deadlineMs: number,
		handle: (
			handler: NonNullable<PeerHandlers[Name]>,
			sender: { readonly node: string; readonly view: string; readonly incarnation: number },
		) => Answer | Promise<Answer>,
	): Promise<Answer> {
		const { answer } = await call<Answer>(environment, {
			from,
			to,
			deadlineMs,
			handle(node, sender) {
				const handler = node.handlers[role];
				if (handler === undefined) throw new GatewayError('node_unavailable', `${to} does not have this role`);
				return handle(handler, sender);
			},
		});
		return answer;
	}

	function storeAt(node: string): TopicStore {
		const read = <Answer>(use: (store: TopicStore) => Promise<Answer>) =>
			ask(node, 'storeFor', READ_DEADLINE_MS, (storeFor, sender) => use(storeFor(sender)));
		return {
			read: (topics) => read((store) => store.read(topics)),
			changes: (since, limit) => read((store) => store.changes(since, limit)),
			positions: () => read((store) => store.positions()),
			replicate: (region, rows, reached) => read((store) => store.replicate(region, rows, reached)),
			// As many as fit into an answer.
			events: (topic, region, after, limit) =>
				read((store) => store.events(topic, region, after, Math.min(limit, MAX_UPDATE_EVENTS))),
			find: (topic, id) => read((store) => store.find(topic, id)),
			keepEvents: (region, logs) => read((store) => store.keepEvents(region, logs)),
			missing: (region, topics) => read((store) => store.missing(region, topics)),
			timeline: (range) => read((store) => store.timeline(range)),
			keepValues: (values) => read((store) => store.keepValues(values)),
		};
	}

	return {
		async ping(to) {
			const ping: Ping = { leaving: from.membership.leaving, epochs: new Map(from.replication.epochs) };
			try {
				const { answer, by } = await call(environment, {
					from,
					to,
					deadlineMs: PING_DEADLINE_MS,
					handle: (node, sender) => node.handlers.ping(ping, sender),
				});
				return { ...by, ...answer };
			} finally {
				from.process.after(0, () => from.lookAtStore());
			}
		},
		publish: (to, updates, forwarded) =>
			ask(to, 'publish', DEADLINE_MS, (publish, { view }) => publish(updates, { view, forwarded })),
		deliver: (to, updates) =>
			ask(to, 'deliver', DEADLINE_MS, (deliver) => {
				if (environment.frontendsRefuse) throw new GatewayError('overloaded', `${to} refuses updates`);
				deliver(updates);
			}),
		async subscribe(to, message) {
			try {
				checkKnowsOurView(from.membership, to);
				return await ask(to, 'subscribe', SUBSCRIBE_DEADLINE_MS, (subscribe, sender) => subscribe(message, sender));
			} catch (error) {
				if (error instanceof PeerError) counts.add('registrations sent again');
				throw error;
			}
		},
		async presence(to, users) {
			environment.onHeartbeat(users, 'sent', from);
			try {
				checkKnowsOurView(from.membership, to);
				await ask(to, 'presence', SUBSCRIBE_DEADLINE_MS, (presence, sender) => presence(users, sender));
			} catch (error) {
				counts.add('heartbeats sent again');
				throw error;
			}
		},
		storeAt,
	};
}
