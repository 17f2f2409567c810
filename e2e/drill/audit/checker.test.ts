import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SentLike } from '../load/like-load.ts';
import type { ReceivedComments, StoredComments } from '../viewers/comment-audit.ts';
import { type Observation, reasonsToFail } from './checker.ts';
import { auditLikes, isAtLeast, mergeStores, readStore } from './store-audit.ts';

const sent = (id: string, acceptedAt?: number): SentLike => ({
	id,
	video: 'v',
	type: 'heart',
	user: 'ann',
	region: undefined,
	sentAt: 10,
	...(acceptedAt !== undefined && { acceptedAt }),
});
const byId = (...likes: SentLike[]) => new Map(likes.map((like) => [like.id, like]));
const stored = (ids: string[], total = ids.length) => ({
	ids: new Map([['v', new Set(ids)]]),
	totals: new Map([['v', { heart: total }]]),
	logs: new Map(),
});

describe('auditLikes', () => {
	it('reports no fault when every accepted like is stored and counted once', () => {
		const audit = auditLikes(byId(sent('a', 20), sent('b', 20)), stored(['a', 'b']), 0);
		expect(audit).toEqual({ accepted: 2, stored: 2, lost: 0, doubled: 0, strangers: 0 });
	});

	it('reports a like that is missing by its id or in the totals', () => {
		expect(auditLikes(byId(sent('a', 20), sent('b', 20)), stored(['a']), 0)).toMatchObject({ stored: 1, lost: 1 });
		expect(auditLikes(byId(sent('a', 20)), stored(['a'], 0), 0)).toMatchObject({ stored: 1, lost: 1 });
	});

	it('reports a like that is counted twice, and a like that no client sent', () => {
		expect(auditLikes(byId(sent('a', 20)), stored(['a'], 2), 0)).toMatchObject({ lost: 0, doubled: 1 });
		expect(auditLikes(byId(), stored(['a']), 0)).toMatchObject({ accepted: 0, strangers: 1 });
	});

	it('accepts an unanswered like, stored or not', () => {
		for (const ids of [['a'], []]) {
			expect(auditLikes(byId(sent('a')), stored(ids), 0)).toMatchObject({ lost: 0, doubled: 0, strangers: 0 });
		}
	});

	it('counts the likes of one fault, and reports lost likes of every fault', () => {
		expect(auditLikes(byId(sent('a', 20)), stored([]), 15)).toMatchObject({ accepted: 0, stored: 0, lost: 1 });
	});

	it('merges the stores of several regions', () => {
		const [one, other] = [stored(['a', 'b']), stored(['c'])];
		const both = mergeStores([one, other]);
		expect(both.totals).toEqual(new Map([['v', { heart: 3 }]]));
		const likes = byId(sent('a', 20), sent('b', 20), sent('c', 20));
		expect(auditLikes(likes, both, 0)).toMatchObject({ stored: 3, lost: 0, doubled: 0 });
		// Two stores have this like, so it counts twice.
		expect(auditLikes(likes, mergeStores([one, stored(['a', 'c'])]), 0)).toMatchObject({ stored: 3, doubled: 1 });
	});

	it('finds totals that are smaller than others', () => {
		expect(isAtLeast({ heart: 2, clap: 1 }, { heart: 2 })).toBe(true);
		expect(isAtLeast({ heart: 2 }, { heart: 2, clap: 1 })).toBe(false);
		expect(isAtLeast({ heart: 1 }, { heart: 2 })).toBe(false);
	});

	it('reads a store while a gateway uses it', () => {
		const directory = mkdtempSync(join(tmpdir(), 'likewire-'));
		const database = new Database(join(directory, 'likewire.db'));
		onTestFinished(() => {
			database.close();
			rmSync(directory, { recursive: true });
		});
		database.pragma('journal_mode = WAL');
		database.exec(`
			CREATE TABLE likes (topic TEXT, id TEXT, taken_back_at INTEGER);
			CREATE TABLE counters (topic TEXT, type TEXT, added INTEGER, removed INTEGER);
			CREATE TABLE log (topic TEXT, number INTEGER, epoch INTEGER, id TEXT, kind TEXT);
			INSERT INTO log VALUES ('video:v', 2, 0, 'd', 'comment'), ('video:v', 1, 0, 'e', 'erased'),
				('video:v', 1, 7, 'f', 'comment'), ('conversation:v', 1, 0, 'g', 'custom');
			INSERT INTO likes VALUES ('video:v', 'a', NULL), ('video:v', 'b', 1), ('video:w', 'c', NULL);
			INSERT INTO counters VALUES ('video:v', 'heart', 2, 1), ('video:w', 'heart', 1, 0);
		`);
		expect(readStore(directory, ['v', 'x'])).toEqual({
			ids: new Map([
				['v', new Set(['a'])],
				['x', new Set()],
			]),
			totals: new Map([
				['v', { heart: 1 }],
				['x', {}],
			]),
			logs: new Map([
				[
					'v',
					[
						[
							{ offset: 1, kind: 'erased', comment: 'e' },
							{ offset: 2, kind: 'comment', comment: 'd' },
						],
					],
				],
				['x', [[]]],
			]),
		});
	});
});

