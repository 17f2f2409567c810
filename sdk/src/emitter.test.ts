import { afterEach, describe, expect, it, vi } from 'vitest';
import { createEmitter } from './emitter.ts';

interface Events {
	readonly news: number;
	readonly other: string;
}

const nativeReportError = globalThis.reportError;

afterEach(() => {
	globalThis.reportError = nativeReportError;
});

describe('an emitter', () => {
	it('calls the listeners of the event, in the order they came', () => {
		const emitter = createEmitter<Events>();
		const heard: unknown[] = [];
		emitter.on('news', (n) => heard.push(['first', n]));
		emitter.on('news', (n) => heard.push(['second', n]));
		emitter.on('other', (text) => heard.push(text));
		emitter.emit('news', 1);
		expect(heard).toEqual([
			['first', 1],
			['second', 1],
		]);
	});

	it('reports what a listener throws as uncaught, and calls the others all the same', () => {
		const reported: unknown[] = [];
		globalThis.reportError = (error: unknown) => reported.push(error);
		const emitter = createEmitter<Events>();
		const heard: number[] = [];
		emitter.on('news', () => {
			throw new Error('of the page');
		});
		emitter.on('news', (n) => heard.push(n));
		expect(() => emitter.emit('news', 1)).not.toThrow();
		expect(heard).toEqual([1]);
		expect(reported).toEqual([new Error('of the page')]);
	});

	it('writes what a listener throws to the console where there is no page', () => {
		const written = vi.spyOn(console, 'error').mockReturnValue();
		const emitter = createEmitter<Events>();
		const error = new Error('of a server');
		emitter.on('news', () => {
			throw error;
		});
		expect(() => emitter.emit('news', 1)).not.toThrow();
		expect(written).toHaveBeenCalledExactlyOnceWith(error);
	});

	it('unbinds the same function once at a time when it was bound twice', () => {
		const emitter = createEmitter<Events>();
		const heard: number[] = [];
		const listener = (n: number) => heard.push(n);
		const unbind = emitter.on('news', listener);
		emitter.on('news', listener);
		emitter.emit('news', 1);
		unbind();
		unbind();
		emitter.emit('news', 2);
		expect(heard).toEqual([1, 1, 2]);
	});

	it('does not call a listener that an earlier one of the same emit unbound', () => {
		const emitter = createEmitter<Events>();
		const heard: number[] = [];
		emitter.on('news', () => unbind());
		const unbind = emitter.on('news', (n) => heard.push(n));
		emitter.emit('news', 1);
		expect(heard).toEqual([]);
	});
});
