import { describe, expect, it } from 'vitest';
import type { LogEvent } from '../state/log.ts';
import type { Updates } from '../state/update.ts';
import { readStored } from './stored-events.ts';

const event = (offset: number, kind: LogEvent['kind'] = 'comment'): LogEvent => {
	return { offset, id: `c${offset}`, kind, user: 'ann', at: 1, order: offset, data: {} };
};
const updates = (...events: LogEvent[]): Updates =>
	new Map([['video:v1', { rows: {}, complete: false, sample: [], at: 1, log: { us: { epoch: 1, events } } }]]);

describe('readStored', () => {
	it('returns a comment as the store has it: another region may have deleted it before it arrived', async () => {
		const erased = event(2, 'erased');
		const asked: unknown[] = [];
		const events = async (...wanted: unknown[]) => {
			asked.push(wanted);
			return { epoch: 1, head: 3, events: [erased, event(3)] };
		};
		expect(await readStored({ events }, updates(event(2), event(3)))).toEqual(updates(erased, event(3)));
		expect(asked).toEqual([['video:v1', 'us', 1, 2]]);
	});

	it('returns no event when the store does not answer: frontends read the store themselves', async () => {
		const events = () => Promise.reject(new Error('away'));
		const shown = await readStored({ events }, updates(event(1)));
		expect(shown.get('video:v1')?.log).toEqual({});
	});

	it('does not read deletions again', async () => {
		const events = () => Promise.reject(new Error('not to be asked'));
		const deletion = updates(event(4, 'comment-deleted'));
		expect(await readStored({ events }, deletion)).toBe(deletion);
	});
});
