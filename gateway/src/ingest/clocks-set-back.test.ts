import { paths } from '@likewire/protocol';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { postJson } from '../../test/http-client.ts';
import { twoNodes } from '../../test/likes-node.ts';

/** Less than an hour: nodes whose clocks differ by more refuse each other. */
const BACK_MS = 50 * 60_000;

describe('signals of a Likes node that starts again with its clock set back', () => {
	it('reach the viewers that follow them', async () => {
		const { frontend, startLikes } = await twoNodes();
		const before = await startLikes();
		const stream = await EventStream.openQuery(frontend, 'conversation=c1&topic=scores&user=eva');
		await stream.hello();
		/** Sends through any node, which forwards a write to the Likes node once it knows that. */
		const post = (path: string, body: object) =>
			expect
				.poll(async () => (await postJson(frontend.url + path, body, { 'X-Likewire-User': 'ann' })).status, {
					timeout: 60_000,
				})
				.toBe(202);
		const typed = () =>
			stream.events.flatMap(({ name, data }) => (name === 'typing' ? [(data as { typing: boolean }).typing] : []));
		const scores = () =>
			stream.events.flatMap(({ name, data }) => (name === 'custom' ? [(data as { data: unknown }).data] : []));
		await expect
			.poll(async () => {
				await post(paths.topicEvents('scores'), { name: 'goal', data: 1, class: 'signal' });
				return scores().length > 0;
			})
			.toBe(true);
		await post(paths.typing('c1'), { typing: true });
		await stream.until(() => typed().at(-1) === true);
		await before.close();
		const now = Date.now;
		const clock = vi.spyOn(Date, 'now').mockImplementation(() => now() - BACK_MS);
		onTestFinished(() => clock.mockRestore());
		await startLikes();
		await post(paths.typing('c1'), { typing: false });
		await post(paths.topicEvents('scores'), { name: 'goal', data: 2, class: 'signal' });
		await stream.until(() => scores().includes(2));
		await post(paths.typing('c1'), { typing: true });
		await stream.until(() => typed().at(-1) === true);
	});
});
