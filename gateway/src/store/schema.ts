import type { Database } from 'better-sqlite3';
import { refuseNewer, refuseOther } from './wrong-database.ts';

/** Each entry brings a database one version further; `user_version` says how many were applied. Never edit one: append. */
const MIGRATIONS = [
	`
	CREATE TABLE store (name TEXT NOT NULL, epoch INTEGER NOT NULL) STRICT;

	-- A like that was taken back stays, so that a late copy of it is not counted again.
	CREATE TABLE likes (
		video TEXT NOT NULL,
		id TEXT NOT NULL,
		user TEXT NOT NULL,
		type TEXT NOT NULL,
		at INTEGER NOT NULL,
		taken_back_at INTEGER,
		PRIMARY KEY (video, id)
	) STRICT, WITHOUT ROWID;

	-- Which like a user has given of a type that may be given once.
	CREATE TABLE once (
		video TEXT NOT NULL,
		type TEXT NOT NULL,
		user TEXT NOT NULL,
		id TEXT NOT NULL,
		PRIMARY KEY (video, type, user)
	) STRICT, WITHOUT ROWID;

	CREATE TABLE totals (
		video TEXT NOT NULL,
		type TEXT NOT NULL,
		added INTEGER NOT NULL,
		removed INTEGER NOT NULL,
		PRIMARY KEY (video, type)
	) STRICT, WITHOUT ROWID;
	`,
	`
	-- A store belongs to a region and goes by its name; '' until it is opened for one.
	ALTER TABLE store RENAME COLUMN name TO region;
	UPDATE store SET region = '';

	-- The number of the transaction that changed a row last.
	ALTER TABLE totals ADD COLUMN changed INTEGER NOT NULL DEFAULT 0;
	CREATE INDEX totals_by_change ON totals (changed, video, type);

	-- What stores of other regions said. The highest epoch of a region and video counts; the type '' only tells an epoch.
	CREATE TABLE replicas (
		video TEXT NOT NULL,
		region TEXT NOT NULL,
		type TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		added INTEGER NOT NULL,
		removed INTEGER NOT NULL,
		PRIMARY KEY (video, region, type)
	) STRICT, WITHOUT ROWID;

	-- How far other regions were taken over; complete_epoch is that of the last time it was to the end.
	CREATE TABLE regions (
		region TEXT PRIMARY KEY,
		epoch INTEGER,
		at TEXT,
		complete_epoch INTEGER
	) STRICT, WITHOUT ROWID;
	`,
	`
	-- What happened on topics, by the region whose store numbered it. epoch: that of another region's store, 0 for the own.
	CREATE TABLE log (
		topic TEXT NOT NULL,
		region TEXT NOT NULL,
		number INTEGER NOT NULL,
		epoch INTEGER NOT NULL,
		id TEXT NOT NULL,
		kind TEXT NOT NULL,
		author TEXT NOT NULL,
		at INTEGER NOT NULL,
		data TEXT NOT NULL,
		parent TEXT,
		PRIMARY KEY (topic, region, number)
	) STRICT;
	CREATE INDEX log_by_id ON log (topic, id);
	CREATE INDEX log_by_time ON log (topic, at, id) WHERE kind = 'comment';
	CREATE INDEX log_of_others ON log (region, epoch) WHERE epoch > 0;

	-- Which epoch of another region's log is here, and up to which number without a hole.
	CREATE TABLE logs_of_others (
		topic TEXT NOT NULL,
		region TEXT NOT NULL,
		epoch INTEGER NOT NULL,
		through INTEGER NOT NULL,
		PRIMARY KEY (topic, region)
	) STRICT, WITHOUT ROWID;

	-- Of each key the newest value, which is the one with the highest ord.
	CREATE TABLE registers (
		topic TEXT NOT NULL,
		kind TEXT NOT NULL,
		key TEXT NOT NULL,
		ord REAL NOT NULL,
		value TEXT NOT NULL,
		region TEXT NOT NULL,
		PRIMARY KEY (topic, kind, key)
	) STRICT, WITHOUT ROWID;

	-- When videos ended, as each region says that is not known to say something else by now.
	CREATE VIEW ends AS
		SELECT video, added AS at FROM totals WHERE type = ':ended'
		UNION ALL
		SELECT video, added FROM replicas AS said WHERE type = ':ended'
			AND epoch >= coalesce((SELECT complete_epoch FROM regions WHERE regions.region = said.region), 0)
			AND NOT EXISTS (
				SELECT 1 FROM replicas AS newer
				WHERE newer.video = said.video AND newer.region = said.region AND newer.epoch > said.epoch
			);
	CREATE INDEX totals_of_ended ON totals (video) WHERE type = ':ended';
	CREATE INDEX replicas_of_ended ON replicas (video) WHERE type = ':ended';
	`,
	`
	-- Comments of one time stand in the order of their logs, and not in that of their ids.
	DROP INDEX log_by_time;
	CREATE INDEX log_by_time ON log (topic, at, region, number) WHERE kind = 'comment';
	`,
	`
	-- Videos of which there may be likes though they ended, by when: what is to be forgotten is found without asking all
	-- that ever ended. An end that is not true any more is left, and found out then.
	CREATE TABLE endings (
		at INTEGER NOT NULL,
		video TEXT NOT NULL,
		PRIMARY KEY (at, video)
	) STRICT, WITHOUT ROWID;
	INSERT INTO endings (at, video) SELECT DISTINCT at, video FROM ends;
	CREATE TRIGGER note_own_ending AFTER INSERT ON totals WHEN new.type = ':ended' BEGIN
		INSERT INTO endings (at, video) VALUES (new.added, new.video) ON CONFLICT DO NOTHING;
	END;
	CREATE TRIGGER note_told_ending AFTER INSERT ON replicas WHEN new.type = ':ended' BEGIN
		INSERT INTO endings (at, video) VALUES (new.added, new.video) ON CONFLICT DO NOTHING;
	END;
	CREATE TRIGGER note_changed_ending AFTER UPDATE ON replicas
	WHEN new.type = ':ended' AND (new.added <> old.added OR new.epoch <> old.epoch) BEGIN
		INSERT INTO endings (at, video) VALUES (new.added, new.video) ON CONFLICT DO NOTHING;
	END;

	-- Likes of comments by the video that those are about: see commentTopic and subjectOf.
	CREATE INDEX likes_of_comments ON likes (substr(video, instr(video, '.') + 1))
		WHERE video >= '/comment:' AND video < '/comment;';
	`,
];

/** Brings the database to the newest schema. Throws when a newer gateway wrote it. */
export function migrate(database: Database): void {
	const version = Number(database.pragma('user_version', { simple: true }));
	refuseNewer(version, MIGRATIONS.length);
	database.transaction(() => {
		for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
		database.pragma(`user_version = ${MIGRATIONS.length}`);
	})();
}

/**
 * The epoch of the store of a region, which is made when there is none, with `fresh` for its epoch. A database from before regions becomes that of
 * the first one. Throws when it belongs to another.
 */
export function claim(database: Database, region: string, fresh = Date.now()): number {
	database.prepare("INSERT INTO store (region, epoch) SELECT '', ? WHERE NOT EXISTS (SELECT * FROM store)").run(fresh);
	database.prepare("UPDATE store SET region = ? WHERE region = ''").run(region);
	const store = database.prepare<[], { region: string; epoch: number }>('SELECT region, epoch FROM store').get();
	if (store === undefined) throw new Error('the database does not say whose it is');
	refuseOther(store.region, region);
	return store.epoch;
}
