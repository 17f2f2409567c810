import { paths, type VideoAnswer } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { shareGateway } from '../../test/gateway.ts';
import { newVideo } from '../../test/http-client.ts';
import { RawConnection } from '../../test/raw-connection.ts';
import { SECRET, signToken } from '../../test/tokens.ts';

const gateway = shareGateway({ jwtSecret: SECRET });

async function viewersOf(video: string): Promise<number | undefined> {
	const headers = { Authorization: `Bearer ${await signToken({ sub: 'ann' })}` };
	const response = await fetch(gateway().url + paths.video(video), { headers });
	return ((await response.json()) as VideoAnswer).viewers;
}

describe('Viewers that leave while the gateway checks their token', () => {
	it('leave nothing behind', async () => {
		const video = newVideo();
		const token = await signToken({ sub: 'ann' });
		for (let round = 0; round < 10; round++) {
			const connections = await Promise.all(Array.from({ length: 20 }, () => RawConnection.open(gateway().port)));
			for (const connection of connections) {
				connection.write(`GET ${paths.stream}?video=${video}&token=${token} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
				connection.destroy();
			}
		}
		await expect.poll(() => viewersOf(video)).toBe(0);
		const stream = await EventStream.open(gateway(), video, { token });
		await stream.holds(video, 0);
		expect(await viewersOf(video)).toBe(1);
	});
});
