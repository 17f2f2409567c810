import { encodeRelay } from '../../src/cluster/rpc/batches.ts';
import { checkPage, checkLogPage, checkUpdates } from '../../src/regions/region-auth.ts';
import type { RelayBatch } from '../../src/regions/relay-queues.ts';
import type { ReplicationState } from '../../src/regions/replication-state.ts';
import { asStored, type StoredEvents, storedEventsOf } from '../../src/regions/stored-events.ts';
import { storeRelayed, syncSession } from '../../src/regions/sync-session.ts';
import { deletionOf } from '../../src/state/log.ts';
import type { Updates } from '../../src/state/update.ts';
import type { LogPage } from '../../src/store/log-store.ts';
import type { Changes, Position } from '../../src/store/store.ts';
import { type Abroad, Violation, type World } from './environment.ts';
import type { Node } from './node.ts';
import { callRegion } from './region-calls.ts';
import { type EventsBehind, RegionKeeping } from './region-replication.ts';
import { askForEvents, askStore } from './store-access.ts';

/** The exchange of a node with other regions on virtual time: `createReplicator` without promises and HTTP. */
export class RegionRole {
	readonly wake: () => void;
	readonly #world: World;
	readonly #abroad: Abroad;
	readonly #node: Node;
	readonly #exchange: ReplicationState;
	readonly #keeping: RegionKeeping;
	/** The dispatchers of each other region, the one that answered last first. */
	readonly #dispatchers: ReadonlyMap<string, string[]>;

