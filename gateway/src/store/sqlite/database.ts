import type { CounterRows, StoreLikes } from '../../state/counters.ts';
import type { LoggedEvent, StoreEvents } from '../../state/log.ts';
import type { TimelinePage, TimelineRange } from '../../state/timeline.ts';
import { gather } from '../counter-rows.ts';
import type { HistoryPage, LogCommand, LogCommit, LogPage, Pruned } from '../log-store.ts';
import type { Command, Commit, Position, Reached } from '../store.ts';
import { refuseCommands, refuseEvents, refuseValues } from '../validate.ts';
import type { ValueRow, ValuesToKeep } from '../value-rows.ts';
import { refuseOwn } from '../wrong-database.ts';
import { SqliteChanges } from './changes.ts';
import { type HeldDatabase, holdDatabase } from './file.ts';
import { SqliteLikes } from './likes.ts';
import { SqliteLog } from './log.ts';
import { SqliteReplicas } from './replicas.ts';
import { claim } from './schema.ts';
import { SqliteTimeline } from './timeline.ts';
import { Increments, SqliteTotals } from './totals.ts';
import { SqliteValues } from './values.ts';
import type { ChangedRows } from './worker-messages.ts';

/**
 * The store in one SQLite database.
 *
 * Each call blocks until it is durable, so it runs in a worker thread.
 */
export class SqliteDatabase {
	readonly #held: HeldDatabase;
	readonly #region: string;
	readonly #totals: SqliteTotals;
	readonly #changes: SqliteChanges;
	readonly #replicas: SqliteReplicas;
	readonly #likes: SqliteLikes;
	readonly #log: SqliteLog;
	readonly #values: SqliteValues;
	readonly #timeline: SqliteTimeline;
	/** Created once, because creating one takes as long as a short transaction. */
	readonly #transaction: (work: () => unknown) => unknown;

	/**
	 * Opens the database of a region in a directory, or creates both.
	 *
	 * {@link IN_MEMORY} keeps it in memory. Throws if the directory is not writable, if another process uses it, or if the database is damaged, has another version
	 * of the schema or belongs to another region.
	 *
	 * @param epoch the epoch of a new database; by default the time.
	 */
	constructor(directory: string, region: string, epoch?: number) {
		this.#held = holdDatabase(directory);
		const { database } = this.#held;
		try {
			const storeEpoch = claim(database, region, epoch);
			const totals = new SqliteTotals(database, region, storeEpoch);
			const isEnded = (topic: string) => totals.isEnded(topic) || this.#replicas.isEnded(topic);
			const reportedOf = (topic: string, by: string) => this.#reportedOf(topic, by);
			this.#region = region;
			this.#totals = totals;
			this.#changes = new SqliteChanges(database, storeEpoch);
			this.#replicas = new SqliteReplicas(database);
			this.#likes = new SqliteLikes(database, isEnded);
			this.#log = new SqliteLog({ database, region, epoch: storeEpoch, totals, isEnded, reportedOf });
			this.#values = new SqliteValues(database, region);
			this.#timeline = new SqliteTimeline(database);
			this.#transaction = database.transaction((work: () => unknown) => work());
		} catch (error) {
			this.#held.close();
			throw error;
		}
	}

	/** Carries out all commands in one transaction. If it throws, no state changed. */
	commit(commands: readonly Command[]): Commit {
		return this.#raise((increments) => ({
			outcomes: this.#likes.carryOut(commands, increments),
			topics: commands.map(({ topic }) => topic),
		}));
	}

	/** Carries out all commands in one transaction. If it throws, no state changed. */
	append(commands: readonly LogCommand[]): LogCommit {
		refuseCommands(commands);
		return this.#raise((increments) => ({
			outcomes: this.#log.carryOut(commands, increments),
			topics: commands.map(({ topic }) => topic),
		}));
	}

	read(topics: readonly string[]): Map<string, CounterRows> {
		return new Map([...new Set(topics)].map((topic) => [topic, this.#known(topic)]));
	}

	liked(videos: readonly string[], limit: number): Map<string, CounterRows> {
		return this.read(videos.flatMap((video) => this.#totals.likedOf(video, limit)));
	}

	changes(since: Position | undefined, limit: number): ChangedRows {
		return this.#changes.page(since, limit, (of) => {
			const { topic, counts } = this.#totals.of(of);
			return gather([topic], counts);
		});
	}

	positions(): Map<string, Position> {
		return this.#replicas.positions();
	}

	replicate(region: string, rows: ReadonlyMap<string, CounterRows>, reached: Reached | undefined): void {
		refuseOwn(region, this.#region);
		try {
			this.#transact(() => this.#replicas.replicate(region, rows, reached));
		} finally {
			this.#replicas.refresh();
		}
	}

	events(topic: string, region: string, after: number, limit: number): LogPage {
		return this.#log.events(topic, region, after, limit);
	}

	find(topic: string, id: string): LoggedEvent[] {
		return this.#log.find(topic, id);
	}

	history(topic: string, before: string | undefined, limit: number): HistoryPage {
		return this.#log.history(topic, before, limit);
	}

	keepEvents(region: string, logs: ReadonlyMap<string, StoreEvents>): void {
		refuseOwn(region, this.#region);
		refuseEvents(region, logs);
		this.#transact(() => this.#log.keep(region, logs, this.#replicas.leastEpoch(region)));
	}

	missing(region: string, topics: readonly string[]): Map<string, number> {
		return this.#log.missing(region, topics);
	}

	values(topics: readonly string[]): ValueRow[] {
		return this.#values.of([...new Set(topics)]);
	}

	keepValues(values: readonly ValuesToKeep[]): void {
		refuseValues(values);
		const isChanged = this.#transact(() => {
			const isOwn = this.#values.keep(values, this.#changes.number);
			if (isOwn) this.#changes.note();
			return isOwn;
		});
		if (isChanged) this.#changes.done();
	}

	raiseClock(to: number): number {
		return this.#transact(() => this.#values.raiseClock(to));
	}

	timeline(range: TimelineRange): TimelinePage {
		return this.#timeline.page(range);
	}

	prune(endedBefore: number, limit: number): Pruned {
		return this.#transact(() => this.#likes.prune(endedBefore, limit));
	}

	close(): void {
		this.#held.close();
	}

	#transact<Result>(work: () => Result): Result {
		return this.#transaction(work) as Result;
	}

	/** Carries out work that may raise totals, and reads the rows of its topics, in one transaction. */
	#raise<Outcome>(work: (increments: Increments) => { outcomes: readonly Outcome[]; topics: readonly string[] }) {
		const increments = new Increments();
		const done = this.#transact(() => {
			const { outcomes, topics } = work(increments);
			this.#totals.raise(increments, this.#changes.number);
			return { outcomes, rows: this.read(topics) };
		});
		if (!increments.isEmpty) this.#changes.done();
		return done;
	}

	#known(topic: string): CounterRows {
		const own = this.#totals.of(topic);
		return gather(
			/* mutant: reads-replicas */ [own.topic, ...this.#replicas.storedOf(topic)],
			[...own.counts, ...this.#replicas.countsOf(topic)],
		);
	}

	#reportedOf(topic: string, region: string): StoreLikes | undefined {
		const rows = gather([this.#totals.of(topic).topic, ...this.#replicas.reportedOf(topic)], []);
		return Object.hasOwn(rows, region) ? rows[region] : undefined;
	}
}
