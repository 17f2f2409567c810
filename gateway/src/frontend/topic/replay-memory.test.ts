import { paths } from '@likewire/protocol';
import { expect, it } from 'vitest';
import { EventStream } from '../../../test/event-stream.ts';
import { GatewayProcess } from '../../../test/gateway-process.ts';
import { postJson } from '../../../test/http-client.ts';
import { testDirectory } from '../../../test/temporary-directory.ts';
import { encodeCursor, parseCursor } from '../../state/cursor.ts';

const EVENTS = 300;
const STREAMS = 80;
const TOPIC = 'scores';

/** Long for a busy machine. */
const SERVED_MS = 60_000;

it('serves streams that resume at many places of a log, in a heap much smaller than all that they receive', async () => {
	const env = { NODE_OPTIONS: '--max-old-space-size=96' };
	const gateway = await GatewayProcess.serving(testDirectory(), { env });
	const publish = async (number: number) => {
		const body = { name: 'score', data: { number, text: 'x'.repeat(7_000) } };
		expect((await postJson(gateway.url + paths.topicEvents(TOPIC), body)).status).toBe(202);
	};
	const live = await EventStream.openQuery(gateway, `topic=${TOPIC}`);
	await live.until(() => live.events.some(({ name }) => name === 'cursor'), SERVED_MS);
	const begin = parseCursor(live.events.find(({ name }) => name === 'cursor')?.id ?? '');
	for (let number = 1; number <= EVENTS; number++) await publish(number);
	const numbersOf = (stream: EventStream) =>
		stream.events.flatMap(({ name, data }) => (name === 'custom' ? [(data.data as { number: number }).number] : []));
	const streams = await Promise.all(
		Array.from({ length: STREAMS }, (_, index) => {
			const positions = new Map(
				[...(begin?.positions ?? [])].map(([region, at]) => [region, { ...at, offset: index }]),
			);
			return EventStream.openQuery(gateway, `topic=${TOPIC}&cursor=${encodeCursor(`topic:${TOPIC}`, positions)}`);
		}),
	);
	for (const [index, stream] of streams.entries()) {
		await stream.until(() => numbersOf(stream).length >= EVENTS - index, SERVED_MS);
		expect(numbersOf(stream)).toEqual(Array.from({ length: EVENTS - index }, (_, number) => index + number + 1));
		expect(stream.events.filter(({ name }) => name === 'gap')).toEqual([]);
		stream.close();
	}
	await publish(EVENTS + 1);
	await live.until(() => numbersOf(live).at(-1) === EVENTS + 1, SERVED_MS);
	expect(gateway.exit).toBeUndefined();
}, 180_000);
