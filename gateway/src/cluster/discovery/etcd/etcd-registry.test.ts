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

describe('EtcdRegistry', () => {
	it('returns the nodes of the first list by name', () => {
		expect(names()).toBe('a,b');
		expect(registry.dueAt).toBeUndefined();
	});

	it('applies the changes of a watch at once', () => {
		registry.changed(sighting('c', 6));
		expect(names()).toBe('a,b,c');
		registry.changed(gone('a', 7));
		expect(names()).toBe('b,c');
	});

	it('ignores a change that a later list includes', () => {
		registry.changed(gone('a', 6));
		registry.listed([sighting('a', 8), sighting('b', 5)], 9, 0);
		registry.changed(gone('a', 7));
		registry.changed(sighting('c', 9));
		expect(names()).toBe('a,b');
	});

	it('keeps nodes for one TTL that a list does not have', () => {
		registry.listed([], 1, 1_000);
		expect([names(), registry.missing, registry.dueAt]).toEqual(['a,b', 2, 1_000 + TTL_MS]);
		registry.forget(1_000 + TTL_MS - 1);
		expect(names()).toBe('a,b');
		registry.forget(1_000 + TTL_MS);
		expect([names(), registry.missing, registry.dueAt]).toEqual(['', 0, undefined]);
	});

	it('keeps nodes that return in that time', () => {
		registry.listed([], 1, 1_000);
		registry.changed(sighting('a', 2, 7));
		registry.forget(1_000 + TTL_MS);
		expect(registry.entries).toMatchObject([{ node: 'a', incarnation: 7 }]);
	});

	it('does not extend the TTL when the next list does not have the node either', () => {
		registry.listed([], 1, 1_000);
		registry.listed([], 1, 9_000);
		registry.forget(1_000 + TTL_MS);
		expect(names()).toBe('');
	});

	it('forgets no node while etcd is unreachable, and begins the TTL again after it', () => {
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

	it('forgets a missing node at once when a watch deletes it', () => {
		registry.listed([sighting('b', 5)], 6, 0);
		registry.changed(gone('a', 7));
		expect(names()).toBe('b');
	});

	it('keeps an entry when its new value is unreadable', () => {
		registry.changed({ key: '/x/eu/a', entry: 'unreadable', revision: 6 });
		registry.changed({ key: '/x/eu/c', entry: 'unreadable', revision: 7 });
		registry.listed([{ key: '/x/eu/a', entry: 'unreadable', revision: 6 }, sighting('b', 5)], 8, 0);
		expect([names(), registry.missing]).toEqual(['a,b', 0]);
	});
});
