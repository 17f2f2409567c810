import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { expectProblem, newVideo } from '../../test/http-client.ts';
import { as, bearer, expectRefusals, KEY, shareSecuredGateway } from '../../test/secured-gateway.ts';
import { SECRET } from '../../test/tokens.ts';

const { gateway, like, takeBack, stateOf, askForAll } = shareSecuredGateway();

describe('An API key', () => {
	it('lets a server act for users', async () => {
		const video = newVideo();
		const acting = { ...bearer(KEY), 'X-Likewire-User': 'ann' };
		const response = await like(video, acting);
		expect(response.status).toBe(201);
		const { id } = (await response.json()) as { id: string };
		await expectProblem(await takeBack(video, id, { ...acting, 'X-Likewire-User': 'bob' }), 403, 'forbidden');
		expect((await takeBack(video, id, await as('ann'))).status).toBe(200);
		expect((await like(video, { ...bearer(`${KEY}-and-more`), 'X-Likewire-User': 'ann' })).status).toBe(201);
	});

	it('requires a user for writes of users, and none to read and watch', async () => {
		const video = newVideo();
		await expectProblem(await like(video, bearer(KEY)), 400, 'user_required');
		await expectProblem(await like(video, bearer(KEY), '?user=ann'), 400, 'user_required');
		await expectProblem(await takeBack(video, randomUUID(), bearer(KEY)), 400, 'user_required');
		await expectProblem(await like(video, { ...bearer(KEY), 'X-Likewire-User': 'a b' }), 400, 'invalid_user_id');
		const stream = await EventStream.open(gateway(), video, { headers: bearer(KEY) });
		await stream.holds(video, 0);
	});

	it('is refused unless all of it is right and in the header', async () => {
		const video = newVideo();
		for (const wrong of [
			KEY.slice(0, -1),
			`${KEY}x`,
			KEY.toUpperCase(),
			`shop:${KEY}`,
			'shop',
			`${KEY} ${KEY}`,
			SECRET,
		]) {
			await expectRefusals(await askForAll(video, { ...bearer(wrong), 'X-Likewire-User': 'ann' }), 'unauthorized');
		}
		await expectRefusals(await askForAll(video, { 'X-Likewire-User': 'ann' }, KEY), 'unauthorized');
		expect(await stateOf(video)).toMatchObject({ totals: {}, viewers: 0 });
	});
});
