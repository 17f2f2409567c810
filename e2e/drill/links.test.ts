import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Links } from './links.ts';

/** Nobody waits longer for what a link has lost, in milliseconds. */
const PATIENCE_MS = 500;

/** Two ends that count what they are asked, with a link in each direction. */
async function linked() {
	const links = new Links(() => 0);
	const asked = { eu: 0, us: 0 };
	const addresses = new Map<string, string>();
	for (const [from, to] of [
		['eu', 'us'],
		['us', 'eu'],
	] as const) {
		const server = createServer((_, response) => {
			asked[to]++;
			response.end(to);
		});
		await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
		addresses.set(from, await links.addressOf(from, to, (server.address() as AddressInfo).port));
		onTestFinished(() => {
			server.close();
			server.closeAllConnections();
		});
	}
	onTestFinished(() => links.close());
	/** What the other end answers to one; undefined when nothing comes. */
	async function ask(from: 'eu' | 'us'): Promise<string | undefined> {
		try {
			const signal = AbortSignal.timeout(PATIENCE_MS);
			return await (await fetch(`http://${addresses.get(from)}`, { signal })).text();
		} catch {
			return undefined;
		}
	}
	return { links, asked, ask };
}

it('a link that is cut in one direction loses what one end asks, and what it answers', async () => {
	const { links, asked, ask } = await linked();
	expect([await ask('eu'), await ask('us')]).toEqual(['us', 'eu']);
	links.cut('eu', 'us');
	expect([await ask('eu'), await ask('us')]).toEqual([undefined, undefined]);
	expect(asked).toEqual({ us: 1, eu: 2 });
	links.heal();
	expect([await ask('eu'), await ask('us')]).toEqual(['us', 'eu']);
});

it('ends that are parted hear nothing of each other', async () => {
	const { links, asked, ask } = await linked();
	links.part('eu', 'us');
	expect([await ask('eu'), await ask('us')]).toEqual([undefined, undefined]);
	expect(asked).toEqual({ us: 0, eu: 0 });
	links.heal();
	expect([await ask('eu'), await ask('us')]).toEqual(['us', 'eu']);
});

it('ends without a link cannot be cut', () => {
	expect(() => new Links(() => 0).cut('eu', 'us')).toThrow('there is no proxy from eu to us');
});
