import type { Membership, PeerIdentity } from '../../src/cluster/membership/membership.ts';
import type { Router } from '../../src/cluster/routing/router.ts';
import type { Origin } from '../../src/dispatcher/fan-out/dispatch.ts';
import type { ReplicationState } from '../../src/regions/replication-state.ts';
import type { Registrations } from '../../src/state/topics/registration.ts';
import type { Updates } from '../../src/state/update.ts';
import type { LogPage } from '../../src/store/log-store.ts';
import type { Changes, Position } from '../../src/store/store.ts';
import type { Process } from '../engine/process.ts';
import type { SimulatedStore } from '../store/simulated-store.ts';

/** Answers a request; undefined refuses it. */
export type Reply<Answer> = (answer: Answer | undefined) => void;

/** A read or a write of the store of a region. */
export type Ask<Answer> = (store: SimulatedStore) => Answer;

/** The events behind an offset of a region's log. */
export interface EventsBehind {
	readonly topic: string;
	readonly after: number;
	readonly limit: number;
}

/** What a ping says in addition to the identity of its sender. */
export interface Ping {
	readonly leaving: boolean;
	/** The epochs of the regions that the sender has read to the end. */
	readonly epochs: ReadonlyMap<string, number>;
}

/** The messages that a node answers: those of `PeerCalls`, then those of `RegionCalls`. */
export interface PeerPort {
	ping(from: PeerIdentity, ping: Ping): ReturnType<Membership['ack']>;
	publish(updates: Updates, origin: Origin): void;
	/** Returns false where the frontend refuses updates. */
	deliver(updates: Updates): boolean;
	/** Returns the states that differ; undefined where the dispatcher does not know the sender's view. */
	subscribe(from: PeerIdentity, message: Registrations): Updates | undefined;
	heartbeat(users: readonly string[]): void;
	read<Answer>(ask: Ask<Answer>, reply: Reply<Answer>): void;
	/** Takes a relay of another region. Returns false when it is too long, undefined when it is rejected. */
	relay(region: string, updates: Updates, greeting: boolean): boolean | undefined;
	changes(since: Position | undefined, reply: Reply<Changes>): void;
	/** Replies with events of this region's own log. */
	events(behind: EventsBehind, reply: Reply<LogPage>): void;
}

/** A node as another node reaches it. */
export interface Endpoint {
	readonly name: string;
	readonly process: Process;
	/** The fields that every request and every answer of this node carries. */
	readonly identity: PeerIdentity;
	readonly port: PeerPort;
	/** Returns whether the node takes a request. */
	admit(identity: PeerIdentity): boolean;
}

/** The dispatcher of a node, as the other roles of the node call it. */
export interface LocalDispatcher {
	subscribe(message: Registrations): Updates;
	heartbeat(users: readonly string[]): void;
	/** Reads all active topics again. */
	reread(): void;
}

/** A node as its own roles know it. */
export interface NodeContext extends Endpoint {
	readonly incarnation: number;
	readonly membership: Membership;
	readonly router: Router;
	readonly replication: ReplicationState;
	/** Whether the node reads the store of its region directly, as Likes nodes do. */
	readonly hasStore: boolean;
	readonly dispatcher: LocalDispatcher | undefined;
	/** The clock of the node, in Unix milliseconds. */
	readonly wallTime: number;
	publish(updates: Updates): void;
	/** Sends the batches that are due, without waiting for the next turn. */
	flush(): void;
}
