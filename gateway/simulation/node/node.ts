import { Membership, type PeerIdentity } from '../../src/cluster/membership/membership.ts';
import type { Peer, Role } from '../../src/cluster/membership/peer.ts';
import type { Router } from '../../src/cluster/routing/router.ts';
import { cutsTo } from '../../src/cluster/rpc/batches.ts';
import type { PeerCalls } from '../../src/cluster/rpc/peer-calls.ts';
import { createPeerHandlers, type PeerHandlers } from '../../src/cluster/rpc/peer-handlers.ts';
import { localTopicStore, remoteTopicStore } from '../../src/cluster/rpc/topic-store.ts';
import { type Config, parseConfig } from '../../src/config/config.ts';
import type { DispatcherCore } from '../../src/dispatcher/dispatcher-core.ts';
import type { FrontendCore } from '../../src/frontend/frontend-core.ts';
import type { Ingest } from '../../src/ingest/ingest.ts';
import { joinParts, type NodeParts } from '../../src/node-parts.ts';
import type { RegionCalls } from '../../src/regions/region-calls.ts';
import type { RegionHandlers } from '../../src/regions/region-handlers.ts';
import type { ReplicationState } from '../../src/regions/replication-state.ts';
import { GatewayError } from '../../src/runtime/errors.ts';
import { stopNode } from '../../src/shutdown.ts';
import { topicOf } from '../../src/state/topics/topic.ts';
import { Process } from '../engine/process.ts';
import type { Environment } from './environment.ts';
import { createWatchfulLogger } from './logger.ts';
import type { NodeContext } from './node-context.ts';
import { createNodeStore } from './node-store.ts';
import { createSimulatedCalls } from './peer-calls.ts';
import { createSimulatedRegionCalls } from './region-calls.ts';
import { WatchedReplication } from './watched-replication.ts';
import { watchStore } from './watched-store.ts';

/** The settings that ship, but for the retention of likes, for which no run lasts long enough. */
const SETTINGS = parseConfig({}, { retentionDays: '0' });

/** The time over which a stop spreads the end of many streams, in milliseconds. */
const DRAIN_MS = 1_000;

/** A frontend serves one viewer in a turn, so that a pass takes several turns, between which messages arrive. */
const TURN_BUDGET = 1;

/** One life of a node: the shipping drivers, joined as they ship, on virtual time and a simulated network. */
export class Node implements NodeContext {
	readonly name: string;
	readonly peer: Peer;
	readonly process: Process;
	readonly membership: Membership;
	readonly replication: ReplicationState;
	readonly incarnation: number;
	readonly handlers: PeerHandlers;
	/** The comments whose deletions this frontend sent to a viewer. */
	readonly deletedComments = new Set<string>();
	/** Whether the node announced its stop, and takes no more viewers and likes. */
	leaving = false;
	isListening = false;
	/** Returns the wall time of its clock, which may be wrong, in Unix milliseconds. */
	readonly wallTime: () => number;
	readonly #parts: NodeParts;
	readonly #environment: Environment;
	readonly #hasStore: boolean;
	#sawDeadStore = false;
	/** Whether a heartbeat arrives from another node. */
	#isRemoteHeartbeat = false;

