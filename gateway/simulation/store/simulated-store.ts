import type { Totals } from '@likewire/protocol';
import type { CounterRows } from '../../src/state/counters.ts';
import type { LoggedEvent, StoreEvents } from '../../src/state/log.ts';
import type { Values } from '../../src/state/registers.ts';
import type { TimelinePage, TimelineRange } from '../../src/state/timeline.ts';
import { epochAfter } from '../../src/store/epoch.ts';
import type { LogCommand, LogCommit, LogPage } from '../../src/store/log-store.ts';
import { SqliteDatabase } from '../../src/store/sqlite/database.ts';
import { IN_MEMORY } from '../../src/store/sqlite/file.ts';
import type { Changes, Command, Commit, Position, Reached } from '../../src/store/store.ts';
import { gatherValues, spreadValues } from '../../src/store/value-rows.ts';
import { WALL_TIME_START } from '../engine/clock.ts';
import type { LogHistories, LogHistory, WrittenEvent } from './log-history.ts';

/** The age of a store, in milliseconds: longer than a clock is set back, since no node takes an epoch of the future. */
const AGE_MS = 7 * 86_400_000;

/** A change of the store. */
type Write = (database: SqliteDatabase) => void;

/** A transaction that was carried out. */
interface Transaction {
	readonly write: Write;
	readonly commands?: readonly Command[];
	/** The events that it added to logs. */
	readonly written?: readonly WrittenEvent[];
}

/**
 * The store of a region: the shipping SQL, in memory. It also computes, without SQL, what it must
 * contain.
 */
export class SimulatedStore {
	readonly region: string;
	readonly #logs: LogHistories;
	#epoch = WALL_TIME_START - AGE_MS;
	#database: SqliteDatabase;
	#log: LogHistory;
	/** The restores that must end before it answers. */
	#stops = 0;
	/** All transactions, in order: each prefix is a copy that a backup may hold. */
	readonly #writes: Transaction[] = [];

	/** `logs` records what the stores of all regions write into their logs. */
	constructor(region: string, logs: LogHistories) {
		this.region = region;
		this.#logs = logs;
		this.#database = new SqliteDatabase(IN_MEMORY, region, this.#epoch);
		this.#log = logs.begin(region, this.#epoch);
	}

	commit(commands: readonly Command[]): Commit {
		this.#writes.push({ commands, write: (database) => database.commit(commands) });
		return this.#database.commit(commands);
	}

	read(topics: readonly string[]): ReadonlyMap<string, CounterRows> {
		return this.#database.read(topics);
	}

	changes(since: Position | undefined, limit: number): Changes {
		const changes = this.#database.changes(since, limit);
		return { ...changes, values: gatherValues(changes.values) };
	}

	positions(): ReadonlyMap<string, Position> {
		return this.#database.positions();
	}

	/** Whether it answers. */
	get isOpen(): boolean {
		return this.#stops === 0;
	}

	/** Stops answering until `restore`. */
	stop(): void {
		this.#stops++;
	}

	replicate(region: string, rows: ReadonlyMap<string, CounterRows>, reached?: Reached): void {
		this.#write((database) => database.replicate(region, rows, reached));
	}

	/** Appends events; `now` is virtual time. */
	append(commands: readonly LogCommand[], now: number): LogCommit {
		const commit = this.#database.append(commands);
		const written = commands.flatMap((command, index) => {
			const outcome = commit.outcomes[index];
			return (outcome && this.#log.take(command, outcome, now)) ?? [];
		});
		this.#writes.push({ written, write: (database) => database.append(commands) });
		return commit;
	}

	liked(videos: readonly string[], limit: number): ReadonlyMap<string, CounterRows> {
		return this.#database.liked(videos, limit);
	}

	find(topic: string, id: string): readonly LoggedEvent[] {
		return this.#database.find(topic, id);
	}

	events(topic: string, region: string, after: number, limit: number): LogPage {
		return this.#database.events(topic, region, after, limit);
	}

	keepEvents(region: string, logs: ReadonlyMap<string, StoreEvents>): void {
		this.#write((database) => database.keepEvents(region, logs));
	}

	missing(region: string, topics: readonly string[]): ReadonlyMap<string, number> {
		return this.#database.missing(region, topics);
	}

	values(topics: readonly string[]): ReadonlyMap<string, Values> {
		return gatherValues(this.#database.values(topics));
	}

	keepValues(values: ReadonlyMap<string, Values>): void {
		this.#write((database) => database.keepValues(spreadValues(values)));
	}

	timeline(range: TimelineRange): TimelinePage {
		return this.#database.timeline(range);
	}

	raiseClock(to: number): number {
		this.#writes.push({ write: (database) => database.raiseClock(to) });
		return this.#database.raiseClock(to);
	}

	#write(write: Write): void {
		this.#writes.push({ write });
		write(this.#database);
	}

	/** Returns the totals that a topic must have: each like once, unless it was taken back. */
	expected(topic: string): Totals {
		const types = new Map<string, string>();
		const takenBack = new Set<string>();
		for (const { commands = [] } of this.#writes) {
			for (const command of commands) {
				if (command.topic !== topic) continue;
				if (command.kind === 'like') types.set(command.id, command.type);
				else if (types.has(command.id)) takenBack.add(command.id);
			}
		}
		const totals: Record<string, number> = {};
		for (const [id, type] of types) if (!takenBack.has(id)) totals[type] = (totals[type] ?? 0) + 1;
		return totals;
	}

	/**
	 * Goes back to a copy after `stop`, and begins a new epoch. `share`, from 0 to 1: the part of the
	 * writes in the copy.
	 */
	restore(share: number): void {
		this.#writes.length = Math.floor(share * this.#writes.length);
		this.#epoch = epochAfter(this.#epoch, WALL_TIME_START);
		this.#database.close();
		this.#database = new SqliteDatabase(IN_MEMORY, this.region, this.#epoch);
		this.#log = this.#logs.begin(this.region, this.#epoch);
		for (const { write, written = [] } of this.#writes) {
			write(this.#database);
			for (const event of written) this.#log.add(event);
		}
		this.#stops--;
	}

	close(): void {
		this.#database.close();
	}
}
