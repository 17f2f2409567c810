import { describe, expect, it } from 'vitest';
import type { LikesRows } from '../delivery/likes.ts';
import { hashLikes } from '../delivery/likes.ts';
import type { Registrations } from '../delivery/registration.ts';
import type { Update } from '../delivery/update.ts';
import { Dispatch, MAX_READS } from './dispatch.ts';

const WINDOW_MS = 10;
const hearts = (added: number): LikesRows => ({ s: { epoch: 1, counts: { heart: [added, 0] } } });
const news = (added: number, sample: Update['sample'] = []) =>
	new Map([['a', { rows: hearts(added), complete: false, sample, at: added }]]);

function follows(frontend: string, seq: number, topics: readonly string[], rows?: LikesRows): Registrations {
	const hash = rows && hashLikes(rows);
	return { frontend, seq, whole: true, topics: topics.map((topic) => ({ topic, count: 1, hash })), dropped: [] };
}

/** A dispatch with the frontends on topic `a`, read with no like, and what was to be delivered taken at time 0. */
function settled(...frontends: string[]): Dispatch {
	const dispatch = new Dispatch(WINDOW_MS);
	for (const frontend of frontends) dispatch.subscribe(follows(frontend, 1, ['a']), 0);
	for (const topic of dispatch.takeReads()) dispatch.loaded(topic, hearts(0), 0);
	dispatch.takeDeliveries(0);
	return dispatch;
}

describe('dispatch', () => {
	it('delivers news to the frontends that follow the topic, merged over the window', () => {
		const dispatch = settled('f1', 'f2');
		dispatch.publish(news(1));
		dispatch.publish(news(3));
		dispatch.publish(news(2));
		expect(dispatch.dueAt).toBe(WINDOW_MS);
		expect(dispatch.takeDeliveries(WINDOW_MS - 1)).toEqual([]);
		const deliveries = dispatch.takeDeliveries(WINDOW_MS);
		expect(deliveries.map(({ frontend }) => frontend)).toEqual(['f1', 'f2']);
		for (const { updates } of deliveries) expect(updates.get('a')?.rows).toEqual(hearts(3));
		expect(dispatch.dueAt).toBeUndefined();
	});

	it('delivers nothing of a topic that nobody follows', () => {
		const dispatch = new Dispatch(0);
		dispatch.publish(news(1));
		expect(dispatch.takeDeliveries(0)).toEqual([]);
		expect(dispatch.dueAt).toBeUndefined();
	});

	it('reads a topic once, however many frontends ask for it', () => {
		const dispatch = new Dispatch(0);
		dispatch.subscribe(follows('f1', 1, ['a']), 0);
		dispatch.subscribe(follows('f2', 1, ['a']), 0);
		expect(dispatch.takeReads()).toEqual(['a']);
		dispatch.subscribe(follows('f3', 1, ['a']), 0);
		dispatch.reread();
		expect(dispatch.takeReads()).toEqual([]);
		dispatch.loaded('a', hearts(4), 5);
		const deliveries = dispatch.takeDeliveries(0);
		expect(deliveries.map(({ frontend }) => frontend)).toEqual(['f1', 'f2', 'f3']);
		for (const { updates } of deliveries) expect(updates.get('a')).toMatchObject({ rows: hearts(4), complete: true });
	});

	it('keeps news that came while the store was read', () => {
		const dispatch = new Dispatch(0);
		dispatch.subscribe(follows('f1', 1, ['a']), 0);
		dispatch.takeReads();
		dispatch.publish(news(5));
		dispatch.loaded('a', hearts(4), 0);
		expect(dispatch.takeDeliveries(0)[0]?.updates.get('a')).toMatchObject({ rows: hearts(5), complete: true });
	});

	it('reads so many topics at a time and no more', () => {
		const dispatch = new Dispatch(0);
		const topics = Array.from({ length: MAX_READS + 10 }, (_, index) => `t${index}`);
		dispatch.subscribe(follows('f1', 1, topics), 0);
		const first = dispatch.takeReads();
		expect(first).toHaveLength(MAX_READS);
		expect(dispatch.takeReads()).toEqual([]);
		dispatch.loaded(first[0] ?? '', {}, 0);
		dispatch.readFailed(first[1] ?? '');
		const second = dispatch.takeReads();
		expect(second).toHaveLength(2);
		for (const topic of [...first.slice(2), ...second]) dispatch.loaded(topic, {}, 0);
		expect(new Set([...first, ...second, ...dispatch.takeReads()])).toEqual(new Set(topics));
	});

	it('reads again, at the next digest, a topic whose read failed', () => {
		const dispatch = new Dispatch(0);
		dispatch.subscribe(follows('f1', 1, ['a']), 0);
		dispatch.takeReads();
		dispatch.readFailed('a');
		expect(dispatch.takeReads()).toEqual([]);
		expect(dispatch.takeDeliveries(0)).toEqual([]);
		dispatch.subscribe(follows('f1', 2, ['a']), 0);
		expect(dispatch.takeReads()).toEqual(['a']);
	});

	it('heals a frontend that missed news when its digest shows it', () => {
		const dispatch = settled('f1');
		dispatch.publish(news(3));
		dispatch.takeDeliveries(WINDOW_MS);
		dispatch.subscribe(follows('f1', 2, ['a'], hearts(0)), 100);
		expect(dispatch.takeDeliveries(100)[0]?.updates.get('a')?.rows).toEqual(hearts(3));
		dispatch.subscribe(follows('f1', 3, ['a'], hearts(3)), 200);
		expect(dispatch.takeDeliveries(200)).toEqual([]);
	});

	it('finds by reading again what was never published', () => {
		const dispatch = settled('f1');
		dispatch.reread();
		expect(dispatch.takeReads()).toEqual(['a']);
		dispatch.loaded('a', hearts(9), 0);
		expect(dispatch.takeDeliveries(WINDOW_MS)[0]?.updates.get('a')?.rows).toEqual(hearts(9));
	});

	it('delivers nothing more to a frontend whose rows expired', () => {
		const dispatch = settled('f1');
		dispatch.expire(1_000_000);
		dispatch.publish(news(1));
		expect(dispatch.takeDeliveries(1_000_000)).toEqual([]);
	});

	it('hands the sample of likes to those who were there', () => {
		const like = { id: 'x', user: 'u', type: 'heart', at: 1 };
		const dispatch = settled('f1');
		dispatch.publish(news(1, [like]));
		expect(dispatch.takeDeliveries(WINDOW_MS)[0]?.updates.get('a')?.sample).toEqual([like]);
	});
});
