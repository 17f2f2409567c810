import type { Database } from 'better-sqlite3';
import { refuseOther, refuseVersion } from '../wrong-database.ts';

/** The version of {@link SCHEMA}, which a database names in `user_version`; 0 is a database without tables. */
const VERSION = 1;

const SCHEMA = `
	-- changed: that of the last transaction that changed a value, which may be in no row any more.
	-- clock: up to which time, in Unix milliseconds, nodes of the region may have given orders to signals.
	CREATE TABLE store (
		region TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		changed INTEGER NOT NULL DEFAULT 0,
		clock INTEGER NOT NULL DEFAULT 0
	) STRICT;

	-- A like that was taken back stays, so that a late copy of it is not counted again.
	CREATE TABLE likes (
		topic TEXT NOT NULL,
		id TEXT NOT NULL,
		user TEXT NOT NULL,
		type TEXT NOT NULL,
		at INTEGER NOT NULL,
		taken_back_at INTEGER, -- 0 for one that never counted, since its user had given another of a type that may be given once
		PRIMARY KEY (topic, id)
	) STRICT, WITHOUT ROWID;

	-- Which like a user has given of a type that may be given once.
	CREATE TABLE once (
		topic TEXT NOT NULL,
		type TEXT NOT NULL,
		user TEXT NOT NULL,
		id TEXT NOT NULL,
		PRIMARY KEY (topic, type, user)
	) STRICT, WITHOUT ROWID;

	-- What this store counts of topics beside likes: events of the log, when a video ended, when a comment was last liked.
	-- changed: the number of the transaction that last changed this, or a counter of the topic.
	CREATE TABLE topics (
		topic TEXT PRIMARY KEY,
		changed INTEGER NOT NULL,
		log_head INTEGER NOT NULL,
		ended_at INTEGER NOT NULL,
		liked_at INTEGER NOT NULL
	) STRICT, WITHOUT ROWID;
	CREATE INDEX topics_by_change ON topics (changed, topic);
	CREATE INDEX topics_of_ended ON topics (topic) WHERE ended_at > 0;

	-- How often each reaction was given and taken back.
	CREATE TABLE counters (
		topic TEXT NOT NULL,
		type TEXT NOT NULL,
		added INTEGER NOT NULL,
		removed INTEGER NOT NULL,
		PRIMARY KEY (topic, type)
	) STRICT, WITHOUT ROWID;

	-- The same as other regions say it, each row under the epoch of that region's store.
	CREATE TABLE remote_topics (
		topic TEXT NOT NULL,
		region TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		log_head INTEGER NOT NULL,
		ended_at INTEGER NOT NULL,
		liked_at INTEGER NOT NULL,
		PRIMARY KEY (topic, region)
	) STRICT, WITHOUT ROWID;

	-- Those of an epoch below that of the topic do not count.
	CREATE TABLE remote_counters (
		topic TEXT NOT NULL,
		region TEXT NOT NULL,
		type TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		added INTEGER NOT NULL,
		removed INTEGER NOT NULL,
		PRIMARY KEY (topic, region, type)
	) STRICT, WITHOUT ROWID;

	-- How far other regions were read; complete_epoch is that of the last time it was to the end.
	CREATE TABLE regions (
		region TEXT PRIMARY KEY,
		epoch INTEGER,
		at TEXT,
		complete_epoch INTEGER
	) STRICT, WITHOUT ROWID;

	-- What happened on topics, by the region whose store numbered it. epoch: that of another region's store, 0 for the own.
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

	-- Which epoch of another region's log is here, and up to which number without a hole.
	CREATE TABLE logs_of_others (
		topic TEXT NOT NULL,
		region TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		through INTEGER NOT NULL,
		PRIMARY KEY (topic, region)
	) STRICT, WITHOUT ROWID;

	-- Of each key the newest value, which is the one with the highest ord. changed: as in topics; null for other regions'.
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

	-- When videos ended, as each region says.
	CREATE VIEW ends AS
		SELECT topic, ended_at AS at FROM topics WHERE ended_at > 0
		UNION ALL
		SELECT topic, ended_at FROM remote_topics WHERE ended_at > 0;

	-- Ended videos that may still have likes, by the time of their end: retention finds its work without a look at every
	-- video that ever ended. An end that is no longer true stays, and retention drops it when it gets there.
	CREATE TABLE endings (
		at INTEGER NOT NULL,
		topic TEXT NOT NULL,
		PRIMARY KEY (at, topic)
	) STRICT, WITHOUT ROWID;
`;

/** Creates the tables of an empty database. Throws when the database has another version of the schema. */
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
 * Returns the epoch of the store of a region, and creates the store, with `fresh` as its epoch, in a database without one.
 * Throws when the database belongs to another region.
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
