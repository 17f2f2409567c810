import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEmitter } from './emitter.ts';

interface Events {
	readonly update: number;
	readonly other: string;
}

const nativeReportError = globalThis.reportError;

afterEach(() => {
	globalThis.reportError = nativeReportError;
});

describe('createEmitter', () => {
	it('calls the listeners of the event, in the order in which they were added', () => {
		const emitter = createEmitter<Events>();
		const received: unknown[] = [];
		emitter.on('update', (n) => received.push(['first', n]));
		emitter.on('update', (n) => received.push(['second', n]));
		emitter.on('other', (text) => received.push(text));
		emitter.emit('update', 1);
		expect(received).toEqual([
			['first', 1],
			['second', 1],
		]);
	});

	it('reports what a listener throws as uncaught, and still calls the others', () => {
		const reported: unknown[] = [];
		globalThis.reportError = (error: unknown) => reported.push(error);
		const emitter = createEmitter<Events>();
		const received: number[] = [];
		emitter.on('update', () => {
			throw new Error('of the page');
		});
		emitter.on('update', (n) => received.push(n));
		expect(() => emitter.emit('update', 1)).not.toThrow();
		expect(received).toEqual([1]);
		expect(reported).toEqual([new Error('of the page')]);
	});

	it('writes what a listener throws to the console outside a page', () => {
		const written = vi.spyOn(console, 'error').mockReturnValue();
		const emitter = createEmitter<Events>();
		const error = new Error('of a server');
		emitter.on('update', () => {
			throw error;
		});
		expect(() => emitter.emit('update', 1)).not.toThrow();
		expect(written).toHaveBeenCalledExactlyOnceWith(error);
	});

	it('removes one binding at a time of a function that was bound twice', () => {
		const emitter = createEmitter<Events>();
		const received: number[] = [];
		const listener = (n: number) => received.push(n);
		const unbind = emitter.on('update', listener);
		emitter.on('update', listener);
		emitter.emit('update', 1);
		unbind();
		unbind();
		emitter.emit('update', 2);
		expect(received).toEqual([1, 1, 2]);
	});

	it('does not call a listener that an earlier one of the same emit unbound', () => {
		const emitter = createEmitter<Events>();
		const received: number[] = [];
		emitter.on('update', () => unbind());
		const unbind = emitter.on('update', (n) => received.push(n));
		emitter.emit('update', 1);
		expect(received).toEqual([]);
	});
});
