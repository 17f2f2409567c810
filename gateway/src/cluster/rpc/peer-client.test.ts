import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { freePort } from '../../../test/free-port.ts';
import { startTimer } from '../../../test/start-timer.ts';
import { createPeerClient, type PeerClient, PeerError, type PeerRequest } from './peer-client.ts';

const CONNECTIONS = 2;

let client: PeerClient;
beforeEach(() => {
	client = createPeerClient(CONNECTIONS);
});
afterEach(() => client.close());

async function listening(server: Server | TcpServer): Promise<string> {
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Starts a node with this handler. Returns its address and the sockets of its requests. */
async function node(onRequest: RequestListener): Promise<{ url: string; sockets: Set<Socket> }> {
	const sockets = new Set<Socket>();
	const server = createServer((request, response) => {
		sockets.add(request.socket);
		onRequest(request, response);
	});
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return { url: await listening(server), sockets };
}

/** Starts a server that handles connections without HTTP. */
async function port(onConnection: (socket: Socket) => void): Promise<string> {
	const server = createTcpServer((socket) => {
		socket.on('error', () => undefined);
		onTestFinished(() => {
			socket.destroy();
		});
		onConnection(socket);
	});
	onTestFinished(() => {
		server.close();
	});
	return listening(server);
}

function send(url: string, more: Partial<PeerRequest> = {}) {
	return client.send({ url, path: '/internal/v1/ping', headers: { 'x-from': 'me' }, deadlineMs: 5_000, ...more });
}

/** Expects a request to fail with this reason. */
async function expectFailure(request: Promise<unknown>, text: RegExp): Promise<void> {
	const error = await request.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	expect(error).toBeInstanceOf(PeerError);
	expect((error as PeerError).message).toMatch(text);
}

describe('PeerClient', () => {
	it('resolves with status, headers and the whole body, for any status', async () => {
		const { url } = await node((request, response) => {
			const parts: Buffer[] = [];
			request.on('data', (part: Buffer) => parts.push(part));
			request.on('end', () => {
				const { method, url: path, headers } = request;
				response.writeHead(409, { 'X-Node': 'd1' });
				response.write(`${method} ${path} ${headers['x-from']} `);
				response.end(Buffer.concat(parts));
			});
		});
		const answer = await send(url, { body: 'ä♥' });
		expect([answer.status, answer.headers['x-node'], answer.body]).toEqual([409, 'd1', 'POST /internal/v1/ping me ä♥']);
		expect((await send(url, { method: 'DELETE', path: '/x' })).body).toBe('DELETE /x me ');
		expect((await send(url, { method: 'GET', body: new Uint8Array() })).body).toBe('GET /internal/v1/ping me ');
	});

	it('reuses its connections', async () => {
		const { url, sockets } = await node((_, response) => response.end('ok'));
		for (let count = 0; count < 20; count++) expect((await send(url)).body).toBe('ok');
		expect(sockets.size).toBeLessThanOrEqual(CONNECTIONS);
	});

	it('opens at most its number of connections to a node, and further requests wait', async () => {
		const answers: (() => void)[] = [];
		const { url, sockets } = await node((_, response) => answers.push(() => response.end('ok')));
		const requests = Array.from({ length: 5 }, () => send(url));
		for (let answered = 0; answered < requests.length; answered++) {
			await expect.poll(() => answers.length).toBeGreaterThan(0);
			answers.shift()?.();
		}
		await Promise.all(requests);
		expect(sockets.size).toBeLessThanOrEqual(CONNECTIONS);
	});

	it('rejects at once when no server listens', async () => {
		await expectFailure(send(`http://127.0.0.1:${await freePort()}`), /ECONNREFUSED/);
	});

	it('rejects at the deadline when the server does not answer', async () => {
		const url = await port(() => undefined);
		const isOver = startTimer(200);
		await expectFailure(send(url, { deadlineMs: 200 }), /no answer within 200 ms/);
		expect(isOver()).toBe(true);
	});

	it('rejects at the deadline when the answer does not end', async () => {
		const { url } = await node((_, response) => void response.writeHead(200).write('half'));
		const isOver = startTimer(200);
		await expectFailure(send(url, { deadlineMs: 200 }), /no answer within 200 ms/);
		expect(isOver()).toBe(true);
	});

	it('rejects at the deadline when the request waits for a connection, and never sends it', async () => {
		let asked = 0;
		const { url } = await node(() => asked++);
		const holders = Array.from({ length: CONNECTIONS }, () => send(url, { deadlineMs: 2_000 }));
		const isOver = startTimer(300);
		const waiting = Array.from({ length: 3 }, () => send(url, { deadlineMs: 300 }));
		await Promise.all(waiting.map((request) => expectFailure(request, /no answer within 300 ms/)));
		expect(isOver()).toBe(true);
		await Promise.all(holders.map((request) => expectFailure(request, /no answer within 2000 ms/)));
		expect(asked).toBe(CONNECTIONS);
	});

	it('rejects when the answer is cut in its head or its body', async () => {
		for (const text of ['', 'HTTP/1.1 200 OK\r\nContent-Le', 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf']) {
			const url = await port((socket) => socket.once('data', () => socket.end(text)));
			await expectFailure(send(url), /./);
		}
		const reset = await port((socket) => socket.once('data', () => socket.resetAndDestroy()));
		await expectFailure(send(reset), /ECONNRESET|closed/);
	});

	it('rejects when the answer is not HTTP', async () => {
		await expectFailure(send(await port((socket) => socket.end('SSH-2.0-OpenSSH_9\r\n'))), /./);
	});

	it('opens a new connection after a failure', async () => {
		let broken = true;
		const { url, sockets } = await node((request, response) => {
			if (broken) request.socket.destroy();
			else response.end('ok');
		});
		for (let count = 0; count < 3; count++) await expectFailure(send(url), /./);
		broken = false;
		expect((await send(url)).body).toBe('ok');
		expect(sockets.size).toBeGreaterThan(1);
	});

	it('rejects open requests when it closes', async () => {
		const { url } = await node(() => undefined);
		const request = send(url);
		const failure = expectFailure(request, /./);
		await client.close();
		await failure;
	});
});