	constructor(world: World, abroad: Abroad, node: Node) {
		this.#world = world;
		this.#abroad = abroad;
		this.#node = node;
		this.#exchange = node.exchange;
		this.#keeping = new RegionKeeping(world, node, {
			changes: (region, since, done) => this.#askForPage(region, since, done),
			events: (region, behind, done) => this.#askForPart(region, behind, done),
		});
		this.#dispatchers = new Map([...abroad.worlds].map(([name, { dispatchers }]) => [name, [...dispatchers]]));
		const isInCharge = (region: string) => node.router.view.ring.owner(`region:${region}`) === node.name;
		this.wake = node.process.alarm((now) => {
			const { relays, asks, keep, overdue } = this.#exchange.due(now, isInCharge);
			for (const relay of relays) this.#send(relay);
			for (const region of asks) this.#askFor(region);
			this.#showUnstored(overdue);
			if (keep !== undefined) this.#keep(keep);
			return this.#exchange.dueAt;
		});
		this.wake();
	}

	/** Another node knows regions to the end, in these epochs. */
	learn(epochs: ReadonlyMap<string, number>): void {
		if (!this.#exchange.learn(epochs)) return;
		this.#world.counts.add('epochs that others told');
		this.#node.dispatcher?.reread();
	}

	/** Nothing is on its way to a region that can be reached. */
	get isIdle(): boolean {
		return this.#exchange.isIdle;
	}

	/** Takes a relay of another region. Returns false when it is too long, undefined when it is refused. */
	receive(region: string, updates: Updates, greeting: boolean): boolean | undefined {
		const { relayBytes = Number.POSITIVE_INFINITY } = this.#abroad;
		if (encodeRelay(updates, greeting).length > relayBytes / 2) return false;
		if (!this.#admits(() => checkUpdates(region, updates, Date.now()))) return undefined;
		this.#world.counts.add(greeting ? 'relays that greeted' : 'relays');
		const shown = this.#exchange.take(region, updates, greeting, this.#node.process.now);
		if (this.#exchange.isStoreDown) this.#showUnstored(shown);
		else this.#show(shown);
		this.wake();
		this.#world.onTrap(this.#node, 'heard');
		return true;
	}

	/** As `readStored`. */
	#showStored(updates: Updates): void {
		const [first, ...others] = storedEventsOf(updates);
		const read = (wanted: StoredEvents | undefined, left: readonly StoredEvents[], shown: Updates): void => {
			if (wanted === undefined) {
				this.#show(shown);
				return;
			}
			askForEvents(this.#world, this.#node, wanted, (part) => {
				const [next, ...rest] = left;
				read(next, rest, asStored(shown, wanted, part));
			});
		};
		read(first, others, updates);
	}

	/**
	 * The store does not work. A comment that viewers know to be deleted may be in it when it works again, and a comment
	 * whose deletion it has may be shown to viewers of a frontend that does not know the deletion.
	 */
	#showUnstored(updates: Updates): void {
		for (const { log = {} } of updates.values()) {
			for (const event of Object.values(log).flatMap(({ events }) => events)) {
				this.#world.counts.add('events shown that the store has not taken');
				const deletion = deletionOf(event);
				if (deletion) this.#abroad.shownUnstored.add(`${deletion.comment} ${deletion.user}`);
				else if (event.kind === 'comment') this.#abroad.shownUnstored.add(`${event.id} ${event.user}`);
			}
		}
		this.#show(updates);
	}

	#show(updates: Updates): void {
		if (updates.size > 0) this.#node.publish(updates);
	}

	#send(relay: RelayBatch): void {
		const { to, updates, greeting } = relay;
		const { region } = this.#world;
		for (const [topic, { rows, log, values, sample }] of updates) {
			const registers = Object.values(values ?? {}).flatMap((ofKind) => Object.values(ofKind));
			const said = [...Object.keys(rows), ...Object.keys(log ?? {}), ...registers.map(({ from }) => from)];
			const other = said.find((name) => name !== region);
			// The last part of an update that was cut may have nothing but the sample.
			if (other !== undefined || (said.length === 0 && sample.length === 0)) {
				throw new Violation(`${this.#node.name} relays what ${other} said about ${topic} to ${to}`);
			}
			if (Object.keys(rows).length > 0 || log !== undefined) this.#world.counts.add('news relayed');
		}
		this.#call<boolean>(
			to,
			({ abroad }, reply) => reply(abroad?.receive(region, updates, greeting)),
			(answer) => {
				if (answer) this.#exchange.arrived(relay);
				else if (answer === false) {
					this.#world.counts.add('relays that were too long');
					this.#exchange.tooLong(relay, this.#node.process.now);
				} else {
					this.#world.counts.add('relays that failed');
					this.#exchange.failed(relay, this.#node.process.now);
				}
				this.wake();
			},
		);
	}

	#askFor(region: string): void {
		this.#keeping.run(syncSession(region), (outcome) => {
			if (outcome === undefined) {
				this.#world.counts.add('regions that could not be taken over');
				this.#exchange.syncFailed(region, this.#node.process.now);
			} else {
				const isNew = this.#exchange.synced(region, outcome.answer, this.#node.process.now);
				this.#world.counts.add(isNew ? 'regions taken over anew' : 'regions taken over');
				if (isNew) this.#node.dispatcher?.reread();
			}
			this.wake();
		});
	}

	/** Another region asks what changed here. */
	changes(since: Position | undefined, reply: (page: Changes | undefined) => void): void {
		const limit = this.#world.random.integer(1, this.#abroad.mostOfPage);
		askStore(this.#world, this.#node, (store) => store.changes(since, limit), reply);
	}

	/** Another region asks for events of this region's own log. */
	events({ topic, after, limit }: EventsBehind, reply: (part: LogPage | undefined) => void): void {
		askForEvents(this.#world, this.#node, { topic, region: this.#world.region, after, limit }, reply);
	}

	#keep(batch: Updates): void {
		this.#keeping.run(storeRelayed(batch, this.#exchange.others), (outcome) => {
			if (outcome === undefined) {
				this.#world.counts.add('news of other regions that could not be stored');
				this.#exchange.notKept(batch, this.#node.process.now);
			} else {
				const missing = outcome.answer;
				for (const topics of missing.values()) {
					if (topics.size > 0) this.#world.counts.add('events of other regions that were missed');
				}
				this.#showStored(this.#exchange.kept(batch, missing, this.#node.process.now));
			}
			this.wake();
		});
	}

	#askForPage(region: string, since: Position | undefined, done: (page: Changes | undefined) => void): void {
		this.#call<Changes>(
			region,
			(node, reply) => node.abroad?.changes(since, reply),
			(page) => {
				const isFit = page !== undefined && this.#admits(() => checkPage(region, page, since, Date.now()));
				if (isFit && page.values.size > 0) this.#world.counts.add('pages with values');
				done(isFit ? page : undefined);
			},
		);
	}

	#askForPart(region: string, { topic, after, limit }: EventsBehind, done: (part: LogPage | undefined) => void): void {
		this.#world.counts.add('logs of other regions asked for');
		this.#call<LogPage>(
			region,
			(node, reply) => node.abroad?.events({ topic, after, limit }, reply),
			(part) => done(part && this.#admits(() => checkLogPage(region, part, Date.now())) ? part : undefined),
		);
	}

	#admits(check: () => void): boolean {
		try {
			check();
			return true;
		} catch {
			this.#world.counts.add('words of other regions that were refused');
			return false;
		}
	}

	#call<Answer>(
		to: string,
		handle: (node: Node, reply: (answer: Answer | undefined) => void) => void,
		done: (answer?: Answer) => void,
	): void {
		const dispatchers = this.#dispatchers.get(to) ?? [];
		callRegion<Answer>(this.#world, this.#abroad, { from: this.#node, to, dispatchers, handle, done });
	}
}
