import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { StoreError } from '../store/store.ts';
import { createCommitter } from './committer.ts';
import { createStoreHealth } from './store-health.ts';

const health = () => createStoreHealth({ available: true }, pino({ level: 'silent' }));

describe('StoreHealth', () => {
	it('turns unhealthy when the store does not work, with an error that clients retry', () => {
		const store = health();
		expect(store.failed(new StoreError('the disk is full')).code).toBe('store_unavailable');
		expect(store.healthy).toBe(false);
	});

	it('stays healthy when the store refuses a request', () => {
		const store = health();
		const refusal = new StoreError('a number is out of range', { isRefusal: true });
		expect(store.failed(refusal)).toMatchObject({ code: 'internal_error', cause: refusal });
		expect(store.healthy).toBe(true);
	});
});

describe('Committer', () => {
	it('executes the other commands when the store refuses one of them', async () => {
		const { submit, close } = createCommitter<string, string>({
			windowMs: 0,
			health: health(),
			carryOut: async (commands) => {
				if (commands.includes('bad')) throw new StoreError('bad', { isRefusal: true });
				return commands.map((command) => `${command} done`);
			},
		});
		const results = await Promise.allSettled(['a', 'bad', 'b'].map(submit));
		expect(results).toMatchObject([{ value: 'a done' }, { reason: { code: 'internal_error' } }, { value: 'b done' }]);
		await close();
	});
});
