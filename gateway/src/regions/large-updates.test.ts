import { paths } from '@likewire/protocol';
import { expect, it } from 'vitest';
import { comment } from '../../test/comments.ts';
import { EventStream } from '../../test/event-stream.ts';
import { like, newVideo, postJson } from '../../test/http-client.ts';
import { type LinkedRegion, linkRegions } from '../../test/linked-regions.ts';

const SIGNALS = 100;
const COMMENTS = 130;

/** Data of one byte per character; a signal may have 8 KiB of data. */
const LARGE = 'x'.repeat(8_000);

/** Text of three bytes per character. */
const LONG = '꙳'.repeat(480);

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);

/**
 * The time limit after the repair of a link, in milliseconds: long, for busy machines.
 *
 * The link itself needs a second.
 */
const HEALED_MS = 30_000;

async function signal(region: LinkedRegion, video: string, name: string): Promise<void> {
	const body = { name, data: LARGE, class: 'signal' };
	const response = await postJson(region.url + paths.topicEvents(`video:${video}`), body);
	expect(response.status).toBe(202);
}

it('relays the updates of a topic that exceed one request after a cut link, and likes of other topics', async () => {
	const regions = await linkRegions(['eu', 'us']);
	const [eu, us] = [regions.region('eu'), regions.region('us')];
	const [large, other] = [newVideo(), newVideo()];
	const viewer = await EventStream.openQuery(us, `video=${large}&video=${other}`);
	await viewer.hello();
	await like(eu, large);
	await like(eu, other);
	await viewer.holds(large, 1);
	await viewer.holds(other, 1);
	for (const link of regions.links) link.shut();
	await Promise.all(numbers(SIGNALS).map((index) => signal(eu, large, `signal-${index}`)));
	await Promise.all(numbers(COMMENTS).map((index) => comment(eu, large, `${index} ${LONG}`)));
	await like(eu, other);
	for (const link of regions.links) link.open();
	await viewer.holds(other, 2, 'heart', HEALED_MS);
	const signalled = () => new Set(viewer.events.flatMap((one) => (one.name === 'custom' ? [one.data.name] : []))).size;
	// A busy frontend sheds signals, and counts them.
	await expect
		.poll(async () => signalled() + ((await us.report()).load?.shed ?? 0), { timeout: HEALED_MS })
		.toBe(SIGNALS);
	const texts = () => viewer.events.flatMap((event) => (event.name === 'comment' ? [event.data.text] : []));
	await viewer.until(() => texts().length >= COMMENTS, HEALED_MS);
	expect(texts().sort()).toEqual(
		numbers(COMMENTS)
			.map((index) => `${index} ${LONG}`)
			.sort(),
	);
	const { counters } = await eu.report();
	expect(counters).toMatchObject({ relaysTooLong: 0, relayRefused: 0 });
});
