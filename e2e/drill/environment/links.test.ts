import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Links } from './links.ts';

/** How long an answer has to be missing to count as lost, in milliseconds. */
const LOST_MS = 500;

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
	/** What the other end answers to one. */
	async function ask(from: 'eu' | 'us', signal: AbortSignal | null = null): Promise<string> {
		return (await fetch(`http://${addresses.get(from)}`, { signal })).text();
	}
	/** Waits until an answer counts as lost. */
	async function askInVain(from: 'eu' | 'us'): Promise<void> {
		await expect(ask(from, AbortSignal.timeout(LOST_MS))).rejects.toThrow(/timeout/);
	}
	return { links, asked, ask, askInVain };
}

it('a link that is cut in one direction loses what one end asks, and what it answers', async () => {
	const { links, asked, ask, askInVain } = await linked();
	expect([await ask('eu'), await ask('us')]).toEqual(['us', 'eu']);
	links.cut('eu', 'us');
	await askInVain('eu');
	await askInVain('us');
	expect(asked).toEqual({ us: 1, eu: 2 });
	links.heal();
	expect([await ask('eu'), await ask('us')]).toEqual(['us', 'eu']);
});

it('ends that are parted hear nothing of each other', async () => {
	const { links, asked, ask, askInVain } = await linked();
	links.part('eu', 'us');
	await askInVain('eu');
	await askInVain('us');
	expect(asked).toEqual({ us: 0, eu: 0 });
	links.heal();
	expect([await ask('eu'), await ask('us')]).toEqual(['us', 'eu']);
});

it('ends without a link cannot be cut', () => {
	expect(() => new Links(() => 0).cut('eu', 'us')).toThrow('there is no proxy from eu to us');
});
