import { paths } from '@likewire/protocol';
import { describe, expect, it } from 'vitest';
import { EventStream } from '../../test/event-stream.ts';
import { like, newVideo, postJson, totalsOf } from '../../test/http-client.ts';
import { linkRegions } from '../../test/linked-regions.ts';

describe('a receipt that no relay brought to another region', () => {
	it('is in the store there after a sync, though no viewer follows the conversation', async () => {
		const regions = await linkRegions(['eu', 'us']);
		const [eu, us] = [regions.region('eu'), regions.region('us')];
		const video = newVideo();
		await like(eu, video);
		await expect.poll(() => totalsOf(us, video)).toEqual({ heart: 1 });
		const [there, back] = [regions.link('eu', 'us'), regions.link('us', 'eu')];
		for (const link of [there, back]) link.shut();
		const receipt = { message: 'm1', state: 'read' };
		const response = await postJson(eu.url + paths.receipts('c1'), receipt, { 'X-Likewire-User': 'ann' });
		expect(response.status).toBe(202);
		await like(eu, video);
		// The node loses the updates that wait for the other region.
		await eu.stop();
		await eu.start();
		for (const link of [there, back]) link.open();
		await expect.poll(() => totalsOf(us, video)).toEqual({ heart: 2 });
		for (const link of [there, back]) link.shut();
		const late = await EventStream.openQuery(us, 'conversation=c1&user=eva');
		expect(await late.event('receipt')).toEqual({ conversation: 'c1', user: 'ann', message: 'm1', state: 'read' });
	});
});
