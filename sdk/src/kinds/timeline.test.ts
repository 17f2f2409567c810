import type { TimelineAnswer } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { timeline } from './timeline.ts';

const PAGE: TimelineAnswer = {
	...{ video: 'v1', step: '1s', types: ['clap', 'heart'], totals: { clap: 1, heart: 5 }, missing: [], next: null },
	points: [],
};

/** Returns a gateway that answers with these pages, and the addresses that it read. */
function createReader(...pages: readonly unknown[]) {
	const paths: string[] = [];
	return { paths, read: async (path: string) => pages[paths.push(path) - 1] };
}

describe('timeline', () => {
	it('reads page after page, and names each count and each region that is missing once', async () => {
		const gateway = createReader(
			{ ...PAGE, types: ['heart'], points: [[1_000, 2]], missing: ['us'], next: 5_000 },
			{
				...PAGE,
				points: [
					[6_000, 1, 0],
					[7_000, 0, 3],
				],
				missing: ['us'],
			},
		);
		expect(await timeline('v 1', gateway, { step: '1s', to: 9_000 })).toEqual({
			...{ step: '1s', types: ['clap', 'heart'], totals: { clap: 1, heart: 5 }, missing: ['us'] },
			points: [
				{ at: 1_000, counts: { heart: 2 } },
				{ at: 6_000, counts: { clap: 1 } },
				{ at: 7_000, counts: { heart: 3 } },
			],
		});
		expect(gateway.paths).toEqual([
			'/v1/videos/v%201/timeline?step=1s&to=9000',
			'/v1/videos/v%201/timeline?step=1s&from=5000&to=9000',
		]);
	});

	it.each<[string, unknown[]]>([
		['the page of a proxy', [{}]],
		[
			'a page that leads back',
			[
				{ ...PAGE, next: 5_000 },
				{ ...PAGE, next: 5_000 },
			],
		],
	])('takes %s for no timeline', async (_, pages) => {
		await expect(timeline('v1', createReader(...pages))).rejects.toMatchObject({ code: 'unexpected_answer' });
	});
});
