import { randomBytes } from 'node:crypto';
import type { Database } from 'better-sqlite3';

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
];

/** Brings the database to the newest schema. Throws when a newer gateway wrote it. */
export function migrate(database: Database): void {
	const version = Number(database.pragma('user_version', { simple: true }));
	if (version > MIGRATIONS.length) {
		throw new Error(
			`the database has schema ${version}, this gateway knows up to ${MIGRATIONS.length}; use a newer gateway`,
		);
	}
	database.transaction(() => {
		for (const migration of MIGRATIONS.slice(version)) database.exec(migration);
		database.pragma(`user_version = ${MIGRATIONS.length}`);
		database
			.prepare('INSERT INTO store SELECT ?, ? WHERE NOT EXISTS (SELECT * FROM store)')
			.run(`s-${randomBytes(8).toString('hex')}`, Date.now());
	})();
}

/** Who a store is: its name never changes; its epoch grows when it is created anew. */
export interface StoreIdentity {
	readonly name: string;
	readonly epoch: number;
}

export function identityOf(database: Database): StoreIdentity {
	return database.prepare<[], StoreIdentity>('SELECT name, epoch FROM store').get() as StoreIdentity;
}