describe('reasonsToFail', () => {
	const good: Observation = {
		audit: { accepted: 2, stored: 2, lost: 0, doubled: 0, strangers: 0 },
		comments: {
			stored: { stored: 4, lost: 0, doubled: 0, strangers: 0 },
			received: { missing: 0, doubled: 0, disordered: 0, strangers: 0, gaps: { restored: 1 } },
		},
		unanswered: 0,
		slowestMs: 10,
		convergences: [{ when: 'after it', ms: 100, boundMs: 5_000, of: 3, agreeing: 3 }],
		missed: { missed: 5, of: 10 },
		counters: { floods: 12 },
		falls: 3,
		wrongs: [],
		notes: ['whatever'],
	};

	const ofStored = (wrong: Partial<StoredComments>) => ({
		...good.comments,
		stored: { ...good.comments.stored, ...wrong },
	});
	const ofReceived = (wrong: Partial<ReceivedComments>) => ({
		...good.comments,
		received: { ...good.comments.received, ...wrong },
	});

	it('accepts missed frames, floods, gaps, and ended streams', () => {
		expect(reasonsToFail(good)).toEqual([]);
	});

	it.each<[string, Partial<Observation>, RegExp]>([
		['a lost like', { audit: { ...good.audit, lost: 1 } }, /^1 likes lost$/],
		['a doubled like', { audit: { ...good.audit, doubled: 2 } }, /^2 likes doubled$/],
		['an unknown like', { audit: { ...good.audit, strangers: 1 } }, /likes in the store that no client sent/],
		['a lost comment', { comments: ofStored({ lost: 1 }) }, /^1 comments or deletions lost$/],
		['a comment that is stored twice', { comments: ofStored({ doubled: 1 }) }, /stored twice/],
		['an unknown comment', { comments: ofStored({ strangers: 1 }) }, /comments in the store that no client sent/],
		['a comment that no viewer received', { comments: ofReceived({ missing: 3 }) }, /^3 comments missing/],
		[
			'a comment that a viewer received twice',
			{ comments: ofReceived({ doubled: 1 }) },
			/^1 comments doubled at viewers$/,
		],
		['a comment that a viewer received late', { comments: ofReceived({ disordered: 1 }) }, /out of order/],
		['a received comment that no store has', { comments: ofReceived({ strangers: 1 }) }, /that no store has/],
		['a like without an answer', { unanswered: 1 }, /never answered/],
		[
			'late convergence',
			{ convergences: [{ when: 'after it', ms: 5_001, boundMs: 5_000, of: 3, agreeing: 3 }] },
			/5000 ms after the last like/,
		],
		[
			'missing convergence',
			{ convergences: [{ when: 'while it lasted', ms: undefined, boundMs: 5_000, of: 3, agreeing: 1 }] },
			/^2 of 3 viewers astray/,
		],
		['any other violation', { wrongs: ['a total fell'] }, /a total fell/],
	])('fails for %s', (_name, seen, reason) => {
		expect(reasonsToFail({ ...good, ...seen })).toEqual([expect.stringMatching(reason)]);
	});
});
