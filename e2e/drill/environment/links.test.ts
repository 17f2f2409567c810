import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { Links } from './links.ts';

/** The timeout after which an answer counts as lost, in milliseconds. */
const LOST_MS = 500;

/** Starts two servers that count their requests, with a link in each direction. */
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
	/** Sends a request to the other end, and resolves with its answer. */
	async function ask(from: 'eu' | 'us', signal: AbortSignal | null = null): Promise<string> {
		return (await fetch(`http://${addresses.get(from)}`, { signal })).text();
	}
	/** Sends a request, and expects its answer to be lost. */
	async function askInVain(from: 'eu' | 'us'): Promise<void> {
		await expect(ask(from, AbortSignal.timeout(LOST_MS))).rejects.toThrow(/timeout/);
	}
	return { links, asked, ask, askInVain };
}

it('drops the requests and the answers of one end when the link is cut in one direction', async () => {
	const { links, asked, ask, askInVain } = await linked();
	expect([await ask('eu'), await ask('us')]).toEqual(['us', 'eu']);
	links.cut('eu', 'us');
	await askInVain('eu');
	await askInVain('us');
	expect(asked).toEqual({ us: 1, eu: 2 });
	links.heal();
	expect([await ask('eu'), await ask('us')]).toEqual(['us', 'eu']);
});

it('drops all messages between partitioned ends', async () => {
	const { links, asked, ask, askInVain } = await linked();
	links.partition('eu', 'us');
	await askInVain('eu');
	await askInVain('us');
	expect(asked).toEqual({ us: 0, eu: 0 });
	links.heal();
	expect([await ask('eu'), await ask('us')]).toEqual(['us', 'eu']);
});

it('refuses to cut ends without a link', () => {
	expect(() => new Links(() => 0).cut('eu', 'us')).toThrow('no proxy from eu to us');
});