	constructor(environment: Environment, peer: Peer, peers: readonly Peer[]) {
		const { clock, region, remote, counts } = environment;
		const has = (role: Role) => peer.roles.includes(role);
		this.#environment = environment;
		this.name = peer.node;
		this.peer = peer;
		this.process = new Process(clock);
		this.incarnation = Math.floor(clock.now) + 1;
		const errorMs = environment.clockErrorMs * (2 * environment.random.next() - 1);
		const virtualClock = this.process.createClock(() => errorMs + (environment.aheadMs.get(this.name) ?? 0));
		this.wallTime = virtualClock.wallTime;
		this.membership = new Membership({ ...peer, incarnation: this.incarnation });
		this.membership.name(peers, clock.now);
		const others = [...(remote?.environments.keys() ?? [])];
		this.replication = new WatchedReplication(
			{
				region,
				others,
				greets: has('dispatcher'),
				windowMs: environment.windowMs,
				...(remote?.relayBytes !== undefined && { cutOf: cutsTo(remote.relayBytes) }),
			},
			counts,
			remote?.shownUnstored ?? new Set(),
		);
		this.#hasStore = has('likes');
		const calls = createSimulatedCalls(environment, this);
		const store = this.#hasStore ? createNodeStore(environment, this) : undefined;
		const storeHere = store && localTopicStore(store);
		const regionStore = storeHere ?? remoteTopicStore(() => this.membership.view.likes, calls.storeAt);
		this.#parts = joinParts(
			configOf(environment, peer, peers),
			{ ...peer, region, version: '', incarnation: this.incarnation },
			{
				clock: virtualClock,
				membership: this.membership,
				replication: this.replication,
				calls: calls as PeerCalls,
				regionCalls: (remote ? createSimulatedRegionCalls(environment, remote, this) : {}) as RegionCalls,
				store,
				storeHere,
				regionStore: watchStore(regionStore, counts, () => {
					this.#sawDeadStore = true;
				}),
				onRefused: () => counts.add('messages of other regions that were rejected'),
				turnBudget: TURN_BUDGET,
				// Windows of several lengths are a choice of the schedule.
				utilization: () => 0,
				loopMeter: {
					take: () => ({ usualMs: 0, longestMs: this.process.takeLongestStop(), utilization: 1 }),
					close: () => undefined,
				},
			},
			createWatchfulLogger(clock),
		);
		this.handlers = this.#watchHeartbeats(createPeerHandlers(this.#parts.peerHandlers));
		this.#start();
	}

	get router(): Router {
		return this.#parts.cluster.router;
	}

	get dispatcher(): DispatcherCore | undefined {
		return this.#parts.dispatcher?.core;
	}

	get frontend(): FrontendCore | undefined {
		return this.#parts.frontend?.core;
	}

	get regionHandlers(): RegionHandlers {
		return this.#parts.regionHandlers;
	}

	get identity(): PeerIdentity {
		return { node: this.name, incarnation: this.incarnation, view: this.membership.view.ring.view };
	}

	/** Whether it takes new viewers and requests. */
	get isOpen(): boolean {
		return this.process.runs && this.isListening && !this.leaving;
	}

	/** Whether the frontend ever took the store for dead, which allows it to give up missing events. */
	get sawDeadStore(): boolean {
		this.lookAtStore();
		return this.#sawDeadStore;
	}

	lookAtStore(): void {
		const { likes } = this.membership.view;
		const isReached = likes.some((node) => ['alive', 'suspect'].includes(this.membership.statusOf(node) ?? ''));
		if (!(this.#hasStore ? this.#environment.store.isOpen : isReached)) this.#sawDeadStore = true;
	}

	admit(identity: PeerIdentity): boolean {
		const check = this.membership.received(identity, this.process.now);
		if (check === 'received') this.handlers.received(identity);
		else this.#environment.counts.add(`requests that were ${check}`);
		return check === 'received';
	}

	/** Runs the frontend in its next turn, after a viewer came, went or read on. */
	wake(): void {
		this.#parts.frontend?.wake();
	}

	/** Asks the ingest of the node. Calls `done` with the answer, or with the error of the gateway. */
	write<Answer>(
		ask: (ingest: Ingest) => Promise<Answer>,
		done: (outcome: { readonly answer: Answer } | GatewayError) => void,
	): void {
		this.process.run(() => {
			const { ingest } = this.#parts;
			if (ingest === undefined || !this.isListening) return;
			ask(ingest).then(
				(answer) => {
					done({ answer });
					this.#environment.onFailpoint(this, 'answered');
				},
				(error: unknown) => {
					if (error instanceof GatewayError) done(error);
					else this.#environment.clock.fail(error);
				},
			);
		});
	}

	/** The ingest of a node that takes signals now. */
	get signals(): Ingest['signals'] | undefined {
		return this.isOpen ? this.#parts.ingest?.signals : undefined;
	}

	/** Stops as on SIGTERM. Then calls `gone`. */
	leave(gone: () => void): void {
		const nothing = async () => undefined;
		this.leaving = true;
		const stopped = stopNode(
			{
				...this.#parts,
				viewers: this.#parts.frontend,
				alone: false,
				publicListener: undefined,
				underWay: { idle: nothing },
				streamRelay: { drain: nothing },
				peerSource: { leave: nothing, close: nothing },
				store: undefined,
				closeClients: nothing,
				clock: this.process.createClock(() => 0),
			},
			{ drainMinMs: 0, drainMs: DRAIN_MS },
		);
		void stopped.then(() => this.process.after(0, gone));
	}

	#start(): void {
		const { counts } = this.#environment;
		let { ring } = this.router.view;
		this.#parts.start((view) => {
			if (view.ring !== ring) counts.add('rings that changed');
			ring = view.ring;
		});
		const { ingest } = this.#parts;
		if (ingest === undefined) this.isListening = true;
		else {
			void ingest.started.then(() => {
				this.isListening = true;
			});
		}
	}

	/** Reports the heartbeats that the dispatcher takes, and those of its own frontend also as sent. */
	#watchHeartbeats(handlers: PeerHandlers): PeerHandlers {
		const { dispatcher } = this;
		if (dispatcher === undefined) return handlers;
		const { dispatch, presence } = dispatcher;
		const take = presence.heartbeat.bind(presence);
		presence.heartbeat = (users, now, wallTime) => {
			const own = users.filter((user) => dispatch.owns(topicOf('user', user)));
			if (!this.#isRemoteHeartbeat) this.#environment.onHeartbeat(users, 'sent', this);
			this.#environment.onHeartbeat(own, 'received', this);
			take(users, now, wallTime);
		};
		return {
			...handlers,
			presence: (users, sender) => {
				this.#isRemoteHeartbeat = true;
				try {
					handlers.presence?.(users, sender);
				} finally {
					this.#isRemoteHeartbeat = false;
				}
			},
		};
	}
}

/** Returns the configuration of a node. */
function configOf(environment: Environment, { node, roles }: Peer, peers: readonly Peer[]): Config {
	const { region, remote, windowMs, presenceMs, presenceGraceMs } = environment;
	const regions = [...(remote?.environments ?? [])].map(([name, { dispatchers }]) => ({
		region: name,
		urls: dispatchers,
	}));
	return { ...SETTINGS, node, region, roles, peers, regions, peerWindowMs: windowMs, presenceMs, presenceGraceMs };
}
