import type { Database } from 'better-sqlite3';
import type { CounterRows } from '../../state/counters.ts';
import { type KnownCount, type KnownTopic, ofEpoch, spread } from '../counter-rows.ts';
import type { Position, Reached } from '../store.ts';

/** How many events of the log of a row's region are here without holes. */
const STORED = `coalesce(
	(
		SELECT through FROM logs_of_others AS log
		WHERE log.topic = said.topic AND log.region = said.region AND log.epoch = said.epoch
	),
	0
)`;

interface RegionRow {
	readonly region: string;
	readonly epoch: number | null;
	readonly at: string | null;
	readonly complete_epoch: number | null;
}

/** What is known of the stores of other regions, in a SQLite database. */
export class SqliteReplicas {
	readonly #statements: ReturnType<typeof prepareStatements>;
	/** The regions that ever said something, each with the epoch up to which it is known to the end. */
	#regions: ReadonlyMap<string, RegionRow>;

	constructor(database: Database) {
		this.#statements = prepareStatements(database);
		this.#regions = this.#readRegions();
	}

	/** What the other regions say of a topic beside counters; of their logs, how far they are stored here without holes. */
	storedOf(topic: string): KnownTopic[] {
		// One region alone is the usual case, and need not ask.
		return this.#regions.size === 0 ? [] : this.#withEpochs(this.#statements.storedOf.all(topic));
	}

	/** The same, and of their logs, how far those are there. */
	saidOf(topic: string): KnownTopic[] {
		return this.#withEpochs(this.#statements.saidOf.all(topic));
	}

	/** The counters of a topic as the other regions say them. */
	countsOf(topic: string): KnownCount[] {
		return this.#regions.size === 0 ? [] : this.#statements.countsOf.all(topic);
	}

	#withEpochs(known: KnownTopic[]): KnownTopic[] {
		for (const { region, complete_epoch: epoch } of this.#regions.values()) {
			// mutant: tells-complete-epoch
			if (epoch !== null) known.push(ofEpoch(region, epoch));
		}
		return known;
	}

	positions(): Map<string, Position> {
		const positions = new Map<string, Position>();
		for (const { region, epoch, at } of this.#regions.values()) {
			if (epoch !== null && at !== null) positions.set(region, { epoch, at });
		}
		return positions;
	}

	/** Whether any region is known to say that a video is over. */
	isEnded(topic: string): boolean {
		return this.#regions.size > 0 && this.#statements.ended.get(topic) !== undefined;
	}

	/** What a region said under lower epochs is forgotten. */
	leastEpoch(region: string): number {
		return this.#regions.get(region)?.complete_epoch ?? 0;
	}

	/** To be called within a transaction, and `refresh` after it, however it ended. */
	replicate(region: string, rows: ReadonlyMap<string, CounterRows>, reached: Reached | undefined): void {
		const { meet, merge, noteEnding, count, reach, complete, forget, forgetCounts, forgetEvents, forgetLogs } =
			this.#statements;
		meet.run(region);
		const least = this.leastEpoch(region);
		for (const [topic, likes] of rows) {
			const said = Object.hasOwn(likes, region) ? likes[region] : undefined;
			// mutant: stores-rows-of-page
			if (said === undefined || said.epoch < least) continue;
			const { topic: marks, counts } = spread(region, said);
			const { changes } = merge.run({ topic, ...marks });
			if (changes > 0 && marks.endedAt > 0) noteEnding.run(marks.endedAt, topic);
			for (const one of counts) count.run({ topic, ...one });
		}
		if (reached === undefined || !this.#standsAt(region, reached.since)) return;
		const { epoch, at } = reached.position;
		reach.run({ region, epoch, at });
		if (!reached.last || complete.run({ region, epoch }).changes === 0) return;
		forget.run(region, epoch);
		forgetCounts.run(region, epoch);
		forgetEvents.run(region, epoch);
		forgetLogs.run(region, epoch);
	}

	#standsAt(region: string, position: Position | undefined): boolean {
		const known = this.#regions.get(region);
		return (known?.epoch ?? undefined) === position?.epoch && (known?.at ?? undefined) === position?.at;
	}

	/** Reads again what is kept in memory. */
	refresh(): void {
		this.#regions = this.#readRegions();
	}

	#readRegions(): Map<string, RegionRow> {
		return new Map(this.#statements.regions.all().map((row) => [row.region, row]));
	}
}

