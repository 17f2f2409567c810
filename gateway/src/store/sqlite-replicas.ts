import type { Database } from 'better-sqlite3';
import { type LikesRows, LOG_HEAD } from '../delivery/likes.ts';
import { type KnownCounts, spread } from './known-counts.ts';
import type { Position, Reached } from './store.ts';

/** How many events of the log of a row's region are here without holes: see `subjectOf` and `topicOfSubject`. */
const STORED = `coalesce(
	(
		SELECT through FROM logs_of_others AS log
		WHERE log.topic = iif(video LIKE '/%', substr(video, 2), 'video:' || video)
			AND log.region = replicas.region AND log.epoch = replicas.epoch
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

	/** What the other regions say of a video; of their logs, how far they are stored here without holes. */
	countsOf(video: string): KnownCounts[] {
		// One region alone is the usual case, and need not ask.
		return this.#regions.size === 0 ? [] : this.#withEpochs(this.#statements.countsOf.all(video));
	}

	/** What the other regions say of a video; of their logs, how far those are there. */
	saidOf(video: string): KnownCounts[] {
		return this.#withEpochs(this.#statements.saidOf.all(video));
	}

	#withEpochs(known: KnownCounts[]): KnownCounts[] {
		for (const { region, complete_epoch: epoch } of this.#regions.values()) {
			// mutant: tells-complete-epoch
			if (epoch !== null) known.push({ region, epoch, type: '', added: 0, removed: 0 });
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
	isEnded(video: string): boolean {
		return this.#regions.size > 0 && this.#statements.ended.get(video) !== undefined;
	}

	/** What a region said under lower epochs is forgotten. */
	leastEpoch(region: string): number {
		return this.#regions.get(region)?.complete_epoch ?? 0;
	}

	/** To be called within a transaction, and `refresh` after it, however it ended. */
	replicate(region: string, rows: ReadonlyMap<string, LikesRows>, reached: Reached | undefined): void {
		const { meet, merge, reach, complete, forget, forgetEvents, forgetLogs } = this.#statements;
		meet.run(region);
		const least = this.leastEpoch(region);
		for (const [video, likes] of rows) {
			const said = Object.hasOwn(likes, region) ? likes[region] : undefined;
			// mutant: stores-rows-of-page
			if (said === undefined || said.epoch < least) continue;
			for (const { type, epoch, added, removed } of spread(region, said)) {
				merge.run({ video, region, type, epoch, added, removed });
			}
		}
		if (reached === undefined || !this.#standsAt(region, reached.since)) return;
		const { epoch, at } = reached.position;
		reach.run({ region, epoch, at });
		if (!reached.last || complete.run({ region, epoch }).changes === 0) return;
		forget.run(region, epoch);
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
		countsOf: database.prepare<[string], KnownCounts>(
			`SELECT region, type, epoch, iif(type = '${LOG_HEAD}', min(added, ${STORED}), added) AS added, removed
			FROM replicas WHERE video = ?`,
		),
		saidOf: database.prepare<[string], KnownCounts>(
			'SELECT region, type, epoch, added, removed FROM replicas WHERE video = ?',
		),
		ended: database.prepare<[string], number>('SELECT 1 FROM ends WHERE video = ? LIMIT 1').pluck(),
		meet: database.prepare('INSERT INTO regions (region) VALUES (?) ON CONFLICT DO NOTHING'),
		merge: database.prepare(
			// mutant: merges-replicas
			`INSERT INTO replicas (video, region, type, epoch, added, removed)
			VALUES ($video, $region, $type, $epoch, $added, $removed)
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
		forget: database.prepare('DELETE FROM replicas WHERE region = ? AND epoch < ?'),
		forgetEvents: database.prepare('DELETE FROM log WHERE region = ? AND epoch > 0 AND epoch < ?'),
		forgetLogs: database.prepare('DELETE FROM logs_of_others WHERE region = ? AND epoch < ?'),
	};
}
