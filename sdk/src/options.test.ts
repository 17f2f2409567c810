import { describe, expect, it } from 'vitest';
import { type ClientOptions, parseOptions } from './options.ts';

const url = 'https://live.example.com';

const withoutAllKeys = { getItem: () => null, setItem() {}, removeItem() {} };

describe('parseOptions', () => {
	it('keeps the path of an address, without its last slash', () => {
		expect(parseOptions({ url: [`${url}/`, `${url}/eu/live//`] }).urls).toEqual([url, `${url}/eu/live`]);
		expect(parseOptions({ url: ['http://[::1]:8080/', `${url}/@v1`] }).urls).toEqual([
			'http://[::1]:8080',
			`${url}/@v1`,
		]);
	});

	it.each<[string, unknown]>([
		['no options', undefined],
		['options that are null', null],
		['options that are a text', url],
		['no url', {}],
		['an empty list', { url: [] }],
		['an address without a scheme', { url: 'live.example.com' }],
		['a scheme that is not http', { url: 'ftp://live.example.com' }],
		['a query', { url: `${url}?a=1` }],
		['a fragment', { url: `${url}#a` }],
		['a password', { url: 'https://a:b@live.example.com' }],
		['an address without a host', { url: 'https:///live' }],
		['an address with a space', { url: 'https://live example.com' }],
		['one bad address of several', { url: [url, ''] }],
		['an empty token', { url, token: '' }],
		['a token that is a number', { url, token: 7 }],
		['an unknown transport', { url, transport: 'pigeon' }],
		['a user with a space', { url, user: 'a b' }],
		['a user with a line break', { url, user: 'a\r\nb' }],
		['a user of 129 characters', { url, user: 'x'.repeat(129) }],
		['a storage that is a text', { url, storage: 'localStorage' }],
		['a storage that is null', { url, storage: null }],
		['a storage without methods', { url, storage: {} }],
		['a storage that misses one method, as localStorage does', { url, storage: withoutAllKeys }],
	])('refuses %s', (_, options) => {
		expect(() => parseOptions(options as ClientOptions)).toThrow(
			expect.objectContaining({ name: 'LikewireError', code: 'invalid_option', retryable: false }),
		);
	});

	it('takes a storage with the methods of AsyncStorage, also when a class has them', () => {
		class Storage {
			getAllKeys = () => [];
			getItem = () => null;
			setItem() {}
			removeItem() {}
		}
		const storage = new Storage() as unknown as ClientOptions['storage'];
		expect(parseOptions({ url, storage }).storage).toBe(storage);
	});

	it('names the methods that a storage must have', () => {
		expect(() => parseOptions({ url, storage: 'localStorage' as never })).toThrow(
			'storage: must have getAllKeys, getItem, setItem, removeItem.',
		);
	});

	it('never quotes a password', () => {
		expect(() => parseOptions({ url: 'https://a:secret@live.example.com' })).toThrow(/^(?!.*secret)/);
		expect(() => parseOptions({ url: 'https://a:secret@live.example.com?a=1' })).toThrow(/^(?!.*secret)/);
		expect(() => parseOptions({ url: 'ftp://a:secret@live.example.com' })).toThrow(/^(?!.*secret)/);
	});
});
