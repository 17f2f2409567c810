import type { Database } from 'better-sqlite3';
import { refuseOther, refuseVersion } from '../wrong-database.ts';

/** The version of {@link SCHEMA}, which a database names in `user_version`; 0 is a database without tables. */
const VERSION = 2;

const SCHEMA = `
	-- changed: the number of the last transaction that changed a value, whose row may be gone.
	-- clock: the time, in Unix milliseconds, up to which nodes of the region may have assigned orders to signals.
	CREATE TABLE store (
		region TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		changed INTEGER NOT NULL DEFAULT 0,
		clock INTEGER NOT NULL DEFAULT 0
	) STRICT;

	-- A like that was taken back stays, so that a late copy of it does not count again.
	CREATE TABLE likes (
		topic TEXT NOT NULL,
		id TEXT NOT NULL,
		user TEXT NOT NULL,
		type TEXT NOT NULL,
		at INTEGER NOT NULL,
		second INTEGER NOT NULL, -- of its position, in Unix seconds
		taken_back_at INTEGER, -- 0 for a like that never counted, because its user had given another of a once type
		PRIMARY KEY (topic, id)
	) STRICT, WITHOUT ROWID;

	-- The like of each user of a once type.
	CREATE TABLE once (
		topic TEXT NOT NULL,
		type TEXT NOT NULL,
		user TEXT NOT NULL,
		id TEXT NOT NULL,
		PRIMARY KEY (topic, type, user)
	) STRICT, WITHOUT ROWID;

	-- The own topics without their likes: events of the log, the end of a video, the last like of a comment.
	-- changed: the number of the transaction that last changed the row, or a counter of the topic.
	CREATE TABLE topics (
		topic TEXT PRIMARY KEY,
		changed INTEGER NOT NULL,
		log_head INTEGER NOT NULL,
		ended_at INTEGER NOT NULL,
		liked_at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX topics_by_change ON topics (changed, topic);
	CREATE INDEX topics_of_ended ON topics (topic) WHERE ended_at > 0;

	-- The number of given and taken back reactions.
	CREATE TABLE counters (
		topic TEXT NOT NULL,
		type TEXT NOT NULL,
		added INTEGER NOT NULL,
		removed INTEGER NOT NULL,
		PRIMARY KEY (topic, type)
	) STRICT, WITHOUT ROWID;

	-- The given and taken back reactions of videos, by the Unix second of their position. They outlive the likes.
	CREATE TABLE timeline (
		topic TEXT NOT NULL,
		second INTEGER NOT NULL,
		type TEXT NOT NULL,
		added INTEGER NOT NULL,
		removed INTEGER NOT NULL,
		PRIMARY KEY (topic, second, type)
	) STRICT, WITHOUT ROWID;

	-- Replicas of other regions' topics, each row in the epoch of that region's store.
	CREATE TABLE remote_topics (
		topic TEXT NOT NULL,
		region TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		log_head INTEGER NOT NULL,
		ended_at INTEGER NOT NULL,
		liked_at INTEGER NOT NULL,
		PRIMARY KEY (topic, region)
	) STRICT, WITHOUT ROWID;

	-- Counters of an epoch below that of the topic do not count.
	CREATE TABLE remote_counters (
		topic TEXT NOT NULL,
		region TEXT NOT NULL,
		type TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		added INTEGER NOT NULL,
		removed INTEGER NOT NULL,
		PRIMARY KEY (topic, region, type)
	) STRICT, WITHOUT ROWID;

	-- The positions of the syncs with other regions; complete_epoch is the epoch of the last complete sync.
	CREATE TABLE regions (
		region TEXT PRIMARY KEY,
		epoch INTEGER,
		at TEXT,
		complete_epoch INTEGER
	) STRICT, WITHOUT ROWID;

	-- The events of topics, by the region whose store numbered them. epoch: that of another region's store, 0 for the own.
	-- ord: see nextOrder.
	CREATE TABLE log (
		topic TEXT NOT NULL,
		region TEXT NOT NULL,
		number INTEGER NOT NULL,
		epoch INTEGER NOT NULL,
		id TEXT NOT NULL,
		kind TEXT NOT NULL,
		author TEXT NOT NULL,
		at INTEGER NOT NULL,
		ord INTEGER NOT NULL,
		data TEXT NOT NULL,
		parent TEXT,
		PRIMARY KEY (topic, region, number)
	) STRICT;
	CREATE INDEX log_by_id ON log (topic, id);
	CREATE INDEX log_by_order ON log (topic, ord, region, number) WHERE kind = 'comment';
	CREATE INDEX log_of_others ON log (region, epoch) WHERE epoch > 0;

	-- The stored epoch of another region's log, and the number up to which it has no hole.
	CREATE TABLE logs_of_others (
		topic TEXT NOT NULL,
		region TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		through INTEGER NOT NULL,
		PRIMARY KEY (topic, region)
	) STRICT, WITHOUT ROWID;

	-- The newest value of each key, which has the highest ord. changed: as in topics; null for values of other regions.
	CREATE TABLE registers (
		topic TEXT NOT NULL,
		kind TEXT NOT NULL,
		key TEXT NOT NULL,
		ord REAL NOT NULL,
		value TEXT NOT NULL,
		region TEXT NOT NULL,
		changed INTEGER,
		PRIMARY KEY (topic, kind, key)
	) STRICT, WITHOUT ROWID;
	CREATE INDEX registers_by_change ON registers (changed, topic, kind, key) WHERE changed IS NOT NULL;

	-- The ends of videos, by region.
	CREATE VIEW ends AS
		SELECT topic, ended_at AS at FROM topics WHERE ended_at > 0
		UNION ALL
		SELECT topic, ended_at FROM remote_topics WHERE ended_at > 0;

	-- Ended videos that may still have likes, by the time of their end: retention finds its work without a scan of all
	-- ended videos. An end that is no longer true stays until retention visits it.
	CREATE TABLE endings (
		at INTEGER NOT NULL,
		topic TEXT NOT NULL,
		PRIMARY KEY (at, topic)
	) STRICT, WITHOUT ROWID;
`;

/** Creates the tables of an empty database. Throws if the database has another version of the schema. */
export function createTables(database: Database): void {
	const version = Number(database.pragma('user_version', { simple: true }));
	if (version === VERSION) return;
	if (version !== 0) refuseVersion(version, VERSION);
	database.transaction(() => {
		database.exec(SCHEMA);
		database.pragma(`user_version = ${VERSION}`);
	})();
}

/**
 * Returns the epoch of the store of a region. Throws if the database belongs to another region.
 *
 * In a database without a store, it creates the store with `fresh` as its epoch.
 */
export function claim(database: Database, region: string, fresh = Date.now()): number {
	database
		.prepare('INSERT INTO store (region, epoch) SELECT ?, ? WHERE NOT EXISTS (SELECT * FROM store)')
		.run(region, fresh);
	const store = database.prepare<[], { region: string; epoch: number }>('SELECT region, epoch FROM store').get();
	if (store === undefined) throw new Error('the database has no row in its table "store"');
	refuseOther(store.region, region);
	return store.epoch;
}
