import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type EtcdEntry, encodeEntry, ownerOf, parseEntry, regionPrefix } from './etcd-entry.ts';

const entry: EtcdEntry = {
	node: 'a',
	roles: ['likes', 'frontend'],
	url: 'http://10.0.0.1:8081',
	region: 'eu',
	incarnation: 7,
};
const key = `${regionPrefix('/likewire/', 'eu')}a`;

describe('an entry in etcd', () => {
	it('comes back from its text', () => {
		expect(key).toBe('/likewire/eu/a');
		expect(parseEntry(key, encodeEntry(entry))).toEqual(entry);
	});

	it('may say more than this version knows', () => {
		expect(parseEntry(key, JSON.stringify({ ...entry, zone: 'x' }))).toEqual(entry);
	});

	it.each([
		'',
		'null',
		'[]',
		'{"node":"a"}',
		JSON.stringify({ ...entry, roles: [] }),
		JSON.stringify({ ...entry, roles: ['owner'] }),
		JSON.stringify({ ...entry, url: 'http://10.0.0.1:8081/path' }),
		JSON.stringify({ ...entry, url: '10.0.0.1:8081' }),
		JSON.stringify({ ...entry, url: 'http://user:password@10.0.0.1:8081' }),
		JSON.stringify({ ...entry, url: 'file:///etc/passwd' }),
		JSON.stringify({ ...entry, url: 'ftp://10.0.0.1' }),
		JSON.stringify({ ...entry, incarnation: '7' }),
		JSON.stringify({ ...entry, incarnation: 1e300 }),
		JSON.stringify({ ...entry, node: 'b' }),
		JSON.stringify({ ...entry, region: 'us' }),
	])('is not read from %j', (text) => {
		expect(() => parseEntry(key, text)).toThrow();
	});

	it('is read or refused, whatever stands there', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
				expect(() => parseEntry(key, text)).toThrow();
			}),
		);
	});

	it('is of a former life only where nobody but this node can listen', () => {
		expect(ownerOf(entry, entry)).toBe('own');
		expect(ownerOf({ ...entry, incarnation: 6 }, entry)).toBe('former');
		expect(ownerOf({ ...entry, incarnation: 8 }, entry)).toBe('other');
		expect(ownerOf({ ...entry, url: 'http://10.0.0.2:8081' }, entry)).toBe('other');
		expect(ownerOf({ ...entry, url: 'http://10.0.0.2:8081', incarnation: 6 }, entry)).toBe('other');
	});
});
