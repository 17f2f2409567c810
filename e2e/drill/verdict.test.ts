import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { SentLike } from './like-load.ts';
import { auditLikes, isAtLeast, mergeStores, readStore } from './store-audit.ts';
import { type Observation, reasonsToFail } from './verdict.ts';

const sent = (id: string, acceptedAt?: number): SentLike => ({
	id,
	video: 'v',
	type: 'heart',
	user: 'ann',
	region: undefined,
	sentAt: 10,
	attempts: 1,
	...(acceptedAt !== undefined && { acceptedAt }),
});
const byId = (...likes: SentLike[]) => new Map(likes.map((like) => [like.id, like]));
const stored = (ids: string[], total = ids.length) => ({
	ids: new Map([['v', new Set(ids)]]),
	totals: new Map([['v', { heart: total }]]),
});

describe('the audit', () => {
	it('finds nothing where every accepted like is stored and counted once', () => {
		const audit = auditLikes(byId(sent('a', 20), sent('b', 20)), stored(['a', 'b']), 0);
		expect(audit).toEqual({ accepted: 2, stored: 2, lost: 0, doubled: 0, strangers: 0 });
	});

	it('finds what is lost, by its id or in the totals', () => {
		expect(auditLikes(byId(sent('a', 20), sent('b', 20)), stored(['a']), 0)).toMatchObject({ stored: 1, lost: 1 });
		expect(auditLikes(byId(sent('a', 20)), stored(['a'], 0), 0)).toMatchObject({ stored: 1, lost: 1 });
	});

	it('finds what is counted twice, and what nobody sent', () => {
		expect(auditLikes(byId(sent('a', 20)), stored(['a'], 2), 0)).toMatchObject({ lost: 0, doubled: 1 });
		expect(auditLikes(byId(), stored(['a']), 0)).toMatchObject({ accepted: 0, strangers: 1 });
	});

	it('allows a like without an answer to be stored or not', () => {
		for (const ids of [['a'], []]) {
			expect(auditLikes(byId(sent('a')), stored(ids), 0)).toMatchObject({ lost: 0, doubled: 0, strangers: 0 });
		}
	});

	it('counts the likes of one fault, and finds what is lost of any', () => {
		expect(auditLikes(byId(sent('a', 20)), stored([]), 15)).toMatchObject({ accepted: 0, stored: 0, lost: 1 });
	});

	it('takes the stores of several regions as one', () => {
		const [one, other] = [stored(['a', 'b']), stored(['c'])];
		const both = mergeStores([one, other]);
		expect(both.totals).toEqual(new Map([['v', { heart: 3 }]]));
		const likes = byId(sent('a', 20), sent('b', 20), sent('c', 20));
		expect(auditLikes(likes, both, 0)).toMatchObject({ stored: 3, lost: 0, doubled: 0 });
		// A like that is in two of them was counted twice.
		expect(auditLikes(likes, mergeStores([one, stored(['a', 'c'])]), 0)).toMatchObject({ stored: 3, doubled: 1 });
	});

	it('knows which totals lack something', () => {
		expect(isAtLeast({ heart: 2, clap: 1 }, { heart: 2 })).toBe(true);
		expect(isAtLeast({ heart: 2 }, { heart: 2, clap: 1 })).toBe(false);
		expect(isAtLeast({ heart: 1 }, { heart: 2 })).toBe(false);
	});

	it('reads a store that is in use', () => {
		const directory = mkdtempSync(join(tmpdir(), 'likewire-'));
		const database = new Database(join(directory, 'likewire.db'));
		onTestFinished(() => {
			database.close();
			rmSync(directory, { recursive: true });
		});
		database.pragma('journal_mode = WAL');
		database.exec(`
			CREATE TABLE likes (video TEXT, id TEXT, taken_back_at INTEGER);
			CREATE TABLE totals (video TEXT, type TEXT, added INTEGER, removed INTEGER);
			INSERT INTO likes VALUES ('v', 'a', NULL), ('v', 'b', 1), ('w', 'c', NULL);
			INSERT INTO totals VALUES ('v', 'heart', 2, 1), ('w', 'heart', 1, 0);
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
		});
	});
});

describe('the verdict', () => {
	const good: Observation = {
		audit: { accepted: 2, stored: 2, lost: 0, doubled: 0, strangers: 0 },
		unanswered: 0,
		slowestMs: 10,
		convergences: [{ when: 'after it', ms: 100, boundMs: 5_000, of: 3, agreeing: 3 }],
		missed: { missed: 5, of: 10 },
		counters: { floods: 12 },
		falls: 3,
		wrongs: [],
		notes: ['whatever'],
	};

	it('has nothing against missed frames, floods, and streams that ended', () => {
		expect(reasonsToFail(good)).toEqual([]);
	});

	it.each<[string, Partial<Observation>, RegExp]>([
		['a lost like', { audit: { ...good.audit, lost: 1 } }, /^1 likes lost$/],
		['a doubled like', { audit: { ...good.audit, doubled: 2 } }, /^2 likes doubled$/],
		['a like from nowhere', { audit: { ...good.audit, strangers: 1 } }, /nobody sent/],
		['a like without an answer', { unanswered: 1 }, /never answered/],
		[
			'an agreement that came late',
			{ convergences: [{ when: 'after it', ms: 5_001, boundMs: 5_000, of: 3, agreeing: 3 }] },
			/5000 ms after the last like/,
		],
		[
			'an agreement that never came',
			{ convergences: [{ when: 'while it lasted', ms: undefined, boundMs: 5_000, of: 3, agreeing: 1 }] },
			/^2 of 3 viewers astray/,
		],
		['anything else that is wrong', { wrongs: ['a total fell'] }, /a total fell/],
	])('fails for %s', (_name, seen, reason) => {
		expect(reasonsToFail({ ...good, ...seen })).toEqual([expect.stringMatching(reason)]);
	});
});
