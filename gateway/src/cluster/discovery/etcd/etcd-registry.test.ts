import { beforeEach, describe, expect, it } from 'vitest';
import { peerOf } from '../../../../test/members.ts';
import { EtcdRegistry, type Sighting } from './etcd-registry.ts';

const TTL_MS = 10_000;

function sighting(node: string, revision: number, incarnation = 1): Sighting {
	return { key: `/x/eu/${node}`, entry: { ...peerOf(node), region: 'eu', incarnation }, revision };
}

const gone = (node: string, revision: number): Sighting => ({ ...sighting(node, revision), entry: 'none' });

let registry: EtcdRegistry;
const names = () => registry.entries.map(({ node }) => node).join();

beforeEach(() => {
	registry = new EtcdRegistry(TTL_MS);
	registry.listed([sighting('b', 5), sighting('a', 3)], 5, 0);
});

describe('the nodes in etcd', () => {
	it('are those of the first list, by name', () => {
		expect(names()).toBe('a,b');
		expect(registry.dueAt).toBeUndefined();
	});

	it('change at once with what a watch says', () => {
		registry.changed(sighting('c', 6));
		expect(names()).toBe('a,b,c');
		registry.changed(gone('a', 7));
		expect(names()).toBe('b,c');
	});

	it('do not change with what a later list has shown already', () => {
		registry.changed(gone('a', 6));
		registry.listed([sighting('a', 8), sighting('b', 5)], 9, 0);
		registry.changed(gone('a', 7));
		registry.changed(sighting('c', 9));
		expect(names()).toBe('a,b');
	});

	it('are kept for one TTL when a list does not have them', () => {
		registry.listed([], 1, 1_000);
		expect([names(), registry.missing, registry.dueAt]).toEqual(['a,b', 2, 1_000 + TTL_MS]);
		registry.forget(1_000 + TTL_MS - 1);
		expect(names()).toBe('a,b');
		registry.forget(1_000 + TTL_MS);
		expect([names(), registry.missing, registry.dueAt]).toEqual(['', 0, undefined]);
	});

	it('that come back in that time stay', () => {
		registry.listed([], 1, 1_000);
		registry.changed(sighting('a', 2, 7));
		registry.forget(1_000 + TTL_MS);
		expect(registry.entries).toMatchObject([{ node: 'a', incarnation: 7 }]);
	});

	it('keep their time when the next list does not have them either', () => {
		registry.listed([], 1, 1_000);
		registry.listed([], 1, 9_000);
		registry.forget(1_000 + TTL_MS);
		expect(names()).toBe('');
	});

	it('are not forgotten while etcd is out of reach, and have all of their time after it', () => {
		registry.listed([], 1, 1_000);
		registry.cut();
		registry.forget(1_000_000);
		expect([names(), registry.dueAt]).toEqual(['a,b', undefined]);
		registry.listed([sighting('b', 3)], 3, 2_000_000);
		registry.forget(2_000_000 + TTL_MS - 1);
		expect(names()).toBe('a,b');
		registry.forget(2_000_000 + TTL_MS);
		expect(names()).toBe('b');
	});

	it('that are missing go at once when a watch says so', () => {
		registry.listed([sighting('b', 5)], 6, 0);
		registry.changed(gone('a', 7));
		expect(names()).toBe('b');
	});

	it('stay as they were when what stands there cannot be read', () => {
		registry.changed({ key: '/x/eu/a', entry: 'unreadable', revision: 6 });
		registry.changed({ key: '/x/eu/c', entry: 'unreadable', revision: 7 });
		registry.listed([{ key: '/x/eu/a', entry: 'unreadable', revision: 6 }, sighting('b', 5)], 8, 0);
		expect([names(), registry.missing]).toEqual(['a,b', 0]);
	});
});