function prepareStatements(database: Database) {
	return {
		regions: database.prepare<[], RegionRow>('SELECT region, epoch, at, complete_epoch FROM regions'),
		storedOf: database.prepare<[string], KnownTopic>(
			`SELECT region, epoch, min(log_head, ${STORED}) AS logHead, ended_at AS endedAt, liked_at AS likedAt
			FROM remote_topics AS said WHERE topic = ?`,
		),
		saidOf: database.prepare<[string], KnownTopic>(
			`SELECT region, epoch, log_head AS logHead, ended_at AS endedAt, liked_at AS likedAt
			FROM remote_topics WHERE topic = ?`,
		),
		countsOf: database.prepare<[string], KnownCount>(
			'SELECT region, epoch, type, added, removed FROM remote_counters WHERE topic = ?',
		),
		ended: database
			.prepare<[string], number>('SELECT 1 FROM remote_topics WHERE topic = ? AND ended_at > 0 LIMIT 1')
			.pluck(),
		meet: database.prepare('INSERT INTO regions (region) VALUES (?) ON CONFLICT DO NOTHING'),
		merge: database.prepare(
			`INSERT INTO remote_topics (topic, region, epoch, log_head, ended_at, liked_at)
			VALUES ($topic, $region, $epoch, $logHead, $endedAt, $likedAt)
			ON CONFLICT DO UPDATE SET
				epoch = excluded.epoch,
				log_head = iif(excluded.epoch > epoch, excluded.log_head, max(log_head, excluded.log_head)),
				ended_at = iif(excluded.epoch > epoch, excluded.ended_at, max(ended_at, excluded.ended_at)),
				liked_at = iif(excluded.epoch > epoch, excluded.liked_at, max(liked_at, excluded.liked_at))
			WHERE excluded.epoch > epoch OR (excluded.epoch = epoch AND (
				excluded.log_head > log_head OR excluded.ended_at > ended_at OR excluded.liked_at > liked_at
			))`,
		),
		noteEnding: database.prepare('INSERT INTO endings (at, topic) VALUES (?, ?) ON CONFLICT DO NOTHING'),
		count: database.prepare(
			// mutant: merges-replicas
			`INSERT INTO remote_counters (topic, region, type, epoch, added, removed)
			VALUES ($topic, $region, $type, $epoch, $added, $removed)
			ON CONFLICT DO UPDATE SET
				epoch = excluded.epoch,
				added = iif(excluded.epoch > epoch, excluded.added, max(added, excluded.added)),
				removed = iif(excluded.epoch > epoch, excluded.removed, max(removed, excluded.removed))
			WHERE excluded.epoch >= epoch`,
		),
		reach: database.prepare(
			'UPDATE regions SET epoch = $epoch, at = $at WHERE region = $region AND (epoch IS NULL OR epoch <= $epoch)',
		),
		complete: database.prepare(
			`UPDATE regions SET complete_epoch = $epoch
			WHERE region = $region AND (complete_epoch IS NULL OR complete_epoch < $epoch)`,
		),
		forget: database.prepare('DELETE FROM remote_topics WHERE region = ? AND epoch < ?'),
		forgetCounts: database.prepare('DELETE FROM remote_counters WHERE region = ? AND epoch < ?'),
		forgetEvents: database.prepare('DELETE FROM log WHERE region = ? AND epoch > 0 AND epoch < ?'),
		forgetLogs: database.prepare('DELETE FROM logs_of_others WHERE region = ? AND epoch < ?'),
	};
}
