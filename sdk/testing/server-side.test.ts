import { expect, it } from 'vitest';
import { shareGateway } from '../../gateway/test/gateway.ts';
import { runScript } from './node-script.ts';

const gateway = shareGateway();

/** Runs a script in a Node process without an EventSource; returns what it printed. */
async function run(script: string): Promise<unknown> {
	const { stdout, stderr } = await runScript(script);
	expect(stderr).toBe('');
	return JSON.parse(stdout);
}

it('a client that a server makes while it renders a page opens no stream, and keeps no process alive', async () => {
	const result = await run(`
		const live = createClient({ url: '${gateway().url}' });
		const video = live.video('v1');
		video.on('totals', () => {});
		const history = [];
		for await (const comment of video.comments()) history.push(comment);
		const liked = await video.like().catch(({ code }) => code);
		console.log(JSON.stringify({ state: live.state, totals: video.totals, history, liked }));`);
	expect(result).toEqual({ state: 'connecting', totals: {}, history: [], liked: 'invalid_option' });
});

it('a client of a Node process that sets an EventSource later is live from then on', async () => {
	const result = await run(`
		import { EventSource } from 'eventsource';
		const live = createClient({ url: '${gateway().url}' });
		globalThis.EventSource = EventSource;
		const { duplicate } = await live.video('v1').like();
		console.log(JSON.stringify({ state: live.state, duplicate }));
		live.close();`);
	expect(result).toEqual({ state: 'live', duplicate: false });
});
