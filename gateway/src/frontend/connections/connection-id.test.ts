import { describe, expect, it } from 'vitest';
import { connectionId, frontendOf, workerOf } from './connection-id.ts';

describe('connectionId', () => {
	it.each(['node-1', 'a.b', 'a.2~b', '~', 'a.7~'])('names the node %s and its worker', (node) => {
		const [alone, third] = [connectionId('x_-9', node, undefined), connectionId('x_-9', node, 3)];
		expect([frontendOf(alone), frontendOf(third)]).toEqual([node, node]);
		expect([workerOf(alone), workerOf(third)]).toEqual([undefined, 3]);
	});

	it('finds no node and no worker in other texts', () => {
		for (const text of ['', 'node-1', '3~abc']) expect([frontendOf(text), workerOf(text)]).toEqual(['', undefined]);
		for (const text of ['n.x~a', 'n.1234~a', 'n.~a']) expect(workerOf(text)).toBeUndefined();
	});
});
