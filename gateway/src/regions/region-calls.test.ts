import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../test/free-port.ts';
import { PEER_PROTOCOL } from '../cluster/rpc/messages.ts';
import { createPeerClient, type PeerClient, PeerError, PeerRefusedError } from '../cluster/rpc/peer-client.ts';
import { createRegionCalls, regionPaths } from './region-calls.ts';

const SECRET = 'a-secret-of-the-regions';
const relay = { to: 'us', updates: new Map(), greeting: true };

let client: PeerClient;
beforeEach(() => {
	client = createPeerClient(2);
});
afterEach(() => client.close());

const callsTo = (...urls: string[]) =>
	createRegionCalls({
		self: { node: 'd1', region: 'eu' },
		secret: SECRET,
		regions: [{ region: 'us', urls }],
		client,
	});

interface Dispatcher {
	readonly url: string;
	readonly asked: IncomingMessage[];
}

/** Starts a dispatcher of another region that answers by `answer`. */
async function dispatcher(answer: (response: ServerResponse) => void): Promise<Dispatcher> {
	const asked: IncomingMessage[] = [];
	const server = createServer((request, response) => {
		asked.push(request);
		request.resume().on('end', () => answer(response));
	});
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked };
}

const of = (region: string | undefined, status = 204, body = '') =>
	dispatcher((response) => {
		response.writeHead(status, region === undefined ? {} : { 'x-likewire-region': region }).end(body);
	});
const unusedAddress = async () => `http://127.0.0.1:${await freePort()}`;

describe('RegionCalls.relay', () => {
	it('names the sender and the recipient, and sends the secret', async () => {
		const us = await of('us');
		await callsTo(us.url).relay(relay);
		expect(us.asked[0]).toMatchObject({
			method: 'POST',
			url: regionPaths.relay,
			headers: {
				'x-likewire-region': 'eu',
				'x-likewire-to': 'us',
				'x-likewire-node': 'd1',
				'x-likewire-secret': SECRET,
				'x-likewire-protocol': PEER_PROTOCOL,
				'content-type': 'application/json',
			},
		});
	});

	it('uses the next address after one that does not answer, and stays with it', async () => {
		const [gone, us] = [await unusedAddress(), await of('us')];
		const calls = callsTo(gone, us.url);
		await expect(calls.relay(relay)).rejects.toBeInstanceOf(PeerError);
		for (let count = 0; count < 3; count++) await calls.relay(relay);
		expect(us.asked).toHaveLength(3);
		expect(calls.urlsOf('us')).toEqual([us.url, gone]);
	});

	it('tries the addresses in turn, each once in a round, also when several fail at a time', async () => {
		const urls = [await unusedAddress(), await unusedAddress(), await unusedAddress()];
		const calls = callsTo(...urls);
		await Promise.allSettled([calls.relay(relay), calls.relay(relay)]);
		expect(calls.urlsOf('us')).toEqual([urls[1], urls[2], urls[0]]);
		for (let count = 0; count < 2; count++) await calls.relay(relay).catch(() => undefined);
		expect(calls.urlsOf('us')).toEqual(urls);
	});

	it.each([
		['of another region', 'mars'],
		['of its own region', 'eu'],
		['that names no region', undefined],
	])('rejects on an answer of a node %s, and uses the next address', async (_, region) => {
		const [wrong, us] = [await of(region), await of('us')];
		const calls = callsTo(wrong.url, us.url);
		await expect(calls.relay(relay)).rejects.toBeInstanceOf(PeerRefusedError);
		await calls.relay(relay);
		expect(us.asked).toHaveLength(1);
	});

	it.each([401, 409])('rejects with a PeerRefusedError on status %d', async (status) => {
		const us = await of('us', status, '{"detail":"no"}');
		const refused = expect(callsTo(us.url).relay(relay)).rejects;
		await refused.toBeInstanceOf(PeerRefusedError);
	});

	it.each([400, 413, 500, 503])('rejects with a PeerError on status %d', async (status) => {
		const us = await of('us', status);
		const error = await callsTo(us.url)
			.relay(relay)
			.catch((thrown: unknown) => thrown);
		expect(error).toBeInstanceOf(PeerError);
		expect(error).not.toBeInstanceOf(PeerRefusedError);
	});

	it('rejects for a region that --regions does not name', async () => {
		const calls = callsTo(await unusedAddress());
		await expect(calls.relay({ ...relay, to: 'mars' })).rejects.toBeInstanceOf(PeerError);
	});
});

describe('RegionCalls.changes', () => {
	const page = {
		rows: { 'video:v1': { us: { epoch: 3, counts: { heart: [1, 0] } } } },
		values: {},
		next: { epoch: 3, at: 'x' },
		more: false,
	};
	const answering = (body: unknown) => of('us', 200, typeof body === 'string' ? body : JSON.stringify(body));

	it('resolves with a page', async () => {
		const us = await answering(page);
		const answer = await callsTo(us.url).changes('us', { epoch: 3, at: 'w' }, 500);
		expect(answer).toEqual({ ...page, rows: new Map(Object.entries(page.rows)), values: new Map() });
		expect(us.asked[0]?.url).toBe(regionPaths.changes);
	});

	it.each<[string, unknown]>([
		['an empty body', ''],
		['half a page', '{"rows":{}'],
		['null', 'null'],
		['a page without a next position', { ...page, next: undefined }],
		['a malformed position', { ...page, next: { epoch: -1, at: 'x' } }],
		['a malformed topic', { ...page, rows: { v1: {} } }],
		['a negative count', { ...page, rows: { 'video:v1': { us: { epoch: 3, counts: { heart: [-1, 0] } } } } }],
	])('rejects on %s', async (_, body) => {
		const us = await answering(body);
		const error = callsTo(us.url).changes('us', undefined, 500);
		await expect(error).rejects.toBeInstanceOf(PeerError);
	});
});
