import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createClient } from '@likewire/sdk';
import { WebSocket as UndiciWebSocket } from 'undici';
import { expect, it, onTestFinished } from 'vitest';

// Node 20 has no WebSocket.
globalThis.WebSocket ??= UndiciWebSocket as unknown as typeof WebSocket;

/** Starts a server that refuses each request; returns its address, and the paths of the requests. */
async function startRefusing() {
	const paths: string[] = [];
	const server = createServer((request, response) => {
		paths.push((request.url ?? '').replace(/\?.*/, ''));
		response.writeHead(401, { 'Content-Type': 'application/problem+json' });
		response.end(JSON.stringify({ code: 'unauthorized', detail: 'A token is wanted.' }));
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}

it('a client with a refused socket asks a poll for the reason, and opens no stream that would count', async () => {
	const { url, paths } = await startRefusing();
	const live = createClient({ url, transport: 'websocket', user: 'ann' });
	onTestFinished(() => live.close());
	const errors: unknown[] = [];
	live.on('error', (error) => errors.push(error));
	live.video('v1');
	await expect.poll(() => live.state).toBe('closed');
	expect(errors).toEqual([expect.objectContaining({ code: 'unauthorized' })]);
	expect(paths).toContain('/v1/poll');
	expect(paths).not.toContain('/v1/stream');
});
