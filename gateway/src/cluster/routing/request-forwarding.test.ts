import { createServer as createHttpServer } from 'node:http';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { startTimer } from '../../../test/start-timer.ts';
import { makeCaller } from '../../auth/caller.ts';
import type { Request } from '../../http/request.ts';
import { createPeerClient } from '../rpc/peer-client.ts';
import { createSender } from './request-forwarding.ts';

/** The deadline of a request over all tries, in milliseconds. */
const WITHIN_MS = 3_000;

const headers = { 'content-type': '', 'idempotency-key': 'x', 'last-event-id': '' };
const request = { method: 'POST', path: '/v1/x', query: '', headers } as unknown as Request;

async function listen(server: Server): Promise<string> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.close();
	});
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A node that accepts connections and never answers. */
async function frozen(): Promise<{ url: string; connections: Set<Socket> }> {
	const connections = new Set<Socket>();
	const url = await listen(createServer((socket) => connections.add(socket)));
	onTestFinished(() => {
		for (const socket of connections) socket.destroy();
	});
	return { url, connections };
}

async function send(urls: readonly string[]) {
	const client = createPeerClient(4);
	onTestFinished(() => client.close());
	const sendOn = createSender({ headers: () => ({}), client, prefix: '' });
	return sendOn(request, new Uint8Array(), makeCaller({ proof: 'none' }), urls, WITHIN_MS);
}

it('forwards a request in time to the last address when the others hang', async () => {
	const hanging = [await frozen(), await frozen()];
	const well = await listen(createHttpServer((_, response) => response.writeHead(201).end('{}')));
	expect(await send([...hanging.map(({ url }) => url), well])).toMatchObject({ status: 201 });
	for (const { connections } of hanging) expect(connections.size).toBe(1);
});

it('waits for several addresses that hang no longer than for one', async () => {
	const hanging = await Promise.all(Array.from({ length: 5 }, frozen));
	const isOver = startTimer(hanging.length * WITHIN_MS);
	expect(await send(hanging.map(({ url }) => url))).toMatchObject({ status: 503 });
	expect(isOver()).toBe(false);
	for (const { connections } of hanging) expect(connections.size).toBe(1);
});
