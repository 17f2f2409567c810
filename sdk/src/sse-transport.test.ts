import { describe, expect, it, vi } from 'vitest';
import { cleanUpAfterEach, eventually, type StreamServerOptions, unusedUrl } from '../testing/stream-server.ts';
import { LikewireError, type LikewireErrorCode } from './errors.ts';
import { createSseTransport } from './sse-transport.ts';
import type { Transport, TransportHandlers } from './transport.ts';

const { closing, serve } = cleanUpAfterEach();

function open(address: () => string | Promise<string>, handlers: Partial<TransportHandlers> = {}) {
	const messages: [event: string, data: string | object, id: string | undefined][] = [];
	const errors: unknown[] = [];
	const transport: Transport = createSseTransport({
		events: ['hello', 'heartbeat', 'likes', 'comment'],
		gateways: 1,
		addresses: async () => [],
		address: async () => address(),
		wasRefused: () => false,
		onMessage: (...message) => messages.push(message),
		onDown(error) {
			errors.push(error);
			return 0;
		},
		...handlers,
	});
	closing.push(transport.close);
	return { transport, messages, errors };
}

describe('the stream of Server-Sent Events', () => {
	it('delivers each event once, also after it opened again', async () => {
		const server = await serve();
		const { messages } = open(() => `${server.url}/v1/stream`);
		for (const n of [1, 2, 3]) {
			await eventually(() => expect(server.streams).toHaveLength(n));
			server.streams[n - 1]?.send('heartbeat', { at: n });
			await eventually(() => expect(messages).toContainEqual(['heartbeat', `{"at":${n}}`, undefined]));
			server.streams[n - 1]?.end();
		}
		expect(messages.filter(([event]) => event === 'heartbeat')).toHaveLength(3);
	});

	it('passes the id of an event with that event alone, also when the next stream begins with the same', async () => {
		const server = await serve({ onStream: () => {} });
		const { messages } = open(() => `${server.url}/v1/stream`);
		for (const n of [1, 2]) {
			await eventually(() => expect(server.streams).toHaveLength(n));
			const stream = server.streams[n - 1];
			stream?.write('event: likes\ndata: 1\n\nid: a\nevent: comment\ndata: 2\n\nevent: likes\ndata: 3\n\n');
			stream?.write('id: b\nevent: comment\ndata: 4\n\n');
			if (n === 1) stream?.write('id: a\nevent: unknown\ndata: 5\n\n');
			stream?.end();
		}
		const expected = [
			['likes', '1', undefined],
			['comment', '2', 'a'],
			['likes', '3', undefined],
			['comment', '4', 'b'],
		];
		await eventually(() => expect(messages).toEqual([...expected, ...expected]));
	});

	it('asks for its address at each attempt, and uses no other', async () => {
		const server = await serve({ onStream: (stream) => stream.end() });
		let n = 0;
		open(() => `${server.url}/v1/stream?n=${n++}`);
		await eventually(() => expect(server.streams.length).toBeGreaterThanOrEqual(5));
		const asked = server.streams.map(({ query }) => query.toString());
		expect(asked).toEqual(asked.map((_, i) => `n=${i}`));
	});

	// A native EventSource stays CONNECTING after such an error, and retries the same address by itself.
	it.each<[string, StreamServerOptions['onStream'], LikewireErrorCode]>([
		['ended', (stream) => stream.hello(), 'network'],
		['was cut off', (stream) => stream.hello(), 'network'],
		['was refused', (stream) => stream.refuse(503, 'overloaded'), 'overloaded'],
		['was refused by a proxy', (stream) => stream.refuse(503), 'unexpected_answer'],
		['is no event stream', (stream) => stream.refuse(200), 'unexpected_answer'],
		['is a page', (stream) => stream.refuse(200, undefined, { 'Content-Type': 'text/html' }), 'html_answer'],
		['is empty', (stream) => stream.refuse(204), 'empty_answer'],
	])('moves on to the next address when a stream %s', async (how, onStream, code) => {
		const first = await serve({ onStream: onStream ?? (() => {}) });
		const second = await serve();
		const urls = [first.url, second.url];
		const { errors } = open(() => `${urls.shift() ?? second.url}/v1/stream`);
		await eventually(() => expect(first.streams).toHaveLength(1));
		if (how === 'ended') first.streams[0]?.end();
		if (how === 'was cut off') first.streams[0]?.cut();
		await eventually(() => expect(second.streams).toHaveLength(1));
		expect(first.streams).toHaveLength(1);
		expect(errors).toEqual([expect.objectContaining({ name: 'LikewireError', code, retryable: true })]);
		expect(first.probes).toHaveLength(how === 'ended' || how === 'was cut off' ? 0 : 1);
	});

	it('reports why it was refused, and never quotes its query', async () => {
		const server = await serve({ onStream: (stream) => stream.refuse(404) });
		const { errors } = open(() => `${server.url}/v1/stream?token=secret`);
		await eventually(() => expect(errors.length).toBeGreaterThan(0));
		expect(String(errors[0])).toMatch(`${server.url}/v1/stream answered 404`);
		expect(String(errors[0])).not.toContain('secret');
	});

	it('stops asking for the reason when it closes', async () => {
		const server = await serve({
			onStream(stream) {
				if (stream !== server.probes[0]) stream.refuse(401);
			},
		});
		const { transport, errors } = open(() => `${server.url}/v1/stream`);
		await eventually(() => expect(server.probes).toHaveLength(1));
		transport.close();
		await eventually(() => expect(server.probes[0]?.isOpen).toBe(false));
		expect(errors).toEqual([]);
	});

	it('moves on to the next address when no server listens at one', async () => {
		const second = await serve();
		const urls = [await unusedUrl(), second.url];
		open(() => `${urls.shift() ?? second.url}/v1/stream`);
		await eventually(() => expect(second.streams).toHaveLength(1));
	});

	it('waits after each failure at most the time that the connection returned for it', async () => {
		const server = await serve({ onStream: (stream) => stream.refuse(500) });
		const random = vi.spyOn(Math, 'random').mockReturnValue(1);
		closing.push(() => random.mockRestore());
		const ceilings = [10, 150, 10, 300];
		const downAt: number[] = [];
		/** Whether a longer time than each wait was over when the wait ended. */
		const late: boolean[] = [];
		let isOver = false;
		let timer: ReturnType<typeof setTimeout> | undefined;
		closing.push(() => clearTimeout(timer));
		function address(): string {
			late.push(isOver);
			return `${server.url}/v1/stream`;
		}
		open(address, {
			onDown() {
				downAt.push(Date.now());
				const ceiling = ceilings[downAt.length - 1] ?? 60_000;
				isOver = false;
				clearTimeout(timer);
				// It starts with the wait, and so it ends later, also on a busy machine.
				timer = setTimeout(() => {
					isOver = true;
				}, ceiling + 100);
				return ceiling;
			},
		});
		await eventually(() => expect(downAt).toHaveLength(5));
		const waits = server.streams.slice(1).map(({ at }, i) => at - (downAt[i] ?? 0));
		for (const [i, ceiling] of ceilings.entries()) expect(waits[i]).toBeGreaterThanOrEqual(ceiling - 5);
		expect(late).toEqual(Array(5).fill(false));
	});

	it('tries again when its address cannot be fetched', async () => {
		const server = await serve();
		let asked = 0;
		const { errors } = open(async () => {
			if (asked++ === 0) throw new Error('no token today');
			return `${server.url}/v1/stream`;
		});
		await eventually(() => expect(server.streams).toHaveLength(1));
		expect(errors).toEqual([new Error('no token today')]);
	});

	it('gives a stream up when the connection fails it', async () => {
		const server = await serve();
		const { transport, messages, errors } = open(() => `${server.url}/v1/stream`);
		await eventually(() => expect(messages).toHaveLength(1));
		const silence = new LikewireError('timeout', 'silence');
		transport.fail(silence);
		await eventually(() => expect(server.streams).toHaveLength(2));
		await eventually(() => expect(server.streams[0]?.isOpen).toBe(false));
		expect(errors).toEqual([silence]);
	});

	it('delivers no event after it closed, not even the rest of a chunk', async () => {
		const server = await serve({ onStream: () => {} });
		const received: string[] = [];
		const { transport, errors } = open(() => `${server.url}/v1/stream`, {
			onMessage(_, data) {
				received.push(String(data));
				transport.close();
			},
		});
		await eventually(() => expect(server.streams).toHaveLength(1));
		server.streams[0]?.write('event: heartbeat\ndata: 1\n\nevent: heartbeat\ndata: 2\n\n');
		await eventually(() => expect(server.streams[0]?.isOpen).toBe(false));
		expect(received).toEqual(['1']);
		expect(errors).toEqual([]);
	});

	it('opens no stream when it closes at once', async () => {
		const address = vi.fn(() => 'http://127.0.0.1:1');
		const { transport } = open(address);
		transport.close();
		await new Promise(setImmediate);
		expect(address).not.toHaveBeenCalled();
	});
});
