import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { temporary } from './errors.ts';
import { createFallback } from './fallback.ts';
import type { OpenTransport, TransportHandlers } from './transport.ts';

/** Creates a way whose attempts a test ends; it appends its name to `opened` at each attempt. */
function way(name: string, opened: string[]) {
	let handlers: TransportHandlers | undefined;
	const open: OpenTransport = (given) => {
		opened.push(name);
		handlers = given;
		return { fail() {}, close() {} };
	};
	return {
		open,
		hello: () => handlers?.onMessage('hello', {}, undefined),
		fail: () => handlers?.onDown(temporary('network', 'It broke.')),
	};
}

function start() {
	const opened: string[] = [];
	const first = way('first', opened);
	const second = way('second', opened);
	const fallback = createFallback(
		{
			...{ events: [], gateways: 2, address: async () => '', addresses: async () => [''], wasRefused: () => false },
			onMessage() {},
			onDown: () => 0,
		},
		[first.open, second.open],
	);
	return { opened, first, second, fallback };
}

beforeEach(() => {
	vi.useFakeTimers();
});
afterEach(() => {
	vi.useRealTimers();
});

it('takes the next way after the first failed at each address', () => {
	const { opened, first, fallback } = start();
	first.fail();
	vi.runAllTimers();
	expect(opened).toEqual(['first']);
	first.fail();
	vi.runAllTimers();
	expect(opened).toEqual(['first', 'second']);
	fallback.close();
});

it('gives a way that came through three attempts at each address', () => {
	const { opened, first, fallback } = start();
	first.hello();
	for (let failures = 0; failures < 5; failures++) first.fail();
	vi.runAllTimers();
	expect(opened).toEqual(['first']);
	first.fail();
	vi.runAllTimers();
	expect(opened).toEqual(['first', 'second']);
	fallback.close();
});
