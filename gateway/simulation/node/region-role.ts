import { encodeRelay } from '../../src/cluster/rpc/batches.ts';
import { checkLogPage, checkPage, checkUpdates } from '../../src/regions/region-auth.ts';
import type { RelayBatch } from '../../src/regions/relay-queues.ts';
import type { ReplicationState } from '../../src/regions/replication-state.ts';
import { asStored, type StoredEvents, storedEventsOf } from '../../src/regions/stored-events.ts';
import { storeRelayed, syncSession } from '../../src/regions/sync-session.ts';
import { deletionOf } from '../../src/state/log.ts';
import type { Updates } from '../../src/state/update.ts';
import type { LogPage } from '../../src/store/log-store.ts';
import type { Changes, Position } from '../../src/store/store.ts';
import { Violation } from '../engine/violation.ts';
import type { Environment, RemoteRegions } from './environment.ts';
import type { EventsBehind, NodeContext, PeerPort, Reply } from './peer-port.ts';
import { callRegion } from './region-calls.ts';
import { RegionReplication } from './region-replication.ts';
import { askForEvents, askStore } from './store-access.ts';

/**
 * Replicates between a node and other regions on virtual time: `createReplicator` without promises and
 * HTTP.
 */
export class RegionRole {
	readonly wake: () => void;
	readonly #environment: Environment;
	readonly #remote: RemoteRegions;
	readonly #node: NodeContext;
	readonly #replication: ReplicationState;
	readonly #tasks: RegionReplication;
	/** The dispatchers of each other region, the one that answered last first. */
	readonly #dispatchers: ReadonlyMap<string, string[]>;

