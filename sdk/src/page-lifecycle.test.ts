import { getEventListeners } from 'node:events';
import { expect, it, vi } from 'vitest';
import { closeClientsAfterEach, isLive } from '../testing/client-test.ts';
import { eventually, likeAnswer } from '../testing/stream-server.ts';

const { closing, serve, connect } = closeClientsAfterEach();

/** Stubs the parts of a page that a client uses. */
function stubPage() {
	const page = Object.assign(new EventTarget(), { visibilityState: 'visible', querySelectorAll: () => [] });
	const window = new EventTarget();
	vi.stubGlobal('document', page);
	vi.stubGlobal('addEventListener', window.addEventListener.bind(window));
	closing.push(() => vi.unstubAllGlobals());
	return {
		/** Returns how many listeners an event has. */
		listeners: (event: string) => [page, window].flatMap((target) => getEventListeners(target, event)).length,
		dispatch: (event: string) => window.dispatchEvent(new Event(event)),
		show(state: DocumentVisibilityState): void {
			page.visibilityState = state;
			for (const target of [page, window]) target.dispatchEvent(new Event('visibilitychange'));
		},
	};
}

type Page = ReturnType<typeof stubPage>;

it.each<[event: string, comeBack: (page: Page) => void]>([
	['online', (page) => page.dispatch('online')],
	['pageshow', (page) => page.dispatch('pageshow')],
	[
		'visibilitychange',
		(page) => {
			page.show('hidden');
			page.show('visible');
		},
	],
])('a page that waits to try again tries at once on %s', async (_, comeBack) => {
	const page = stubPage();
	// A wait is at most half a second; this one takes nearly 6 days.
	const random = vi.spyOn(Math, 'random').mockReturnValue(1_000_000);
	closing.push(() => random.mockRestore());
	let isDown = false;
	const server = await serve({
		onStream: (stream) => (isDown ? stream.refuse(500) : stream.hello()),
		onPost: (post) => (isDown ? post.cut() : post.answer(201, likeAnswer(post))),
	});
	const live = connect(server.url, { transport: 'sse' });
	const video = live.video('v1');
	await isLive(live);

	const likes = () => server.posts.filter(({ path }) => path.endsWith('/likes')).length;
	let isAnswered = false;
	/**
	 * Repeats the return until the check passes.
	 * A page may return before it noticed that the stream broke.
	 */
	const comesBackUntil = (check: () => void) =>
		eventually(() => {
			comeBack(page);
			check();
		});

	isDown = true;
	video.like().then(
		() => {
			isAnswered = true;
		},
		() => {},
	);
	server.streams[0]?.cut();
	await eventually(() => expect([likes(), live.state]).toEqual([1, 'waiting']));
	await comesBackUntil(() => expect(Math.min(server.streams.length, likes())).toBeGreaterThan(1));

	isDown = false;
	await comesBackUntil(() => expect([live.state, isAnswered]).toEqual(['live', true]));
});

it('a client that is closed no longer listens to its page', async () => {
	const page = stubPage();
	const server = await serve();
	const live = connect(server.url, { transport: 'sse' });
	await isLive(live);
	const counts = () =>
		['online', 'pageshow', 'pagehide', 'visibilitychange', 'play'].map((event) => page.listeners(event));
	expect(Math.min(...counts())).toBeGreaterThan(0);
	live.close();
	expect(counts()).toEqual([0, 0, 0, 0, 0]);
});
