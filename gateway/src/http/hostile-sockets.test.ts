import { describe, expect, it } from 'vitest';
import { shareGateway, startGateway } from '../../test/gateway.ts';
import { following, like, newVideo } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';
import { OPCODE, SocketViewer } from '../../test/socket-viewer.ts';
import type { MemberReport } from '../cluster/membership/member.ts';

const gateway = shareGateway();

async function opened(query = ''): Promise<SocketViewer> {
	const socket = await SocketViewer.open(gateway(), query);
	await socket.hello();
	return socket;
}

/** The connections that a gateway reports. */
async function reportOf({ internalUrl }: { readonly internalUrl: string }): Promise<MemberReport> {
	const { members } = (await (await fetch(`${internalUrl}/v1/cluster`)).json()) as { members: MemberReport[] };
	return members[0] as MemberReport;
}

describe('A socket whose client sends no valid operation', () => {
	it.each([
		['', 'invalid_json'],
		['{', 'invalid_json'],
		['null', 'invalid_body'],
		['[]', 'invalid_body'],
		['7', 'invalid_body'],
		['{}', 'invalid_body'],
		['{"op":"dance"}', 'invalid_body'],
		['{"op":["like"]}', 'invalid_body'],
		['{"op":"__proto__"}', 'invalid_body'],
		['{"op":"like"}', 'invalid_body'],
		['{"op":"like","video":{}}', 'invalid_body'],
		['{"op":"ping","ref":{}}', 'invalid_body'],
		['{"op":"ping","ref":1.5}', 'invalid_body'],
		[`{"op":"ping","ref":"${'x'.repeat(65)}"}`, 'invalid_body'],
		[`${'['.repeat(8_000)}${']'.repeat(8_000)}`, 'invalid_body'],
	])('answers %j with its code, and continues', async (message, code) => {
		const socket = await opened();
		socket.send(message);
		expect(await socket.event('ack')).toEqual({ code, detail: expect.any(String) });
		expect(await socket.request({ op: 'ping' })).toEqual({ at: expect.any(Number) });
	});

	it('echoes a valid ref, also of an invalid operation', async () => {
		const socket = await opened();
		expect(await socket.request({ op: 'dance' })).toMatchObject({ code: 'invalid_body' });
		socket.send(JSON.stringify({ op: 'ping', ref: 'r-1' }));
		expect(await socket.event('ack', ({ ref }) => ref === 'r-1')).toEqual({ ref: 'r-1', at: expect.any(Number) });
	});

	it('closes with 1003 at a binary message, and 1009 at one over 16 KiB', async () => {
		const [binary, long] = [await opened(), await opened()];
		binary.send('{"op":"ping"}', OPCODE.binary);
		long.send(JSON.stringify({ op: 'ping', padding: 'x'.repeat(16 * 1024) }));
		await binary.until(() => binary.closed);
		await long.until(() => long.closed);
		expect([binary.closeCode, long.closeCode]).toEqual([1003, 1009]);
	});

	it.each([
		['one over 64 KiB', (socket: SocketViewer) => socket.send('x'.repeat(65 * 1024))],
		['parts that sum up to more', (socket: SocketViewer) => sendParts(socket, 8 * 1024, 10)],
		['a continuation of nothing', (socket: SocketViewer) => socket.send('x', OPCODE.continuation)],
		['an opcode that is none', (socket: SocketViewer) => socket.send('x', 3)],
		['a control frame in parts', (socket: SocketViewer) => socket.send('x', OPCODE.ping, false)],
		['a control frame that is too long', (socket: SocketViewer) => socket.send('x'.repeat(126), OPCODE.ping)],
		['text that is no UTF-8', (socket: SocketViewer) => socket.send(Buffer.from([0xff, 0xfe, 0xc0]))],
		['reserved bits', (socket: SocketViewer) => socket.write(Buffer.from([0xf1, 0x80, 0, 0, 0, 0]))],
		['HTTP', (socket: SocketViewer) => socket.write(Buffer.from('GET / HTTP/1.1\r\nHost: x\r\n\r\n'))],
		['a close in the middle of a message', (socket: SocketViewer) => closeWithin(socket)],
	])('is gone after %s, and no viewer', async (_, attack) => {
		const video = newVideo();
		const [socket, honest] = [await opened(`video=${video}`), await opened(`video=${video}`)];
		await honest.until(() => honest.events.some(({ event, data }) => event === 'viewers' && data.count === 2));
		attack(socket);
		await socket.until(() => socket.closed);
		await honest.until(() => honest.events.findLast(({ event }) => event === 'viewers')?.data.count === 1);
		await like(gateway(), video);
		await honest.holds(video, 1);
	});

	it('accepts an operation in parts, with a ping between, however small they are', async () => {
		const socket = await opened();
		const text = JSON.stringify({ op: 'ping', ref: 'parts' });
		for (const [index, letter] of [...text].entries()) {
			socket.send(letter, index === 0 ? OPCODE.text : OPCODE.continuation, index === text.length - 1);
			socket.send('', OPCODE.ping);
		}
		expect(await socket.event('ack')).toEqual({ ref: 'parts', at: expect.any(Number) });
	});

	it('refuses only the excess of operations at a time, and performs the others', async () => {
		const socket = await opened();
		const videos = Array.from({ length: 90 }, newVideo);
		const acks = await Promise.all(
			videos.map((video) => socket.request({ op: 'subscribe', add: { videos: [video] } })),
		);
		const refused = acks.filter(({ code }) => code === 'too_many_requests');
		const done = acks.filter(({ code }) => code === undefined);
		expect(refused.length + done.length).toBe(90);
		expect(done.length).toBeGreaterThanOrEqual(64);
		expect(await socket.request({ op: 'unsubscribe', remove: { videos } })).toEqual(following([]));
	});

	it('is cut off when its client sends operations and reads no answer', async () => {
		const [before, socket] = [await reportOf(gateway()), await opened()];
		socket.pause();
		const pings = Array.from({ length: 500 }, (_, ref) =>
			JSON.stringify({ op: 'ping', ref: `${ref}`.padEnd(64, 'x') }),
		);
		while ((await reportOf(gateway())).connections > before.connections) for (const ping of pings) socket.send(ping);
		socket.close();
	});
});

