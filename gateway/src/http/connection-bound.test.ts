import { paths } from '@likewire/protocol';
import { describe, expect, it, vi } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { startGateway } from '../../test/gateway.ts';
import { GatewayProcess } from '../../test/gateway-process.ts';
import { like, newVideo } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';
import { testDirectory } from '../../test/temporary-directory.ts';
import type { MemberReport } from '../cluster/membership/member.ts';
import { descriptorLimit, parseLimits } from '../process/descriptor-limit.ts';
import { connectionsWithin } from './connection-bound.ts';

const portOf = ({ url }: { readonly url: string }) => Number(new URL(url).port);
const streamRequest = (video: string) => `GET ${paths.stream}?video=${video} HTTP/1.1\r\nHost: localhost\r\n\r\n`;

async function socketsOf({ internalUrl }: { readonly internalUrl: string }) {
	const { members } = (await (await fetch(`${internalUrl}/v1/cluster`)).json()) as { members: MemberReport[] };
	return (members[0] as MemberReport).sockets;
}

describe('The limit of descriptors', () => {
	it.each([
		['Max open files            1024                 524288               files', 1_024],
		['Max open files            unlimited            unlimited            files', Number.MAX_SAFE_INTEGER],
		['256\n', 256],
		['unlimited\n', Number.MAX_SAFE_INTEGER],
		['', undefined],
		['Max processes 7', undefined],
	])('is read from %j', (text, limit) => {
		expect(parseLimits(text)).toBe(limit);
	});

	it('is known for this process', () => {
		expect(descriptorLimit()).toBeGreaterThan(100);
	});

	it.each([
		[256, 1],
		[1_024, 1],
		[20_000, 1],
		[1_024, 2],
	] as const)(
		'of %i leaves room for the store, for peers, and for connections of %i each',
		(descriptors, perStream) => {
			const connections = connectionsWithin({ descriptors, storeDescriptors: 4, perStream });
			expect(connections).toBeGreaterThan(descriptors / perStream / 2 - 20);
			expect(connections * perStream).toBeLessThan(descriptors - 96);
		},
	);
});

describe('A gateway with as many connections as it may have', () => {
	const MAX = 12;

	it('refuses new viewers, answers short requests, and serves the viewers that it has', async () => {
		const gateway = await startGateway({ maxConnections: String(MAX) });
		const video = newVideo();
		const viewer = await EventStream.open(gateway, video);
		await viewer.holds(video, 0);
		// Connections of this process for its own requests count, too.
		while ((await socketsOf(gateway)).open < MAX) await RawConnection.open(gateway.port);

		const late = await RawConnection.open(gateway.port);
		late.write(streamRequest(video));
		await late.ended();
		expect(late.text).toMatch(/^HTTP\/1.1 200 OK\r\n/);
		expect(late.text).toMatch(/retry: \d+\nevent: bye\ndata: \{"reason":"full","retryMs":\d+\}/);

		const short = await RawConnection.open(gateway.port);
		short.write(`GET ${paths.video(video)} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
		await short.ended();
		expect(short.text).toMatch(/^HTTP\/1.1 200 OK\r\n/);

		await like(gateway, video);
		await viewer.holds(video, 1);
		expect(await socketsOf(gateway)).toMatchObject({ max: MAX, refused: 1 });
		expect(await (await fetch(`${gateway.internalUrl}/readyz`)).json()).toEqual({ status: 'ready', full: true });
	});

	it('closes with 503 connections beyond a margin for short requests', async () => {
		const gateway = await startGateway({ maxConnections: String(MAX) });
		const open: RawConnection[] = [];
		for (let count = 0; count < 2 * MAX + 10; count++) open.push(await RawConnection.open(gateway.port));
		const refused = () => open.filter(({ closed }) => closed);
		await expect.poll(() => refused().length).toBeGreaterThanOrEqual(MAX);
		for (const { text } of refused()) {
			expect(text).toMatch(/^HTTP\/1.1 503 Service Unavailable\r\n/);
			expect(text).toMatch(/\r\nRetry-After: \d+\r\n/);
			expect(text).toContain('"code":"overloaded"');
		}
		expect((await socketsOf(gateway)).refused).toBe(refused().length);
		for (const connection of open) connection.destroy();
		await expect.poll(async () => (await socketsOf(gateway)).open).toBe(0);
		const viewer = await EventStream.open(gateway, 'v');
		await viewer.holds('v', 0);
	});
});

describe('A gateway with few descriptors', () => {
	it('keeps some for the internal port and for writes, whatever strangers open', async () => {
		const gateway = await GatewayProcess.serving(testDirectory(), { before: 'ulimit -n 256' });
		const video = newVideo();
		const viewer = await EventStream.open(gateway, video);
		await viewer.holds(video, 0);
		const strangers = await Promise.all(Array.from({ length: 400 }, () => RawConnection.open(portOf(gateway))));
		for (const stranger of strangers) stranger.write(streamRequest(video));
		await vi.waitUntil(async () => (await socketsOf(gateway)).refused > 200, { timeout: 60_000, interval: 50 });
		expect((await fetch(`${gateway.internalUrl}/readyz`)).status).toBe(200);
		await like(gateway, video);
		await viewer.holds(video, 1);
		expect(gateway.stderr.match(/connection limit reached/g)).toHaveLength(1);
		expect(gateway.exit).toBeUndefined();
	});
});
