import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { encodeEvent, type LikesEvent, type Totals } from '@likewire/protocol';
import { describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../../../local-cluster/until.ts';
import { Audience } from './audience.ts';
import { ExpectedLogs } from './comment-audit.ts';
import { Viewer } from './viewer.ts';

const HELLO = { connection: 'c', node: 'n', region: 'r', heartbeatMs: 15_000, maxLifetimeMs: 60_000 };

/** A frontend that sends what a test wants. */
class FakeFrontend {
	readonly streams: ServerResponse[] = [];
	readonly asked: string[] = [];
	readonly #server: Server;

	constructor() {
		this.#server = createServer((request, response) => {
			this.asked.push(request.url ?? '');
			this.streams.push(response);
			response.writeHead(200, { 'Content-Type': 'text/event-stream' });
			response.write(encodeEvent('hello', { ...HELLO, videos: [], conversations: [], presence: [], topics: [] }));
		});
		onTestFinished(() => {
			this.#server.close();
			this.#server.closeAllConnections();
		});
	}

	async listen(): Promise<string> {
		await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
		return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
	}

	/** Sends totals to the newest viewer. */
	sendLikes(totals: Totals, delta: Totals, video = 'v'): void {
		const event: LikesEvent = { video, totals, delta, recent: [], shown: 0, of: 0, revision: 1, at: 1 };
		this.streams.at(-1)?.write(encodeEvent('likes', event));
	}

	/** Sends a comment to the newest viewer, with a cursor made from its id. */
	sendComment(id: string, video = 'v'): void {
		this.streams
			.at(-1)
			?.write(encodeEvent('comment', { video, id, user: 'bob', text: 'hi', at: 1, region: 'r' }, `after-${id}`));
	}
}

async function watch(...frontends: FakeFrontend[]): Promise<Viewer> {
	const urls = await Promise.all(frontends.map((frontend) => frontend.listen()));
	const viewer = new Viewer({ name: 'ann', videos: ['v'], urls, home: 0, random: () => 0 });
	onTestFinished(() => viewer.close());
	await until(() => viewer.live, { what: 'a stream' });
	return viewer;
}