/** Sends a message in parts. */
function sendParts(socket: SocketViewer, bytes: number, count: number): void {
	for (let index = 0; index < count; index++) {
		socket.send('x'.repeat(bytes), index === 0 ? OPCODE.text : OPCODE.continuation, false);
	}
}

function closeWithin(socket: SocketViewer): void {
	socket.send('{"op":', OPCODE.text, false);
	socket.send(Buffer.from([0x03, 0xe8]), OPCODE.close);
}

describe('Sockets of a gateway', () => {
	const MAX = 12;

	it('count as connections until they close; beyond the most, a new one gets bye full and 1013', async () => {
		const small = await startGateway({ maxConnections: String(MAX) });
		const video = newVideo();
		const viewer = await SocketViewer.open(small, `video=${video}`);
		await viewer.holds(video, 0);
		const others: (SocketViewer | RawConnection)[] = [];
		const open = async () => (await reportOf(small)).sockets.open;
		while ((await open()) < MAX) others.push(await SocketViewer.open(small, ''));
		const late = await SocketViewer.open(small, `video=${video}`);
		expect(await late.event('bye')).toMatchObject({ reason: 'full', retryMs: expect.any(Number) });
		await late.until(() => late.closed);
		expect(late.closeCode).toBe(1013);
		expect(late.events).toHaveLength(1);
		await like(small, video);
		await viewer.holds(video, 1);
		for (const other of others) if (other instanceof SocketViewer) other.close();
		await expect.poll(open).toBeLessThan(MAX - others.length + 1);
		const next = await SocketViewer.open(small, `video=${video}`);
		await next.holds(video, 1);
	});

	it('are gone when the client leaves before the upgrade', async () => {
		const before = (await reportOf(gateway())).sockets.open;
		const { upgradeHead } = await import('../../test/socket-viewer.ts');
		const left = await Promise.all(
			Array.from({ length: 50 }, async () => {
				const connection = await RawConnection.open(gateway().port);
				connection.write(upgradeHead(''));
				connection.destroy();
			}),
		);
		expect(left).toHaveLength(50);
		await expect.poll(async () => (await reportOf(gateway())).sockets.open).toBeLessThanOrEqual(before);
		expect((await reportOf(gateway())).connections).toBe(0);
	});
});
