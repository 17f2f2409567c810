import type { Database } from 'better-sqlite3';
import type { CounterRows } from '../../state/counters.ts';
import { type KnownCount, type KnownTopic, ofEpoch, spread } from '../counter-rows.ts';
import type { Position, Reached } from '../store.ts';

/** The number of events of the log of a row's region that are stored here without a hole. */
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

/** The replicas of other regions' stores, in a SQLite database. */
export class SqliteReplicas {
	readonly #statements: ReturnType<typeof prepareStatements>;
	/** The regions with a replica, each with the epoch of its newest complete replica. */
	#regions: ReadonlyMap<string, RegionRow>;

	constructor(database: Database) {
		this.#statements = prepareStatements(database);
		this.#regions = this.#readRegions();
	}

	/**
	 * Returns the rows of a topic of other regions.
	 *
	 * Their log heads count stored events up to the first hole.
	 */
	storedOf(topic: string): KnownTopic[] {
		// Most clusters have one region, and need no query.
		return this.#regions.size === 0 ? [] : this.#withEpochs(this.#statements.storedOf.all(topic));
	}

	/** Returns the rows of a topic of other regions, with the heads of their logs as they reported them. */
	reportedOf(topic: string): KnownTopic[] {
		return this.#withEpochs(this.#statements.reportedOf.all(topic));
	}

	/** Returns the counters of a topic of other regions. */
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

	/** Returns whether another region ended a video. */
	isEnded(topic: string): boolean {
		return this.#regions.size > 0 && this.#statements.ended.get(topic) !== undefined;
	}

	/** Returns the lowest valid epoch of a region: its rows of lower epochs are removed. */
	leastEpoch(region: string): number {
		return this.#regions.get(region)?.complete_epoch ?? 0;
	}

	/**
	 * Merges rows of a region within a transaction.
	 *
	 * The caller calls `refresh` after it, also after a failure.
	 */
	replicate(region: string, rows: ReadonlyMap<string, CounterRows>, reached: Reached | undefined): void {
		const { meet, merge, noteEnding, count, reach, complete, forget, forgetCounts, forgetEvents, forgetLogs } =
			this.#statements;
		meet.run(region);
		const least = this.leastEpoch(region);
		for (const [topic, likes] of rows) {
			const ofRegion = Object.hasOwn(likes, region) ? likes[region] : undefined;
			// mutant: stores-rows-of-page
			if (ofRegion === undefined || ofRegion.epoch < least) continue;
			const { topic: marks, counts } = spread(region, ofRegion);
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

	/** Reads the regions into memory again. */
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
		reportedOf: database.prepare<[string], KnownTopic>(
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