describe('Viewer', () => {
	it('shows received totals, and records the times of frames', async () => {
		const frontend = new FakeFrontend();
		const viewer = await watch(frontend);
		expect(frontend.asked).toEqual(['/v1/stream?video=v']);
		expect(viewer.totals('v')).toBeUndefined();
		frontend.sendLikes({ heart: 2 }, {});
		frontend.sendLikes({ heart: 3 }, { heart: 1 });
		await until(() => viewer.totals('v')?.heart === 3, { what: 'the like' });
		expect(viewer.frames.get('v')).toHaveLength(2);
		expect(viewer.violations).toEqual([]);
	});

	it.each<[string, [Totals, Totals][], RegExp]>([
		[
			'a delta that does not add up',
			[
				[{ heart: 2 }, {}],
				[{ heart: 4 }, { heart: 1 }],
			],
			/snapshot \+ deltas/,
		],
		[
			'a total that falls',
			[
				[{ heart: 2 }, {}],
				[{ heart: 1 }, { heart: -1 }],
			],
			/heart of v fell from 2 to 1/,
		],
		['a first event that is not a snapshot', [[{ heart: 2 }, { heart: 1 }]], /is not a snapshot/],
	])('records %s', async (_name, events, violation) => {
		const frontend = new FakeFrontend();
		const viewer = await watch(frontend);
		for (const [totals, delta] of events) frontend.sendLikes(totals, delta);
		await until(() => viewer.violations.length > 0, { what: 'a violation' });
		expect(viewer.violations).toEqual([expect.stringMatching(violation)]);
	});

	it('connects to the next frontend when its stream breaks, and starts with a snapshot', async () => {
		const [first, second] = [new FakeFrontend(), new FakeFrontend()];
		const viewer = await watch(first, second);
		first.sendLikes({ heart: 5 }, {});
		await until(() => viewer.totals('v') !== undefined, { what: 'the snapshot' });
		first.streams[0]?.destroy();
		await until(() => second.streams.length === 1 && viewer.live, { what: 'another stream' });
		expect(viewer.totals('v')).toBeUndefined();
		second.sendLikes({ heart: 4 }, {});
		await until(() => viewer.totals('v')?.heart === 4, { what: 'the snapshot' });
		expect(viewer).toMatchObject({ falls: 1, violations: [] });
		viewer.goHome();
		await until(() => first.streams.length === 2, { what: 'the first frontend' });
	});

	it('resumes the comments after the last received one', async () => {
		const [first, second] = [new FakeFrontend(), new FakeFrontend()];
		const viewer = await watch(first, second);
		first.sendComment('one');
		first.sendComment('two');
		await until(() => viewer.received.get('v')?.length === 2, { what: 'the comments' });
		first.streams[0]?.destroy();
		await until(() => second.streams.length === 1 && viewer.live, { what: 'another stream' });
		expect(second.asked).toEqual(['/v1/stream?video=v&cursor=after-two']);
		const deletion = encodeEvent('comment-deleted', { video: 'v', id: 'one', user: 'bob', region: 'r' }, 'after-three');
		second.streams[0]?.write(deletion + encodeEvent('gap', { topic: 'video:v', reason: 'lost' }));
		await until(() => viewer.received.get('v')?.length === 4, { what: 'the gap' });
		expect(viewer.received.get('v')).toEqual([
			{ kind: 'comment', video: 'v', comment: 'one', cursor: 'after-one' },
			{ kind: 'comment', video: 'v', comment: 'two', cursor: 'after-two' },
			{ kind: 'comment-deleted', video: 'v', comment: 'one', cursor: 'after-three' },
			{ kind: 'gap', video: 'v', reason: 'lost' },
		]);
		expect(viewer.violations).toEqual([]);
	});

	it('records a comment without a cursor', async () => {
		const frontend = new FakeFrontend();
		const viewer = await watch(frontend);
		const comment = { video: 'v', id: 'one', user: 'bob', text: 'hi', at: 1, region: 'r' };
		frontend.streams[0]?.write(encodeEvent('comment', comment));
		await until(() => viewer.violations.length > 0, { what: 'a violation' });
		expect(viewer.violations).toEqual(['ann: a comment of v without a cursor']);
	});

	it('connects to the next frontend after a bye', async () => {
		const [first, second] = [new FakeFrontend(), new FakeFrontend()];
		await watch(first, second);
		first.streams[0]?.write(`retry: 10\n${encodeEvent('bye', { reason: 'shutdown', retryMs: 10 })}`);
		await until(() => second.streams.length === 1, { what: 'the second frontend' });
	});

	it('reads nothing while it is paused, and then reads the waiting events', async () => {
		const frontend = new FakeFrontend();
		const viewer = await watch(frontend);
		viewer.pause();
		frontend.sendLikes({ heart: 1 }, {});
		frontend.sendLikes({ heart: 2 }, { heart: 1 });
		expect(viewer.totals('v')).toBeUndefined();
		viewer.resume();
		await until(() => viewer.totals('v')?.heart === 2, { what: 'the waiting events' });
	});
});

describe('Audience', () => {
	it('returns the viewers that do not show the stored state', async () => {
		const frontend = new FakeFrontend();
		const audience = new Audience({ viewers: 2, videos: ['v', 'w'], urls: [await frontend.listen()], random: () => 0 });
		onTestFinished(() => audience.close());
		await until(() => audience.viewers.every(({ live }) => live), { what: 'streams' });
		const totals = new Map<string, Totals>([
			['v', { heart: 1 }],
			['w', {}],
		]);
		const written = new Map([['v', [[{ offset: 1, kind: 'comment' as const, comment: 'one' }]]]]);
		const expected = { totals, comments: new ExpectedLogs(written, new Map()) };
		expect(audience.astray(expected)).toHaveLength(2);
		frontend.sendLikes({ heart: 1 }, {});
		frontend.sendLikes({}, {}, 'w');
		frontend.sendComment('two');
		await until(() => audience.viewers.some(({ received }) => received.size === 1), { what: 'another comment' });
		expect(audience.astray(expected)).toHaveLength(2);
		frontend.sendComment('one');
		await until(() => audience.astray(expected).length === 1, { what: 'one viewer that agrees' });
		audience.astray(expected)[0]?.pause();
		expect(audience.astray(expected)).toEqual([]);
	});
});
