import { createHash } from 'node:crypto';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { z } from 'zod';
import { startTestNode } from '../../../test/cluster.ts';
import { freePort } from '../../../test/free-port.ts';
import { regionPaths } from '../../regions/region-calls.ts';
import { KINDS } from '../../state/kinds/registry.ts';
import * as logMessages from './log-messages.ts';
import * as messages from './messages.ts';
import { PEER_PROTOCOL } from './messages.ts';
import { peerPaths } from './peer-paths.ts';
import * as timelineMessages from './timeline-messages.ts';

/** The version of the protocol, and a hash of its messages. */
const RECORDED = '3 3085c5d59c91';

function hashOfMessages(): string {
	const schemas = Object.entries({ ...messages, ...logMessages, ...timelineMessages }).filter(
		([, value]) => value instanceof z.ZodType,
	);
	const kinds = Object.entries(KINDS).map(([name, kind]) => [`kind ${name}`, kind?.schema] as const);
	const described = [...schemas, ...kinds].map(([name, schema]) => [
		name,
		z.toJSONSchema(schema as z.ZodType, { io: 'input', unrepresentable: 'any' }),
	]);
	described.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1));
	const all = JSON.stringify([described, peerPaths, regionPaths]);
	return createHash('sha256').update(all).digest('hex').slice(0, 12);
}

describe('PEER_PROTOCOL', () => {
	it('has the recorded messages of its version', () => {
		const now = `${PEER_PROTOCOL} ${hashOfMessages()}`;
		const remedy = `the messages between nodes changed: raise PEER_PROTOCOL (cluster/rpc/messages.ts) if version ${PEER_PROTOCOL} was in a release, and record it here: RECORDED = '${now}' with the version that it has then`;
		expect(now, remedy).toBe(RECORDED);
	});
});

/** Forwards requests to a port with the headers of another version. */
async function asVersion(version: string, port: number): Promise<number> {
	const server = createServer((asked, response) => {
		const headers = { ...asked.headers, 'x-likewire-protocol': version };
		const upstream = request({ port, method: asked.method, path: asked.url, headers }, (answer) => {
			response.writeHead(answer.statusCode ?? 502, answer.headers);
			answer.pipe(response);
		});
		upstream.on('error', () => response.destroy());
		asked.pipe(upstream);
	});
	await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
	onTestFinished(() => {
		server.closeAllConnections();
		server.close();
	});
	return (server.address() as AddressInfo).port;
}

describe('two nodes of different versions', () => {
	it('refuse each other, and log the name of the other node and both versions', async () => {
		const [portOfA, portOfB] = [await freePort(), await freePort()];
		const [all, most] = ['likes+dispatcher+frontend', 'dispatcher+frontend'];
		const start = async (node: string, roles: string, port: number, peers: string) =>
			(await startTestNode(node, port, { roles: roles.replaceAll('+', ','), peers })).log;
		// Each node reaches the other through a proxy that names another version.
		const [viaA, viaB] = [await asVersion('1', portOfA), await asVersion('1', portOfB)];
		const logOfA = await start('a', all, portOfA, `a=${all}@127.0.0.1:${portOfA},b=${most}@127.0.0.1:${viaB}`);
		const logOfB = await start('b', most, portOfB, `b=${most}@127.0.0.1:${portOfB},a=${all}@127.0.0.1:${viaA}`);
		for (const [log, own, other] of [
			[logOfA, 'a', 'b'],
			[logOfB, 'b', 'a'],
		] as const) {
			const speaks = 'speaks version "1" of the protocol between nodes, and this node version "3"';
			const refusal = `${other} ${speaks}`;
			await expect
				.poll(() => log)
				.toContainEqual(
					expect.objectContaining({ msg: 'requests are refused', detail: expect.stringContaining(refusal) }),
				);
			// The answer of the other node, as JSON.
			const answer = JSON.stringify(`${own} ${speaks}`).slice(1, -1);
			await expect
				.poll(() => log)
				.toContainEqual(
					expect.objectContaining({
						msg: 'a node refuses this one',
						peer: other,
						detail: expect.stringContaining(answer),
					}),
				);
		}
	});
});