	constructor(environment: Environment, remote: RemoteRegions, node: NodeContext) {
		this.#environment = environment;
		this.#remote = remote;
		this.#node = node;
		this.#replication = node.replication;
		this.#tasks = new RegionReplication(environment, node, {
			changes: (region, since, done) => this.#askForPage(region, since, done),
			events: (region, behind, done) => this.#askForPart(region, behind, done),
		});
		this.#dispatchers = new Map([...remote.environments].map(([name, { dispatchers }]) => [name, [...dispatchers]]));
		const isInCharge = (region: string) => node.router.view.ring.owner(`region:${region}`) === node.name;
		this.wake = node.process.createRunLoop((now) => {
			const { relays, asks, keep, overdue } = this.#replication.due(now, isInCharge);
			for (const relay of relays) this.#send(relay);
			for (const region of asks) this.#askFor(region);
			this.#showUnstored(overdue);
			if (keep !== undefined) this.#keep(keep);
			return this.#replication.dueAt;
		});
		this.wake();
	}

	/** Learns that another node has read regions to the end, in these epochs. */
	learn(epochs: ReadonlyMap<string, number>): void {
		if (!this.#replication.learn(epochs)) return;
		this.#environment.counts.add('epochs learned from peers');
		this.#node.dispatcher?.reread();
	}

	/** Whether no relay is due or in flight to a region that can be reached. */
	get isIdle(): boolean {
		return this.#replication.isIdle;
	}

	/** Takes a relay of another region. Returns false when it is too long, undefined when it is rejected. */
	receive(region: string, updates: Updates, greeting: boolean): boolean | undefined {
		const { relayBytes = Number.POSITIVE_INFINITY } = this.#remote;
		if (encodeRelay(updates, greeting).length > relayBytes / 2) return false;
		if (!this.#admits(() => checkUpdates(region, updates, Date.now()))) return undefined;
		this.#environment.counts.add(greeting ? 'relays that greeted' : 'relays');
		const shown = this.#replication.take(region, updates, greeting, this.#node.process.now);
		if (this.#replication.isStoreDown) this.#showUnstored(shown);
		else this.#show(shown);
		this.wake();
		this.#environment.onFailpoint(this.#node, 'received');
		return true;
	}

	/** Reads stored events before it shows them, as `readStored` does. */
	#showStored(updates: Updates): void {
		const [first, ...others] = storedEventsOf(updates);
		const read = (wanted: StoredEvents | undefined, left: readonly StoredEvents[], shown: Updates): void => {
			if (wanted === undefined) {
				this.#show(shown);
				return;
			}
			askForEvents(this.#environment, this.#node, wanted, (part) => {
				const [next, ...rest] = left;
				read(next, rest, asStored(shown, wanted, part));
			});
		};
		read(first, others, updates);
	}

	/**
	 * Shows updates while the store does not work. When it works again, it may hold a comment that viewers
	 * know to be deleted; and a frontend that does not know a deletion may send the comment.
	 */
	#showUnstored(updates: Updates): void {
		for (const { log = {} } of updates.values()) {
			for (const event of Object.values(log).flatMap(({ events }) => events)) {
				this.#environment.counts.add('events shown that the store has not taken');
				const deletion = deletionOf(event);
				if (deletion) this.#remote.shownUnstored.add(`${deletion.comment} ${deletion.user}`);
				else if (event.kind === 'comment') this.#remote.shownUnstored.add(`${event.id} ${event.user}`);
			}
		}
		this.#show(updates);
	}

	#show(updates: Updates): void {
		if (updates.size > 0) this.#node.publish(updates);
	}

	#send(relay: RelayBatch): void {
		const { to, updates, greeting } = relay;
		const { region } = this.#environment;
		for (const [topic, { rows, log, values, sample }] of updates) {
			const registers = Object.values(values ?? {}).flatMap((ofKind) => Object.values(ofKind));
			const origins = [...Object.keys(rows), ...Object.keys(log ?? {}), ...registers.map(({ from }) => from)];
			const other = origins.find((name) => name !== region);
			// The last part of an update that was cut may carry only the sample.
			if (other !== undefined || (origins.length === 0 && sample.length === 0)) {
				throw new Violation(`${this.#node.name} relays to ${to} an update of ${other} for ${topic}`);
			}
			if (Object.keys(rows).length > 0 || log !== undefined) this.#environment.counts.add('updates relayed');
		}
		this.#call<boolean>(
			to,
			(port, reply) => reply(port.relay(region, updates, greeting)),
			(answer) => {
				if (answer) this.#replication.arrived(relay);
				else if (answer === false) {
					this.#environment.counts.add('relays that were too long');
					this.#replication.tooLong(relay, this.#node.process.now);
				} else {
					this.#environment.counts.add('relays that failed');
					this.#replication.failed(relay, this.#node.process.now);
				}
				this.wake();
			},
		);
	}

	#askFor(region: string): void {
		this.#tasks.run(syncSession(region), (outcome) => {
			if (outcome === undefined) {
				this.#environment.counts.add('regions that could not be synced');
				this.#replication.syncFailed(region, this.#node.process.now);
			} else {
				const isNew = this.#replication.synced(region, outcome.answer, this.#node.process.now);
				this.#environment.counts.add(isNew ? 'regions synced in a new epoch' : 'regions synced');
				if (isNew) this.#node.dispatcher?.reread();
			}
			this.wake();
		});
	}

	/** Replies to another region with what changed in this region's store. */
	changes(since: Position | undefined, reply: Reply<Changes>): void {
		const limit = this.#environment.random.integer(1, this.#remote.maxPageSize);
		askStore(this.#environment, this.#node, (store) => store.changes(since, limit), reply);
	}

	/** Replies to another region with events of this region's own log. */
	events({ topic, after, limit }: EventsBehind, reply: Reply<LogPage>): void {
		askForEvents(this.#environment, this.#node, { topic, region: this.#environment.region, after, limit }, reply);
	}

	#keep(batch: Updates): void {
		this.#tasks.run(storeRelayed(batch, this.#replication.others), (outcome) => {
			if (outcome === undefined) {
				this.#environment.counts.add('updates of other regions that could not be stored');
				this.#replication.notKept(batch, this.#node.process.now);
			} else {
				const missing = outcome.answer;
				for (const topics of missing.values()) {
					if (topics.size > 0) this.#environment.counts.add('events of other regions that were missed');
				}
				this.#showStored(this.#replication.kept(batch, missing, this.#node.process.now));
			}
			this.wake();
		});
	}

	#askForPage(region: string, since: Position | undefined, done: (page: Changes | undefined) => void): void {
		this.#call<Changes>(
			region,
			(port, reply) => port.changes(since, reply),
			(page) => {
				const isValid = page !== undefined && this.#admits(() => checkPage(region, page, since, Date.now()));
				if (isValid && page.values.size > 0) this.#environment.counts.add('pages with values');
				done(isValid ? page : undefined);
			},
		);
	}

	#askForPart(region: string, { topic, after, limit }: EventsBehind, done: (part: LogPage | undefined) => void): void {
		this.#environment.counts.add('logs of other regions asked for');
		this.#call<LogPage>(
			region,
			(port, reply) => port.events({ topic, after, limit }, reply),
			(part) => done(part && this.#admits(() => checkLogPage(region, part, Date.now())) ? part : undefined),
		);
	}

	#admits(check: () => void): boolean {
		try {
			check();
			return true;
		} catch {
			this.#environment.counts.add('messages of other regions that were rejected');
			return false;
		}
	}

	#call<Answer>(
		to: string,
		handle: (port: PeerPort, reply: Reply<Answer>) => void,
		done: (answer?: Answer) => void,
	): void {
		const dispatchers = this.#dispatchers.get(to) ?? [];
		callRegion<Answer>(this.#environment, this.#remote, { from: this.#node, to, dispatchers, handle, done });
	}
}
