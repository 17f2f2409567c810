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

describe('parseEntry', () => {
	it('returns the entry of an encoded text', () => {
		expect(key).toBe('/likewire/eu/a');
		expect(parseEntry(key, encodeEntry(entry))).toEqual(entry);
	});

	it('ignores unknown fields', () => {
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
	])('throws for %j', (text) => {
		expect(() => parseEntry(key, text)).toThrow();
	});

	it('returns an entry or throws for any text', () => {
		fc.assert(
			fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
				expect(() => parseEntry(key, text)).toThrow();
			}),
		);
	});

	it('takes an entry for a former life only at the address of this node', () => {
		expect(ownerOf(entry, entry)).toBe('own');
		expect(ownerOf({ ...entry, incarnation: 6 }, entry)).toBe('former');
		expect(ownerOf({ ...entry, incarnation: 8 }, entry)).toBe('other');
		expect(ownerOf({ ...entry, url: 'http://10.0.0.2:8081' }, entry)).toBe('other');
		expect(ownerOf({ ...entry, url: 'http://10.0.0.2:8081', incarnation: 6 }, entry)).toBe('other');
	});
});
